"""What the tests share: the built book, a loopback server for it, and a real Chromium."""
from __future__ import annotations

import functools
import gzip
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import chromium
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class GzipHandler(QuietHandler):
    """Sends text gzipped and lets it be kept for ten minutes, as the hosts of static sites do."""

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self.send_error(404)
        body = gzip.compress(path.read_bytes(), mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(body)


def serve(folder: Path, handler: type[QuietHandler] = QuietHandler) -> ThreadingHTTPServer:
    """A running server for ``folder`` on a free loopback port; its ``url`` attribute ends in a slash."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    server.url = f"http://127.0.0.1:{server.server_address[1]}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def let_browser_store(page: Page) -> None:
    """The browser takes over what a page stores a moment later."""
    page.wait_for_timeout(500)


def reload(page: Page) -> None:
    """Reload. A Chromium started a moment before, on a busy machine, can lose all that was stored; then it gets that back first."""
    kept = page.evaluate("({...localStorage})")
    page.reload()
    for _ in range(3):
        if not kept or page.evaluate("localStorage.length"):
            return
        page.evaluate("kept => { Object.assign(localStorage, kept); }", kept)
        let_browser_store(page)
        page.reload()


def project_files() -> list[str]:
    """Paths of the project's files, as a clone would have them: what git keeps or would add."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="session")
def site() -> Path:
    """Folder of the built book."""
    if not (SITE / "index.html").exists():
        pytest.fail("no built book under _build/html: run `make book` first (`make test` does)")
    return SITE


@pytest.fixture(scope="session")
def site_url(site: Path) -> Iterator[str]:
    """Address of the built book on loopback."""
    server = serve(site)
    yield server.url
    server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    path = chromium.find() or pytest.fail("no Chromium found: run `python tests/chromium.py`, which installs one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.ARGUMENTS))
        yield browser
        browser.close()
