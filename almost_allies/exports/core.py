"""What all formats share: what is exported, how a question fared, texts, archives, and the run with its report."""
from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from html import escape
from itertools import groupby
from pathlib import Path

import yaml

from almost_allies.bibliography import Source, read_bibliography
from almost_allies.book.site import site_url
from almost_allies.exports import format_module
from almost_allies.quiz.bank import PROJECT, Bank, Question, bank_names, load_bank
from almost_allies.quiz.page import how
from almost_allies.quiz.scoring import fold

COURSE = "course"
BOOK = "Almost Allies? Why Russia never joined NATO"
LICENCE = "Almost Allies? Text under CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
STYLE = Path(__file__).with_name("report.css")


# ------------------------------------------------------------------ what is exported

@dataclass(frozen=True)
class Quiz:
    """A question bank and what its exports say about where it comes from."""
    bank: Bank
    sections: dict[str, str] = field(default_factory=dict)    # heading by label, for "Read again"
    sources: dict[str, Source] = field(default_factory=dict)  # by key in references.bib
    site: str = ""     # address of the published book, ends in a slash; "" if it has none
    changed: int = 0   # when the bank was last changed, in seconds since 1970, UTC

    @property
    def topic(self) -> str:
        return self.bank.title.removeprefix("Check yourself: ")


@dataclass(frozen=True)
class Unit:
    """One folder of exports: a chapter's quiz, the final quiz, or the course with all of them."""
    name: str
    title: str
    quizzes: tuple[Quiz, ...]

    @property
    def is_chapter(self) -> bool:
        path = self.quizzes[0].bank.chapter
        return len(self.quizzes) == 1 and Path(path).name == self.name and (PROJECT / f"{path}.ipynb").is_file()

    def file(self, ending: str) -> str:
        """``almost-allies-borders-moodle.xml``: says in a folder of downloads what it is."""
        return f"almost-allies-{self.name}{ending}"

    def questions(self) -> Iterator[tuple[Quiz, Question]]:
        for quiz in self.quizzes:
            for question in quiz.bank.questions:
                yield quiz, question


@dataclass(frozen=True)
class Outcome:
    """What becomes of a question in a format; ``type`` is the format's own name for the kind of question."""
    type: str
    changes: tuple[str, ...] = ()
    left_out: str = ""   # the reason; "" if the question is in the file

    @property
    def kind(self) -> str:
        return "left out" if self.left_out else "changed" if self.changes else "whole"


def carried(unit: Unit, carry: Callable[[Question], Outcome]) -> list[tuple[Quiz, list[Question]]]:
    """The questions of a unit that ``carry`` does not leave out, by quiz; quizzes without any are dropped."""
    kept = ((quiz, [q for q in quiz.bank.questions if not carry(q).left_out]) for quiz in unit.quizzes)
    return [(quiz, questions) for quiz, questions in kept if questions]


def _changed(path: Path) -> int:
    """When a file was last changed: its last commit, or its own date if there is no commit or it was edited since."""
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(path.parent), *arguments, "--", path.name], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""

    stamp = git("log", "-1", "--format=%ct")
    return int(stamp) if stamp and not git("status", "--porcelain") else int(path.stat().st_mtime)


def _headings(path: Path) -> dict[str, str]:
    """Headings of a notebook by the ``(label)=`` lines above them; empty if there is no such notebook."""
    if not path.is_file():
        return {}
    cells = json.loads(path.read_text("utf-8"))["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    found = re.findall(r"^\(([^()\s]+)\)=\n+#+ (.+)$", text, re.MULTILINE)
    return {label: re.sub(r"[*_`]", "", heading).strip() for label, heading in found}


def load_quiz(name: str, root: Path = PROJECT) -> Quiz:
    """A quiz by the name of its bank. Raises `almost_allies.quiz.bank.BankError`, and ValueError if SITE_URL is no address."""
    bank = load_bank(name, root=root)
    return Quiz(bank, _headings(root / f"{bank.chapter}.ipynb"), read_bibliography(root / "references.bib"), site_url(),
                _changed(root / "data/quizzes" / f"{name}.yml"))


def unit_names(root: Path = PROJECT) -> list[str]:
    """Everything that can be exported, in the order of the course, the course itself last."""
    contents = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    chapters = [Path(chapter["file"]).name for part in contents["parts"] for chapter in part["chapters"]]
    places = {name: place for place, name in enumerate(chapters)}
    return [*sorted(bank_names(root), key=lambda name: (places.get(name, len(chapters)), name)), COURSE]


def load_units(names: Iterable[str], root: Path = PROJECT) -> list[Unit]:
    """Units by name, each bank read once."""
    names = list(names)
    everything = [name for name in unit_names(root) if name != COURSE]
    quizzes = {name: load_quiz(name, root) for name in (everything if COURSE in names else names)}
    return [Unit(COURSE, BOOK, tuple(quizzes[one] for one in everything)) if name == COURSE
            else Unit(name, quizzes[name].topic, (quizzes[name],)) for name in names]


# ------------------------------------------------------------------ texts

def ident(quiz: Quiz, question: Question, limit: int = 100) -> str:
    """``borders-share-since-finland``: one id for a question in every format, never longer than ``limit``."""
    name = f"{quiz.bank.quiz}-{question.id}"
    return name if len(name) <= limit else f"{name[:limit - 9]}-{sha256(name.encode()).hexdigest()[:8]}"


def title(quiz: Quiz, question: Question) -> str:
    """``Borders 03``: a name that sorts questions as the quiz has them and gives nothing away."""
    place = quiz.bank.questions.index(question) + 1
    return f"{quiz.topic} {place:02d}"


def number(value: float) -> Decimal:
    """The number as the bank writes it, so that 11.7 - 0.1 is 11.6 and no more."""
    return Decimal(repr(value)) if value != int(value) else Decimal(int(value))


def bounds(question: Question) -> tuple[str, str, str]:
    """Answer, lowest and highest accepted number of a numeric question, as text."""
    answer, tolerance = number(question.number), number(question.tolerance)
    return f"{answer:f}", f"{answer - tolerance:f}", f"{answer + tolerance:f}"


def spellings(question: Question) -> list[str]:
    """Accepted answers for programs that ignore case alone: each as written and, where it differs, without accents and dashes."""
    found: dict[str, str] = {}
    for text in question.accept:
        for form in (text, fold(text)):
            found.setdefault(form.casefold(), form)
    return list(found.values())


def html(*paragraphs: str) -> str:
    """Plain text as HTML paragraphs; empty ones are dropped."""
    return "".join(f"<p>{text_html(text)}</p>" for text in paragraphs if text)


def text_html(text: str) -> str:
    return escape(text, quote=False)


def prompt_html(question: Question, instead: str | None = None) -> str:
    """The question and what to do, or ``instead`` of that."""
    return html(question.prompt, how(question) if instead is None else instead)


def explanation(quiz: Quiz, question: Question) -> list[tuple[str, list[tuple[str, str]]]]:
    """The explanation, the section to read again and the sources: lines of a text and links (text, address or "") that follow it."""
    place = quiz.topic + (f", “{quiz.sections[question.anchor]}”" if question.anchor in quiz.sections else "")
    address = f"{quiz.site}{quiz.bank.chapter}.html#{question.anchor}" if quiz.site else ""
    cited = [quiz.sources.get(key, Source(key, "")) for key in question.sources]
    lines = [(question.explanation, []), ("Read again: ", [(place, address)])]
    return lines + ([("Sources: ", [(source.label, source.url) for source in cited])] if cited else [])


def explanation_html(quiz: Quiz, question: Question) -> str:
    def link(text: str, address: str) -> str:
        return f'<a href="{escape(address)}">{text_html(text)}</a>' if address else text_html(text)

    return "".join(f"<p>{text_html(text)}{'; '.join(link(*one) for one in links)}</p>" for text, links in explanation(quiz, question))


def explanation_text(quiz: Quiz, question: Question) -> str:
    """The same in one paragraph without markup, addresses in brackets."""
    def link(text: str, address: str) -> str:
        return f"{text} ({address})" if address else text

    return " ".join(text + "; ".join(link(*one) for one in links) + ("." if links else "") for text, links in explanation(quiz, question))


# ------------------------------------------------------------------ archives

def write_zip(path: Path, entries: Iterable[tuple[str, str | bytes]]) -> None:
    """A zip whose bytes depend on its entries alone: their order as given, every time the first of 1980."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries:
            item = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            item.create_system, item.external_attr, item.compress_type = 3, 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(item, content)


# ------------------------------------------------------------------ a run

def made_for(unit: Unit, name: str) -> bool:
    """False for a format that needs a chapter's charts or cells (its module says ``CHAPTERS_ONLY``) and a unit that is no chapter."""
    return unit.is_chapter or not getattr(format_module(name), "CHAPTERS_ONLY", False)


def export(units: Iterable[Unit], formats: Iterable[str], out: Path) -> list[Path]:
    """Write ``formats`` of ``units`` below ``out``, each unit in a folder of its own with its report; the paths written.

    Everything is made in a temporary folder and moved at the end, so that an error leaves nothing behind.
    Raises OSError if ``out`` cannot be written.
    """
    out = Path(out).absolute()
    nearest = next(folder for folder in (out, *out.parents) if folder.exists())
    if not nearest.is_dir():
        raise NotADirectoryError(20, "not a folder", str(nearest))
    with tempfile.TemporaryDirectory(prefix=".almost-allies-", dir=nearest) as folder_made:
        made = Path(folder_made)
        for unit in units:
            folder = made / unit.name
            folder.mkdir()
            _write_report(unit, [_format_report(unit, name, folder) for name in formats if made_for(unit, name)], folder)
        (made / STYLE.name).write_bytes(STYLE.read_bytes())
        written = []
        for source in sorted(path for path in made.rglob("*") if path.is_file()):
            target = out / source.relative_to(made)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(source, target)
            written.append(target)
    return written


def _format_report(unit: Unit, name: str, folder: Path) -> dict:
    """Write one format of a unit and tell what became of each question."""
    module = format_module(name)
    files = module.write(unit, folder)
    rows = []
    for quiz, question in unit.questions():
        outcome = module.carry(question)
        rows.append({"quiz": quiz.bank.quiz, "question": question.id, "type": question.type, "points": question.points,
                     "outcome": outcome.kind, "as": outcome.type, "notes": [*outcome.changes, *filter(None, [outcome.left_out])]})
    return {"format": name, "title": module.TITLE, "use": getattr(module, "USE", "platform"), "files": files,
            "limits": list(module.LIMITS), "questions": rows}


def _write_report(unit: Unit, formats: list[dict], folder: Path) -> None:
    data = {"unit": unit.name, "title": unit.title, "questions": sum(1 for _ in unit.questions()),
            "points": sum(quiz.bank.max_score for quiz in unit.quizzes), "formats": formats}
    (folder / "report.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8", newline="\n")
    (folder / "report.html").write_text(_report_html(data), "utf-8", newline="\n")


def _report_html(data: dict) -> str:
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">',
        f"<title>Export report: {text_html(data['title'])}</title>\n<link rel=\"stylesheet\" href=\"../{STYLE.name}\">\n</head>",
        f"<body>\n<main>\n<h1>Export report: {text_html(data['title'])}</h1>",
        f"<p>{data['questions']} questions, {data['points']:g} points. What each file holds, and what was changed or left out for it.</p>",
    ]
    for form in data["formats"]:
        counts = {kind: sum(row["outcome"] == kind for row in form["questions"]) for kind in ("whole", "changed", "left out")}
        files = ", ".join(f'<a href="{escape(name)}">{text_html(name)}</a>' for name in form["files"])
        parts += [
            f'<h2 id="{form["format"]}">{text_html(form["title"])}</h2>',
            f"<p>{files or 'No file: this format can carry none of these questions.'}</p>",
            f"<p>{counts['whole']} whole, {counts['changed']} changed, {counts['left out']} left out.</p>",
        ]
        if form["limits"]:
            parts.append("<ul>" + "".join(f"<li>{text_html(limit)}</li>" for limit in form["limits"]) + "</ul>")
        head = "".join(f'<th scope="col">{name}</th>' for name in ("Question", "Type", "Becomes", "Outcome", "Why"))
        for quiz, rows in groupby(form["questions"], key=lambda row: row["quiz"]):
            caption = f"{text_html(form['title'])}: {text_html(quiz)}"
            parts.append(f"<table>\n<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>")
            parts += [f'<tr><th scope="row">{text_html(row["question"])}</th><td>{row["type"]}</td><td>{text_html(row["as"])}</td>'
                      f'<td>{row["outcome"]}</td><td>{text_html(" ".join(row["notes"]))}</td></tr>' for row in rows]
            parts.append("</tbody>\n</table>")
    return "\n".join([*parts, "</main>\n</body>\n</html>\n"])
