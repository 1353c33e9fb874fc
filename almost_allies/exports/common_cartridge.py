"""Common Cartridge 1.1: choices, true or false, and fill in."""
from __future__ import annotations

from pathlib import Path

from almost_allies.exports import core
from almost_allies.exports.core import Outcome, Quiz, Unit
from almost_allies.exports.qti12 import NAMESPACE, item, metadata
from almost_allies.exports.xml import add, document, root
from almost_allies.quiz.bank import Question

TITLE = "Common Cartridge 1.1"
LIMITS = (
    "A cartridge holds single and several choices, true or false, and fill in; no ordering, matching or numbers.",
    "It has no place for hints or for feedback on a particular wrong word; choices keep theirs.",
    "Several right answers count all or nothing.",
    "Fill in: case is ignored; spellings without accents and hyphens are listed beside the others.",
)
PROFILES = {"single": "cc.multiple_choice.v0p1", "multi": "cc.multiple_response.v0p1", "truefalse": "cc.true_false.v0p1",
            "short": "cc.fib.v0p1"}
NAMES = {"numeric": "Numbers", "order": "Ordering", "match": "Matching"}
NAMESPACES = {
    "lom": "http://ltsc.ieee.org/xsd/imsccv1p1/LOM/resource",
    "lomimscc": "http://ltsc.ieee.org/xsd/imsccv1p1/LOM/manifest",
}


def carry(question: Question) -> Outcome:
    if question.type not in PROFILES:
        return Outcome("", left_out=f"{NAMES[question.type]}: no type of the cartridge's profile asks it.")
    changes = []
    if question.type == "multi":
        changes.append("All or nothing: the profile gives no part of the points.")
    if question.mistakes:
        changes.append(f"Feedback on {len(question.mistakes)} likely mistake{'s' * (len(question.mistakes) > 1)} left out.")
    if not float(question.points).is_integer():
        changes.append(f"{question.points:g} points left out: a weight is a whole number.")
    return Outcome(PROFILES[question.type], tuple(changes))


def write(unit: Unit, folder: Path) -> list[str]:
    quizzes = core.carried(unit, carry)
    if not quizzes:
        return []
    name = unit.file("-cartridge.imscc")
    core.write_zip(folder / name, [("imsmanifest.xml", _manifest(unit, [quiz for quiz, _ in quizzes])),
                                   *((_path(quiz), _assessment(quiz, questions)) for quiz, questions in quizzes)])
    return [name]


def _path(quiz: Quiz) -> str:
    return f"quiz-{quiz.bank.quiz}/assessment.xml"


def _assessment(quiz: Quiz, questions: list[Question]) -> bytes:
    top = root("questestinterop", NAMESPACE,
               f"{NAMESPACE} http://www.imsglobal.org/profile/cc/ccv1p1/ccv1p1_qtiasiv1p2p1_v1p0.xsd")
    assessment = add(top, "assessment", ident=f"quiz-{quiz.bank.quiz}", title=quiz.bank.title)
    metadata(assessment, {"cc_profile": "cc.exam.v0p1", "qmd_assessmenttype": "Examination", "qmd_scoretype": "Percentage",
                          "cc_maxattempts": "unlimited"})
    section = add(assessment, "section", ident="root_section")
    for question in questions:
        weight = {"cc_weighting": f"{question.points:g}"} if float(question.points).is_integer() else {}
        item(section, quiz, question, {"cc_profile": PROFILES[question.type], **weight})
    return document(top)


def _manifest(unit: Unit, quizzes: list[Quiz]) -> bytes:
    space = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
    top = root("manifest", space, f"{space} http://www.imsglobal.org/profile/cc/ccv1p1/ccv1p1_imscp_v1p2_v1p0.xsd "
               f"{NAMESPACES['lomimscc']} http://www.imsglobal.org/profile/cc/ccv1p1/LOM/ccv1p1_lommanifest_v1p0.xsd",
               NAMESPACES, identifier=f"almost-allies-{unit.name}-cartridge")
    about = add(top, "metadata")
    add(about, "schema", "IMS Common Cartridge")
    add(about, "schemaversion", "1.1.0")
    description = add(about, "lomimscc:lom")
    add(add(add(description, "lomimscc:general"), "lomimscc:title"), "lomimscc:string", unit.title, language=quizzes[0].bank.lang)
    rights = add(description, "lomimscc:rights")
    add(add(rights, "lomimscc:copyrightAndOtherRestrictions"), "lomimscc:value", "yes")
    add(add(rights, "lomimscc:description"), "lomimscc:string", core.LICENCE, language="en")
    organization = add(add(top, "organizations"), "organization", identifier="contents", structure="rooted-hierarchy")
    tree = add(organization, "item", identifier="root")
    resources = add(top, "resources")
    for quiz in quizzes:
        ident = f"quiz-{quiz.bank.quiz}"
        add(add(tree, "item", identifier=f"{ident}-item", identifierref=ident), "title", quiz.bank.title)
        resource = add(resources, "resource", identifier=ident, type="imsqti_xmlv1p2/imscc_xmlv1p1/assessment")
        add(resource, "file", href=_path(quiz))
    return document(top)
