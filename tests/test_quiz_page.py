"""The quiz as HTML, Markdown and Python object; and what it costs a page."""
from __future__ import annotations

import gzip
import json
import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from traitlets import TraitError

from almost_allies.bibliography import Source, read_bibliography
from almost_allies.quiz import page, quiz
from almost_allies.quiz.bank import PROJECT, bank_names, load_bank
from almost_allies.quiz.widget import CORE
from almost_allies.widgets import page_script

DEMO = Path(__file__).parent / "quizzes"
HOSTILE = ("</li></section><script>alert(1)</script><img src=x onerror=\"alert(2)\"> &lt;b&gt; \" ' & {{x}} ${x} `x` "
           "[a](javascript:b)")


@pytest.fixture
def demo():
    return quiz("demo", root=DEMO)


def tree(html: str) -> ElementTree.Element:
    """The HTML as a tree: it is XML too, so anything unclosed, unescaped or written twice stops here."""
    return ElementTree.fromstring(html)


def words(value) -> list[str]:
    """Every text a bank holds that a reader reads."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for part in value for text in words(part)]
    if is_dataclass(value):
        return [text for field in fields(value)
                if field.name in ("prompt", "hint", "explanation", "text", "left", "right", "feedback", "correct", "incorrect",
                                  "choices", "items", "pairs", "distractors", "mistakes", "accept", "questions")
                for text in words(getattr(value, field.name))]
    return []


def spoilt(value):
    """The bank with every text that a reader reads replaced by a hostile one; ids stay."""
    if isinstance(value, tuple):
        return tuple(spoilt(part) for part in value)
    if is_dataclass(value):
        plain = {"id", "type", "quiz", "chapter", "lang", "anchor", "sources", "option"}
        return replace(value, **{f.name: spoilt(getattr(value, f.name)) for f in fields(value) if f.name not in plain})
    return f"{value} {HOSTILE}" if isinstance(value, str) and value else value


# ------------------------------------------------------------------ HTML and Markdown

@pytest.mark.parametrize("name, root", [("demo", DEMO)] + [(name, PROJECT) for name in bank_names()])
def test_html_is_well_formed_with_unique_prefixed_ids(name, root):
    section = tree(quiz(name, root=root).html())
    assert section.tag == "section" and section.get("data-widget") == "quiz"
    assert section.get("lang") == "en" and section.get("aria-label")
    ids = [element.get("id") for element in section.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) == 1 + len(load_bank(name, root=root, links=False).questions)
    assert all(id == f"quiz-{name}" or id.startswith(f"quiz-{name}-") for id in ids)
    allowed = {"section", "ol", "ul", "li", "p", "details", "summary", "a", "b", "i", "span"}
    assert {element.tag for element in section.iter()} <= allowed
    assert not [key for element in section.iter() for key in element.attrib if key.startswith("on") or key == "style"]


def test_html_holds_every_text_once(demo):
    content = "".join(tree(demo.html()).itertext())
    texts = [text for text in words(demo.bank) if len(text) > 30]
    assert len(texts) > 20
    assert {text: content.count(text) for text in texts} == {text: texts.count(text) for text in texts}


def test_html_without_script_gives_letters_as_answers(demo):
    answers = {li.get("data-id"): li.findall("details")[-1] for li in tree(demo.html()).find("ol")}
    first = answers["new-neighbour"].findall("ol/li")
    assert ["Right. " in "".join(li.itertext()) for li in first] == [False, True, False, False]
    assert answers["first-to-last"].find("p/b").text == "D, A, B, C"
    assert answers["years"].find("p/b").text == "1 B, 2 C, 3 B"
    assert answers["share"].find("p/b").text == "11.7 per cent"


def test_sources_are_short_labels_with_an_address(demo):
    links = {li.get("data-id"): [(a.text, a.get("href")) for a in li.findall("details")[-1].findall("p")[-1]]
             for li in tree(demo.html()).find("ol")}
    assert links["neighbours"] == [
        ("CIA 2026", "https://www.cia.gov/the-world-factbook/countries/russia/?a=1&b=2"),
        ("Larrabée and Wójcik 1999", None),
        ("Read again", "#demo-borders")]
    assert links["share"][0] == ("MFA 2004", "https://doi.org/10.1000/182")


def test_a_source_with_another_scheme_is_no_link(tmp_path):
    (tmp_path / "r.bib").write_text("@online{a, author={A}, date={2001}, url={javascript:alert(1)}}\n@misc{b, title={No author}}")
    assert read_bibliography(tmp_path / "r.bib") == {"a": Source("A 2001", ""), "b": Source("No author", "")}
    (tmp_path / "r.bib").write_text(
        '@online{a, author={{<b> & co}}, date={2001-01}, url={https://example.org/a b"><script>?x=%20}}')
    assert read_bibliography(tmp_path / "r.bib")["a"] == Source("<b> & co 2001", "https://example.org/a%20b%22%3E%3Cscript%3E?x=%20")
    (tmp_path / "r.bib").write_text("@online{a, author={A")
    with pytest.raises(ValueError, match="^r.bib cannot be read: .*$"):
        read_bibliography(tmp_path / "r.bib")


def test_hostile_text_stays_text(demo):
    bank = spoilt(demo.bank)
    spec = page.spec(bank, {"factbook": Source(HOSTILE, "https://example.org/")})
    section = tree(page.html(spec, "key"))
    assert {e.tag for e in section.iter()} <= {"section", "ol", "ul", "li", "p", "details", "summary", "a", "b", "i", "span"}
    assert section.find("ol/li/p").text == bank.questions[0].prompt
    assert section.get("aria-label") == bank.title
    markdown = page.markdown(spec)
    assert re.findall(r"(?<!\\)<(?!https://example.org/>)", markdown) == []
    assert re.findall(r"(?<!\\)\[a", markdown) == []


def test_markdown_gives_questions_then_answers(demo):
    questions, answers = demo.markdown().split("**Answers**")
    assert "**Check yourself: borders \\& \\<names\\>**" in questions
    assert "1. Which accession added most" in questions and "    - B: Finland in 2023\n" in questions
    assert "1. **B.** Finland’s land border" in answers and "7. **1 B, 2 C, 3 B.**" in answers
    assert "11.7 per cent" not in questions


def test_repr_and_bundle_are_stable():
    first, second = quiz("demo", root=DEMO), quiz("demo", root=DEMO)
    assert repr(first) == "<Quiz demo: 7 questions, 9.5 points>"
    bundles = [widget._repr_mimebundle_()[0] for widget in (first, second)]
    for kind in ("text/html", "text/markdown", "text/plain"):
        assert bundles[0][kind] == bundles[1][kind]


def test_numbers_are_written_as_people_write_them():
    assert [page.number_text(x) for x in (1997, 9999.5, 22407.0, 11.7, -0.25, 1e6, 0.1 + 0.2)] == [
        "1997", "9999.5", "22,407", "11.7", "-0.25", "1,000,000", "0.3"]


# ------------------------------------------------------------------ storage key

def test_stored_answers_outlive_a_typo_and_not_a_changed_question(demo):
    bank = demo.bank
    first = bank.questions[0]

    def with_first(**changes):
        return page.content_key(replace(bank, questions=(replace(first, **changes), *bank.questions[1:])))

    key = page.content_key(bank)
    assert key == page.content_key(load_bank("demo", root=DEMO))
    assert with_first(prompt="Which?", hint="", explanation="E") == key
    choices = first.choices
    assert with_first(choices=(replace(choices[0], text="Finland, 2023"), *choices[1:])) == key
    assert with_first(choices=(replace(choices[0], correct=False), replace(choices[1], correct=True), *choices[2:])) != key
    assert with_first(id="other") != key
    assert with_first(points=2) != key
    assert f'data-key="almost-allies/quiz/demo/{key}"' in demo.html()


# ------------------------------------------------------------------ the Python object

def test_python_counts_and_scores(demo):
    assert (demo.responses, demo.answered, demo.score, demo.max_score) == ({}, 0, 0.0, 9.5)
    demo.responses = {"new-neighbour": "finland", "neighbours": ["poland", "norway"], "share": "11,7 %"}
    assert demo.answered == 3
    assert demo.score == pytest.approx(1 + 2 * 2 / 3 + 1.5)
    demo.responses = {"sea-borders": False}
    assert demo.responses == {"sea-borders": "false"}   # as the page keeps it
    demo.responses = {}
    assert (demo.answered, demo.score) == (0, 0.0)


def test_python_refuses_an_impossible_answer(demo):
    with pytest.raises(TraitError, match='^quiz "demo" has no question "shares"; it has new-neighbour, '):
        demo.responses = {"shares": "11.7"}
    with pytest.raises(TraitError, match="^quiz \"demo\", question \"new-neighbour\": 'sweden' is not one of "):
        demo.responses = {"new-neighbour": "sweden"}
    with pytest.raises(TraitError):
        demo.score = 9.5
    assert demo.responses == {}


def test_state_from_the_front_end_is_scored(demo):
    demo.set_state({"responses": {"sea-borders": "false"}})
    assert (demo.answered, demo.score) == (1, 1.0)


def test_the_live_spec_is_plain_json(demo):
    assert json.loads(json.dumps(demo.spec)) == demo.spec
    assert set(demo.get_state(["spec", "responses", "score"])) == {"spec", "responses", "score"}


def test_a_reader_without_bibliography_sees_keys(tmp_path):
    (tmp_path / "data/quizzes").mkdir(parents=True)
    (tmp_path / "data/quizzes/demo.yml").write_bytes((DEMO / "data/quizzes/demo.yml").read_bytes())
    assert quiz("demo", root=tmp_path).spec["questions"][0]["links"][0] == {"text": "factbook"}


# ------------------------------------------------------------------ what it costs

def test_the_script_is_small():
    assert len(page_script(CORE).encode()) <= 15_000


@pytest.mark.parametrize("name", bank_names())
def test_a_quiz_adds_little_to_its_page(name):
    widget = quiz(name)
    notebook = json.loads((PROJECT / f"{widget.bank.chapter}.ipynb").read_text("utf-8"))
    chapter = "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    alone, together = (len(gzip.compress(text.encode())) for text in (chapter, chapter + widget.html()))
    assert together - alone <= max(5_000, 500 * len(widget.bank.questions))   # the final quiz is four times as long
