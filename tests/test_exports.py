"""The run: what the command line says, what it leaves behind, the same bytes every time, and a report that hides nothing."""
from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from exporting import DEMO_ROOT, chapters, demo, plain, unit

from almost_allies.exports import FORMATS, core, format_module
from almost_allies.exports.__main__ import main
from almost_allies.quiz.bank import BankError

NAMES = ("how-to-use, two-blocs, arms-and-detente, not-one-inch, letter-from-yeltsin, partnership-for-peace, soldiers-side-by-side, "
         "ten-rounds, why-they-wanted-in, "
         "could-russia-have-qualified, borders, when-will-you-invite-us, from-munich-to-georgia, crimea-and-donbas, "
         "full-scale-war, competing-explanations, checking-an-article, what-would-it-have-taken, final, course")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ------------------------------------------------------------------ command line

def test_one_chapter_in_one_format(tmp_path, capsys):
    assert main(["--chapter", "borders", "--format", "moodle", "-o", str(tmp_path / "out")]) == 0
    assert set(files(tmp_path / "out")) == {
        "report.css", "borders/report.html", "borders/report.json", "borders/almost-allies-borders-moodle.xml"}
    assert capsys.readouterr().out.startswith("4 files in ")


def test_chapters_and_formats_may_be_repeated(tmp_path):
    assert main("--chapter borders --chapter final --format gift --format anki --format gift -o".split() + [str(tmp_path)]) == 0
    assert {name for name in files(tmp_path) if not name.endswith(("html", "json", "css"))} == {
        "borders/almost-allies-borders-gift.txt", "borders/almost-allies-borders.apkg",
        "final/almost-allies-final-gift.txt", "final/almost-allies-final.apkg"}


@pytest.mark.parametrize("arguments, line", [
    (["--chapter", "bordres"], f"no chapter 'bordres'; did you mean 'borders'?; there are {NAMES}"),
    (["--chapter", "qqq"], f"no chapter 'qqq'; there are {NAMES}"),
    (["--format", "moodel"], f"no format 'moodel'; did you mean 'moodle'?; there are {', '.join(FORMATS)}"),
    (["--chapter", "borders", "--chapter", "Final"], f"no chapter 'Final'; did you mean 'final'?; there are {NAMES}"),
])
def test_an_unknown_name_is_one_line_and_leaves_nothing(tmp_path, capsys, arguments, line):
    assert main([*arguments, "-o", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == line + "\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("text")
    assert main(["--chapter", "borders", "--format", "gift", "-o", str(tmp_path / "file" / "out")]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'file'}: not a folder\n"


def test_a_wrong_bank_is_told_as_the_bank_tells_it(tmp_path, capsys, monkeypatch):
    def refuse(names):
        raise BankError(['data/quizzes/borders.yml: "title" is missing'])

    monkeypatch.setattr("almost_allies.exports.__main__.load_units", refuse)
    assert main(["-o", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == 'data/quizzes/borders.yml: "title" is missing\n'
    assert list(tmp_path.iterdir()) == []


def test_a_failure_half_way_leaves_what_was_there(tmp_path, monkeypatch):
    out = tmp_path / "out"
    core.export([unit(demo())], ["gift"], out)
    before = files(out)

    def fail(unit, folder):
        (folder / "half.txt").write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(format_module("anki"), "write", fail)
    changed = replace(demo(), bank=replace(demo().bank, title="Another title"))
    with pytest.raises(OSError, match="No space"):
        core.export([unit(changed)], ["gift", "anki"], out)
    with pytest.raises(OSError, match="No space"):
        core.export([unit(changed)], ["gift", "anki"], tmp_path / "new" / "deep")
    assert files(tmp_path) == {f"out/{name}": content for name, content in before.items()}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


# ------------------------------------------------------------------ bytes

def test_a_second_run_gives_the_same_bytes(tmp_path):
    for folder in ("one", "two"):
        core.export(core.load_units(["borders", "course"]), FORMATS, tmp_path / folder)
    one, two = files(tmp_path / "one"), files(tmp_path / "two")
    named = [name for unit in ("borders", "course") for form in json.loads(one[f"{unit}/report.json"])["formats"] for name in form["files"]]
    assert list(one) == list(two) and len(one) == len(named) + 5 and len(named) >= 2 * len(FORMATS)
    assert [name for name in one if one[name] != two[name]] == []


def test_archives_hold_no_dates(tmp_path):
    core.export([unit(demo())], FORMATS, tmp_path)
    archives = [path for path in tmp_path.rglob("*") if zipfile.is_zipfile(path)]
    assert len(archives) == 7   # two of them are DOCX
    for path in archives:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert {(item.date_time, item.external_attr >> 16) for item in archive.infolist()} == {((1980, 1, 1, 0, 0, 0), 0o644)}


# ------------------------------------------------------------------ report

@pytest.mark.parametrize("unit", [chapters()[10], chapters()[-1]], ids=lambda unit: unit.name)
def test_the_report_accounts_for_every_question_in_every_format(unit, tmp_path):
    core.export([unit], FORMATS, tmp_path)
    data = json.loads((tmp_path / unit.name / "report.json").read_text("utf-8"))
    assert [form["format"] for form in data["formats"]] == [name for name in FORMATS if core.made_for(unit, name)]
    names = [(quiz.bank.quiz, question.id) for quiz, question in unit.questions()]
    for form in data["formats"]:
        assert [(row["quiz"], row["question"]) for row in form["questions"]] == names
        assert form["files"] and all((tmp_path / unit.name / name).stat().st_size > 0 for name in form["files"])
        for row in form["questions"]:
            assert row["outcome"] in ("whole", "changed", "left out") and bool(row["notes"]) == (row["outcome"] != "whole")
    left = {(form["format"], row["type"]) for form in data["formats"] for row in form["questions"] if row["outcome"] == "left out"}
    assert {("cartridge", "numeric"), ("cartridge", "order"), ("cartridge", "match")} <= left
    assert {kind for name, kind in left if name != "cartridge"} <= {"numeric"}   # H5P, where too many numbers would be right
    changed = {(form["format"], row["type"]) for form in data["formats"] for row in form["questions"] if row["outcome"] == "changed"}
    assert {("gift", "order"), ("h5p", "match"), ("canvas", "order")} <= changed


def test_the_page_of_the_report_says_the_same(tmp_path):
    core.export([unit(demo())], FORMATS, tmp_path)
    text = (tmp_path / "demo/report.html").read_text("utf-8")
    html5lib.HTMLParser(strict=True).parse(text)
    data = json.loads((tmp_path / "demo/report.json").read_text("utf-8"))
    said = plain(text)
    assert "Ordering: no type of the cartridge's profile asks it." in said
    for form in data["formats"]:
        assert form["title"] in said and all(limit in said for limit in form["limits"])
        assert all(note in said for row in form["questions"] for note in row["notes"])
        assert all(f'href="{name}"' in text for name in form["files"])
    assert "borders & <names>" in said
    assert "style=" not in text and "<script" not in text and (tmp_path / "report.css").is_file()


def test_a_format_that_can_carry_nothing_writes_no_file_and_says_so(tmp_path):
    order = tuple(question for question in demo().bank.questions if question.type == "order")
    quiz = replace(demo(), bank=replace(demo().bank, questions=order))
    core.export([unit(quiz)], ["cartridge"], tmp_path)
    assert set(files(tmp_path)) == {"report.css", "demo/report.html", "demo/report.json"}
    assert "No file: this format can carry none of these questions." in (tmp_path / "demo/report.html").read_text("utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_keeps_to_the_interface(name, tmp_path):
    module = format_module(name)
    assert module.TITLE and all(limit.endswith(".") for limit in module.LIMITS)
    written = module.write(unit(demo()), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(written)
    assert all(file.startswith("almost-allies-demo") for file in written)
    for question in demo().bank.questions:
        outcome = module.carry(question)
        assert outcome.type or outcome.left_out
        assert all(note.endswith(".") for note in (*outcome.changes, *filter(None, [outcome.left_out])))


def test_the_report_can_be_read_by_everybody_and_on_a_phone(tmp_path, browser):
    core.export([unit(demo())], FORMATS, tmp_path)
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto((tmp_path / "demo/report.html").as_uri())
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


# ------------------------------------------------------------------ the way back to the chapter

def test_the_section_is_named_and_linked_only_where_the_book_has_an_address():
    borders = next(one for one in chapters() if one.name == "borders").quizzes[0]
    question = next(q for q in borders.bank.questions if q.id == "order-of-steps")
    assert "<p>Read again: Borders, “One line since 1991”</p>" in core.explanation_html(replace(borders, site=""), question)
    there = core.explanation_html(replace(borders, site="https://book.example/"), question)
    address = "https://book.example/chapters/3-expansion-waves/borders.html#borders-since-1991"
    assert f'<p>Read again: <a href="{address}">Borders, “One line since 1991”</a></p>' in there
    assert f"Read again: Borders, “One line since 1991” ({address})." in core.explanation_text(
        replace(borders, site="https://book.example/"), question)
    assert "<p>Sources: <a href=" in there


def test_the_address_is_the_one_the_book_is_built_with(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("SITE_URL", raising=False)
    assert core.load_quiz("demo", DEMO_ROOT).site == ""
    monkeypatch.setenv("SITE_URL", "https://book.example/course")
    assert core.load_quiz("demo", DEMO_ROOT).site == "https://book.example/course/"
    monkeypatch.setenv("SITE_URL", "book")
    assert main(["--chapter", "borders", "-o", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == 'SITE_URL is "book", expected an address such as "https://example.org/book/"\n'
    assert list(tmp_path.iterdir()) == []


def test_a_bank_is_as_old_as_its_last_change(tmp_path):
    kept = tmp_path / "data/quizzes/demo.yml"
    kept.parent.mkdir(parents=True)
    kept.write_bytes((DEMO_ROOT / "data/quizzes/demo.yml").read_bytes())
    assert core._changed(kept) == int(kept.stat().st_mtime)   # no repository, so its own date
    assert core.load_quiz("demo", DEMO_ROOT).changed > 1_700_000_000
