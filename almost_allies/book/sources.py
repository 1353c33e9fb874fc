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
from pybtex.plugin import register_plugin
from pybtex.richtext import HRef, String, Tag, Text
from pybtex.style.formatting import BaseStyle, toplevel
from pybtex.style.template import field, first_of, join, names, node, optional, sentence, tag
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


@node
def _date(children, context):
    """The entry's date as '9 February 1990', 'February 1990' or '1990'."""
    fields = context["entry"].fields
    parts = (fields.get("date") or fields.get("year") or "undated").split("-")
    if not all(part.isdigit() for part in parts):
        return String("-".join(parts))
    words = [str(int(part)) if i == 2 else MONTHS[int(part) - 1] if i == 1 else part for i, part in enumerate(parts)]
    return String(" ".join(reversed(words)))


@node
def _link(children, context):
    """The title, linked to the DOI or the page."""
    fields = context["entry"].fields
    address = f"https://doi.org/{fields['doi']}" if "doi" in fields else fields.get("url")
    title = Text.from_latex(fields["title"])
    title = Tag("em", title) if context["entry"].type in ("book", "collection") else title
    return HRef(address, title) if address else title


class EntryStyle(BaseStyle):
    """Author (date). Title, linked. Where it appeared. What was consulted, and when."""

    default_sorting_style = "author_year_title"

    def format_names(self, role):
        return names(role, sep=", ", sep2=" and ", last_sep=" and ")

    def __getattr__(self, name):
        if re.fullmatch(r"get_\w+_template", name):
            return self._template
        raise AttributeError(name)

    def _template(self, entry):
        where = first_of[
            optional[join[tag("em")[field("journal")], optional[" ", field("volume")], optional["(", field("number"), ")"],
                          optional[", ", field("pages")]]],
            optional[join["In ", tag("em")[field("booktitle")], optional[", ", field("publisher")]]],
            optional[field("publisher")],
            optional[field("institution")],
            optional[field("howpublished")],
            "",
        ]
        who = first_of[optional[self.format_names("author")], optional[self.format_names("editor")],
                       optional[field("publisher")], optional[field("organization")], "Unsigned"]
        return toplevel[
            join[who, " (", _date(), ")."],
            sentence[_link()],
            sentence[where],
            optional[sentence[field("note")]],
        ]


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
    register_plugin("pybtex.style.formatting", "almost_allies", EntryStyle)
    register_bibtex_plugin("sphinxcontrib.bibtex.style.referencing", "round", RoundReferenceStyle)
    app.add_directive("sources", Sources)
    app.add_node(sources_list)
    app.add_post_transform(FillSources)
