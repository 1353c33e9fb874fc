"""Measure this book against a stock Jupyter Book of the same chapters, built in the same run.

    make bench        prints the table and stores it in bench/results.md
"""
from __future__ import annotations

import gzip
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import chromium  # noqa: E402
from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from conftest import GzipHandler, serve  # noqa: E402
from lighthouse import lighthouse  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from almost_allies import notebooks  # noqa: E402

STOCK_CONFIG = """\
title: Almost Allies?
only_build_toc_files: true
execute: {execute_notebooks: "off"}
parse: {myst_enable_extensions: [attrs_inline, colon_fence, deflist, substitution]}
bibtex_bibfiles: [references.bib]
"""
COURSE = ("index.md", "_toc.yml", "references.bib", "chapters", "reference", "teach", "data")
FRONT, CHART = "index.html", "chapters/3-expansion-waves/borders.html"
MAP, TIMELINE = "chapters/1-cold-war-legacy/two-blocs.html", "reference/timeline.html"
JUDGED = {"front page": FRONT, "chart chapter": CHART, "map chapter": MAP, "timeline": TIMELINE}
STEPS = 70   # years the map is moved through


def environment(folder: Path) -> Path:
    """The jupyter-book of an environment as `make book` makes it; that of the tests imports twice as much."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", "requirements.txt"], check=True, capture_output=True, cwd=ROOT)
    return python.with_name("jupyter-book")


def build(jupyter_book: Path, folder: Path, output: Path) -> float:
    """Seconds that a build from nothing takes; raises if no front page comes out."""
    begin = time.perf_counter()
    done = subprocess.run([jupyter_book, "build", folder, "--path-output", output, "-q"], capture_output=True, text=True)
    seconds = time.perf_counter() - begin
    if not (output / "_build/html" / FRONT).exists():
        raise RuntimeError(f"{folder}: the build left no front page: {done.stderr[-400:]}")
    return seconds


def stock_copy(folder: Path) -> None:
    """The same course with nothing of ours in its build: stock configuration, stock theme."""
    for name in COURSE:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    entries = re.sub(r"^@(report|legislation|collection)\b", "@misc", (ROOT / "references.bib").read_text("utf-8"), flags=re.M)
    (folder / "references.bib").write_text(entries, "utf-8")   # the stock citation style knows fewer kinds of source
    (folder / "_config.yml").write_text(STOCK_CONFIG, "utf-8")


def weigh(site: Path, page: str, browser) -> dict[str, float]:
    """What a first visit to ``page`` loads: kB raw and gzipped, requests, and hosts other than the site's."""
    server = serve(site)
    view = browser.new_context(service_workers="block").new_page()
    bodies, others = [], set()

    def route(route):
        if route.request.url.startswith(server.url):
            route.continue_()
        else:
            others.add(route.request.url)
            route.abort()

    view.route("**/*", route)
    view.on("response", lambda response: bodies.append((response.url, response)))
    view.goto(server.url + page, wait_until="networkidle")
    raw = [response.body() for url, response in bodies if url.startswith(server.url) and response.ok]
    html = next(response.body() for url, response in bodies if url == server.url + page)
    view.context.close()
    server.shutdown()
    return {"raw": sum(map(len, raw)) / 1000, "assets": (sum(map(len, raw)) - len(html)) / 1000,
            "gzipped": sum(len(gzip.compress(body)) for body in raw) / 1000, "requests": len(raw), "others": len(others)}


def quiz_cost(site: Path) -> tuple[float, float, float]:
    """What the quiz adds to its page, kB raw and gzipped (page with it against page without), and its script, kB."""
    page = (site / CHART).read_text("utf-8")
    begin = page.index('<section', page.index('data-widget="quiz"') - 400)
    end = page.index("</section>", page.rindex('class="aa-q', begin)) if 'class="aa-q' in page[begin:] else begin
    quiz = page[begin:end]
    with_it, without = (len(gzip.compress(text.encode())) for text in (page, page.replace(quiz, "")))
    return len(quiz.encode()) / 1000, (with_it - without) / 1000, (site / "_static/quiz.js").stat().st_size / 1000


def audit(site: Path, page: str, browser) -> dict:
    """Lighthouse (mobile, simulated, gzipped as hosts do) and the number of nodes that axe faults."""
    server = serve(site, GzipHandler)
    found = lighthouse(server.url + page)
    view = browser.new_page()
    view.goto(server.url + page)
    found["axe"] = sum(len(fault["nodes"]) for fault in Axe().run(view).response["violations"])
    view.close()
    server.shutdown()
    return found


def map_step(site: Path, browser) -> float:
    """Milliseconds of the page's main thread (script, style, layout, paint) that one key press on the map's slider takes."""
    server = serve(site)
    view = browser.new_page(viewport={"width": 1280, "height": 900})
    view.goto(server.url + MAP)
    view.locator('[data-widget="year_map"] input[type=range]').first.focus()
    view.keyboard.press("Home")
    view.wait_for_timeout(500)
    session = view.context.new_cdp_session(view)
    session.send("Performance.enable")

    def busy() -> float:
        return next(m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")

    before = busy()
    for _ in range(STEPS):
        view.keyboard.press("ArrowRight")
        view.wait_for_timeout(60)
    milliseconds = (busy() - before) / STEPS * 1000
    view.close()
    server.shutdown()
    return milliseconds


def grown_copy(folder: Path, times: int) -> None:
    """The course with every chapter ``times`` times, each copy with labels of its own."""
    for name in (*COURSE, "_config.yml"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    topics = [path.stem for path in (ROOT / "chapters").glob("*/*.ipynb")]
    toc = (ROOT / "_toc.yml").read_text("utf-8")
    for path in (ROOT / "chapters").glob("*/*.ipynb"):
        text, copies = path.read_text("utf-8"), []
        for number in range(2, times + 1):
            name = f"{path.stem}-copy{number}"
            anew = re.sub(rf"\b({'|'.join(topics)})-(?=[a-z0-9])", rf"\1-copy{number}-", text)
            place = path.relative_to(ROOT).with_name(f"{name}.ipynb")
            (folder / place).write_text(anew, "utf-8")
            copies.append(f"      - file: {place.with_suffix('').as_posix()}\n")
        line = f"      - file: {path.relative_to(ROOT).with_suffix('').as_posix()}\n"
        toc = toc.replace(line, line + "".join(copies))
    (folder / "_toc.yml").write_text(toc, "utf-8")


def growth(jupyter_book: Path, work: Path) -> list[tuple[int, int, float]]:
    """Copies of each chapter, pages and seconds to build them."""
    rows = []
    for times in (1, 4, 16):
        folder = work / f"grown{times}"
        folder.mkdir()
        grown_copy(folder, times)
        seconds = build(jupyter_book, folder, work / f"grown{times}-out")
        rows.append((times, sum(1 for _ in (work / f"grown{times}-out/_build/html").rglob("*.html")), seconds))
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "stock").mkdir()
        stock_copy(work / "stock")
        jupyter_book = environment(work / "environment")
        build(jupyter_book, ROOT, work / "first-out")   # compiles what Python imports
        seconds = {"ours": build(jupyter_book, ROOT, work / "ours-out"), "stock": build(jupyter_book, work / "stock", work / "stock-out")}
        sites = {book: work / f"{book}-out/_build/html" for book in seconds}
        pages = sum(1 for _ in sites["ours"].rglob("*.html"))
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-m", "almost_allies.notebooks"], check=True, capture_output=True, cwd=ROOT)
        rerun = (time.perf_counter() - begin) / len(notebooks.chapters())
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.find(), args=list(chromium.ARGUMENTS))
            loads = {book: {page: weigh(site, page, browser) for page in (FRONT, CHART)} for book, site in sites.items()}
            audits = {book: {page: audit(site, page, browser) for page in JUDGED.values()} for book, site in sites.items()}
            step = map_step(sites["ours"], browser)
            browser.close()
        grown = growth(jupyter_book, work)
        quiz_raw, quiz_gzipped, quiz_script = quiz_cost(sites["ours"])

    def row(what, unit, digits, ours, stock):
        return f"| {what} | {ours:.{digits}f} {unit} | {stock:.{digits}f} {unit} | {ours / stock:.2f} |" if stock else \
            f"| {what} | {ours:.{digits}f} {unit} | – | – |"

    lines = [f"Measured by `make bench`: {len(notebooks.chapters())} chapters, {pages} pages; {os.cpu_count()} cores, "
             f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, "
             f"jupyter-book {version('jupyter-book')}, Sphinx {version('sphinx')}.", "",
             "| | this book | stock | ratio |", "| --- | --- | --- | --- |",
             row("build without execution", "s", 1, seconds["ours"], seconds["stock"]),
             row("build a page, beyond 2 s start-up", "s", 2, max(0, seconds["ours"] - 2) / pages, max(0, seconds["stock"] - 2) / pages)]
    for page, what in ((FRONT, "front page"), (CHART, "chart page (borders)")):
        ours, stock = loads["ours"][page], loads["stock"][page]
        lines += [row(f"{what}: assets beside the page itself", "kB", 0, ours["assets"], stock["assets"]),
                  row(f"{what}: all in", "kB", 0, ours["raw"], stock["raw"]),
                  row(f"{what}: all in, gzipped", "kB", 0, ours["gzipped"], stock["gzipped"]),
                  row(f"{what}: requests", "", 0, ours["requests"], stock["requests"]),
                  f"| {what}: addresses of other hosts asked | {ours['others']} | {stock['others']} | |"]
    lines += [f"| re-running the notebooks, a chapter | {rerun:.1f} s | | |",
              f"| a quiz adds to its page, raw / gzipped | {quiz_raw:.1f} / {quiz_gzipped:.1f} kB | | |",
              f"| the quiz's script, once | {quiz_script:.1f} kB | | |"]
    lines += [f"| a step of the map, painted without a graphics processor | {step:.1f} ms | | |", "",
              "Lighthouse (mobile, simulated) and axe: this book / stock.", "",
              "| | performance | accessibility | best practices | SEO | LCP, ms | CLS | TBT, ms | nodes faulted by axe |",
              "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for what, page in JUDGED.items():
        pair = (audits["ours"][page], audits["stock"][page])
        scores = [" / ".join(f"{found[name]:.2f}" for found in pair) for name in ("performance", "accessibility", "best-practices", "seo")]
        digits = {"LCP": 0, "CLS": 3, "TBT": 0, "axe": 0}
        times = [" / ".join(f"{found[name]:.{places}f}" for found in pair) for name, places in digits.items()]
        lines.append(f"| {what} | {' | '.join(scores + times)} |")
    lines += ["", "Build time as the book grows (this book, every chapter so many times).", "",
              "| chapters | pages | seconds | seconds a page beyond 2 s |", "| --- | --- | --- | --- |",
              *(f"| {times}x | {count} | {seconds:.1f} | {(seconds - 2) / count:.3f} |" for times, count, seconds in grown)]
    text = "\n".join(lines) + "\n"
    (ROOT / "bench/results.md").write_text("# What the book costs\n\n" + text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
