"""The check value of a pupil's results sheet: finds what was changed or mistyped by accident, and proves nothing more.

It is a checksum that anybody can compute, in a page whose source holds the answers. check.js computes the same for the page;
tests/golden/results_vectors.json holds both to the same values.
"""
from __future__ import annotations

import re
import unicodedata
import zlib
from pathlib import Path

HERE = Path(__file__).parent
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"   # Crockford's base 32: nothing that looks like something else
FIELDS = ("quiz", "name", "date", "points", "total")


def _one(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).lower()


def _figures(text: str) -> list[str]:
    return re.findall(r"[0-9.]+|-", re.sub("[\u2010-\u2015\u2212]", "-", _one(text).replace(",", ".")))


def check_value(quiz: str, name: str, date: str, points: str, total: str) -> str:
    """Check value, like ``3K7-9QWX``, of what a sheet says: all as text, ``points`` as "1 0.5 -" and ``total`` as "1.5 of 4".

    CRC-32 of the fields, so every change of up to four neighbouring bytes is found. Case, spaces, decimal commas and long dashes do
    not count.
    """
    text = "\n".join(
        ["almost-allies results 1", _one(quiz), _one(name), _one(date), " ".join(_figures(points)), " of ".join(_figures(total))]
    )
    rest, value = zlib.crc32(text.encode()), ""
    for _ in range(7):
        rest, digit = divmod(rest, 32)
        value = DIGITS[digit] + value
    return f"{value[:3]}-{value[3:]}"


def verify(sheet: str) -> bool:
    """Whether a sheet as text (lines like ``Name: Olga``) has the check value that belongs to it.

    Raises ValueError, in one line, if a line is missing.
    """
    found = {key.lower(): value for key, value in re.findall(r"^\s*(\w+)\s*:\s*(.*?)\s*$", sheet, re.MULTILINE)}
    for key in (*FIELDS, "check"):
        if not found.get(key):
            raise ValueError(
                f'results sheet: no line "{key.capitalize()}: ...", expected {", ".join(key.capitalize() for key in (*FIELDS, "check"))}'
            )
    return _typed(found["check"]) == _typed(check_value(*(found[key] for key in FIELDS)))


def _typed(value: str) -> str:
    """A check value as somebody typed it: letters that stand for a digit are that digit, hyphens do not count."""
    return re.sub("[^0-9A-Z]", "", re.sub("[IL]", "1", value.upper().replace("O", "0")))


def page_scripts() -> dict[str, str]:
    """The scripts of the pages: results.js beside every quiz, verify.js on the teacher's page; without comments and indentation."""
    check = (HERE / "check.js").read_text("utf-8")
    return {name: re.sub(r"^\s*(//.*\n)?", "", f"(() => {{\n{check}\n{(HERE / name).read_text('utf-8')}}})();\n", flags=re.MULTILINE)
            for name in ("results.js", "verify.js")}


STYLE = (HERE / "results.css").read_text("utf-8")
