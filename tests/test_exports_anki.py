"""Anki: imported twice by Anki's own library."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from exporting import chapters, demo, nasty, plain, unit

from almost_allies.exports import anki


@pytest.fixture
def collection(tmp_path):
    collection = Collection(str(tmp_path / "collection.anki2"))
    yield collection
    collection.close()


def take(collection: Collection, unit, folder: Path) -> None:
    """Export a unit and import it with the options that Anki's window starts with."""
    folder.mkdir(exist_ok=True)
    (name,) = anki.write(unit, folder)
    options = ImportAnkiPackageOptions(merge_notetypes=False, with_scheduling=False, with_deck_configs=False)
    collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(folder / name), options=options))


def notes(collection: Collection) -> dict[str, list[str]]:
    """Fields of every note by its guid."""
    return {note.guid: note.fields for note in map(collection.get_note, collection.find_notes(""))}


def deck_names(collection: Collection) -> set[str]:
    return {collection.decks.name(card.did) for card in map(collection.get_card, collection.find_cards(""))}


def test_the_course_has_a_deck_for_each_quiz_and_a_card_for_each_question(collection, tmp_path):
    course = chapters()[-1]
    take(collection, course, tmp_path / "out")
    assert collection.card_count() == collection.note_count() == sum(1 for _ in course.questions()) > 200
    assert deck_names(collection) == {f"Almost Allies::{quiz.topic}" for quiz in course.quizzes}
    found = sorted(plain(fields[0]) for fields in notes(collection).values())
    for (_, question) in course.questions():
        assert any(text.startswith(question.prompt) for text in found)


def test_a_second_import_doubles_nothing(collection, tmp_path):
    take(collection, unit(demo()), tmp_path / "out")
    first = notes(collection)
    take(collection, unit(demo()), tmp_path / "out")
    assert notes(collection) == first and len(first) == 7


def test_a_chapter_and_the_course_share_their_cards(collection, tmp_path):
    *singles, course = chapters()
    take(collection, singles[3], tmp_path / "out")
    take(collection, course, tmp_path / "out")
    take(collection, singles[5], tmp_path / "out")
    assert collection.note_count() == sum(1 for _ in course.questions())


def test_an_edited_question_updates_its_card_and_keeps_what_was_learnt(collection, tmp_path):
    take(collection, unit(demo()), tmp_path / "out")
    card = collection.get_card(collection.find_cards("accession added most")[0])
    card.ivl = 30
    collection.update_card(card)
    bank = demo().bank
    edited = replace(bank.questions[0], prompt="Which accession added most kilometres?")
    newer = replace(demo(), bank=replace(bank, questions=(edited, *bank.questions[1:])), changed=demo().changed + 60)
    take(collection, unit(newer), tmp_path / "out")
    assert collection.note_count() == 7
    assert plain(collection.get_card(card.id).note().fields[0]).startswith("Which accession added most kilometres?")
    assert collection.get_card(card.id).ivl == 30


def test_cards_ask_and_answer(collection, tmp_path):
    take(collection, unit(demo()), tmp_path / "out")
    by_prompt = {plain(fields[0]): [plain(field) for field in fields] for fields in notes(collection).values()}

    def card(start: str) -> list[str]:
        return next(fields for prompt, fields in by_prompt.items() if prompt.startswith(start))

    assert card("Which accession")[1].startswith("B: Finland in 2023")
    assert card("Which of these")[1].startswith("B: Poland; C: Lithuania; E: Norway It borders Ukraine and Moldova.")
    assert card("The length")[1] == "False The sea is counted apart." and card("The length")[0].endswith("True or false?")
    assert card("What share")[1] == "11.7 per cent Part divided by whole." and card("What share")[3].startswith("Divide the part")
    assert card("Put these steps")[1] == ("D: North Atlantic Cooperation Council A: Partnership for Peace B: Founding Act "
                                          "C: NATO-Russia Council")
    assert card("In which year")[1] == "Poland: 1999 Эстония & Estonia: 2004 Hungary <HU>: 1999"


def test_every_sign_comes_through(collection, tmp_path):
    take(collection, unit(nasty()), tmp_path / "out")
    said = [plain(" ".join(fields)) for fields in notes(collection).values()]
    for question in nasty().bank.questions:
        text = next(text for text in said if question.prompt in text)
        parts = [*(part.text for part in (*question.choices, *question.items, *question.options)), question.explanation, question.hint,
                 *(pair.left for pair in question.pairs), *question.accept, *(choice.feedback for choice in question.choices)]
        assert [part for part in parts if part not in text] == []
