"""The link check finds a broken address and says where it stands; it is tried on a small book and a server of our own."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import serve

from almost_allies import links


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("web")
    (folder / "here.html").write_text("<!doctype html><title>Here</title>", "utf-8")
    server = serve(folder)
    yield server.url
    server.shutdown()


def book(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "_config.yml").write_text("title: Small\nonly_build_toc_files: true\nsphinx: {config: {linkcheck_retries: 1}}\n", "utf-8")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: index\n", "utf-8")
    (folder / "index.md").write_text(text, "utf-8")
    return folder


def test_a_broken_address_fails_the_check_and_is_named_with_its_place(server, tmp_path, capsys):
    small = book(tmp_path / "book", f"# Small\n\n[good]({server}here.html)\n\n[bad]({server}gone.html)\n")
    assert links.check(small, tmp_path / "out") == 1
    told = (tmp_path / "out/broken.md").read_text("utf-8")
    assert told == capsys.readouterr().out
    assert told.startswith("1 of 2 addresses are broken.\n")
    assert f"- <{server}gone.html> in `index.md`, line 5: 404" in told
    assert "here.html" not in told


def test_a_book_whose_addresses_answer_passes(server, tmp_path, capsys):
    assert links.check(book(tmp_path / "book", f"# Small\n\n[good]({server}here.html)\n"), tmp_path / "out") == 0
    assert (tmp_path / "out/broken.md").read_text("utf-8") == "0 of 1 addresses are broken.\n"


def test_a_book_that_cannot_be_read_is_one_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "book").mkdir()
    monkeypatch.setattr(links, "ROOT", tmp_path / "book")
    monkeypatch.setattr(links, "OUTPUT", tmp_path / "out")
    assert links.main() == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{tmp_path / 'book'}: linkcheck wrote nothing: ") and said.count("\n") == 1


def answer(status: str, info: str, address: str = "https://example.org/a", line: int = 1) -> dict:
    return {"filename": "a.md", "lineno": line, "status": status, "code": 0, "uri": address, "info": info}


@pytest.mark.parametrize(("info", "broken"), [
    ("404 Client Error: Not Found for url", True), ("403 Client Error: Forbidden for url", False),
    ("429 Client Error: Too Many Requests", False), ("HTTPSConnectionPool: Max retries exceeded", True)])
def test_a_refused_robot_is_not_a_broken_link(info, broken):
    found, refused = links.sort([answer("broken", info)])
    assert (len(found), len(refused)) == ((1, 0) if broken else (0, 1))


def test_an_address_that_is_linked_twice_is_told_once_and_good_ones_never():
    found, refused = links.sort([answer("broken", "404", line=9), answer("broken", "404", line=2),
                                 answer("working", "", "https://example.org/b"), answer("redirected", "https://example.org/d", "c")])
    assert [link.place for link in found] == ["`a.md`, line 2"] and not refused


def test_a_place_in_a_notebook_is_a_cell_and_its_line():
    assert links.place("chapters/a.ipynb", 20024) == "`chapters/a.ipynb`, cell 2, line 24"
