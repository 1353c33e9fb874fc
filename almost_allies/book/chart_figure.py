"""Charts in the book: the stored picture inline, with title, source, the data as a table, and downloads."""
from __future__ import annotations

import csv
import io
import json
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from almost_allies.stored_chart import MIME, plot_of

DOWNLOADS = "_downloads/charts"


class chart_figure(nodes.General, nodes.Element):
    """Holds the JSON bundle of one chart and its full picture."""


class ChartRenderer:
    """myst-nb plugin: the chart's JSON bundle, with its SVG sibling, becomes a figure in HTML."""

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        if inline or data.mime_type != MIME:
            return None
        _, outputs = renderer.renderer.nb_client.code_cell_outputs(data.cell_index)
        picture = outputs[data.output_index]["data"]["image/svg+xml"]
        name = f"fig-{data.content['name']}"
        figure = chart_figure(bundle=data.content, picture=picture, ids=[name], names=[name])
        renderer.renderer.document.note_explicit_target(figure)
        return [figure]


class ChapterChart(SphinxDirective):
    """``{chapter-chart} chapters/.../topic.ipynb name``: a chart of a chapter, shown on another page."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        path, name = self.arguments
        self.env.note_dependency(str(Path(self.env.srcdir, path)))
        cells = json.loads(Path(self.env.srcdir, path).read_text("utf-8"))["cells"]
        outputs = [output["data"] for cell in cells for output in cell.get("outputs", []) if MIME in output.get("data", {})]
        charts = {data[MIME]["name"]: data for data in outputs}
        if name not in charts:
            raise self.error(f"chapter-chart: {path} has no chart {name!r}, expected one of {', '.join(charts)}")
        return [chart_figure(bundle=charts[name][MIME], picture="".join(charts[name]["image/svg+xml"]), ids=[f"fig-{name}"])]


def keep_only_the_figure(app: Sphinx, doctree: nodes.document) -> None:
    """Drop a chart's other forms before Sphinx collects their pictures for copying."""
    for figure in list(doctree.findall(chart_figure)):
        if isinstance(figure.parent, nodes.container):  # a notebook's output; elsewhere it stands alone
            figure.parent.parent.replace_self(figure)


def _table(bundle: dict) -> str:
    """The displayed rows as an HTML table; a gap in the data is shown as a dash that is read as 'no data'."""
    gap = '<span aria-hidden="true">–</span><span class="unseen">no data</span>'
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in bundle["columns"])
    body = "\n".join(
        "<tr>" + "".join(
            f"<td{' class=number' if isinstance(v, (int, float)) and not isinstance(v, bool) else ''}>"
            f"{gap if v is None else escape(str(v))}</td>" for v in row) + "</tr>"
        for row in bundle["rows"]
    )
    return (f'<div class="table-scroll" tabindex="0" role="region" aria-label="Data of the chart: {escape(bundle["title"])}">'
            f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>")


def _csv(bundle: dict) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(bundle["columns"])
    writer.writerows(["" if value is None else value for value in row] for row in bundle["rows"])
    return out.getvalue()


def _figure(bundle: dict, page: str, csv_link: str, svg_link: str) -> str:
    name, title, alt = bundle["name"], escape(bundle["title"]), escape(bundle["alt"])
    subtitle = f'<p class="chart-subtitle">{escape(bundle["subtitle"])}</p>' if bundle["subtitle"] else ""
    note = f"{escape(bundle['note'])} " if bundle["note"] else ""
    picture = f'role="img" aria-label="{alt}" class="plot"'
    page, phone = (svg.replace('class="plot"', picture, 1) for svg in (page, bundle["phone"]))
    return f"""<figure class="chart" id="fig-{name}" aria-labelledby="fig-{name}-title">
<p class="chart-title" id="fig-{name}-title">{title}</p>{subtitle}
<div class="on-page">{page}</div>
<div class="on-phone">{phone}</div>
<figcaption>
<p class="chart-note">{note}<span class="chart-source">Source: {escape(bundle["source"])}.</span></p>
<details class="chart-data"><summary>Show the data</summary>
{_table(bundle)}
</details>
<p class="chart-links"><a href="{csv_link}" download>Data (CSV)<span class="unseen"> of “{title}”</span></a>
<a href="{svg_link}" download>Picture (SVG)<span class="unseen"> of “{title}”</span></a></p>
</figcaption>
</figure>
"""


def _visit(self: Any, node: chart_figure) -> None:
    builder, bundle = self.builder, node["bundle"]
    stem = f"{DOWNLOADS}/{self.docnames[0].rsplit('/', 1)[-1]}"
    for ending, content in (("csv", _csv(bundle)), ("svg", node["picture"])):
        path = Path(builder.outdir, f"{stem}/{bundle['name']}.{ending}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8", newline="\n")
    root = "../" * builder.current_docname.count("/")
    links = (f"{root}{stem}/{bundle['name']}.{ending}" for ending in ("csv", "svg"))
    self.body.append(_figure(bundle, plot_of(node["picture"]), *links))
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    app.add_directive("chapter-chart", ChapterChart)
    app.add_node(chart_figure, html=(_visit, None))
    app.connect("doctree-read", keep_only_the_figure, priority=100)  # before the image collector (500)
