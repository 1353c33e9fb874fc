"""The list of contents beside every page: parts, their pages, and below a page that is open the pages that belong to it.

Sphinx's own resolves the whole tree anew for every page, so that its time grows with the square of the pages.
"""
from __future__ import annotations

from functools import cache
from html import escape
from typing import Any

from docutils import nodes
from sphinx.addnodes import toctree
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.osutil import relative_uri


@cache
def _parts(builder: StandaloneHTMLBuilder) -> list[tuple[str, list[str]]]:
    """Caption and pages of each part, as ``_toc.yml`` orders them."""
    return [(part.get("caption") or "", part["includefiles"]) for part in builder.env.master_doctree.findall(toctree)]


@cache
def _title(builder: StandaloneHTMLBuilder, docname: str) -> str:
    """A page's title as HTML."""
    return builder.render_partial(builder.env.titles[docname])["title"]


def _pages(builder: StandaloneHTMLBuilder, docnames: list[str], pagename: str) -> str:
    """Pages as a list of links, seen from ``pagename``."""
    here, items = builder.get_target_uri(pagename), []
    for docname in docnames:
        below = builder.env.toctree_includes.get(docname, [])
        is_open = docname == pagename or pagename in below
        link = 'href="#" aria-current="page"' if docname == pagename else f'href="{relative_uri(here, builder.get_target_uri(docname))}"'
        inner = _pages(builder, below, pagename) if is_open and below else ""
        items.append(f'<li{" class=open" if is_open else ""}><a {link}>{_title(builder, docname)}</a>{inner}</li>')
    return "<ul>\n" + "\n".join(items) + "\n</ul>\n"


def add_contents(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    if isinstance(app.builder, StandaloneHTMLBuilder):
        context["contents"] = "".join(
            f'<p class="caption" role="heading" aria-level="2">{escape(caption)}</p>\n{_pages(app.builder, docnames, pagename)}'
            for caption, docnames in _parts(app.builder))


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", add_contents)
