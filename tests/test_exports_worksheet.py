"""Worksheets and keys: the PDF read back, the DOCX opened, the HTML read, and all three compared with the bank."""
from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import docx
import html5lib
import pypdf
import pytest
from exporting import chapters, demo, nasty, plain, unit

from almost_allies import printing
from almost_allies.exports import worksheet
from almost_allies.exports.__main__ import main

UNITS = {one.name: one for one in chapters()}
PDF_UNITS = ["borders", "final", "course"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Writes a unit's files once; gives the folder."""
    @cache
    def make(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        one = {"demo": unit(demo()), "nasty": replace(unit(nasty()), name="nasty")}.get(name) or UNITS[name]
        assert sorted(worksheet.write(one, folder)) == sorted(path.name for path in folder.iterdir())
        return folder
    return make


def path(folder: Path, ending: str) -> Path:
    (found,) = folder.glob(f"*{ending}")
    return found


def pdf_text(file: Path) -> str:
    """The text of all pages without their numbers."""
    pages = pypdf.PdfReader(file).pages
    return " ".join(
        re.sub(rf"\s{n} / {len(pages)}(?=\s|$)|^{n} / {len(pages)}\s", " ", page.extract_text()) for n, page in enumerate(pages, 1)
    )


def docx_text(file: Path) -> str:
    return " ".join(" ".join(paragraph.text for paragraph in docx.Document(file).paragraphs).split())


def squeezed(text: str) -> str:
    """Without spaces: where a line breaks is the printer's choice, and pypdf writes spaces between kerned letters."""
    return re.sub(r"\s", "", text)


def texts(quiz, on_key: bool) -> list[str]:
    """Every text that a sheet or a key must hold."""
    found = []
    for q in quiz.bank.questions:
        found.append(q.prompt)
        if on_key:
            found += [q.explanation, q.hint, *(c.feedback for c in q.choices), *(m.feedback for m in q.mistakes)]
            found += [c.text for c in q.choices if c.correct] + [*q.accept, *(i.text for i in q.items), *(p.right for p in q.pairs)]
        else:
            found += [part.text for part in q.choices + q.items + q.options] + [pair.left for pair in q.pairs]
    return [text for text in found if text]


@pytest.mark.parametrize("name", ["demo", "nasty", *PDF_UNITS])
@pytest.mark.parametrize("key", [False, True], ids=["sheet", "key"])
def test_every_text_is_in_every_file(made, name, key):
    folder, ending = made(name), "-key" if key else "sheet"
    one = {"demo": unit(demo()), "nasty": unit(nasty())}.get(name) or UNITS[name]
    html = " ".join(plain(path(folder, f"{ending}.html").read_text("utf-8")).split())
    seen = {"html": html, "pdf": pdf_text(path(folder, f"{ending}.pdf")), "docx": docx_text(path(folder, f"{ending}.docx"))}
    for kind, text in seen.items():
        text = squeezed(text)
        wanted = [wanted for quiz in one.quizzes for wanted in texts(quiz, key)]
        assert len(wanted) > 20
        assert [part for part in wanted if squeezed(part) not in text] == [], kind


@pytest.mark.parametrize("one", chapters(), ids=lambda one: one.name)
def test_numbers_points_and_answers_are_the_bank_s(one):
    """The HTML as a browser builds it; PDF and DOCX come from the same list of questions."""
    sheet, key = (html5lib.parse(text, namespaceHTMLElements=False) for text in (worksheet.sheet_html(one), worksheet.key_html(one)))
    for tree in (sheet, key):
        lists = [node for node in tree.iter("ol") if "tasks" in (node.get("class") or "").split()]
        assert [len(node.findall("li")) for node in lists] == [len(quiz.bank.questions) for quiz in one.quizzes]
        shown = [
            float(re.search(r"\(([\d.]+) points?\)", "".join(node.itertext()))[1])
            for node in tree.iter("p")
            if node.get("class") == "prompt"
        ]
        assert shown == [q.points for _, q in one.questions()]
    tasks = [item for node in sheet.iter("ol") if "tasks" in (node.get("class") or "").split() for item in node.findall("li")]
    answers = ["".join(node.itertext()) for node in key.iter("p") if node.get("class") == "answer"]
    for (_, q), item, answer in zip(one.questions(), tasks, answers, strict=True):
        letters = {
            chr(65 + i): "".join(li.itertext()).strip()
            for lists in item.iter()
            if "letters" in (lists.get("class") or "")
            for i, li in enumerate(lists)
        }
        if q.type in ("single", "multi"):
            right = {c.text for c in q.choices if c.correct}
            assert {letters[letter] for letter in re.findall(r"(?:^|; )([A-Z]): ", answer)} >= right
            assert answer == "; ".join(f"{letter}: {text}" for letter, text in letters.items() if text in right)
        elif q.type == "truefalse":
            assert answer == str(q.answer)
        elif q.type == "order":
            order = answer.split(":")[0].split(", ")
            assert [letters[letter] for letter in order] == [i.text for i in q.items] and order != sorted(order)
        elif q.type == "match":
            assert re.fullmatch(
                "; ".join(f"{n} ([A-Z]): {re.escape(p.left)}, {re.escape(p.right)}" for n, p in enumerate(q.pairs, 1)), answer
            )
            assert [letters[letter] for letter in re.findall(r"(?:^|; )\d+ ([A-Z]): ", answer)] == [p.right for p in q.pairs]
        elif q.type == "numeric":
            assert float(answer.replace(",", "").split()[0]) == q.answer
        else:
            assert answer == " or ".join(q.accept)


def test_docx_has_the_same_numbers_points_and_headings(made):
    for name, one in (("demo", unit(demo())), ("borders", UNITS["borders"])):
        for ending in ("sheet.docx", "-key.docx"):
            headings = [p.text for p in docx.Document(path(made(name), ending)).paragraphs if p.style.name == "Heading 3"]
            assert headings == [
                f"{n}. {q.prompt} ({q.points:g} point{'s' * (q.points != 1)})" for n, (_, q) in enumerate(one.questions(), 1)
            ]
        properties = docx.Document(path(made(name), "sheet.docx")).core_properties
        assert properties.title == f"Worksheet: {one.title}" and properties.created is None and properties.modified is None


@pytest.mark.parametrize("name", ["borders", "course"])
def test_pdf_is_tagged_and_fits_both_papers(made, name):
    for ending in ("sheet.pdf", "-key.pdf"):
        reader = pypdf.PdfReader(path(made(name), ending))
        root = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"] and root["/Lang"].startswith("en") and reader.metadata.title
        kinds = set()

        def walk(node, kinds=kinds):
            node = node.get_object() if hasattr(node, "get_object") else node
            if isinstance(node, dict):
                kinds.add(node.get("/S"))
                children = node.get("/K", [])
                for child in children if isinstance(children, list) else [children]:
                    walk(child)
        walk(root["/StructTreeRoot"])
        assert {"/H1", "/L", "/LI", "/P"} <= kinds
        for page in reader.pages:
            width, height = float(page.mediabox.width), float(page.mediabox.height)
            assert width <= 596 and height <= 792.5   # A4 is 595.3 x 841.9 points, Letter 612 x 792; the printer rounds up to pixels
        assert not re.search(r"HeadlessChrome|/tmp", str(reader.metadata.title))


def test_pdf_is_black_on_white(made):
    pages = pypdf.PdfReader(path(made("borders"), "sheet.pdf")).pages
    colours = {tuple(map(float, match.split())) for page in pages
               for match in re.findall(r"([\d.]+ [\d.]+ [\d.]+) (?:rg|RG)\b", page.get_contents().get_data().decode("latin-1"))}
    assert colours <= {(0, 0, 0), (1, 1, 1)}


def test_a_second_run_and_another_company_change_no_byte(tmp_path):
    for run, names in (("first", ["how-to-use"]), ("second", ["borders", "how-to-use"])):
        assert main([*(word for name in names for word in ("--chapter", name)), "--format", "worksheet", "-o", str(tmp_path / run)]) == 0
    first = {p.name: p.read_bytes() for p in (tmp_path / "first/how-to-use").iterdir()}
    assert len(first) == 8 and first == {p.name: p.read_bytes() for p in (tmp_path / "second/how-to-use").iterdir()}


def test_the_chapter_s_question_and_where_to_read_are_there(made):
    text = plain(path(made("borders"), "sheet.html").read_text("utf-8"))
    assert "Can the length of a shared border tell us whether Russia was encircled?" in text
    assert "To read: “Borders”, in the part “" in text and "Name" in text and "Date" in text
    assert "To read" not in plain(path(made("demo"), "sheet.html").read_text("utf-8"))


def test_answers_are_on_the_key_alone():
    for _, q in UNITS["borders"].questions():
        assert q.explanation not in plain(worksheet.sheet_html(UNITS["borders"]))


def test_without_a_chromium_one_line_says_so_and_nothing_is_left(tmp_path, monkeypatch, capsys):
    printing._printer.cache_clear()
    monkeypatch.setattr(printing, "find_chromium", lambda: None)
    try:
        assert main(["--chapter", "borders", "--format", "worksheet", "-o", str(tmp_path / "out")]) == 1
    finally:
        printing._printer.cache_clear()
    said = capsys.readouterr().err
    assert said.startswith("Chromium: not found, looked for chromium, ") and said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
