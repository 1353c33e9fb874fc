"""Where a chapter can be run, edited or opened on a hub: links only, made from the project's own address.

Without an address there is none. "Run in your browser" is there when the site is built with JupyterLite beside it
(``make lite`` sets ``LITE`` to "public" or "own": where its kernel comes from).
"""
from __future__ import annotations

import os
import shutil
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

from almost_allies.book.people import read_chapters
from almost_allies.book.repository import edit_link, hub_path, launch_links, repository

KERNELS = ("", "public", "own")
SCRIPT = Path(__file__).with_name("hub.js")


class HubLinks(SphinxDirective):
    """``{hub-links}``: for every chapter the link of nbgitpuller; the reader gives the address of the hub."""

    def run(self) -> list[nodes.Node]:
        if not repository():
            text = "This copy of the book was built without the address of a repository, so it has no such links."
            return [nodes.paragraph("", text)]
        items = "\n".join(
            f'<li><span>{escape(chapter.title)}</span> <code data-hub-path>{escape(hub_path(f"{chapter.docname}.ipynb"))}</code></li>'
            for chapter in read_chapters())
        form = ('<p class="hub-address" hidden><label>Address of your JupyterHub '
                '<input type="url" autocomplete="url" spellcheck="false"></label></p>')
        return [nodes.raw("", f'<div class="hub" data-hub>{form}\n<ul>\n{items}\n</ul></div>', format="html")]


def settle(app: Sphinx, config: Config) -> None:
    """Keep in the configuration what the links depend on, so that a change of it writes every page anew."""
    config.lite = os.environ.get("LITE", "")
    if config.lite not in KERNELS:
        raise ValueError(f'LITE is "{config.lite}", expected "public", "own" or nothing')
    config.project_repository = repository()


def add_links(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    context |= {"launch": {}, "lite": "", "kernel_host": "", "edit": ""}
    if pagename not in app.env.found_docs:
        return
    path = Path(app.env.doc2path(pagename)).relative_to(app.srcdir).as_posix()
    context["edit"] = edit_link(path)
    if path.endswith(".ipynb"):
        context["launch"] = launch_links(path)
        if app.config.lite:
            from almost_allies.lite import kernel_host

            context["lite"] = f"{context['content_root']}lite/lab/index.html?path={path}"
            context["kernel_host"] = kernel_host() if app.config.lite == "public" else ""
    if "data-hub" in context.get("body", ""):
        context["widget_scripts"] = [*context["widget_scripts"], f"_static/{SCRIPT.name}"]


def keep_only_what_is_linked(app: Sphinx, exception: Exception | None) -> None:
    """A book built without JupyterLite or without a repository does not keep an earlier build's files for them."""
    if exception or app.builder.name != "html":
        return
    if not app.config.lite:
        shutil.rmtree(Path(app.outdir, "lite"), ignore_errors=True)
    script = Path(app.outdir, "_static", SCRIPT.name)
    if repository():
        shutil.copyfile(SCRIPT, script)
    else:
        script.unlink(missing_ok=True)


def setup(app: Sphinx) -> None:
    app.add_config_value("lite", "", "html")
    app.add_config_value("project_repository", "", "env")
    app.add_directive("hub-links", HubLinks)
    app.connect("config-inited", settle)
    app.connect("html-page-context", add_links, priority=600)   # after the page's own scripts are listed
    app.connect("build-finished", keep_only_what_is_linked)
