"""The files for teachers: a list of what was made for a chapter.

``python -m almost_allies.exports -o _build/html/_downloads/teach`` writes one folder a chapter (and ``final``, ``course``) into
the site, with a ``report.json`` that says what went where: ``_downloads/teach/<chapter>/<file>`` is an address that does not
change. It runs before the book is built, which lists what it finds.

    ```{teaching-files} borders
    ```

lists one chapter's files, without an argument those of all. A copy of the book that was built without them says so.
"""
from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from almost_allies.quiz.bank import bank_names

PLACE = "_downloads/teach"   # below the site
PAPERS = ("-worksheet.", "-worksheet-key.", "-slides.", "-student-pack.")
REPORT = "report.html"
FIRST = ("course", "final")
TITLES = {"course": "The whole course", "final": "The final quiz"}
MISSING = "The files are not in this copy of the book. They are made by <code>make teach</code> before the book is built."


def units(made: Path, order: list[str]) -> list[str]:
    """Names of the folders below ``made`` that hold files: those in ``order`` first, as they come there, then the others."""
    names = [path.name for path in made.iterdir() if path.is_dir() and files(path)] if made.is_dir() else []
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))


def course_order(contents: Path) -> list[str]:
    """The course, the final quiz, and the chapters in the order of ``_toc.yml``."""
    return [*FIRST, *re.findall(r"file: chapters/\S+/(\S+)", contents.read_text("utf-8"))]


def files(folder: Path) -> list[str]:
    """What a teacher takes from a folder: everything but its reports; sorted."""
    return sorted(path.name for path in folder.iterdir() if path.is_file() and path.stem != "report")


def report(folder: Path) -> dict:
    """The folder's report: title of the unit and, by format, the files and what became of each question; empty without one."""
    path = folder / "report.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def size(count: int) -> str:
    """Bytes in words: ``812 bytes``, ``21 kB``, ``1.4 MB``."""
    return f"{count} bytes" if count < 1000 else f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def outcome(questions: list[dict]) -> str:
    """``8 questions as they are, 2 changed, 1 left out``; what did not happen is not mentioned."""
    counts = {kind: sum(question["outcome"] == kind for question in questions) for kind in ("whole", "changed", "left out")}
    whole = f"{counts['whole']} question{'s' * (counts['whole'] != 1)} as {'they are' if counts['whole'] != 1 else 'it is'}"
    return ", ".join([whole, *(f"{counts[kind]} {kind}" for kind in ("changed", "left out") if counts[kind])])


def plain_name(name: str, unit: str) -> str:
    """``almost-allies-borders-worksheet-key.pdf`` -> ``Worksheet key (PDF)``."""
    stem, _, ending = name.removeprefix(f"almost-allies-{unit}").lstrip("-").rpartition(".")
    words = stem.replace("-", " ").strip() or "all files"
    return f"{words[:1].upper()}{words[1:]} ({ending.upper()})"


def rank(name: str) -> int:
    """Place of a file among those for paper and class: what most teachers look for comes first."""
    return next((place for place, kind in enumerate(PAPERS) if kind in name), len(PAPERS))


def listing(made: Path, unit: str, root: str) -> str:
    """The files of one unit as an HTML list; ``root`` leads from the page to the site, as in ``../../``."""
    folder = made / unit
    about = report(folder)
    of = f'<span class="unseen"> for {escape(about.get("title") or TITLES.get(unit, unit))}</span>'

    def item(name: str, label: str, told: str) -> str:
        address = escape(f"{root}{PLACE}/{unit}/{name}")
        return f'<li><a href="{address}" download>{escape(label)}{of}</a>, {size((folder / name).stat().st_size)}{told}</li>'

    there, items = files(folder), []
    for form in about.get("formats", []):
        if form.get("use") == "class":
            continue   # several files, with names that say what they are
        for name in form["files"]:
            if name in there:
                there.remove(name)
                items.append(item(name, form["title"], f". {outcome(form['questions'])}."))
    papers = [item(name, plain_name(name, unit), ".") for name in sorted(there, key=rank)]
    told = (f'<p><a href="{escape(f"{root}{PLACE}/{unit}/{REPORT}")}">What went where{of}</a>: every question, in every format.</p>'
            if (folder / REPORT).is_file() else "")
    return (f'<div class="teaching-files">{"<p>For a platform:</p><ul>" + "".join(items) + "</ul>" + told if items else ""}'
            f'{"<p>For paper and class:</p><ul>" + "".join(papers) + "</ul>" if papers else ""}</div>')


class TeachingFiles(SphinxDirective):
    """``{teaching-files} borders``: the downloads of a chapter; without a name those of every chapter, each folded."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()  # what lies in the folder is not in the page's own text
        made = Path(self.env.app.outdir, PLACE)
        root = "../" * self.env.docname.count("/")
        known = units(made, course_order(Path(self.env.srcdir, "_toc.yml")))
        if self.arguments and self.arguments[0] not in (*FIRST, *bank_names()):
            raise self.error(f"teaching-files: {self.arguments[0]!r} is no chapter, expected one of {', '.join((*FIRST, *bank_names()))}")
        if not known or self.arguments and self.arguments[0] not in known:
            return [nodes.raw("", f'<p class="teaching-files">{MISSING}</p>', format="html")]
        if not self.arguments:
            lists = ((unit, title(made, unit), listing(made, unit, root)) for unit in known)
            folds = (f'<details id="files-{unit}"><summary>{escape(name)}</summary>{body}</details>' for unit, name, body in lists)
            return [nodes.raw("", "".join(folds), format="html")]
        return [nodes.raw("", listing(made, self.arguments[0], root), format="html")]


def title(made: Path, unit: str) -> str:
    return TITLES.get(unit) or report(made / unit).get("title") or unit


def setup(app: Sphinx) -> None:
    app.add_directive("teaching-files", TeachingFiles)
