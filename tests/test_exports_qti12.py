"""QTI 1.2 for Canvas and Common Cartridge 1.1, read by their rules: what a file says of an answer, and what a profile allows.

No package of a registry carries the schemas, so the rules that both importers hold to are written out here.
"""
from __future__ import annotations

from pathlib import Path

import pytest
from exporting import chapters, demo, golden, kept, nasty, plain, unit, unzip
from lxml import etree

from almost_allies.exports import canvas_qti12, common_cartridge, qti12

Q = {"q": qti12.NAMESPACE}
CP = {"cp": "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"}
CANVAS_TYPES = {"single": "multiple_choice_question", "multi": "multiple_answers_question", "truefalse": "true_false_question",
                "numeric": "numerical_question", "short": "short_answer_question", "match": "matching_question", "order": None}
PROFILES = {"single": "cc.multiple_choice.v0p1", "multi": "cc.multiple_response.v0p1", "truefalse": "cc.true_false.v0p1",
            "short": "cc.fib.v0p1"}
# Which elements may follow which: the part of the schema that these files use, in its order.
CHILDREN = {
    "questestinterop": ["assessment"], "assessment": ["qtimetadata", "section"], "section": ["item"],
    "item": ["itemmetadata", "presentation", "resprocessing", "itemfeedback"], "itemmetadata": ["qtimetadata"],
    "qtimetadata": ["qtimetadatafield"], "qtimetadatafield": ["fieldlabel", "fieldentry"],
    "presentation": ["material", "response_lid", "response_str"], "response_lid": ["material", "render_choice"],
    "response_str": ["render_fib"], "render_choice": ["response_label"], "render_fib": ["response_label"], "response_label": ["material"],
    "material": ["mattext"], "resprocessing": ["outcomes", "respcondition"], "outcomes": ["decvar"],
    "respcondition": ["conditionvar", "setvar", "displayfeedback"], "itemfeedback": ["flow_mat"], "flow_mat": ["material"],
    "conditionvar": ["varequal", "vargte", "varlte", "other", "and", "or", "not"],
}


def read(module, unit, folder: Path) -> tuple[Path, dict[str, etree._Element]]:
    """The unpacked file and its items by ident."""
    (name,) = module.write(unit, folder)
    package = unzip(folder / name, folder / module.__name__)
    items = [item for path in package.rglob("*.xml") for item in etree.parse(path).iterfind(".//q:item", Q)]
    assert len({item.get("ident") for item in items}) == len(items)
    return package, {item.get("ident"): item for item in items}


def fields(item) -> dict[str, str]:
    return {row.findtext("q:fieldlabel", namespaces=Q): row.findtext("q:fieldentry", namespaces=Q)
            for row in item.iterfind(".//q:qtimetadatafield", Q)}


def disorder(top) -> list[str]:
    """Children that do not belong, or not in this order."""
    said = []
    for element in top.iter(etree.Element):
        tag, allowed = etree.QName(element).localname, CHILDREN.get(etree.QName(element).localname)
        if allowed is None:
            continue
        places = [allowed.index(etree.QName(child).localname) if etree.QName(child).localname in allowed else -1 for child in element]
        if -1 in places or (tag not in ("presentation", "conditionvar") and places != sorted(places)):
            said.append(f"{tag}: {[etree.QName(child).localname for child in element]}")
    return said


def holds(test, answers: dict) -> bool:
    """Whether a condition is true of ``answers``: lists of idents or a text, by response."""
    tag = etree.QName(test).localname
    if tag == "conditionvar":   # several tests on a typed answer: any; on an ordering: all, in this order
        if all(etree.QName(child).localname == "varequal" for child in test) and len(test) > 1 and isinstance(answers["response1"], list):
            return [child.text for child in test] == answers["response1"]
        return any(holds(child, answers) for child in test)
    if tag in ("and", "or"):
        return (all if tag == "and" else any)(holds(child, answers) for child in test)
    if tag == "not":
        return not holds(test[0], answers)
    if tag == "other":
        return True
    given = answers.get(test.get("respident"), "")
    if tag == "varequal" and isinstance(given, list):
        return test.text in given
    if tag == "varequal" and test.get("case") == "No":
        return given.strip().casefold() == test.text.casefold()
    try:
        value, bound = float(given), float(test.text)
    except ValueError:
        return False
    return value == bound if tag == "varequal" else value >= bound if tag == "vargte" else value <= bound


def processed(item, answers: dict) -> tuple[float, list[str]]:
    """Score from 0 to 1 and the feedback shown, by the item's own conditions in their order."""
    score, shown = 0.0, []
    for condition in item.iterfind("q:resprocessing/q:respcondition", Q):
        if not holds(condition.find("q:conditionvar", Q), answers):
            continue
        change = condition.find("q:setvar", Q)
        if change is not None:
            score = float(change.text) + (score if change.get("action") == "Add" else 0)
        shown += [link.get("linkrefid") for link in condition.iterfind("q:displayfeedback", Q)]
        if condition.get("continue") == "No":
            break
    return score / 100, shown


def idents(item, response: str = "") -> dict[str, str]:
    """Idents of what can be chosen, by text."""
    where = f"q:presentation/q:response_lid[@ident='{response}']" if response else "q:presentation/q:response_lid"
    return {label.findtext("q:material/q:mattext", namespaces=Q): label.get("ident")
            for label in item.iterfind(f"{where}//q:response_label", Q)}


def answers(item, question, response) -> dict:
    """A golden answer as the responses of an item."""
    parts = {part.id: part.text for part in (*question.choices, *question.items, *question.options)} | {"true": "True", "false": "False"}
    if question.type in ("numeric", "short"):
        return {"response1": str(response)}
    if question.type == "match":
        rows = {lid.findtext("q:material/q:mattext", namespaces=Q): lid.get("ident") for lid in item.iterfind(".//q:response_lid", Q)}
        return {rows[pair.left]: [idents(item)[parts[response[pair.id]]]] for pair in question.pairs if pair.id in response}
    given = [response] if isinstance(response, (str, bool)) else response
    return {"response1": [idents(item)[parts[str(id).lower() if isinstance(id, bool) else id]] for id in given]}


@pytest.mark.parametrize("module", [canvas_qti12, common_cartridge], ids=["canvas", "cartridge"])
@pytest.mark.parametrize("unit", chapters(), ids=lambda unit: unit.name)
def test_every_question_is_there_with_its_type_points_and_right_answer(module, unit, tmp_path):
    expected = {name: q for quiz in unit.quizzes for name, q in kept(quiz, module.carry).items()}
    package, items = read(module, unit, tmp_path)
    assert set(items) == set(expected)
    for name, question in expected.items():
        item = items[name]
        about = fields(item)
        if module is canvas_qti12:
            assert about.get("question_type") == CANVAS_TYPES[question.type] and float(about["points_possible"]) == question.points
        else:
            assert about == {"cc_profile": PROFILES[question.type], "cc_weighting": f"{question.points:g}"}
        right = {
            "single": lambda q: next(c.id for c in q.choices if c.correct), "multi": lambda q: [c.id for c in q.choices if c.correct],
            "truefalse": lambda q: str(q.answer).lower(), "numeric": lambda q: q.answer, "short": lambda q: q.accept[-1],
            "order": lambda q: [i.id for i in q.items], "match": lambda q: {p.id: p.option for p in q.pairs},
        }[question.type](question)
        assert processed(item, answers(item, question, right))[0] == pytest.approx(1, abs=0.001)
        assert plain(item.findtext("q:presentation/q:material/q:mattext", namespaces=Q)).startswith(question.prompt)
        feedback = {node.get("ident"): plain("".join(node.itertext())) for node in item.iterfind("q:itemfeedback", Q)}
        assert question.explanation in feedback["general_fb"]
        assert {link.get("linkrefid") for link in item.iter(f"{{{qti12.NAMESPACE}}}displayfeedback")} <= set(feedback)
        assert all(ident == f"{ident[:-3]}_fb" for ident in feedback)
        if question.feedback:
            assert [feedback["correct_fb"], feedback["general_incorrect_fb"]] == [question.feedback.correct, question.feedback.incorrect]
        for choice in question.choices:   # Canvas finds the feedback of a choice by digits alone
            assert idents(item)[choice.text].isdigit() and feedback[f"{idents(item)[choice.text]}_fb"] == choice.feedback
    for path in package.rglob("*.xml"):
        top = etree.parse(path).getroot()
        if etree.QName(top).namespace == qti12.NAMESPACE:
            assert disorder(top) == []


@pytest.mark.parametrize("unit", chapters(), ids=lambda unit: unit.name)
def test_manifests_list_the_files(unit, tmp_path):
    for module, kind in ((canvas_qti12, "imsqti_xmlv1p2"), (common_cartridge, "imsqti_xmlv1p2/imscc_xmlv1p1/assessment")):
        package, _ = read(module, unit, tmp_path)
        manifest = etree.parse(package / "imsmanifest.xml").getroot()
        files = {file.get("href") for file in manifest.iterfind(".//cp:file", CP)}
        assert files | {"imsmanifest.xml"} == {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
        resources = {resource.get("identifier"): resource.get("type") for resource in manifest.iterfind(".//cp:resource", CP)}
        assert sum(value == kind for value in resources.values()) == len(unit.quizzes)
        assert all(node.get("identifierref") in resources for node in manifest.iter() if node.get("identifierref"))
        assert not any("date" in etree.QName(node).localname.lower() for node in manifest.iter(etree.Element))
    version = [manifest.findtext(f".//cp:{tag}", namespaces=CP) for tag in ("schema", "schemaversion")]
    assert version == ["IMS Common Cartridge", "1.1.0"]
    (organization,) = manifest.iterfind(".//cp:organization", CP)
    assert organization.get("structure") == "rooted-hierarchy" and len(organization) == 1


def test_golden_answers_score_the_same(tmp_path):
    _, items = read(canvas_qti12, unit(demo()), tmp_path)
    different = {}
    for question, response, share in golden("single", "multi", "truefalse", "order", "match", "short", "numeric"):
        item = items[f"demo-{question.id}"]
        score, _ = processed(item, answers(item, question, response))
        if question.type in ("multi", "order") and 0 < share < 1:
            assert score == 0   # all or nothing in the file; Canvas itself gives a part
        elif score != pytest.approx(share, abs=0.001):
            different.setdefault(question.type, set()).add(response)
    assert different == {
        "numeric": {"11,7", "11.7 %", "11,7%", "11.7 per cent", "11.7 percent", "11.7 pct", "~11.7", "11.7.", "1.17e1"},
        "short": {"Kaliningrad  oblast", "Kaliningrad-Oblast", "калининград.", "Kalíningrad", "“Kaliningrad”", "Kaliningrad\u200b"}}


@pytest.mark.parametrize("name, response, feedback", [
    ("new-neighbour", "finland", "One accession more than doubled the length."),
    ("new-neighbour", "poland", "Poland borders only the Kaliningrad region."),
    ("sea-borders", "true", "The table counts land only."), ("share", "11.7", "Part divided by whole."),
    ("first-to-last", ["nrc", "act", "pfp", "nacc"], "The years are 1991, 1994, 1997 and 2002."),
])
def test_an_answer_gets_its_feedback_and_the_explanation(tmp_path, name, response, feedback):
    question = next(q for q in demo().bank.questions if q.id == name)
    item = read(canvas_qti12, unit(demo()), tmp_path)[1][f"demo-{name}"]
    texts = {node.get("ident"): plain("".join(node.itertext())) for node in item.iterfind("q:itemfeedback", Q)}
    shown = [texts[ident] for ident in processed(item, answers(item, question, response))[1]]
    assert shown[1:] == [feedback] and question.explanation in shown[0]


def test_every_sign_comes_through(tmp_path):
    for module in (canvas_qti12, common_cartridge):
        _, items = read(module, unit(nasty()), tmp_path)
        for name, question in kept(nasty(), module.carry).items():
            item = items[name]
            texts = {node.text if node.get("texttype") == "text/plain" else plain(node.text)
                     for node in item.iter(f"{{{qti12.NAMESPACE}}}mattext")}
            accepted = {node.text for node in item.iter(f"{{{qti12.NAMESPACE}}}varequal")}
            parts = (*question.choices, *question.items, *question.options)
            assert {part.text for part in parts} | {pair.left for pair in question.pairs} <= texts
            assert {choice.feedback for choice in question.choices} <= texts and set(question.accept) <= accepted
            assert any(text.startswith(question.prompt) for text in texts) and any(text.startswith(question.explanation) for text in texts)


def test_a_cartridge_leaves_out_what_its_profile_cannot_ask_and_says_so():
    outcomes = {question.type: common_cartridge.carry(question) for question in demo().bank.questions}
    assert {kind for kind, outcome in outcomes.items() if outcome.left_out} == {"numeric", "order", "match"}
    assert outcomes["single"].kind == "whole" and "All or nothing" in outcomes["multi"].changes[0]
