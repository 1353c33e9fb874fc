"""QTI 2.1: a content package with one test for each quiz and one item for each question."""
from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from lxml import etree

from almost_allies.exports import core
from almost_allies.exports.core import Outcome, Quiz, Unit, html
from almost_allies.exports.xml import XML_LANG, add, add_html, document, root
from almost_allies.quiz.bank import Question
from almost_allies.quiz.page import TRUE_FALSE
from almost_allies.quiz.scoring import shown

TITLE = "QTI 2.1"
LIMITS = (
    "QTI 2.1 has no place for hints.",
    "Short answers: case is ignored; spellings without accents and hyphens are listed beside the others. "
    "Numbers: without the unit, with a decimal point unless the player reads a comma too.",
    "For Canvas take the Canvas file: from QTI 2.1 it makes a text question of a number.",
)
NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p1"
SCHEMA = f"{NAMESPACE} http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd"
TYPES = {"single": "choiceInteraction", "multi": "choiceInteraction", "truefalse": "choiceInteraction", "numeric": "textEntryInteraction",
         "short": "textEntryInteraction", "order": "orderInteraction", "match": "matchInteraction"}
SHAPES = {"single": ("single", "identifier"), "multi": ("multiple", "identifier"), "truefalse": ("single", "identifier"),
          "numeric": ("single", "float"), "short": ("single", "string"), "order": ("ordered", "identifier"),
          "match": ("multiple", "directedPair")}


def carry(question: Question) -> Outcome:
    return Outcome(TYPES[question.type])


def write(unit: Unit, folder: Path) -> list[str]:
    entries, resources = [], []
    for quiz in unit.quizzes:
        items = [(identifier(quiz, question), f"items/{quiz.bank.quiz}/{question.id}.xml") for question in quiz.bank.questions]
        test = f"tests/{quiz.bank.quiz}.xml"
        entries.append((test, _test(quiz, items)))
        entries += [(path, _item(quiz, question)) for (_, path), question in zip(items, quiz.bank.questions, strict=True)]
        resources.append((f"test-{quiz.bank.quiz}", test, items))
    name = unit.file("-qti21.zip")
    core.write_zip(folder / name, [("imsmanifest.xml", _manifest(unit, resources)), *entries])
    return [name]


def identifier(quiz: Quiz, question: Question) -> str:
    """An identifier may not begin with a digit, as an id of the bank may."""
    return f"q-{core.ident(quiz, question)}"


def part(id: str) -> str:
    """Identifier of a choice, item, pair or option."""
    return f"a-{id}"


# ------------------------------------------------------------------ items

def _item(quiz: Quiz, question: Question) -> bytes:
    top = root("assessmentItem", NAMESPACE, SCHEMA, identifier=identifier(quiz, question), title=core.title(quiz, question),
               adaptive="false", timeDependent="false")
    top.set(XML_LANG, quiz.bank.lang)
    points = core.number(question.points)
    cardinality, base = SHAPES[question.type]
    response = add(top, "responseDeclaration", identifier="RESPONSE", cardinality=cardinality, baseType=base)
    right = add(response, "correctResponse")
    for value in _right(question):
        add(right, "value", value)
    mapping = _mapping(question)
    if mapping:
        mapped = add(response, "mapping", lowerBound="0", upperBound=f"{points:f}", defaultValue="0")
        for answer, share, attributes in mapping:
            add(mapped, "mapEntry", mapKey=answer, mappedValue=_share(points, share), **attributes)
    score = add(top, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float", normalMaximum=f"{points:f}")
    add(add(score, "defaultValue"), "value", "0")
    add(add(add(top, "outcomeDeclaration", identifier="MAXSCORE", cardinality="single", baseType="float"), "defaultValue"), "value",
        f"{points:f}")
    add(top, "outcomeDeclaration", identifier="FEEDBACK", cardinality="multiple" if question.type == "multi" else "single",
        baseType="identifier")
    add(top, "outcomeDeclaration", identifier="EXPLANATION", cardinality="single", baseType="identifier")

    body = add(top, "itemBody")
    BODIES[question.type](body, quiz, question)
    processing = add(top, "responseProcessing")
    feedback = (_process_choices if question.type in ("single", "multi") else _process)(processing, quiz, question)
    _set(processing, "EXPLANATION", "explanation", "identifier")
    for name, text in feedback:
        _modal(top, "FEEDBACK", name, html(text))
    _modal(top, "EXPLANATION", "explanation", core.explanation_html(quiz, question))
    return document(top)


def _share(points: Decimal, share: tuple[int, int]) -> str:
    """``points`` times a fraction (above, below), with enough digits that thirds add up to the points."""
    above, below = share
    return f"{points * above / below:.12f}".rstrip("0").rstrip(".")


def _right(question: Question) -> list[str]:
    if question.choices:
        return [part(choice.id) for choice in question.choices if choice.correct]
    return {
        "truefalse": lambda: [part(str(question.answer).lower())],
        "numeric": lambda: [f"{core.number(question.number):f}"],
        "short": lambda: [question.accept[0]],
        "order": lambda: [part(item.id) for item in question.items],
        "match": lambda: [f"{part('left-' + pair.id)} {part(pair.option)}" for pair in question.pairs],
    }[question.type]()


def _mapping(question: Question) -> list[tuple[str, tuple[int, int], dict[str, str]]]:
    """What each answer adds: (answer, share of the points, attributes); empty for types that other rules score."""
    if question.choices:
        count = sum(choice.correct for choice in question.choices)
        return [(part(choice.id), (1, count) if choice.correct else (-1 if question.type == "multi" else 0, count), {})
                for choice in question.choices]
    if question.type == "truefalse":
        return [(part(str(question.answer).lower()), (1, 1), {})]
    if question.type == "short":
        return [(text, (1, 1), {"caseSensitive": "false"}) for text in core.spellings(question)]
    if question.type == "match":
        return [(pair, (1, len(question.pairs)), {}) for pair in _right(question)]
    return []


def _ask(parent: etree._Element, question: Question) -> None:
    add_html(add(parent, "prompt"), f"<span>{core.text_html(question.prompt)}</span>")
    if core.how(question):
        parent[0][-1].tail = f" {core.how(question)}"


def _choice_body(body: etree._Element, quiz: Quiz, question: Question) -> None:
    choices = [(choice.id, choice.text) for choice in shown(quiz.bank.quiz, question)] or TRUE_FALSE
    interaction = add(body, "choiceInteraction", responseIdentifier="RESPONSE", shuffle=str(question.type != "truefalse").lower(),
                      maxChoices="0" if question.type == "multi" else "1")
    _ask(interaction, question)
    for id, text in choices:
        add(interaction, "simpleChoice", text, identifier=part(id))


def _entry_body(body: etree._Element, quiz: Quiz, question: Question) -> None:
    add_html(body, core.prompt_html(question))
    length = max(len(text) for text in core.spellings(question)) if question.type == "short" else 10
    add(add(body, "p"), "textEntryInteraction", responseIdentifier="RESPONSE", expectedLength=str(max(10, length)))


def _order_body(body: etree._Element, quiz: Quiz, question: Question) -> None:
    interaction = add(body, "orderInteraction", responseIdentifier="RESPONSE", shuffle="true")
    _ask(interaction, question)
    for item in shown(quiz.bank.quiz, question):
        add(interaction, "simpleChoice", item.text, identifier=part(item.id))


def _match_body(body: etree._Element, quiz: Quiz, question: Question) -> None:
    interaction = add(body, "matchInteraction", responseIdentifier="RESPONSE", shuffle="true", maxAssociations=str(len(question.pairs)))
    _ask(interaction, question)
    left, right = add(interaction, "simpleMatchSet"), add(interaction, "simpleMatchSet")
    for pair in question.pairs:
        add(left, "simpleAssociableChoice", pair.left, identifier=part(f"left-{pair.id}"), matchMax="1")
    for option in shown(quiz.bank.quiz, question):
        add(right, "simpleAssociableChoice", option.text, identifier=part(option.id), matchMax="0")


BODIES = {"single": _choice_body, "multi": _choice_body, "truefalse": _choice_body, "numeric": _entry_body, "short": _entry_body,
          "order": _order_body, "match": _match_body}


def _set(parent: etree._Element, outcome: str, value: str, base: str) -> None:
    add(add(parent, "setOutcomeValue", identifier=outcome), "baseValue", value, baseType=base)


def _score_by_map(parent: etree._Element) -> None:
    condition = add(parent, "responseCondition")
    answered = add(condition, "responseIf")
    add(add(add(answered, "not"), "isNull"), "variable", identifier="RESPONSE")
    add(add(answered, "setOutcomeValue", identifier="SCORE"), "mapResponse", identifier="RESPONSE")


def _process_choices(processing: etree._Element, quiz: Quiz, question: Question) -> list[tuple[str, str]]:
    _score_by_map(processing)
    add(add(processing, "setOutcomeValue", identifier="FEEDBACK"), "variable", identifier="RESPONSE")
    return [(part(choice.id), choice.feedback) for choice in shown(quiz.bank.quiz, question)]


def _process(processing: etree._Element, quiz: Quiz, question: Question) -> list[tuple[str, str]]:
    """Score, then one feedback: right, a likely mistake, or wrong. Returns the feedback texts by name."""
    points = core.number(question.points)
    if question.type == "order":
        _score_order(processing, question, points)
    elif question.type != "numeric":
        _score_by_map(processing)
    condition = add(processing, "responseCondition")
    first = add(condition, "responseIf")
    add(add(first, "isNull"), "variable", identifier="RESPONSE")
    _set(first, "FEEDBACK", "wrong", "identifier")
    right = add(condition, "responseElseIf")
    if question.type == "numeric":
        _within(right, question.number, question.tolerance)
        _set(right, "SCORE", f"{points:f}", "float")
    elif question.type == "short":
        either = add(right, "or")
        for text in core.spellings(question):
            _same_text(either, text)
    else:
        match = add(right, "match")
        add(match, "variable", identifier="RESPONSE")
        add(match, "correct", identifier="RESPONSE")
        _set(right, "SCORE", f"{points:f}", "float")   # a player that rounds the parts gives the whole all the same
    _set(right, "FEEDBACK", "right", "identifier")
    for place, mistake in enumerate(question.mistakes, 1):
        branch = add(condition, "responseElseIf")
        if question.type == "numeric":
            _within(branch, mistake.number, question.tolerance)
        else:
            _same_text(branch, mistake.text)
        _set(branch, "FEEDBACK", f"mistake-{place}", "identifier")
    _set(add(condition, "responseElse"), "FEEDBACK", "wrong", "identifier")
    mistakes = [(f"mistake-{place}", mistake.feedback) for place, mistake in enumerate(question.mistakes, 1)]
    return [("right", question.feedback.correct), *mistakes, ("wrong", question.feedback.incorrect)]


def _within(parent: etree._Element, value: float, tolerance: float) -> None:
    """Between two bounds: more players know gte and lte than a tolerance of equal."""
    low, high = core.number(value) - core.number(tolerance), core.number(value) + core.number(tolerance)
    both = add(parent, "and")
    for tag, bound in (("gte", low), ("lte", high)):
        test = add(both, tag)
        add(test, "variable", identifier="RESPONSE")
        add(test, "baseValue", f"{bound:f}", baseType="float")


def _same_text(parent: etree._Element, text: str) -> None:
    test = add(parent, "stringMatch", caseSensitive="false")
    add(test, "variable", identifier="RESPONSE")
    add(test, "baseValue", text, baseType="string")


def _score_order(processing: etree._Element, question: Question, points: Decimal) -> None:
    """The share of items in the right place."""
    for place, item in enumerate(question.items, 1):
        branch = add(add(processing, "responseCondition"), "responseIf")
        test = add(branch, "match")
        add(add(test, "index", n=str(place)), "variable", identifier="RESPONSE")
        add(test, "baseValue", part(item.id), baseType="identifier")
        total = add(add(branch, "setOutcomeValue", identifier="SCORE"), "sum")
        add(total, "variable", identifier="SCORE")
        add(total, "baseValue", _share(points, (1, len(question.items))), baseType="float")


def _modal(top: etree._Element, outcome: str, name: str, content: str) -> None:
    add_html(add(top, "modalFeedback", outcomeIdentifier=outcome, identifier=name, showHide="show"), content)


# ------------------------------------------------------------------ test and package

def _test(quiz: Quiz, items: list[tuple[str, str]]) -> bytes:
    top = root("assessmentTest", NAMESPACE, SCHEMA, identifier=f"test-{quiz.bank.quiz}", title=quiz.bank.title)
    score = add(top, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float",
                normalMaximum=f"{core.number(quiz.bank.max_score):f}")
    add(add(score, "defaultValue"), "value", "0")
    testpart = add(top, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual")
    add(testpart, "itemSessionControl", maxAttempts="0", showFeedback="true")
    section = add(testpart, "assessmentSection", identifier="section", title=quiz.topic, visible="true")
    for name, path in items:
        add(section, "assessmentItemRef", identifier=name, href=f"../{path}")
    total = add(add(add(top, "outcomeProcessing"), "setOutcomeValue", identifier="SCORE"), "sum")
    add(total, "testVariables", variableIdentifier="SCORE")
    return document(top)


def _manifest(unit: Unit, tests: list[tuple[str, str, list[tuple[str, str]]]]) -> bytes:
    space = "http://www.imsglobal.org/xsd/imscp_v1p1"
    top = root("manifest", space, f"{space} http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd",
               identifier=f"almost-allies-{unit.name}-qti21")
    about = add(top, "metadata")
    add(about, "schema", "QTIv2.1 Package")
    add(about, "schemaversion", "1.0.0")
    add(top, "organizations")
    resources = add(top, "resources")
    for name, path, items in tests:
        test = add(resources, "resource", identifier=name, type="imsqti_test_xmlv2p1", href=path)
        add(test, "file", href=path)
        for item, _ in items:
            add(test, "dependency", identifierref=item)
        for item, item_path in items:
            add(add(resources, "resource", identifier=item, type="imsqti_item_xmlv2p1", href=item_path), "file", href=item_path)
    return document(top)
