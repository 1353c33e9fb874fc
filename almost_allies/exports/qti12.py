"""QTI 1.2 items, as Canvas and Common Cartridge both read them."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from lxml import etree

from almost_allies.exports import core
from almost_allies.exports.core import Quiz, html
from almost_allies.exports.xml import add
from almost_allies.quiz.bank import Pair, Question
from almost_allies.quiz.page import TRUE_FALSE
from almost_allies.quiz.scoring import shown

NAMESPACE = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
SINGLE = "response1"


def key(question: Question, part: str) -> str:
    """Ident of a choice, item or option: digits only, because Canvas finds feedback by them and makes up others in their place."""
    return str(100_000_000 + int(sha256(f"{question.id}/{part}".encode()).hexdigest(), 16) % 900_000_000)


def metadata(parent: etree._Element, fields: dict[str, str]) -> None:
    data = add(parent, "qtimetadata")
    for label, entry in fields.items():
        row = add(data, "qtimetadatafield")
        add(row, "fieldlabel", label)
        add(row, "fieldentry", entry)


def item(section: etree._Element, quiz: Quiz, question: Question, fields: dict[str, str]) -> None:
    """Append one question with its metadata; `almost_allies.exports.core.carried` has left out what the format cannot hold."""
    node = add(section, "item", ident=core.ident(quiz, question), title=core.title(quiz, question))
    metadata(add(node, "itemmetadata"), fields)
    presentation = add(node, "presentation")
    _text(presentation, core.prompt_html(question), "text/html")
    processing = add(node, "resprocessing")
    add(add(processing, "outcomes"), "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
    _condition(processing, [], "general_fb")
    feedback = {"general_fb": core.explanation_html(quiz, question)}
    if question.feedback:
        feedback |= {"correct_fb": html(question.feedback.correct), "general_incorrect_fb": html(question.feedback.incorrect)}
    feedback |= BODIES[question.type](presentation, processing, quiz, question)
    for ident, text in feedback.items():
        _text(add(add(node, "itemfeedback", ident=ident), "flow_mat"), text, "text/html")


def _text(parent: etree._Element, text: str, kind: str = "text/plain") -> None:
    add(add(parent, "material"), "mattext", text, texttype=kind)


def _labels(presentation: etree._Element, ident: str, cardinality: str, question: Question, parts: Iterable[tuple[str, str]],
            left: str = "") -> None:
    """A response with the parts (id, text) to choose from."""
    response = add(presentation, "response_lid", ident=ident, rcardinality=cardinality)
    if left:
        _text(response, left)
    choices = add(response, "render_choice", shuffle="No" if question.type == "truefalse" else "Yes")
    for id, text in parts:
        _text(add(choices, "response_label", ident=key(question, id)), text)


def _condition(processing: etree._Element, tests: Sequence[tuple[str, str]], feedback: str = "", score: str = "", goes_on: bool = True,
               action: str = "Set") -> etree._Element:
    """A respcondition that holds if any of ``tests`` (tag, text) does, or always without any."""
    condition = add(processing, "respcondition", **{"continue": "Yes" if goes_on else "No"})
    variable = add(condition, "conditionvar")
    for tag, text in tests:
        add(variable, tag, text, respident=SINGLE)
    if not tests:
        add(variable, "other")
    if score:
        add(condition, "setvar", score, action=action, varname="SCORE")
    if feedback:
        add(condition, "displayfeedback", feedbacktype="Response", linkrefid=feedback)
    return variable


def _right_or_wrong(processing: etree._Element, tests: Sequence[tuple[str, str]], score: str = "100") -> etree._Element:
    """The two conditions that end the processing of a question with one response; the variable of the first."""
    variable = _condition(processing, tests, "correct_fb", score, goes_on=False)
    _condition(processing, [], "general_incorrect_fb", goes_on=False)
    return variable


def _single(presentation: etree._Element, processing: etree._Element, quiz: Quiz, question: Question) -> dict[str, str]:
    choices = shown(quiz.bank.quiz, question)
    _labels(presentation, SINGLE, "Single", question, [(choice.id, choice.text) for choice in choices])
    for choice in choices:
        ident = key(question, choice.id)
        _condition(processing, [("varequal", ident)], f"{ident}_fb")
    right = next(choice for choice in choices if choice.correct)
    _condition(processing, [("varequal", key(question, right.id))], score="100", goes_on=False)
    return {f"{key(question, choice.id)}_fb": html(choice.feedback) for choice in choices}


def _multi(presentation: etree._Element, processing: etree._Element, quiz: Quiz, question: Question) -> dict[str, str]:
    choices = shown(quiz.bank.quiz, question)
    _labels(presentation, SINGLE, "Multiple", question, [(choice.id, choice.text) for choice in choices])
    for choice in choices:
        ident = key(question, choice.id)
        _condition(processing, [("varequal", ident)], f"{ident}_fb")
    # All right ones and no wrong one: 1.2 has no more; Canvas itself gives a part of the points.
    variable = _condition(processing, [], score="100", goes_on=False)
    variable.remove(variable[0])
    every = add(variable, "and")
    for choice in choices:
        add(every if choice.correct else add(every, "not"), "varequal", key(question, choice.id), respident=SINGLE)
    return {f"{key(question, choice.id)}_fb": html(choice.feedback) for choice in choices}


def _true_false(presentation: etree._Element, processing: etree._Element, quiz: Quiz, question: Question) -> dict[str, str]:
    _labels(presentation, SINGLE, "Single", question, TRUE_FALSE)
    _right_or_wrong(processing, [("varequal", key(question, str(question.answer).lower()))])
    return {}


def _numeric(presentation: etree._Element, processing: etree._Element, quiz: Quiz, question: Question) -> dict[str, str]:
    response = add(presentation, "response_str", ident=SINGLE, rcardinality="Single")
    add(add(response, "render_fib", fibtype="Decimal"), "response_label", ident="answer1")
    answer, low, high = core.bounds(question)
    variable = _right_or_wrong(processing, [])
    variable.remove(variable[0])
    either = add(variable, "or")
    add(either, "varequal", answer, respident=SINGLE)
    if low != high:
        between = add(either, "and")
        add(between, "vargte", low, respident=SINGLE)
        add(between, "varlte", high, respident=SINGLE)
    return {}


def _short(presentation: etree._Element, processing: etree._Element, quiz: Quiz, question: Question) -> dict[str, str]:
    response = add(presentation, "response_str", ident=SINGLE, rcardinality="Single")
    add(add(response, "render_fib", fibtype="String"), "response_label", ident="answer1", rshuffle="No")
    variable = _right_or_wrong(processing, [("varequal", text) for text in core.spellings(question)])
    for equal in variable:
        equal.set("case", "No")
    return {}


def _order(presentation: etree._Element, processing: etree._Element, quiz: Quiz, question: Question) -> dict[str, str]:
    _labels(presentation, SINGLE, "Ordered", question, [(item.id, item.text) for item in shown(quiz.bank.quiz, question)])
    _right_or_wrong(processing, [("varequal", key(question, item.id)) for item in question.items])
    return {}


def _match(presentation: etree._Element, processing: etree._Element, quiz: Quiz, question: Question) -> dict[str, str]:
    options = [(option.id, option.text) for option in shown(quiz.bank.quiz, question)]
    for pair in question.pairs:
        _labels(presentation, _response(question, pair), "Single", question, options, left=pair.left)
    for pair in question.pairs:
        condition = add(processing, "respcondition", **{"continue": "Yes"})
        add(add(condition, "conditionvar"), "varequal", key(question, pair.option), respident=_response(question, pair))
        add(condition, "setvar", f"{100 / len(question.pairs):.2f}", action="Add", varname="SCORE")
    return {}


def _response(question: Question, pair: Pair) -> str:
    return f"response_{key(question, 'left/' + pair.id)}"


BODIES = {"single": _single, "multi": _multi, "truefalse": _true_false, "numeric": _numeric, "short": _short, "order": _order,
          "match": _match}
