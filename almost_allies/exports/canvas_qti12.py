"""QTI 1.2 as Canvas reads it: Classic Quizzes and New Quizzes."""
from __future__ import annotations

from pathlib import Path

from almost_allies.exports import core
from almost_allies.exports.core import Outcome, Quiz, Unit
from almost_allies.exports.qti12 import NAMESPACE, item, metadata
from almost_allies.exports.xml import add, document, root
from almost_allies.quiz.bank import Question

TITLE = "Canvas (QTI 1.2)"
LIMITS = (
    "Canvas has no place for hints or for feedback on a particular wrong number or word; choices keep theirs.",
    "Short answers: Canvas ignores case; spellings without accents and hyphens are listed beside the others. Numbers: without the unit.",
    "The file itself counts several right answers all or nothing, as QTI 1.2 has it; Canvas gives part of the points by its own rule.",
)
TYPES = {"single": "multiple_choice_question", "multi": "multiple_answers_question", "truefalse": "true_false_question",
         "numeric": "numerical_question", "short": "short_answer_question", "match": "matching_question"}


def carry(question: Question) -> Outcome:
    changes = []
    if question.type == "order":
        changes.append("New Quizzes asks it as ordering, all or nothing; Classic Quizzes makes a matching of places and items of it.")
    if question.mistakes:
        changes.append(f"Feedback on {len(question.mistakes)} likely mistake{'s' * (len(question.mistakes) > 1)} left out.")
    return Outcome(TYPES.get(question.type, "ordering"), tuple(changes))


def write(unit: Unit, folder: Path) -> list[str]:
    entries, resources = [], []
    for quiz, questions in core.carried(unit, carry):
        ident = f"quiz-{quiz.bank.quiz}"
        test, meta = f"{ident}/{ident}.xml", f"{ident}/assessment_meta.xml"
        entries += [(test, _assessment(ident, quiz, questions)), (meta, _meta(ident, quiz, questions))]
        resources.append((ident, test, meta))
    if not entries:
        return []
    name = unit.file("-canvas-qti12.zip")
    core.write_zip(folder / name, [("imsmanifest.xml", _manifest(unit, resources)), *entries])
    return [name]


def _assessment(ident: str, quiz: Quiz, questions: list[Question]) -> bytes:
    top = root("questestinterop", NAMESPACE, f"{NAMESPACE} http://www.imsglobal.org/xsd/ims_qtiasiv1p2p1.xsd")
    assessment = add(top, "assessment", ident=ident, title=quiz.bank.title)
    metadata(assessment, {"cc_maxattempts": "unlimited"})
    section = add(assessment, "section", ident="root_section")
    for question in questions:
        fields = {"question_type": TYPES[question.type]} if question.type in TYPES else {}   # an ordering has no type's name
        item(section, quiz, question, {**fields, "points_possible": f"{question.points:g}"})
    return document(top)


def _meta(ident: str, quiz: Quiz, questions: list[Question]) -> bytes:
    space = "http://canvas.instructure.com/xsd/cccv1p0"
    top = root("quiz", space, f"{space} https://canvas.instructure.com/xsd/cccv1p0.xsd", identifier=ident)
    for tag, text in (("title", quiz.bank.title), ("description", core.html(core.LICENCE)), ("shuffle_answers", "true"),
                      ("scoring_policy", "keep_highest"), ("quiz_type", "practice_quiz"),
                      ("points_possible", f"{sum(question.points for question in questions):g}"), ("show_correct_answers", "true"),
                      ("allowed_attempts", "-1")):
        add(top, tag, text)
    return document(top)


def _manifest(unit: Unit, quizzes: list[tuple[str, str, str]]) -> bytes:
    space, lom = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1", "http://www.imsglobal.org/xsd/imsmd_v1p2"
    top = root("manifest", space, f"{space} http://www.imsglobal.org/xsd/imscp_v1p1.xsd {lom} http://www.imsglobal.org/xsd/imsmd_v1p2p2.xsd",
               {"imsmd": lom}, identifier=f"almost-allies-{unit.name}-canvas")
    about = add(top, "metadata")
    add(about, "schema", "IMS Content")
    add(about, "schemaversion", "1.1.3")
    description = add(about, "imsmd:lom")
    add(add(add(description, "imsmd:general"), "imsmd:title"), "imsmd:string", unit.title)
    rights = add(description, "imsmd:rights")
    add(add(rights, "imsmd:copyrightAndOtherRestrictions"), "imsmd:value", "yes")
    add(add(rights, "imsmd:description"), "imsmd:string", core.LICENCE)
    add(top, "organizations")
    resources = add(top, "resources")
    for ident, test, meta in quizzes:
        quiz = add(resources, "resource", identifier=ident, type="imsqti_xmlv1p2")
        add(quiz, "file", href=test)
        add(quiz, "dependency", identifierref=f"{ident}-meta")
        extra = add(resources, "resource", identifier=f"{ident}-meta", href=meta,
                    type="associatedcontent/imscc_xmlv1p1/learning-application-resource")
        add(extra, "file", href=meta)
    return document(top)
