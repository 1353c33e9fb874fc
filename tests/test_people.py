"""The page of people: its table, the places it finds in the chapters, and the page in the built book."""
from __future__ import annotations

import json
import re

import html5lib
import pytest
from conftest import SITE
from pybtex.database import parse_file

from almost_allies import load
from almost_allies.book import people
from almost_allies.notebooks import ROOT

ROWS = list(load("people").itertuples(index=False))
CHAPTERS = people.read_chapters()
KEYS = set(parse_file(str(ROOT / "references.bib")).entries)
PAGE = "reference/people.html"
NOT_NAMED = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", people.NOT_NAMED)


def chapter(*parts: tuple[str, str]) -> people.Chapter:
    return people.Chapter("chapters/x/made-up", "Made up", tuple(people.Section(*part) for part in parts))


# The table


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.person_id)
def test_the_quick_first_test_misses_no_place(row):
    slow = [next(((c, s) for s in c.sections if re.search(row.match, s.text)), None) for c in CHAPTERS]
    assert people.places(row.match, CHAPTERS) == [place for place in slow if place]


def test_there_are_enough_people_and_most_are_in_a_chapter():
    named = [row for row in ROWS if people.places(row.match, CHAPTERS)]
    assert len(named) >= 60 and len(ROWS) - len(named) <= 10


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.person_id)
def test_person_has_an_office_a_role_and_sources_that_resolve(row):
    assert re.search(r"\w{3}", row.office) and row.role.endswith(".")
    assert set(row.sources.split(";")) <= KEYS
    assert row.person_id == re.sub(r"[^a-z]+", "-", people.plain_letters(row.name)).strip("-")
    assert all(word in row.name.replace("Lord ", "") for word in row.sort_name.split(", ")[0].split())


def test_every_name_is_found_by_its_own_expression_and_by_no_other():
    finds = {(row.name, other.name) for row in ROWS for other in ROWS if re.search(row.match, other.name)}
    assert finds == {(row.name, row.name) for row in ROWS}


@pytest.mark.parametrize(
    ("person", "words", "found"),
    [
        ("george-h-w-bush", "President George Bush at Camp David", True),
        ("george-h-w-bush", "President George W. Bush in Warsaw", False),
        ("george-h-w-bush", "the George W. Bush Presidential Library", False),
        ("george-w-bush", "Presidents Bush and Putin", True),
        ("george-w-bush", "George H. W. Bush", False),
        ("james-baker", "James A. Baker said", True),
        ("james-baker", "his biographer Peter Baker", False),
        ("igor-ivanov", "Foreign Minister Sergei Ivanov", False),
        ("sergei-ivanov", "Sergey Ivanov", True),
        ("sergei-ivanov", "Ivanov granted", False),
        ("bill-clinton", "he told Clinton", True),
        ("bill-clinton", "Hillary Clinton", False),
        ("vyacheslav-molotov", "the Molotov–Ribbentrop pact", False),
        ("anthony-lake", "across Lake Peipus", False),
    ],
)
def test_people_of_one_name_are_told_apart(person, words, found):
    match = next(row.match for row in ROWS if row.person_id == person)
    assert bool(people.places(match, [chapter(("", words))])) is found


# The places


def test_place_is_the_first_section_that_names_the_person():
    made_up = chapter(("", "Nobody."), ("made-up-one", "Molotov wrote."), ("made-up-two", "Molotov again."))
    assert [section.label for _, section in people.places(r"\bMolotov\b", [made_up, chapter(("", "Gromyko"))])] == ["made-up-one"]


def test_keys_of_citations_targets_and_labels_are_no_prose():
    text = people.prose("Lech\nWałęsa {cite}`putin-2014,x`, the {term}`Founding Act <putin>`, [here](putin.md), *not* {cite:t}`putin2001`.")
    assert text == "Lech Wałęsa, the Founding Act, here, not."


def test_places_agree_with_the_tables_of_key_people():
    """Whoever a chapter's own table of key people lists in the first cell, and this page knows, is found in that chapter."""
    names = {row.name: row for row in ROWS}
    checked = 0
    for path in sorted((ROOT / "chapters").glob("*/*.ipynb")):
        here = [c for c in CHAPTERS if c.docname.endswith(path.stem)]
        cells = json.loads(path.read_text("utf-8"))["cells"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        table = re.search(r"^## Key people\n(.*?)(?=^## |\Z)", text, flags=re.M | re.S)
        for cell in re.findall(r"^\| ([^|]+) \|", table[1], flags=re.M) if table and here else []:
            for name in cell.split(", "):
                if name in names:
                    checked += 1
                    assert people.places(names[name].match, here), f"{path.stem}: {name}"
    assert checked >= 80


def test_chapters_are_those_of_the_contents_in_their_order():
    assert [c.docname for c in CHAPTERS] == re.findall(r"file: (chapters/\S+)", (ROOT / "_toc.yml").read_text("utf-8"))
    assert all(c.title and len(c.sections) >= 8 for c in CHAPTERS)


# The page


@pytest.fixture(scope="module")
def page(site):
    return html5lib.parse((site / PAGE).read_text("utf-8"), namespaceHTMLElements=False)


def section_of(page, person_id: str):
    """The section (h3 and text) of one person in the built page."""
    parents = {child: parent for parent in page.iter() for child in parent}
    node = next(node for node in page.iter() if node.get("id") == f"person-{person_id}")
    while node.tag != "section":
        node = parents[node]
    return node


def test_page_has_every_person_under_the_right_letter_and_in_order(page):
    shown = [node.get("id") for node in page.iter() if (node.get("id") or "").startswith("person-")]
    order = sorted(ROWS, key=lambda row: people.plain_letters(row.sort_name))
    assert shown == [f"person-{row.person_id}" for row in order]
    letters = [node.text for node in page.iter("h2")]
    assert letters == sorted({people.plain_letters(row.sort_name)[0].upper() for row in ROWS})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.person_id)
def test_entry_says_office_role_and_where_the_person_appears(row, page):
    section = section_of(page, row.person_id)
    text = re.sub(r"\s+", " ", "".join(section.itertext())).replace("’", "'")
    assert section.find("h3").text == row.name and row.office in text and row.role in text
    assert all(variant in text for variant in people.variants(row))
    named = people.places(row.match, CHAPTERS)
    links = [node.get("href") for node in section.iter("a") if "/chapters/" in (node.get("href") or "")]
    assert links == [f"../{chapter.docname}.html#{part.label}".removesuffix("#") for chapter, part in named]
    assert named or NOT_NAMED in text


def test_links_of_the_page_lead_to_a_section_that_names_the_person(page):
    ids: dict[str, set[str]] = {}
    links = {node.get("href") for node in page.iter("a") if "/chapters/" in (node.get("href") or "")}
    assert len(links) >= 60
    for link in links:
        file, _, anchor = link.partition("#")
        if file not in ids:
            tree = html5lib.parse((SITE / "reference" / file).read_text("utf-8"), namespaceHTMLElements=False)
            ids[file] = {node.get("id") for node in tree.iter()}
        assert not anchor or anchor in ids[file], link


@pytest.mark.parametrize(
    ("typed", "person"),
    [("Gorbachov", "mikhail-gorbachev"), ("Walesa", "lech-walesa"), ("Zelenskyy", "volodymyr-zelensky"), ("Putin", "vladimir-putin"),
     ("ruehe", "volker-ruhe"), ("Viktor Iushchenko", "viktor-yushchenko")],
)
def test_search_leads_to_the_person_under_other_spellings(typed, person, site_url, browser):
    view = browser.new_page()
    view.goto(f"{site_url}search.html?q={typed}")
    view.locator(f"#search-results a[href*='reference/people.html'][href*='#person-{person}']").first.wait_for(timeout=10_000)
    view.close()


def test_every_spelling_is_in_the_search_index(site):
    index = (site / "searchindex.js").read_text("utf-8")
    entries = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))["indexentries"]
    missing = [word for row in ROWS for word in people.search_words(row)
               if f"person-{row.person_id}" not in [place[1] for place in entries.get(word.lower(), [])]]
    assert not missing
