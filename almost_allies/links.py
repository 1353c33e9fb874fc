"""Ask every address that a book links to, and say which are broken.

    python -m almost_allies.links

Sphinx's linkcheck builder does the asking. This writes what it found to ``_build/links/broken.md`` for people, and its exit
code is 1 if an address is broken. The settings (time allowed, number of tries) are in ``_config.yml``. Needs the network.
"""
from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "_build/links"
# A robot is told no more often than a reader is; such an address is listed, to be tried by hand, and is not called broken.
REFUSED = re.compile(r"^(401|403|405|406|418|429|451) ")


@dataclass(frozen=True)
class Link:
    """An address as linkcheck found it: where it is linked ("index.md, line 5"), and in ``info`` what came back."""

    address: str
    place: str
    info: str


def place(file: str, line: int) -> str:
    """A place for people; in a notebook myst-nb counts 10,000 lines to the cell, from cell 1."""
    return f"`{file}`, cell {line // 10_000}, line {line % 10_000}" if file.endswith(".ipynb") else f"`{file}`, line {line}"


def ask(book: Path, output: Path) -> list[dict]:
    """What linkcheck says of every address in the Jupyter Book ``book``, as it writes it; ``output`` takes its files.

    Raises RuntimeError, in one line, if the book cannot be read.
    """
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(book), "--builder", "linkcheck",
               "--path-output", str(output), "-q", "--all"]
    found = output / "_build/html/output.json"   # so named whatever the builder
    found.unlink(missing_ok=True)   # an earlier run's must not pass for this one's
    done = subprocess.run(command, capture_output=True, text=True)
    if not found.is_file():
        said = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise RuntimeError(f"{book}: linkcheck wrote nothing: {' '.join(said)}")
    return [json.loads(line) for line in found.read_text("utf-8").splitlines()]


def sort(answers: list[dict]) -> tuple[list[Link], list[Link]]:
    """The broken addresses and those that refused a robot, each once, in the order of their files."""
    broken: dict[str, Link] = {}
    refused: dict[str, Link] = {}
    for answer in sorted(answers, key=lambda answer: (answer["filename"], answer["lineno"])):
        if answer["status"] in ("broken", "timeout"):
            found = refused if REFUSED.match(answer["info"]) else broken
            found.setdefault(answer["uri"], Link(answer["uri"], place(answer["filename"], answer["lineno"]),
                                                   " ".join(answer["info"].split())))
    return list(broken.values()), list(refused.values())


def report(broken: list[Link], refused: list[Link], asked: int) -> str:
    """The findings in Markdown."""
    def listed(links: list[Link]) -> list[str]:
        return [f"- <{link.address}> in {link.place}: {link.info}" for link in links]

    parts = [f"{len(broken)} of {asked} addresses are broken.", *listed(broken)]
    if broken:
        parts.append("\nIf a source has moved, give its new address; if it is gone, an archived copy, with the date it was read.")
    if refused:
        parts += [f"\n{len(refused)} refused to answer a robot; try them by hand:\n", *listed(refused)]
    return "\n".join(parts) + "\n"


def check(book: Path, output: Path) -> int:
    """Ask, write ``broken.md`` into ``output`` and print it; 1 if an address is broken, else 0. Raises RuntimeError."""
    answers = ask(book, output)
    broken, refused = sort(answers)
    text = report(broken, refused, len({answer["uri"] for answer in answers}))
    (output / "broken.md").write_text(text, "utf-8")
    print(text, end="")
    return int(bool(broken))


def main() -> int:
    """Check the course's own book; the exit code."""
    try:
        return check(ROOT, OUTPUT)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
