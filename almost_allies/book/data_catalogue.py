"""The data catalogue: a page made from the data package, with every table to see and to take away.

``reference/data-catalogue.md`` holds the line ``<!-- data catalogue -->``, which is replaced here.
"""
from __future__ import annotations

import re
import zipfile
from html import escape
from pathlib import Path

import pandas as pd
from sphinx.application import Sphinx

from almost_allies import data

PAGE = "reference/data-catalogue"
MARK = "<!-- data catalogue -->"
DOWNLOADS = "_downloads/data"
ARCHIVE = "_downloads/almost-allies-data.zip"
FIRST_YEAR, LAST_YEAR = 1945, 2026
PREVIEW_ROWS = 3


def years_covered(frame: pd.DataFrame, fields: list[dict]) -> set[int] | None:
    """Years for which a table has rows, by its year column or else its first date column; None if it has neither."""
    names = [field["name"] for field in fields]
    if "year" in names:
        return set(frame["year"].dropna().astype(int))
    dates = [field["name"] for field in fields if field["type"] == "date"]
    return set(frame[dates[0]].dropna().dt.year) if dates else None


def coverage_strip(years: set[int]) -> str:
    """A strip from 1945 to 2026 with a mark for every year that has rows, so that gaps are seen."""
    runs: list[list[int]] = []
    for year in sorted(y for y in years if FIRST_YEAR <= y <= LAST_YEAR):
        if runs and runs[-1][1] == year - 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    marks = "".join(f'<rect x="{(a - FIRST_YEAR) * 4}" width="{(b - a + 1) * 4}" height="12" fill="#2a78c2"/>' for a, b in runs)
    told = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in runs[:12]) + (" and more" if len(runs) > 12 else "")
    width = (LAST_YEAR - FIRST_YEAR + 1) * 4
    return (f'<svg class="plot coverage" role="img" aria-label="Rows for {told}" width="{width}" height="12" viewBox="0 0 {width} 12">'
            f'<rect width="{width}" height="12" fill="#d5d9df"/>{marks}</svg>')


def table_html(name: str, head: list[str], rows: list[list[str]], label: str) -> str:
    """A small scrolling HTML table in one line, so that Markdown leaves it alone."""
    cells = "".join(f'<th scope="col">{escape(h)}</th>' for h in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    return (f'<div class="table-scroll" tabindex="0" role="region" aria-label="{escape(label)}">'
            f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>")


def entry(name: str) -> str:
    """One table's part of the page, as MyST Markdown."""
    about = data.describe(name)
    frame = data.load(name)
    fields = about["schema"]["fields"]
    years = years_covered(frame, fields)
    licence = "; ".join(f"[{item['title']}]({item['path']})" if item.get("path") else item["title"] for item in about["licenses"])
    sources = "; ".join(f"[{item['title']}]({item['path']})" if item.get("path") else item["title"] for item in about.get("sources", []))
    cited = "{cite}`" + re.sub(r"[;\s]+", ",", about["citation"]) + "`" if about.get("citation") else ""
    lines = [line.split(",") for line in (data.ROOT / about["path"]).read_text("utf-8").splitlines()[:1]]
    preview = [["" if pd.isna(v) else str(v.date()) if isinstance(v, pd.Timestamp) else str(v) for v in row]
               for row in frame.head(PREVIEW_ROWS).itertuples(index=False, name=None)]
    columns = [[field["name"], field.get("description", field.get("title", "")), field["type"], field.get("unit", "")] for field in fields]
    parts = [
        f"(data-{name.replace('_', '-')})=\n## {about['title']}",
        about["description"],
        f"`{name}`, {len(frame):,} rows. Covers {about['coverage']}. "
        f'<a href="../{DOWNLOADS}/{about["path"]}" download>Download as CSV<span class="unseen">: {escape(about["title"])}</span></a>',
        coverage_strip(years) if years else "",
        f"**Source** {about['publisher']} {cited}. {sources}\n\n**Licence** {licence}\n\n"
        f"**Read** {about['retrieved']}. **Updates** {about['update_policy']}",
        f"<details><summary>First rows<span class=\"unseen\"> of {escape(about['title'])}</span></summary>"
        f"{table_html(name, lines[0], preview, 'First rows of ' + about['title'])}</details>",
        f"<details><summary>Columns<span class=\"unseen\"> of {escape(about['title'])}</span></summary>"
        f"{table_html(name, ['column', 'what it says', 'type', 'unit'], columns, 'Columns of ' + about['title'])}</details>",
    ]
    return "\n\n".join(filter(None, parts))


def fill_page(app: Sphinx, docname: str, source: list[str]) -> None:
    if docname == PAGE:
        app.env.note_dependency(str(data.ROOT / "datapackage.json"))
        for name in data.tables():
            app.env.note_dependency(str(data.ROOT / data.describe(name)["path"]))
        source[0] = source[0].replace(MARK, "\n\n".join(entry(name) for name in data.tables()))


def package_files() -> list[Path]:
    """Every file of the data package, relative to its folder: descriptor, README, tables, outlines; sorted."""
    paths = {"datapackage.json", "README.md"}
    paths |= {resource["path"] for resource in data.resources().values()}
    return sorted(Path(path) for path in paths)


def write_downloads(app: Sphinx, exception: Exception | None) -> None:
    """Copy the package into the site, file by file and as one archive whose bytes depend on nothing but the files."""
    if exception or app.builder.format != "html":
        return
    archive = Path(app.outdir, ARCHIVE)
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in package_files():
            content = (data.ROOT / path).read_bytes()
            target = Path(app.outdir, DOWNLOADS, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            item = zipfile.ZipInfo(f"almost-allies-data/{path.as_posix()}", (1980, 1, 1, 0, 0, 0))
            item.compress_type, item.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            out.writestr(item, content)


def setup(app: Sphinx) -> None:
    app.connect("source-read", fill_page)
    app.connect("build-finished", write_downloads)
