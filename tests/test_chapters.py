"""Every chapter keeps the form that course.md promises: order, parts, length, sources, plain sentences, honest quotations."""
from __future__ import annotations

import calendar
import math
import re
from itertools import combinations

import nbformat
import prose
import pytest
import yaml
from pybtex.database import parse_file

PARTS = ["Source lab", "Where historians disagree", "Your turn", "Check yourself", "Key dates", "Key people", "Summary",
         "Further reading", "Sources"]
ENTRIES = parse_file(str(prose.repository_file("references.bib"))).entries
QUOTATION = re.compile(r"[“\"]([^”\"]+)[”\"]")
DATE = re.compile(rf"\b(19|20)\d\d\b|\b\d{{1,2}} ({'|'.join(calendar.month_name[1:])})\b")
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÝА-Я“\"0-9])")

chapters = pytest.mark.parametrize("chapter", prose.CHAPTERS)


def sections(chapter: str) -> dict[str, str]:
    """Text by second-level heading, in order; what stands before the first is under ''."""
    parts = re.split(r"^## (.+)$", prose.markdown(chapter), flags=re.M)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def story(chapter: str) -> dict[str, str]:
    found = sections(chapter)
    names = list(found)
    end = next(i for i, name in enumerate(names) if name.startswith(PARTS[0]))
    return {name: found[name] for name in names[1:end]}


def paragraphs(text: str) -> list[str]:
    """Running paragraphs: no headings, lists, tables, directives, labels."""
    text = re.sub(r"^(:{3,}|`{3,})[^\n]*\n.*?^\1$", "", text, flags=re.M | re.S)
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text)]
    return [block for block in blocks if len(block.split()) > 8 and not re.match(r"[#|:\-*(`]|\d+\.", block)]


def sentences(text: str) -> list[str]:
    return [sentence for block in paragraphs(text) for sentence in SENTENCE.split(prose.plain(re.sub(r"\s+", " ", block)))]


def code_cells(chapter: str):
    return [cell for cell in nbformat.read(prose.CHAPTERS[chapter], as_version=4).cells if cell.cell_type == "code"]


@chapters
def test_parts_come_in_the_fixed_order(chapter):
    names = list(sections(chapter))[1:]
    tail = names[len(story(chapter)):]
    assert [part for part in PARTS if any(name.startswith(part) for name in tail)] == PARTS
    assert all(name.startswith(part) for name, part in zip(tail, PARTS, strict=True)), tail
    opening = sections(chapter)[""]
    assert re.match(r"# \S", opening.strip())
    for part in (":class: question", "**In this chapter you will**", ":class: facts", "**Reading**", "**Running**", "**Level**",
                 "**Read first**"):
        assert part in opening, f"{chapter}: the opening lacks {part}"
    verbs = re.findall(r"^[-*] \w", opening.split("**In this chapter you will**")[1].split(":::")[0], flags=re.M)
    assert 3 <= len(verbs) <= 4


@chapters
def test_headings_have_lasting_addresses(chapter):
    text = prose.markdown(chapter)
    headings = re.findall(r"^(.*)\n#{2,3} (.+)$", text, flags=re.M)
    assert headings and not [title for label, title in headings if not re.fullmatch(rf"\({chapter}-[a-z0-9-]+\)=", label)]


@chapters
def test_story_has_its_length(chapter):
    parts = story(chapter)
    words = {name: len(prose.plain(text).split()) for name, text in parts.items()}
    assert 4 <= len(parts) <= 7
    assert 1800 <= sum(words.values()) <= 3000, words


@chapters
def test_reading_time_follows_the_length(chapter):
    """At 200 words a minute, rounded up to five minutes: all that is read, without the quiz and the two lists of sources."""
    read = [text for name, text in sections(chapter).items() if name and not name.startswith(("Check yourself", "Further", "Sources"))]
    minutes = sum(len(prose.plain(text).split()) for text in read) / 200
    stated = int(re.search(r"\*\*Reading\*\* (\d+) minutes", sections(chapter)[""])[1])
    assert stated == 5 * math.ceil(minutes / 5), f"{chapter}: {stated} minutes stated, {minutes:.1f} by its length"


@chapters
def test_sources_carry_every_section(chapter):
    for name, text in story(chapter).items():
        words, citations = len(prose.plain(text).split()), len(prose.cited(text))
        assert citations >= words / 160, f"{chapter}: {name}: {citations} citations in {words} words"
        run = 0
        for block in paragraphs(text):
            run = 0 if prose.cited(block) else run + 1
            assert run < 3, f"{chapter}: {name}: three paragraphs without a source, the last begins {block[:60]!r}"
    keys = set(prose.cited(prose.markdown(chapter)))
    assert len(keys) >= 15
    assert sum(ENTRIES[key].fields["keywords"] == "primary" for key in keys) >= 5


@chapters
def test_there_is_something_to_see_and_to_do(chapter):
    cells = code_cells(chapter)
    html = " ".join(str(output.get("data", {}).get("text/html", "")) for cell in cells for output in cell.outputs)
    widgets = set(re.findall(r'data-widget="(\w+)"', html))
    assert "quiz" in widgets and widgets - {"quiz"}, f"{chapter}: widgets {widgets}"
    solutions = [cell for cell in cells if "solution" in cell.metadata.get("tags", [])]
    assert len(solutions) >= 2 and all("hide-cell" in cell.metadata.tags and cell.outputs for cell in solutions)
    task = sections(chapter)["Your turn"]
    assert len(re.findall(r"^### Exercise \d", task, flags=re.M)) == 2
    assert re.search(r"^\|.*\|$", task, flags=re.M), "the writing task has no rubric table"


@chapters
def test_quiz_has_its_questions(chapter):
    bank = yaml.safe_load(prose.repository_file(f"data/quizzes/{chapter}.yml").read_text("utf-8"))
    assert 8 <= len(bank["questions"]) <= 10
    assert len({question["type"] for question in bank["questions"]}) >= 3


@chapters
def test_positions_are_given_the_same_room(chapter):
    text = sections(chapter)["Where historians disagree"]
    positions = re.findall(r"^:::\{admonition\} (.+?)\n:class: position\n(.*?)^:::$", text, flags=re.M | re.S)
    lengths = {name: len(prose.plain(body).split()) for name, body in positions}
    assert len(positions) >= 2
    mean = sum(lengths.values()) / len(lengths)
    assert all(abs(length - mean) <= 0.2 * mean for length in lengths.values()), lengths
    assert all(prose.cited(body) for _, body in positions)


@chapters
def test_source_lab_has_one_document_and_three_questions(chapter):
    (text,) = [text for name, text in sections(chapter).items() if name.startswith("Source lab")]
    assert text.count(":class: document") == 1
    for part in ("Date", "From", "To", "Kept", "Kind of record"):
        assert re.search(rf"^(\*\*{part}\*\*|{part}$|- \*\*{part}\*\*)", text, flags=re.M), f"{chapter}: the document lacks {part}"
    assert len(re.findall(r"^\d\. ", text, flags=re.M)) == 3


@chapters
def test_summary_is_five_sentences(chapter):
    assert len(sentences(sections(chapter)["Summary"])) == 5


@chapters
def test_sentences_are_short_enough_to_follow(chapter):
    lengths = [len(sentence.split()) for sentence in sentences(prose.markdown(chapter))]
    assert sum(lengths) / len(lengths) < 25
    assert max(lengths) <= 55


@chapters
def test_quotations_are_short_dated_and_linked(chapter):
    for name, text in story(chapter).items():
        for block in paragraphs(text):
            for quotation in QUOTATION.findall(prose.plain(block)):
                if len(quotation.split()) < 5:
                    continue  # a term or a title, not an utterance
                where = f"{chapter}: {name}: “{quotation}”"
                assert len(quotation.split()) < 25, where
                assert prose.cited(block), f"{where}: no source in its paragraph"
                assert DATE.search(block), f"{where}: no date in its paragraph"
                assert any({"url", "doi"} & set(ENTRIES[key].fields) for key in prose.cited(block)), f"{where}: no link"


def test_no_two_chapters_share_a_sentence():
    told = {chapter: {re.sub(r"\W+", " ", sentence).lower().strip() for sentence in sentences(prose.markdown(chapter))
                      if len(sentence.split()) >= 8} for chapter in prose.CHAPTERS}
    shared = {(a, b): told[a] & told[b] for a, b in combinations(told, 2) if told[a] & told[b]}
    assert not shared


@chapters
def test_terms_are_linked_to_the_glossary(chapter):
    assert len(set(re.findall(r"\{term\}`([^`]+)`", prose.markdown(chapter)))) >= 5


TERM = re.compile(r"\{term\}`([^`<]+?)(?:\s*<([^>]+)>)?`")


@chapters
def test_terms_are_linked_to_the_glossary_and_at_their_first_use_in_the_story(chapter):
    text = "\n\n".join(story(chapter).values())
    text = re.sub(r"^(:{3,}|`{3,}).*?^\1$|^#.*$|^\|.*$|^\([\w-]+\)=$", lambda match: " " * len(match[0]), text, flags=re.M | re.S)
    links = list(TERM.finditer(text))
    assert len(TERM.findall(prose.markdown(chapter))) >= 5
    unlinked = TERM.sub(lambda match: " " * len(match[0]), text)   # places stay comparable
    unlinked = re.sub(r"\{[\w:-]+\}`[^`]*`|\[[^\]]*\]\([^)]*\)|“[^”]*”", lambda match: " " * len(match[0]), unlinked)
    for link in links:
        earlier = re.search(rf"\b{re.escape(link[1])}\b", unlinked[:link.start()], flags=re.I)
        assert not earlier, f"{link[1]}: first used in “…{unlinked[earlier.start() - 40:earlier.end() + 20].strip()}…”"
