"""Print HTML to PDF with a Chromium: tagged, with bookmarks, the same bytes for the same HTML."""
from __future__ import annotations

import atexit
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync")
# As wide as A4 and as high as Letter, so that both take a page whole.
PAPER: dict[str, Any] = {"width": "210mm", "height": "279mm"}


def find_chromium() -> str | None:
    """Path of a Chromium on this machine: a system one first, else Playwright's own; None if there is none."""
    system = next(filter(None, map(shutil.which, NAMES)), None)
    if system:
        return system
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if os.path.exists(own) else None


class _Printer:
    """A browser that stays open for the next sheet, in a thread of its own, where Playwright's loop is in nobody's way."""

    def __init__(self) -> None:
        self.tasks: Queue = Queue()
        Thread(target=self._work, daemon=True).start()
        self._do(self._open)
        atexit.register(self._do, self._close)

    def _work(self) -> None:
        while True:
            call, done = self.tasks.get()
            try:
                done.set_result(call())
            except Exception as error:
                done.set_exception(error)

    def _do(self, call: Callable[[], Any]) -> Any:
        done: Future = Future()
        self.tasks.put((call, done))
        return done.result()

    def _open(self) -> None:
        try:
            path = find_chromium()
        except ImportError:
            raise FileNotFoundError(2, "is missing, which prints PDF files; pip install -e .[teach]", "playwright") from None
        if not path:
            raise FileNotFoundError(2, f"not found, looked for {', '.join(NAMES)} and Playwright's own; "
                                       "python -m playwright install chromium", "Chromium")
        from playwright.sync_api import sync_playwright

        self.playwright = sync_playwright().start()
        self.browser = self.playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        self.sheet = self.browser.new_context(java_script_enabled=False, offline=True).new_page()   # one for all: a third of the time

    def _close(self) -> None:
        self.browser.close()
        self.playwright.stop()

    def _print(self, html: str) -> bytes:
        self.sheet.set_content(html)
        return self.sheet.pdf(**PAPER, prefer_css_page_size=False, tagged=True, outline=True, print_background=True)

    def print(self, html: str) -> bytes:
        return self._do(lambda: self._print(html))

    def _print_page(self, address: str, prepare: str, footer: str) -> bytes:
        context = self.browser.new_context(offline=True)
        try:
            page = context.new_page()
            page.set_default_timeout(300_000)
            page.goto(address, wait_until="load")
            page.evaluate(prepare)
            return page.pdf(**PAPER, prefer_css_page_size=False, tagged=True, outline=True, print_background=True,
                            display_header_footer=True, header_template="<span></span>", footer_template=footer,
                            margin={"top": "18mm", "bottom": "20mm", "left": "18mm", "right": "18mm"})
        finally:
            context.close()

    def print_page(self, address: str, prepare: str, footer: str) -> bytes:
        return self._do(lambda: self._print_page(address, prepare, footer))


@cache
def _printer() -> _Printer:
    return _Printer()


def pdf(html: str) -> bytes:
    """A page of HTML as a tagged PDF that A4 and Letter both take; needs a Chromium and no network.

    Raises FileNotFoundError, in one line, if there is no Chromium or no Playwright.
    """
    return stable(_printer().print(html))


def printed_pages(paths: Iterable[Path], prepare: str, footer: str) -> Iterator[bytes]:
    """Pages in files, with their scripts, as `pdf` gives HTML; ``prepare`` is a JavaScript function run in each, ``footer`` HTML."""
    for path in paths:
        yield stable(_printer().print_page(path.as_uri(), prepare, footer))


def stable(document: bytes) -> bytes:
    """A PDF of Chromium without what changes from run to run; every object stays where it is.

    The two dates go. Marks that tie the parts of a table of tags together are counted by the browser from its start; here from 1.
    """
    document = re.sub(rb"/(?:CreationDate|ModDate) \(D:[^)]*\)", lambda match: b" " * len(match[0]), document)
    marks = sorted(set(re.findall(rb"\(node(\d{8})\)", document)))
    places = {mark: b"%08d" % place for place, mark in enumerate(marks, 1)}
    return re.sub(rb"\(node(\d{8})\)", lambda match: b"(node" + places[match[1]] + b")", document)
