"""Files for learning platforms, and paper, from the question bank.

    python -m almost_allies.exports --chapter borders --format moodle -o out/

A format is a module in `FORMATS`. It has

``TITLE``
    what a teacher calls it: "Moodle XML".
``LIMITS``
    sentences that hold for every question in it: what the format has no place for. They open its part of the report.
``carry(question) -> Outcome``
    what becomes of a question (`almost_allies.quiz.bank.Question`) in this format: `almost_allies.exports.core.Outcome`.
``write(unit, folder) -> list[str]``
    write the files of a `almost_allies.exports.core.Unit` (a chapter's quiz, the final quiz or the course) into ``folder`` and return
    their names; no name if ``carry`` leaves out every question. Equal input gives equal bytes; `core.write_zip` helps.
``USE``
    "class" for paper and lessons; without it the format is for a learning platform.
``CHAPTERS_ONLY``
    True if the format needs a chapter's own charts or cells: it is not made for the final quiz and the course.

To add a format, write the module and name it here. The command line and the report take the rest from it.
"""
from __future__ import annotations

from importlib import import_module
from types import ModuleType

FORMATS = {
    "moodle": "almost_allies.exports.moodle_xml",
    "gift": "almost_allies.exports.gift",
    "canvas": "almost_allies.exports.canvas_qti12",
    "qti21": "almost_allies.exports.qti21",
    "cartridge": "almost_allies.exports.common_cartridge",
    "h5p": "almost_allies.exports.h5p",
    "anki": "almost_allies.exports.anki",
    "worksheet": "almost_allies.exports.worksheet",
    "slides": "almost_allies.exports.slides",
    "pack": "almost_allies.exports.pack",
    "assignment": "almost_allies.exports.assignment",
}


def format_module(name: str) -> ModuleType:
    """The module of a format; loaded when it is asked for, because some need libraries that others do not."""
    return import_module(FORMATS[name])
