"""references.bib: every entry says who, what, when and what was consulted; every key is used; every use has an entry.

Each ``check_...`` takes a folder with ``references.bib`` and what cites it, and raises with file and line. They run on the
repository, and on spoiled copies to show that they notice.
"""
from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path

import nbformat
import prose
import pytest
import yaml
from datatools import Finding
from pybtex.database import parse_file

from almost_allies import data
from almost_allies.bibliography import rich

ROOT = prose.repository_file(".")
KINDS = {"primary", "scholarship", "journalism", "data"}
SOURCE_COLUMN = re.compile(r"sources?|source_\w+|\w+_source")
# Sites that keep other people's texts: copies, encyclopedias that anyone edits, blogs, forums, aggregators.
KEEPERS = re.compile(
    r"//([\w-]+\.)*(wiki\w*|\w*\.wiki|infogalactic|liquisearch|docslib|scribd|paperzz|dokumen|vdocuments|fdocuments|fdokumen|pdfslide|"
    r"doczz|studylib|studinfo|businessdocbox|9lib|issuu|questia|mail-archive|archive\.(li|md|ph|today)|web\.archive|\w+\.blogspot|"
    r"\w+\.wordpress|bibliboba|rulit|litresp|osmarks|alternatehistory|otofun|ttvnol|scivillage|pastebin|github|\w+\.github|"
    r"news-pravda|pravda-en|exbulletin|tellerreport|pledgetimes|europesays|zazoom|am1|kenyan-post|quickworldnews|listserve)\b"
)
SAID = re.compile(
    r"cop(y|ies)|repost|reprint|reproduc|mirror|archived|blog|forum|transcript|Wiki|encyclop|scan\b|leaked|released record|"
    r"aggregator|pro-Kremlin|WordPress|repository", re.I
)


# Function words of the languages that sources are in; two of them make a title foreign.
FOREIGN = re.compile(r"\b(der|die|das|und|von|zur|zum|mit|im|eine[rn]?|el|la|los|las|del|para|que|dans|du|vers|w|z|od|do|lat|przez|oraz|"
                     r"och|att|til|av|het|zal|er|i|ne|az|della|senza)\b")


@cache
def parsed(path: Path, version: float):
    return parse_file(str(path)).entries


def entries(folder):
    path = Path(folder) / "references.bib"
    return parsed(path, path.stat().st_mtime_ns)


def fault(folder, key, found):
    """The finding about one entry, with the line it begins on."""
    lines = (Path(folder) / "references.bib").read_text("utf-8").splitlines()
    line = next((number for number, text in enumerate(lines, start=1) if re.match(rf"@\w+\{{{re.escape(key)},", text, re.I)), 1)
    return Finding(f"references.bib: line {line}, {key}: {found}")


def uses(folder) -> dict[str, str]:
    """Every cited key and one place that cites it: chapters, pages, question banks, tables and their descriptors."""
    folder = Path(folder)
    places = {}
    for path in folder.glob("chapters/*/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        places |= dict.fromkeys(prose.cited(text), path.name)
    for path in (path for part in (".", "reference", "teach", "teach/lessons") for path in (folder / part).glob("*.md")):
        places |= dict.fromkeys(prose.cited(path.read_text("utf-8")), path.name)
    for path in folder.glob("data/quizzes/*.yml"):
        for question in yaml.safe_load(path.read_text("utf-8"))["questions"]:
            places |= dict.fromkeys(question.get("sources", []), path.name)
    for table in data.tables(folder / "data"):
        about = data.describe(table, folder / "data")
        places |= dict.fromkeys(re.split(r"[;\s]+", about.get("citation", "")), f"{table} in datapackage.json")
        for field in about["schema"]["fields"]:
            if SOURCE_COLUMN.fullmatch(field["name"]):
                for cell in data.load(table, folder / "data")[field["name"]].dropna():
                    places |= dict.fromkeys(filter(None, re.split(r"[;,\s]+", str(cell))), f"{about['path']}, column {field['name']}")
    places.pop("", None)
    return places


def check_every_use_has_an_entry(folder):
    for key, place in uses(folder).items():
        if key not in entries(folder):
            raise Finding(f"{place}: cites {key}, which references.bib does not have")


def check_every_entry_is_used(folder):
    used = {key.lower() for key in uses(folder)}
    for key in entries(folder):
        if key.lower() not in used:
            raise fault(folder, key, "nothing cites it")


def check_who_what_when(folder):
    for key, entry in entries(folder).items():
        fields = entry.fields
        if not (entry.persons.get("author") or entry.persons.get("editor")):
            raise fault(folder, key, "no author")
        if not fields.get("title"):
            raise fault(folder, key, "no title")
        if not re.fullmatch(r"\d{4}(-\d\d){0,2}|undated", fields.get("date", "")):
            raise fault(folder, key, f"date {fields.get('date')!r}, expected 1999, 1999-03, 1999-03-12 or undated")
        if fields.get("year") != fields["date"][:4].replace("unda", "undated"):
            raise fault(folder, key, f"year {fields.get('year')!r} differs from date {fields['date']!r}")
        if fields.get("keywords") not in KINDS:
            raise fault(folder, key, f"keywords {fields.get('keywords')!r}, expected one of {', '.join(sorted(KINDS))}")


def check_what_was_consulted(folder):
    for key, entry in entries(folder).items():
        note = entry.fields.get("note", "")
        if not re.search(r"[Cc]onsulted on \d{1,2} \w+ 20\d\d", note):
            raise fault(folder, key, "the note does not say when it was consulted")
        if "unconfirmed" in str(entry.fields.values()).lower():
            raise fault(folder, key, "marked unconfirmed")


def check_author_is_not_the_title(folder):
    """An author is a person or a body: not the first words of the title, which a careless import puts there."""
    for key, entry in entries(folder).items():
        for person in entry.persons.get("author", []):
            name, title = plain(str(person)), plain(entry.fields["title"])
            if len(str(person).split()) > 2 and (title.startswith(name) or name.startswith(title)):
                raise fault(folder, key, f"the author {str(person)!r} repeats the title")


def check_names_are_read_as_meant(folder):
    """BibTeX takes the middle of "Baker, James A., III" for a suffix such as Jr., and cites "Baker James A."."""
    for key, entry in entries(folder).items():
        for person in (person for persons in entry.persons.values() for person in persons):
            suffix = " ".join(person.lineage_names)
            if suffix and not re.fullmatch(r"[JS]r\.?|[IVX]+", suffix):
                raise fault(folder, key, f"the name {str(person)!r} has the suffix {suffix!r}, expected Jr., Sr. or a number")


def check_language_of_the_title(folder):
    """A screen reader says a foreign title in its language only if the entry names it, as Zotero writes it."""
    for key, entry in entries(folder).items():
        language = entry.fields.get("language")
        if language and not re.fullmatch(r"[a-z]{2}(-[A-Z][a-z]{3})?", language):
            raise fault(folder, key, f"language {language!r}, expected a tag such as de or ru-Latn")
        title = str(rich(entry.fields["title"]))
        if not language and len(FOREIGN.findall(title)) > 1:
            raise fault(folder, key, f"no language, though the title {title!r} is not English")


def check_no_page_twice(folder):
    """No two entries lead to one page, nor have one author, title and date."""
    seen = {}
    for key, entry in entries(folder).items():
        marks = [("author, title and date", (str(entry.persons.get("author")), plain(entry.fields["title"]), entry.fields["date"]))]
        if "url" in entry.fields:
            marks.append(("page", re.sub(r"^https?://(www\.)?|[?&]outputType=amp$|/print$|/$", "", entry.fields["url"]).lower()))
        if "doi" in entry.fields:
            marks.append(("DOI", entry.fields["doi"].lower()))
        for mark in marks:
            if mark in seen:
                raise fault(folder, key, f"the same {mark[0]} as {seen[mark]}")
            seen[mark] = key


def check_copies_say_so(folder):
    """A link to a copy, an encyclopedia, a blog or a forum is owned up to in the note."""
    for key, entry in entries(folder).items():
        if KEEPERS.search(entry.fields.get("url", "")) and not SAID.search(entry.fields["note"]):
            raise fault(folder, key, f"the note does not say that {entry.fields['url']} keeps other people's texts")


def plain(text):
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\\\W", "", text).lower())


CHECKS = [
    check_every_use_has_an_entry,
    check_every_entry_is_used,
    check_who_what_when,
    check_what_was_consulted,
    check_author_is_not_the_title,
    check_names_are_read_as_meant,
    check_language_of_the_title,
    check_no_page_twice,
    check_copies_say_so,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_bibliography_is_whole(check):
    check(ROOT)


def edit(file, old, new):
    """Spoil a copy: replace text in a file, once."""
    def spoil(folder):
        path = folder / file
        text = path.read_text("utf-8")
        assert text.count(old) >= 1, f"{file}: {old!r} is not there"
        path.write_text(text.replace(old, new, 1), "utf-8", newline="")
    return spoil


def in_entry(key, old, new):
    """Spoil a copy: replace text in one entry."""
    def spoil(folder):
        path = folder / "references.bib"
        text = path.read_text("utf-8")
        whole = re.search(rf"^@\w+\{{{key},\n.*?^\}}\n", text, re.M | re.S)[0]
        assert re.search(old, whole), f"{key}: {old!r} is not there"
        path.write_text(text.replace(whole, re.sub(old, new, whole, count=1)), "utf-8")
    return spoil


def add(text):
    def spoil(folder):
        with (folder / "references.bib").open("a", encoding="utf-8") as file:
            file.write(text)
    return spoil


SPOILED = {  # name: (what to do to a copy, the check that must notice, words of the message)
    "chapter cites nothing": (
        edit("chapters/1-cold-war-legacy/two-blocs.ipynb", "{cite}`time1954`", "{cite}`time1945`"),
        check_every_use_has_an_entry, ["two-blocs.ipynb", "time1945"],
    ),
    "page cites nothing": (
        lambda folder: (folder / "reference" / "about.md").open("a", encoding="utf-8").write("\n{cite}`nobody1999`\n"),
        check_every_use_has_an_entry, ["about.md", "nobody1999"],
    ),
    "question cites nothing": (
        edit("data/quizzes/two-blocs.yml", "time1954", "time1945"), check_every_use_has_an_entry, ["two-blocs.yml", "time1945"],
    ),
    "table cites nothing": (
        edit("data/events.csv", "frus5254v5d252;time1954", "frus5254v5d252;time1945"),
        check_every_use_has_an_entry, ["events.csv, column sources", "time1945"],
    ),
    "descriptor cites nothing": (
        edit("data/datapackage.json", '"citation": "Tagliavini2009"', '"citation": "Tagliavini"'),
        check_every_use_has_an_entry, ["datapackage.json", "Tagliavini"],
    ),
    "entry nobody cites": (
        add("@misc{nobody1999,\n  author = {Nobody, N.},\n  title = {Nothing},\n  date = {1999},\n}\n"),
        check_every_entry_is_used, ["references.bib: line ", "nobody1999", "nothing cites it"],
    ),
    "no author": (in_entry("time1954", r"  author = .*\n", ""), check_who_what_when, ["references.bib: line ", "time1954", "no author"]),
    "no title": (in_entry("time1954", r"  title = .*\n", ""), check_who_what_when, ["time1954", "no title"]),
    "no date": (in_entry("time1954", r"  date = .*\n", ""), check_who_what_when, ["time1954", "date None"]),
    "date in words": (in_entry("time1954", "1954-04-12", "12 April 1954"), check_who_what_when, ["time1954", "'12 April 1954'"]),
    "year of another date": (in_entry("time1954", r"year = \{1954", "year = {1955"), check_who_what_when, ["time1954", "'1955' differs"]),
    "unknown kind": (in_entry("time1954", "journalism", "press"), check_who_what_when, ["time1954", "keywords 'press'"]),
    "not consulted": (in_entry("time1954", "Consulted on 23 November 2026", "Seen"), check_what_was_consulted, ["time1954", "consulted"]),
    "unconfirmed": (in_entry("time1954", r"\(in part", "(unconfirmed"), check_what_was_consulted, ["time1954", "unconfirmed"]),
    "author from the title": (
        in_entry("visegrad1991", r"author = .*", "author = {{Resolution of the Senate}},"),
        check_author_is_not_the_title, ["visegrad1991", "'{Resolution of the Senate}' repeats the title"],
    ),
    "suffix last": (
        in_entry("Baker2002", "author = .*", "author = {Baker, James A., III},"),
        check_names_are_read_as_meant, ["Baker2002", "the suffix 'James A.'"],
    ),
    "foreign title": (
        in_entry("ruggenthaler2007", r"  language = .*\n", ""), check_language_of_the_title, ["ruggenthaler2007", "no language"],
    ),
    "language in words": (
        in_entry("demandt2001", "language = .*", "language = {German},"), check_language_of_the_title, ["demandt2001", "'German'"],
    ),
    "one page twice": (
        in_entry("time1954", r"url = .*", r"url = {https://nsarchive.gwu.edu/media/22399/ocr/},"),
        check_no_page_twice, ["time1954", "the same page as gateskryuchkov1990"],
    ),
    "one text twice": (
        add("@misc{time1954b,\n  author = {{TIME}},\n  title = {{April} Fool?},\n  date = {1954-04-12},\n}\n"),
        check_no_page_twice, ["time1954b", "the same author, title and date as time1954"],
    ),
    "copy passed off": (
        in_entry("gheciu2005", r"url = .*", "url = {https://www.scribd.com/doc/1},"), check_copies_say_so, ["gheciu2005", "scribd.com"],
    ),
}


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    """A copy of all that cites and is cited, to copy again for each case."""
    folder = tmp_path_factory.mktemp("pristine")
    for name in ("chapters", "data", "reference", "teach"):
        shutil.copytree(ROOT / name, folder / name)
    for path in [ROOT / "references.bib", *ROOT.glob("*.md")]:
        shutil.copy(path, folder)
    return folder


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_bibliography_is_noticed(case, pristine, tmp_path):
    spoil, check, words = SPOILED[case]
    folder = shutil.copytree(pristine, tmp_path / "copy")
    spoil(folder)
    with pytest.raises(Finding) as finding:
        check(folder)
    for word in words:
        assert word in str(finding.value)
    assert "\n" not in str(finding.value), "one line, please"


def test_every_check_has_been_seen_to_fail():
    assert {check for _, check, _ in SPOILED.values()} == set(CHECKS)
