"""Citations: each chapter ends in the full list of what it cites, and a citation leads to that list.

``{cite}`` comes from sphinxcontrib-bibtex, which links to one bibliography for the whole book.
A reader of one chapter should find its sources on its page, so the ``sources`` directive
repeats the entries that the page cites and its citations are pointed there.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cache

import pybtex.plugin
from docutils import nodes
from pybtex.database import Entry, Person
from pybtex.richtext import BaseText, HRef, Tag, Text
from pybtex.style import FormattedEntry
from pybtex.style.formatting import BaseStyle
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinxcontrib.bibtex.plugin import register_plugin as register_bibtex_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle
from sphinxcontrib.bibtex.transforms import node_text_transform


def _round_brackets() -> BracketStyle:
    return BracketStyle(left="(", right=")")


@dataclass
class RoundReferenceStyle(AuthorYearReferenceStyle):
    """(Author, year) in round brackets, as history writes it."""

    bracket_parenthetical: BracketStyle = dataclass_field(default_factory=_round_brackets)
    bracket_textual: BracketStyle = dataclass_field(default_factory=_round_brackets)


MONTHS = ("January", "February", "March", "April", "May", "June",
          "July", "August", "September", "October", "November", "December")


def _rich(text: str) -> Text:
    """BibTeX text as rich text; the decoder is slow, so plain text passes it by."""
    return Text.from_latex(text) if re.search(r"[\\{}$~]|--", text) else Text(text)


def _date(entry: Entry) -> str:
    """The entry's date as '9 February 1990', 'February 1990', '1990' or 'undated'."""
    parts = entry.fields["date"].split("-")
    if not all(part.isdigit() for part in parts):
        return entry.fields["date"]
    words = [str(int(part)) if i == 2 else MONTHS[int(part) - 1] if i == 1 else part for i, part in enumerate(parts)]
    return " ".join(reversed(words))


def _names(persons: list[Person]) -> Text:
    """Names as 'Mark Kramer', 'A and B', 'A, B and C'."""
    written = [Text(" ").join(_rich(part) for part in person.first_names + person.middle_names + person.prelast_names
                              + person.last_names + person.lineage_names) for person in persons]
    return Text(" and ").join([Text(", ").join(written[:-1]), written[-1]] if len(written) > 1 else written)


def _title(entry: Entry) -> BaseText:
    """The title, linked to the DOI or the page; a book's in italics."""
    title = _rich(entry.fields["title"])
    title = Tag("em", title) if entry.type == "book" else title
    address = f"https://doi.org/{entry.fields['doi']}" if "doi" in entry.fields else entry.fields.get("url")
    return HRef(address, title) if address else title


def _where(entry: Entry) -> Text | None:
    """Journal with volume and pages, or the collection, or the publisher; None if the entry names none."""
    fields = entry.fields
    if "journal" in fields:
        number = f"({fields['number']})" if "number" in fields else ""
        volume = f" {fields['volume']}{number}" if "volume" in fields else ""
        pages = ", " + fields["pages"].replace("--", "–") if "pages" in fields else ""
        return Text(Tag("em", _rich(fields["journal"])), volume, pages)
    if "booktitle" in fields:
        publisher = Text(", ", _rich(fields["publisher"])) if "publisher" in fields else ""
        return Text("In ", Tag("em", _rich(fields["booktitle"])), publisher)
    name = next((fields[field] for field in ("publisher", "institution", "howpublished") if field in fields), None)
    return _rich(name) if name else None


class EntryStyle(BaseStyle):
    """Author (date). Title, linked. Where it appeared. What was consulted, and when."""

    default_sorting_style = "author_year_title"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.format_labels = lambda entries: (entry.key for entry in entries)  # never shown, and must differ between lists

    def format_entry(self, label, entry, bib_data=None):
        who = _names(entry.persons.get("author") or entry.persons["editor"])
        note = _rich(entry.fields["note"]) if "note" in entry.fields else None
        sentences = [Text(who, f" ({_date(entry)})"), _title(entry), _where(entry), note]
        return FormattedEntry(entry.key, Text(" ").join(part.add_period() for part in sentences if part), label)


class sources_list(nodes.General, nodes.Element):
    """Stands where a page's own list of sources goes."""


class Sources(SphinxDirective):
    """``{sources}``: the full references of everything this page cites, in order of author."""

    def run(self):
        return [sources_list()]


class FillSources(SphinxPostTransform):
    """After the reference resolver (10): fill the list and point the page's citations to it."""

    default_priority = 20

    def run(self, **kwargs):
        places = list(self.document.findall(sources_list))
        citations = self.env.get_domain("cite")
        cited = {key.key for ref in citations.citation_refs if ref.docname == self.env.docname for key in ref.targets}
        entries = {citation.key: citation for citation in citations.citations if citation.key in cited}
        if not places:
            return
        backend = pybtex.plugin.find_plugin("pybtex.backends", "docutils")()
        listing = nodes.bullet_list(classes=["sources"])
        for key, citation in sorted(entries.items(), key=lambda item: str(item[1].formatted_entry.text).lower()):
            item = nodes.list_item(ids=[local_id(key)])
            item += backend.paragraph(citation.formatted_entry)
            node_text_transform(item)
            listing += item
        places[0].replace_self(listing)
        local = {citation.citation_id: local_id(key) for key, citation in entries.items()}
        for reference in self.document.findall(nodes.reference):
            target = reference.get("refuri", "").rpartition("#")[2] if reference.get("internal") else ""
            if target in local:
                del reference["refuri"]
                reference["refid"] = local[target]


def local_id(key: str) -> str:
    """HTML id of a source in a page's own list."""
    return "source-" + nodes.make_id(key)


def setup(app: Sphinx) -> None:
    # Without a cache the plugin is looked up among all installed packages for every single citation.
    pybtex.plugin.find_plugin = cache(pybtex.plugin.find_plugin)
    pybtex.plugin.register_plugin("pybtex.style.formatting", "almost_allies", EntryStyle)
    register_bibtex_plugin("sphinxcontrib.bibtex.style.referencing", "round", RoundReferenceStyle)
    app.add_directive("sources", Sources)
    app.add_node(sources_list)
    app.add_post_transform(FillSources)
