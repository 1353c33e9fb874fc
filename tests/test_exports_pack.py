"""Student packs: unpacked into an empty folder, the page opens there and the notebook runs there."""
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from exporting import chapters
from playwright.sync_api import expect

from almost_allies.exports import kit, pack
from almost_allies.exports.__main__ import main
from almost_allies.exports.chapter import chapter_of, is_solution, source

CHAPTERS = {one.name: one for one in chapters() if one.is_chapter}
# The explorers between them: maps, timeline, ratings that name other chapters, cards, and a table of criteria.
RUN = ["borders", "ten-rounds", "competing-explanations", "not-one-inch", "could-russia-have-qualified", "partnership-for-peace"]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory, site):
    """Unpacks a chapter's pack once; gives its folder."""
    found = {}

    def unpack(name: str) -> Path:
        if name not in found:
            folder = tmp_path_factory.mktemp(name)
            (archive,) = pack.write(CHAPTERS[name], folder)
            with zipfile.ZipFile(folder / archive) as file:
                assert all(entry.startswith(f"almost-allies-{name}/") and ".." not in entry for entry in file.namelist())
                assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
                file.extractall(folder)
            found[name] = folder / f"almost-allies-{name}"
        return found[name]
    return unpack


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_solution_is_in_the_pack(unpacked, name):
    folder, cells = unpacked(name), chapter_of(CHAPTERS[name]).notebook["cells"]
    solutions = [source(cell) for cell in cells if is_solution(cell)]
    notebook = nbformat.read(folder / f"{name}.ipynb", 4)
    nbformat.validate(notebook)
    page = re.sub(r"<[^>]+>", "", (folder / "page/index.html").read_text("utf-8"))
    page, text = (re.sub(r"\W", "", value) for value in (page, "\n".join(cell.source for cell in notebook.cells)))
    assert len(solutions) == 2 and len(notebook.cells) == len(cells)
    for solution in solutions:
        own = [
            line for line in solution.splitlines() if len(re.sub(r"\W", "", line)) > 20 and sum(line in source(cell) for cell in cells) == 1
        ]
        assert own
        for line in own:
            assert re.sub(r"\W", "", line) not in text + page, line
    outputs = json.dumps([cell.get("outputs") for cell in notebook.cells if cell.source == "# Your turn\n"])
    assert outputs == "[[], []]"


@pytest.mark.parametrize("name", CHAPTERS)
def test_tables_come_with_their_descriptor_and_licence(unpacked, name):
    folder = unpacked(name)
    package = json.loads((folder / "data/datapackage.json").read_text("utf-8"))
    described = {resource["path"] for resource in package["resources"]}
    there = {path.relative_to(folder / "data").as_posix() for path in (folder / "data").rglob("*") if path.suffix in (".csv", ".geojson")}
    assert described == there and described and package["licenses"]
    charted = {table for cell in chapter_of(CHAPTERS[name]).notebook["cells"] for output in cell.get("outputs", [])
               for table in output.get("data", {}).get("application/vnd.almost-allies.chart+json", {}).get("tables", [])}
    assert charted <= {resource["name"] for resource in package["resources"]}
    readme = (folder / "README.md").read_text("utf-8")
    for resource in package["resources"]:
        assert f"`data/{resource['path']}`" in readme and all(licence["title"] in readme for licence in resource["licenses"])


def test_requirements_are_those_of_the_package(unpacked):
    lines = (unpacked("borders") / "requirements.txt").read_text("utf-8").split()
    assert any(line.startswith("pandas") for line in lines) and not any(line.startswith(("jupyter-book", "playwright")) for line in lines)


@pytest.mark.parametrize("name", RUN)
def test_the_notebook_runs_in_the_folder_alone(unpacked, name):
    """Run in a process that finds the package and the tables nowhere else."""
    folder = unpacked(name)
    code = """
import contextlib, io, json, sys
import IPython, matplotlib
matplotlib.use("Agg")
notebook, names = json.load(open(sys.argv[1])), {"display": lambda *shown: None}
for cell in notebook["cells"]:
    if cell["cell_type"] == "code":
        with contextlib.redirect_stdout(io.StringIO()):
            exec("".join(cell["source"]), names)
        last = "".join(cell["source"]).strip().splitlines()[-1]
        if last.isidentifier() and hasattr(names[last], "html"):
            assert len(names[last].html()) > 1000
import almost_allies
print(almost_allies.__file__)
"""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, f"{name}.ipynb"], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-1500:]
    assert done.stdout.strip() == str(folder / "almost_allies/__init__.py")


@pytest.mark.parametrize("name", ["borders", "ten-rounds"])
def test_the_page_opens_from_its_folder(browser, unpacked, name):
    folder, faults = unpacked(name), []
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.set_default_timeout(5_000)
    tab.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("request", lambda request: None if request.url.startswith((folder.as_uri(), "data:")) else faults.append(request.url))
    tab.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    tab.goto((folder / "page/index.html").as_uri())
    expect(tab.locator("h1")).to_contain_text(chapter_of(CHAPTERS[name]).title)
    assert tab.locator("figure.chart svg").count() >= 1
    tab.get_by_role("button", name="Check", exact=True).first.click()
    expect(tab.locator(".aa-quiz [role=status]").first).not_to_be_empty()
    tab.get_by_role("button", name="My results", exact=True).click()
    expect(tab.get_by_role("dialog")).to_be_visible()
    broken = tab.evaluate("""[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))
        .filter(href => /^#[^=]+$/.test(href) && !document.getElementById(decodeURIComponent(href.slice(1))))""")
    local = tab.evaluate(
        "[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')).filter(href => !/^(#|https?:|mailto:)/.test(href))"
    )
    assert broken == [] and [link for link in local if not (folder / "page" / link.split("#")[0]).is_file()] == []
    assert faults == []
    context.close()


def test_links_to_other_pages_lead_to_the_published_book(site):
    chapter = chapter_of(CHAPTERS["borders"])
    with_address, without = (
        dict(pack.page_files(chapter, site, address))["page/index.html"].decode() for address in ("https://example.org/book/", "")
    )
    assert 'href="https://example.org/book/reference/glossary.html#term-' in with_address
    assert "glossary.html" not in without and "security dilemma" in without


def test_a_second_run_changes_no_byte(tmp_path, site):
    for run in ("first", "second"):
        assert main(["--chapter", "how-to-use", "--format", "pack", "-o", str(tmp_path / run)]) == 0
    first, second = (next((tmp_path / run).rglob("*.zip")).read_bytes() for run in ("first", "second"))
    assert first == second and len(first) > 50_000


def test_without_the_built_book_one_line_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pack, "SITE", tmp_path / "nowhere")
    assert main(["--chapter", "borders", "--format", "pack", "-o", str(tmp_path / "out")]) == 1
    assert (
        capsys.readouterr().err
        == "_build/html/chapters/3-expansion-waves/borders.html: no built page of the chapter; make the book first: make book\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_tables_are_found_in_cells_and_in_the_explorers_they_use():
    assert {"russia_land_borders", "border_length_sources", "ussr_land_borders"} <= set(kit.tables(chapter_of(CHAPTERS["borders"])))
    assert {"alliance_status", "countries"} <= set(kit.tables(chapter_of(CHAPTERS["ten-rounds"])))
