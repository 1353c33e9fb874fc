"""Score answers to quiz questions, and the order in which answers are shown.

`score`, `fold` and `numbers` are written a second time in quiz.js, for pages without a kernel;
tests/golden/scoring_vectors.json holds both to the same values.

A response is JSON, whatever the question's type:

=========  =========================================  =================================
type       response                                   score
=========  =========================================  =================================
single     choice id                                  1 or 0
multi      list of choice ids                         max(0, (hits - wrong) / correct)
truefalse  "true" or "false" (Python: a bool as well) 1 or 0
numeric    the text typed (Python: a number as well)  1 if |x - answer| <= tolerance
short      the text typed                             1 if it folds to an accepted answer
order      list of item ids                           share in the right place
match      {pair id: option id}                       share of pairs
=========  =========================================  =================================
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from almost_allies.quiz.bank import Question

# Letters that NFKD leaves whole although people write them with a plain one ("Walesa" for "Wałęsa").
PLAIN = str.maketrans({"ł": "l", "đ": "d", "ð": "d", "ø": "o", "ı": "i", "ς": "σ",
                       "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th"})
# Marks that make another letter and so are kept: й, ў, ї. (ё is folded to е, as Russians write it.)
LETTER_MARKS = {"и\u0306", "у\u0306", "і\u0308"}


def fold(text: str) -> str:
    """Reduce a typed answer to what is compared: no case, accents, quotation marks or extra spaces.

    NFKD, lower case, combining marks dropped, except those of й, ї and ў, which are letters of their
    own; ё becomes е. Quotation marks, apostrophes and invisible characters go, dashes count as spaces,
    and punctuation at either end is dropped.
    """
    kept = ""
    previous = ""
    for char in unicodedata.normalize("NFKD", text).lower().translate(PLAIN):
        if unicodedata.category(char) != "Mn" or previous + char in LETTER_MARKS:
            kept += char
        previous = char
    kept = re.sub("[\u00ad\u200b-\u200f\u2060\ufeff'’ʼ‘‚‛`\"“”„«»]", "", kept)
    kept = re.sub(r"[\s\u0085_\u2010-\u2015\u2212-]+", " ", kept)
    return re.sub(r"^[ .,;:!?]+|[ .,;:!?]+$", "", kept)


def numbers(text: str, unit: str = "") -> list[float]:
    """Numbers that a typed answer can mean, best reading first; empty if it is not a number.

    Comma and point both count as decimal sign, so "1,340" reads as 1.34 and as 1340. Thousands may be
    set off by a space (thin and no-break too), a comma or a point. What follows the number must look
    like the unit: begin with its first letter, or be % for "per cent".
    """
    text = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-", 1)
    found = re.match(r"[~≈$€£]?\s*([+-]?)([.,]?[0-9](?:[0-9 .,]*[0-9])?)(.*)", text, re.DOTALL)
    if not found:
        return []
    sign, digits, rest = found.groups()
    rest, unit = (fold(part.replace("%", "per cent")) for part in (rest, unit))
    if rest and rest != unit and (re.search("[0-9]", rest) or (unit and rest[0] != unit[0])):
        return []
    readings = []
    if re.fullmatch(r"[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+", digits):
        readings.append(digits)
    grouped = re.fullmatch(r"[1-9][0-9]{0,2}([ ,.])[0-9]{3}(?:\1[0-9]{3})*(?:(?!\1)[.,][0-9]+)?", digits)
    if grouped:
        readings.append(digits.replace(grouped[1], ""))
    return [float(reading.replace(",", ".")) * (-1 if sign == "-" else 1) for reading in readings]


def close(x: float, answer: float, tolerance: float) -> bool:
    """|x - answer| <= tolerance, forgiving what binary fractions add (11.8 is within 0.1 of 11.7)."""
    return abs(x - answer) <= tolerance + 1e-9 * max(1.0, abs(answer))


def score(question: Question, response: Any) -> float:
    """Score one response, from 0 to 1; the table is in the module's docstring.

    ``question`` is a `almost_allies.quiz.bank.Question`. A response of another form than its type
    asks for, or none, scores 0.
    """
    kind = question.type
    if kind == "single":
        return float(any(choice.correct and choice.id == response for choice in question.choices))
    if kind == "truefalse":
        return float(response is question.answer or response == str(question.answer).lower())
    if kind == "multi":
        correct = {choice.id for choice in question.choices if choice.correct}
        picked = set(response) if isinstance(response, (list, tuple)) else set()
        return max(0.0, (len(picked & correct) - len(picked - correct)) / len(correct))
    if kind == "numeric":
        if isinstance(response, (int, float)) and not isinstance(response, bool):
            readings = [float(response)]
        else:
            readings = numbers(response, question.unit) if isinstance(response, str) else []
        return float(any(close(x, question.number, question.tolerance) for x in readings))
    if kind == "short":
        return float(isinstance(response, str) and fold(response) in {fold(text) for text in question.accept})
    if kind == "order":
        placed = response if isinstance(response, (list, tuple)) else ()
        hits = sum(item.id == given for item, given in zip(question.items, placed, strict=False))
        return hits / len(question.items)
    if kind == "match":
        given = response if isinstance(response, dict) else {}
        return sum(given.get(pair.id) == pair.option for pair in question.pairs) / len(question.pairs)
    raise ValueError(f"unknown question type {kind!r}")


def check_response(question: Question, response: Any) -> None:
    """Raise ValueError, in one line, if ``response`` cannot be an answer to ``question``."""
    def one_of(value: object, ids: Collection[str]) -> None:
        if value not in ids:
            raise ValueError(f'question "{question.id}": {value!r} is not one of {", ".join(ids)}')

    def expect(kind: type | tuple[type, ...], words: str) -> None:
        if not isinstance(response, kind):
            raise ValueError(f'question "{question.id}": the answer must be {words}, found {response!r}')

    if question.type == "single":
        one_of(response, [choice.id for choice in question.choices])
    elif question.type == "truefalse":
        if response not in ("true", "false"):
            expect(bool, "True or False")
    elif question.type == "multi":
        expect((list, tuple), "a list of choices")
        for value in response:
            one_of(value, [choice.id for choice in question.choices])
    elif question.type == "numeric":
        expect((str, int, float), "a number")
    elif question.type == "short":
        expect(str, "text")
    elif question.type == "order":
        expect((list, tuple), "a list of items")
        ids = [item.id for item in question.items]
        if sorted(map(str, response)) != sorted(ids):
            raise ValueError(f'question "{question.id}": the answer must hold each of {", ".join(ids)} once')
    else:
        expect(dict, "a dict from pairs to options")
        for key, value in response.items():
            one_of(key, [pair.id for pair in question.pairs])
            one_of(value, [option.id for option in question.options])


def shown(quiz_id: str, question: Question) -> tuple[Any, ...]:
    """What the reader chooses from, in the order it is shown: choices, items or (match) options.

    The order follows from the ids alone: it is the same in the page, the widget and every export, on
    every visit and every retry, and an edited text does not change it. Order questions never start
    in the right order, nor do the options of a match in the order of its pairs.
    """
    answers: tuple[Any, ...] = question.choices or question.items or question.options
    mixed = sorted(answers, key=lambda answer: sha256(f"{quiz_id}/{question.id}/{answer.id}".encode()).digest())
    if question.type in ("order", "match") and tuple(mixed) == tuple(answers):
        mixed = mixed[1:] + mixed[:1]
    return tuple(mixed)
