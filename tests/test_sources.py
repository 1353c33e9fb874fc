"""Citations in the built book: what they say and where they lead."""
from __future__ import annotations

import re
from functools import cache

import html5lib
import pytest
from conftest import SITE
from pybtex.database import parse_file, parse_string

from almost_allies.bibliography import short_names
from almost_allies.book.sources import _names, local_id
from almost_allies.notebooks import ROOT

ENTRIES = parse_file(str(ROOT / "references.bib")).entries
CITE = re.compile(r"\{cite(:t)?\}`([^`]+)`")


@cache
def citations(page: str) -> tuple[list, set]:
    """The citations of a page in order, as elements, and all its ids."""
    tree = html5lib.parse((SITE / page).read_text("utf-8"), namespaceHTMLElements=False)
    return [span for span in tree.iter("span") if span.get("class") == "bibtex-citation"], {node.get("id") for node in tree.iter()}


@pytest.mark.parametrize("path", sorted((ROOT / "chapters").glob("*/*.ipynb")), ids=lambda path: path.stem)
def test_a_chapters_citations_name_its_sources_in_the_authors_order_and_lead_to_its_own_list(path):
    written = [(textual, keys.split(",")) for textual, keys in CITE.findall(path.read_text("utf-8"))]
    spans, ids = citations(path.relative_to(ROOT).with_suffix(".html").as_posix())
    assert len(written) == len(spans) > 0
    for (textual, keys), span in zip(written, spans, strict=True):
        links = list(span.iter("a"))
        assert [link.get("href") for link in links] == ["#" + local_id(key.strip()) for key in keys]
        assert {link.get("href")[1:] for link in links} <= ids
        said, named = "".join(span.itertext()), ""
        for key, link in zip(keys, links, strict=True):
            entry = ENTRIES[key.strip()]
            who, year = short_names(entry), entry.fields["year"]
            assert "".join(link.itertext()) == (f"{who} ({year})" if textual else year if who == named else f"{who}, {year}")
            named = who
        assert bool(textual) != said.startswith("(")


def test_citations_of_a_page_without_a_list_lead_to_the_bibliography():
    spans, _ = citations("reference/people.html")
    targets = [link.get("href").partition("#") for span in spans for link in span.iter("a")]
    ids = {page: citations(f"reference/{page}")[1] for page, *_ in targets}
    assert targets and all(page.startswith("bibliography/") and anchor in ids[page] for page, _, anchor in targets)


@pytest.mark.parametrize(("author", "said"), [
    ("{{US Department of State}}", "US Department of State"),
    ("Sarotte, Mary Elise", "Sarotte"),
    ("Goldgeier, James and McFaul, Michael", "Goldgeier and McFaul"),
    ("Asmus, Ronald and Kugler, Richard and Larrabee, Stephen", "Asmus, Kugler, and Larrabee"),
    ("Yang, Brenda and Vargas Restrepo, Camila and Stanley, Matthew and Marsh, Elizabeth", "Yang and others"),
    ("de Hoop Scheffer, Jaap", "de Hoop Scheffer"),
    (r"W{\\l}odzimierz, Jan", "Włodzimierz"),
])
def test_short_names(author, said):
    entry = parse_string("@misc{key, author = {" + author.replace("\\\\", "\\") + "}}", "bibtex").entries["key"]
    assert short_names(entry) == said


@pytest.mark.parametrize(("author", "said"), [
    ("{{US Department of State}}", "US Department of State"),
    ("Kramer, Mark", "Kramer, Mark"),
    ("de Hoop Scheffer, Jaap", "de Hoop Scheffer, Jaap"),
    ("Baker, III, James A.", "Baker III, James A."),
    ("Goldgeier, James and McFaul, Michael", "Goldgeier, James and Michael McFaul"),
    ("Coppedge, Michael and others", "Coppedge, Michael and others"),
])
def test_a_list_of_sources_is_ordered_by_the_name_that_citations_give(author, said):
    entry = parse_string("@misc{key, author = {" + author + "}}", "bibtex").entries["key"]
    assert str(_names(entry.persons["author"])) == said


def test_a_citation_that_names_its_author_in_short_can_be_looked_up_on_paper():
    tree = html5lib.parse((SITE / "chapters/1-cold-war-legacy/two-blocs.html").read_text("utf-8"), namespaceHTMLElements=False)
    listed = ["".join(item.itertext()).strip() for item in tree.iter("li") if (item.get("id") or "").startswith("source-frus")]
    assert listed and all(text.startswith("US Department of State, Office of the Historian [US State Department] (") for text in listed)


def test_a_foreign_title_is_in_its_language():
    for page in ("reference/bibliography/scholarship.html", "chapters/0-start/how-to-use.html"):
        tree = html5lib.parse((SITE / page).read_text("utf-8"), namespaceHTMLElements=False)
        said = ["".join(span.itertext()) for span in tree.iter("span") if span.get("lang") == "de"]
        assert any(title.startswith("Ungeschehene Geschichte") for title in said), page
