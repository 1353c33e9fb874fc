"""The book with JupyterLite in it, its kernel on loopback too: the links to it, and every chapter from top to bottom in Chromium."""
from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import html5lib
import pyodide_kernel
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT, reload, serve
from jupyter_lab import check_chapter

from almost_allies import lite
from almost_allies.book import launch
from almost_allies.notebooks import chapters

PATHS = [path.relative_to(ROOT).as_posix() for path in chapters()]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The site as `make lite PYODIDE=folder` builds it, for a repository on GitHub."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_REPOSITORY", "ann/almost-allies")
        site = lite.build_book(tmp_path_factory.mktemp("book"), "own")
    lite.build(site / "lite", pyodide_kernel.folder())
    return site


@pytest.fixture(scope="module")
def address(built):
    server = serve(built)
    yield server.url
    server.shutdown()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: Path(path).stem)
def test_a_chapter_runs_in_the_browser_and_asks_no_other_host(path, address, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    asked = []   # the kernel's worker included
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(address + path.replace(".ipynb", ".html"))
    link = page.get_by_role("link", name="Run in your browser").evaluate("link => link.href")
    assert not [url for url in asked if "/lite/" in url], "before the click"
    check_chapter(page, link, ROOT / path)
    context.close()
    assert f"{address}lite/static/pyodide/pyodide.mjs" in asked
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_jupyterlite_without_its_kernel_is_small_and_whole(built):
    folder = built / "lite"
    assert size(folder) - size(folder / "static/pyodide") <= 35e6
    assert not list(folder.rglob("*.map"))
    inside = {path.relative_to(folder / "files").as_posix() for path in (folder / "files").rglob("*") if path.is_file()}
    assert inside >= {path.relative_to(ROOT).as_posix() for path in (ROOT / "data").rglob("*.*") if path.is_file()} | set(PATHS)
    settings = json.loads((folder / "jupyter-lite.json").read_text("utf-8"))["jupyter-config-data"]["litePluginSettings"][lite.KERNEL]
    assert settings["pyodideUrl"] == "./static/pyodide/pyodide.mjs" and settings["disablePyPIFallback"]


def links(page: Path) -> list[str]:
    return [node.get("href") for node in html5lib.parse(page.read_text("utf-8"), namespaceHTMLElements=False).iter("a") if node.get("href")]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: Path(path).stem)
def test_a_chapter_leads_to_itself_everywhere(path, built):
    found = links((built / path).with_suffix(".html"))
    assert f"../../lite/lab/index.html?path={path}" in found
    assert f"https://mybinder.org/v2/gh/ann/almost-allies/main?urlpath=lab/tree/{path}" in found
    assert f"https://colab.research.google.com/github/ann/almost-allies/blob/colab/{path}" in found
    assert f"https://github.com/ann/almost-allies/edit/main/{path}" in found
    assert len([link for link in found if link.startswith("https://github.com/ann/almost-allies/issues/new?")]) == 1


def test_a_site_that_holds_its_kernel_names_no_other_host_for_it(built):
    assert "fetches Python from" not in (built / PATHS[0]).with_suffix(".html").read_text("utf-8")


def test_a_site_that_does_not_says_beside_the_link_where_python_comes_from():
    env = type("Env", (), {"found_docs": [PATHS[0][:-6]], "doc2path": staticmethod(lambda name: str(ROOT / f"{name}.ipynb"))})
    app = type("App", (), {"env": env, "srcdir": str(ROOT), "config": type("Config", (), {"lite": "public"})})
    context = {"content_root": "../../"}
    launch.add_links(app, PATHS[0][:-6], "page.html", context, None)
    from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL

    assert urlsplit(PYODIDE_CDN_URL).hostname == context["kernel_host"] == "cdn.jsdelivr.net"


def test_a_reader_s_own_hub_gets_links_and_is_remembered_in_the_browser_only(built, address, browser):
    context = browser.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + "reference/run-anywhere.html")
    field = page.get_by_label("Address of your JupyterHub")
    box = page.locator("[data-hub]")
    assert box.get_by_role("link").count() == 0 and box.locator("code:visible").count() == len(PATHS)
    field.fill("not an address")
    assert box.get_by_role("link").count() == 0
    field.fill("https://hub.example.org/jupyter")
    reload(page)
    found = box.get_by_role("link").evaluate_all("all => all.map(link => link.href)")
    assert len(found) == len(PATHS) and all(url.startswith("https://hub.example.org/jupyter/hub/user-redirect/git-pull?") for url in found)
    assert [parse_qs(urlsplit(url).query) for url in found] == [
        {"repo": ["https://github.com/ann/almost-allies"], "branch": ["main"], "urlpath": [f"lab/tree/almost-allies/{path}"]}
        for path in (f"{chapter.docname}.ipynb" for chapter in launch.read_chapters())]
    context.close()
    assert all(url.startswith(address) for url in asked)


@pytest.mark.parametrize("page", ["reference/run-anywhere.html", PATHS[0].replace(".ipynb", ".html")])
def test_pages_with_these_links_are_accessible(page, address, browser):
    view = browser.new_page(viewport={"width": 390, "height": 900})
    view.goto(address + page)
    found = Axe().run(view).response["violations"]
    wide = view.evaluate("document.documentElement.scrollWidth")
    view.close()
    assert not [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found] and wide <= 390


def test_from_a_folder_without_a_server_jupyterlite_is_not_offered(built, browser):
    page = browser.new_page()
    page.goto((built / PATHS[0]).with_suffix(".html").as_uri())
    assert page.get_by_role("link", name="Binder", exact=True).is_visible()
    assert not page.get_by_text("Run in your browser").is_visible()
    page.close()


def test_a_folder_without_a_kernel_is_one_line_and_builds_nothing(tmp_path, capsys):
    assert lite.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path}: pyodide.mjs is missing, expected the folder of an unpacked Pyodide distribution\n"


def test_a_later_book_without_jupyterlite_neither_links_to_it_nor_keeps_it(built, monkeypatch):   # last: it takes the folder away
    monkeypatch.setenv("GITHUB_REPOSITORY", "ann/almost-allies")
    lite.build_book(built.parents[1], "")
    assert not (built / "lite").exists()
    for path in PATHS:
        found = links((built / path).with_suffix(".html"))
        assert not [link for link in found if "lite/" in link] and [link for link in found if "mybinder.org" in link]
