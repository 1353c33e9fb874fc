"""The short form of a source under an answer or a card: "Sarotte 2021", with its address."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from pybtex.database import Entry, parse_file
from pybtex.exceptions import PybtexError
from pybtex.richtext import Text

from almost_allies.typography import typographic


@dataclass(frozen=True)
class Source:
    label: str
    url: str   # "" if the entry has no web address


_READ: dict[tuple[Path, int, int], dict[str, Source]] = {}


def read_bibliography(path: Path) -> dict[str, Source]:
    """The entries of a BibTeX file by key; raises ValueError, in one line, if it cannot be read."""
    key = _version(path)
    if key not in _READ:
        try:
            remember(path, parse_file(str(path), bib_format="bibtex").entries)
        except (PybtexError, UnicodeDecodeError) as error:
            raise ValueError(f"{path.name} cannot be read: {' '.join(str(error).split())}") from None
    return _READ[key]


def remember(path: Path, entries: Mapping[str, Entry]) -> None:
    """Keep what a file was found to hold; the book's citations parse it anyway, and twice would take half a second more."""
    _READ[_version(path)] = {key: Source(_label(entry), _url(entry.fields)) for key, entry in entries.items()}


def _version(path: Path) -> tuple[Path, int, int]:
    """A file with its time and size, so that an edited one is read again."""
    try:
        stamp = path.stat()
    except OSError:
        raise ValueError(f"{path.name} is missing") from None
    return path.resolve(), stamp.st_mtime_ns, stamp.st_size


LATEX = re.compile(r"[\\{}$~]|--|``|''")


@cache
def rich(text: str) -> Text:
    """BibTeX text as it is set; the decoder is slow, so text without LaTeX in it passes it by, and other text is decoded once."""
    plain = str(Text.from_latex(text)) if LATEX.search(text) else text
    return Text(typographic(plain.replace("`", "‘")))


def short_names(entry: Entry) -> str:
    """Who is named: 'NATO', 'Marten', 'Goldgeier and McFaul', 'A, B, and C', 'A and others' for four and more."""
    if "shortauthor" in entry.fields:
        return str(rich(entry.fields["shortauthor"]))
    persons = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [str(rich(" ".join(person.prelast_names + person.last_names + person.lineage_names))) for person in persons]
    if len(names) > 3:
        return f"{names[0]} and others"
    return ", ".join(names[:-1]) + (", and " if len(names) > 2 else " and ") + names[-1] if len(names) > 1 else "".join(names)


def _label(entry: Entry) -> str:
    who = short_names(entry) or str(rich(entry.fields.get("title", entry.key)))
    year = entry.fields.get("year") or entry.fields.get("date", "")[:4]
    return f"{who} {year}".strip()


def _url(fields: Mapping[str, str]) -> str:
    url = fields.get("url") or (f"https://doi.org/{fields['doi']}" if "doi" in fields else "")
    url = quote(url, safe="%/:?#[]@!$&'()*+,;=~")   # what no address may hold: spaces, < > " and other scripts
    return url if url.startswith(("https://", "http://")) else ""
