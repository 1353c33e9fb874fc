"""Sphinx extension that dresses the book: charts, sources, margin notes, lean pages and their theme."""
from __future__ import annotations

import gc
import os
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst.directives.body import Sidebar
from sphinx.application import Sphinx
from sphinx.util.parallel import parallel_available

from almost_allies.book import builder, chart_figure, contents, data_catalogue, launch, pages, people, site, sources, teaching_files

THEME = Path(__file__).parent / "theme"


class Margin(Sidebar):
    """A note beside the text: in the margin of a wide screen, in the flow of a phone's."""

    required_arguments = 0
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        if not self.arguments:
            self.arguments = [""]
        (note, *messages) = super().run()
        note["classes"].append("margin")
        if not self.arguments[0] and isinstance(note[0], nodes.title):
            note.pop(0)
        return [note, *messages]


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def setup(app: Sphinx) -> dict:
    app.parallel = cores() if parallel_available else 1   # Jupyter Book has no option for it
    if app.parallel > 1:
        gc.disable()  # a build makes millions of small nodes, and workers that end after a few dozen pages free them: a sixth less time
    app.extensions["sphinx_multitoc_numbering"].parallel_read_safe = True  # it works in the main process only, and does not say so
    app.add_html_theme("almost_allies", str(THEME))
    app.add_config_value("comments_config", {}, "html")  # Jupyter Book always passes it, also without sphinx_comments
    app.add_directive("margin", Margin)
    builder.setup(app)
    chart_figure.setup(app)
    contents.setup(app)
    sources.setup(app)
    pages.setup(app)
    launch.setup(app)
    data_catalogue.setup(app)
    people.setup(app)
    site.setup(app)
    teaching_files.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
