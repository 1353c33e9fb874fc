"""Citations: each chapter ends in the full list of what it cites, and a citation leads to that list.

``{cite}`` and ``{bibliography}`` come from sphinxcontrib-bibtex, which links every citation to one bibliography for the whole book.
A reader of one chapter should find its sources on its page, so the ``sources`` directive repeats the entries that
the page cites, and the citations of such a page lead there.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import pybtex.plugin
from docutils import nodes
from pybtex.database import Entry, Person
from pybtex.richtext import BaseText, HRef, Tag, Text
from pybtex.style import FormattedEntry
from pybtex.style.formatting import BaseStyle
from pybtex_docutils import Backend
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from sphinxcontrib.bibtex.citation_target import parse_citation_targets
from sphinxcontrib.bibtex.directives import BibliographyKey
from sphinxcontrib.bibtex.domain import BibtexDomain, Citation, _FilterVisitor
from sphinxcontrib.bibtex.transforms import BibliographyTransform, node_text_transform

from almost_allies.bibliography import remember, rich, short_names

logger = logging.getLogger(__name__)
SOURCES = "sources"   # metadata of a page that lists its own sources

IN_LANGUAGE = "language-"   # beginning of the class that docutils writes as a lang attribute

MONTHS = ("January", "February", "March", "April", "May", "June",
          "July", "August", "September", "October", "November", "December")


def _date(entry: Entry) -> str:
    """The entry's date as '9 February 1990', 'February 1990', '1990' or 'undated'."""
    parts = entry.fields["date"].split("-")
    if not all(part.isdigit() for part in parts):
        return entry.fields["date"]
    words = [str(int(part)) if i == 2 else MONTHS[int(part) - 1] if i == 1 else part for i, part in enumerate(parts)]
    return " ".join(reversed(words))


def _names(persons: list[Person]) -> Text:
    """Names as 'Kramer, Mark', 'Goldgeier, James and Michael McFaul': the first as lists are ordered and citations name it."""
    written: list[Text] = []
    for person in persons:
        given, family = person.first_names + person.middle_names, person.prelast_names + person.last_names
        first, last = (Text(" ").join(map(rich, part)) for part in (given, family + person.lineage_names))
        written.append(Text(last, ", ", first) if given and not written else Text(first, " ", last) if given else last)
    return Text(" and ").join([Text(", ").join(written[:-1]), written[-1]] if len(written) > 1 else written)


def _title(entry: Entry) -> BaseText:
    """The title, in its language, linked to the DOI or the page; a book's in italics."""
    title = rich(entry.fields["title"])
    title = Tag(IN_LANGUAGE + entry.fields["language"], title) if "language" in entry.fields else title
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
        return Text(Tag("em", rich(fields["journal"])), volume, pages)
    if "booktitle" in fields:
        publisher = Text(", ", rich(fields["publisher"])) if "publisher" in fields else ""
        return Text("In ", Tag("em", rich(fields["booktitle"])), publisher)
    name = next((fields[field] for field in ("publisher", "institution", "howpublished") if field in fields), None)
    return rich(name) if name else None


class LanguageBackend(Backend):
    """The stock backend, which knows no languages, so that a screen reader says a foreign title in its own."""

    def format_tag(self, tag_name: str, text: list[nodes.Node]) -> list[nodes.Node]:
        if tag_name.startswith(IN_LANGUAGE):
            return [nodes.inline("", "", *text, classes=[tag_name])]
        return super().format_tag(tag_name, text)


class EntryStyle(BaseStyle):
    """Author (date). Title, linked. Where it appeared. What was consulted, and when."""

    default_sorting_style = "author_year_title"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.format_labels = lambda entries: (entry.key for entry in entries)  # never shown, and must differ between lists

    def format_entry(self, label: str, entry: Entry, bib_data: Any = None) -> FormattedEntry:
        who = _names(entry.persons.get("author") or entry.persons["editor"])
        if "shortauthor" in entry.fields and short_names(entry) not in str(who):   # what a citation on paper is looked up by
            who = Text(who, f" [{short_names(entry)}]")
        note = rich(entry.fields["note"]) if "note" in entry.fields else None
        sentences = [Text(who, f" ({_date(entry)})"), _title(entry), _where(entry), note]
        return FormattedEntry(entry.key, Text(" ").join(part.add_period() for part in sentences if part), label)


class Citations(BibtexDomain):
    """The bibliography's domain, with its look-ups by key.

    The stock domain goes through all citations of the book for every entry and through all entries for every citation,
    which took a third of the build; its templates took another tenth.
    """

    def env_updated(self) -> list[str]:
        self._cited_in: defaultdict[str, set[str]] = defaultdict(set)
        for reference in self.citation_refs:
            for target in reference.targets:
                self._cited_in[target.key].add(reference.docname)
        super().env_updated()
        self._by_key = {citation.key: citation for citation in self.citations}
        self._cited_on: defaultdict[str, list[Citation]] = defaultdict(list)
        for citation in sorted(self.citations, key=lambda citation: str(citation.formatted_entry.text).lower()):
            for docname in self._cited_in[citation.key]:
                self._cited_on[docname].append(citation)
        return []

    def cited_by(self, docname: str) -> list[Citation]:
        """What a page cites, each source once, in order of author."""
        return self._cited_on[docname]

    def get_filtered_entries(self, bibliography_key: BibliographyKey) -> Iterator[tuple[str, Entry]]:
        bibliography = self.bibliographies[bibliography_key]
        for entry in self.get_entries(bibliography.bibfiles):
            visitor = _FilterVisitor(entry=entry, docname=bibliography_key.docname, cited_docnames=self._cited_in[entry.key])
            if visitor.visit(bibliography.filter_):
                yield entry.key, entry

    def resolve_xref(self, env: BuildEnvironment, fromdocname: str, builder: Builder, typ: str, target: str,
                     node: pending_xref, contnode: nodes.Element) -> nodes.Element:
        """``{cite}`` gives (Author, year, Author, year), ``{cite:t}`` Author (year); an author named just before is not named again."""
        links: list[nodes.Element] = []
        before = ""
        for key in [part.key for part in parse_citation_targets(target)]:
            if key not in self._by_key:
                logger.warning('could not find bibtex key "%s"', key, location=node, type="bibtex", subtype="key_not_found")
                continue
            citation = self._by_key[key]
            who, year = short_names(citation.entry), citation.entry.fields["year"]
            text = nodes.Text(f"{who} ({year})" if typ == "t" else year if who == before else f"{who}, {year}")
            before = who
            if SOURCES in env.metadata[fromdocname]:
                links.append(nodes.reference("", "", text, internal=True, refid=local_id(key)))
            else:
                page = citation.bibliography_key.docname
                links.append(make_refnode(builder, fromdocname, page, citation.citation_id, text))
        between = [part for link in links for part in (nodes.Text(", "), link)][1:]
        parts = between if typ == "t" else [nodes.Text("("), *between, nodes.Text(")")]
        return nodes.inline(target, "", *parts, classes=["bibtex-citation"])


class sources_list(nodes.General, nodes.Element):
    """Stands where a page's own list of sources goes."""


class Sources(SphinxDirective):
    """``{sources}``: the full references of everything this page cites, in order of author."""

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname][SOURCES] = True
        return [sources_list()]


class FillSources(SphinxPostTransform):
    """Fill the list once every citation of the book is known."""

    default_priority = 20

    def run(self, **kwargs: Any) -> None:
        if SOURCES not in self.env.metadata[self.env.docname]:
            return
        citations = cast(Citations, self.env.get_domain("cite")).cited_by(self.env.docname)
        backend = LanguageBackend()
        listing = nodes.bullet_list(classes=["sources"])
        for citation in citations:
            item = nodes.list_item(ids=[local_id(citation.key)])
            item += backend.paragraph(citation.formatted_entry)
            node_text_transform(item)
            listing += item
        for place in self.document.findall(sources_list):
            place.replace_self(listing)
            break


def local_id(key: str) -> str:
    """HTML id of a source in a page's own list."""
    return "source-" + nodes.make_id(key)


def note_bibliography(app: Sphinx, doctree: nodes.document) -> None:
    """A page that cites is made anew when the bibliography changes."""
    if any(reference.docname == app.env.docname for reference in cast(Citations, app.env.get_domain("cite")).citation_refs):
        for name in app.config.bibtex_bibfiles:
            app.env.note_dependency(name)


def share_bibliography(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Explorers and quizzes name sources too; they get the entries that are parsed already."""
    bibliography = cast(Citations, env.get_domain("cite")).bibdata
    for path in bibliography.bibfiles:
        remember(Path(path), bibliography.data.entries)


def setup(app: Sphinx) -> None:
    # Without a cache the plugin is looked up among all installed packages for every single citation.
    pybtex.plugin.find_plugin = cache(pybtex.plugin.find_plugin)
    pybtex.plugin.register_plugin("pybtex.style.formatting", "almost_allies", EntryStyle)
    BibliographyTransform.backend = LanguageBackend()
    app.setup_extension("sphinxcontrib.bibtex")
    app.add_domain(Citations, override=True)
    app.add_directive("sources", Sources)
    app.add_node(sources_list)
    app.add_post_transform(FillSources)
    app.connect("env-before-read-docs", share_bibliography)
    app.connect("doctree-read", note_bibliography)
