"""Read the course's tables, typed and checked by ``data/datapackage.json``.

    >>> from almost_allies import load
    >>> borders = load("russia_land_borders")
    >>> int(borders["border_km"].sum())
    22407

Every table is a plain CSV file beside a Data Package descriptor that gives each column's type, unit and limits.
Whatever does not fit the descriptor stops with a `DataError`, one line that names the file, the line and the column.
"""

import csv
import difflib
import functools
import json
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

__all__ = ["PROJECT", "ROOT", "DataError", "describe", "load", "resources", "source_line", "tables"]

_HERE = Path(__file__).resolve().parent
#: The course's files: the checkout that the package lies in, or else the copy that a wheel carries (setup.py).
PROJECT = _HERE / "course" if (_HERE / "course").is_dir() else _HERE.parent
#: The folder of the data package.
ROOT = PROJECT / "data"


#: Characters that turn the reading order round without being seen: what a reviewer reads is then not what the file says.
REVERSING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

#: Characters that a line may hold; the longest has some 500.
LINE_LENGTH = 10_000

Resource = dict[str, Any]   # a resource of the descriptor, as its JSON is


class DataError(ValueError):
    """A table that is unknown, missing, malformed or at odds with its descriptor."""


@functools.lru_cache(maxsize=16)
def _parse_package(path: str, stamp: tuple[int, int]) -> dict[str, Resource]:
    """The descriptor's resources by name. ``stamp`` (time and size) makes an edited file be read again."""
    try:
        package = json.loads(Path(path).read_text(encoding="utf-8"))
        return {resource["name"]: resource for resource in package["resources"]}
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise DataError(f"{_short(path)}: not a readable data package descriptor: {error!r}") from None


def resources(folder: Path | str = ROOT) -> dict[str, Resource]:
    """Descriptors of everything in the package, tables and map outlines, by name."""
    path = Path(folder) / "datapackage.json"
    try:
        stamp = path.stat()
    except OSError:
        raise DataError(f"{_short(path)}: no such file; the course's data folder was expected here") from None
    return _parse_package(str(path), (stamp.st_mtime_ns, stamp.st_size))


def _short(path: Path | str) -> str:
    """``data/name.csv``: the folder and the file, the same text on every machine."""
    path = Path(path)
    return f"{path.parent.name}/{path.name}"


def tables(folder: Path | str = ROOT) -> list[str]:
    """Names of all tables in the package, in alphabetical order. Map outlines are in the package too, but are no tables."""
    return sorted(name for name, about in resources(folder).items() if "schema" in about)


def describe(name: str, folder: Path | str = ROOT) -> Resource:
    """The descriptor of one table: a dict with ``title``, ``credit``, ``licenses``, ``citation``, ``schema`` ...

    Raises `DataError` for a name that is not in the package and suggests the nearest one.
    """
    known = resources(folder)
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
        hint = f'did you mean "{near[0]}"?' if near else f"the tables are {', '.join(tables(folder))}"
        raise DataError(f'{_short(Path(folder) / "datapackage.json")}: no table is called "{name}"; {hint}')
    return known[name]


def source_line(names: str | Iterable[str], folder: Path | str = ROOT) -> str:
    """The words under a chart: credit and licence of one table (a name) or of several (a list of names).

    A credit that several tables share is written once.
    """
    parts: list[str] = []
    for name in [names] if isinstance(names, str) else names:
        about = describe(name, folder)
        part = ", ".join([about["credit"], *(licence["title"] for licence in about["licenses"])])
        if part not in parts:
            parts.append(part)
    return "; ".join(parts)


def load(name: str, folder: Path | str = ROOT) -> pd.DataFrame:
    """One table as a DataFrame, typed by the descriptor; row order and column order are those of the file.

    integer, year -> int64, or float64 with NaN where cells are empty; number -> float64; date -> datetime64;
    boolean -> bool, or nullable boolean where cells are empty; string -> str, NaN where empty.
    Units are in ``describe(name)["schema"]["fields"]``. Raises `DataError`.
    """
    about = describe(name, folder)
    path = Path(folder) / about["path"]
    if "schema" not in about:
        raise DataError(f"{_short(path)}: not a table but {about['mediatype']}; read it with almost_allies.maps")
    fields = about["schema"]["fields"]
    lines, rows = _read(path, [field["name"] for field in fields])
    columns = list(zip(*rows, strict=True)) or [()] * len(fields)
    data = {}
    for field, cells in zip(fields, columns, strict=True):
        data[field["name"]] = _column(field, cells, path, lines)
    frame = pd.DataFrame(data, copy=False)
    _check_key(frame, about["schema"].get("primaryKey", []), path, lines)
    return frame


def _read(path: Path, names: list[str]) -> tuple[list[int], list[list[str]]]:
    """Cells as text. Returns (line number of each row, rows); a quoted cell may span lines, so they are counted."""
    lines, rows = [], []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(_lines(file, path), strict=True)
            header = next(reader, [])
            if header != names:
                raise DataError(f"{_short(path)}: line 1, {_header_fault(header, names)}")
            start = reader.line_num + 1
            for row in reader:
                if len(row) != len(names):
                    seen = (
                        f'column "{names[len(row)]}": the row ends'
                        if len(row) < len(names)
                        else (f'after column "{names[-1]}": the row goes on')
                    )
                    raise DataError(f"{_short(path)}: line {start}, {seen}; found {len(row)} cells, expected {len(names)}")
                if turned := REVERSING.search("\0".join(row)):
                    column = names[next(i for i, cell in enumerate(row) if turned[0] in cell)]
                    raise DataError(f'{_short(path)}: line {start}, column "{column}": found the hidden character '
                                    f"U+{ord(turned[0]):04X}, which turns the reading order round; expected none")
                lines.append(start)
                rows.append(row)
                start = reader.line_num + 1
    except FileNotFoundError:
        raise DataError(f"{_short(path)}: no such file; data/datapackage.json expects it") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{_short(path)}: not UTF-8 text at byte {error.start}") from None
    except csv.Error as error:
        raise DataError(f"{_short(path)}: line {reader.line_num}: malformed CSV: {error}") from None
    return lines, rows


def _lines(file: Iterable[str], path: Path) -> Iterator[str]:
    """Lines of a file, none too long; csv's own limit is one for the whole process, and other libraries move it."""
    for number, line in enumerate(file, 1):
        if len(line) > LINE_LENGTH:
            raise DataError(f"{_short(path)}: line {number}: found {len(line):,} characters, expected at most {LINE_LENGTH:,}")
        yield line


def _header_fault(header: list[str], names: list[str]) -> str:
    for position, expected in enumerate(names):
        found = header[position] if position < len(header) else "nothing"
        if found != expected:
            return f'column {position + 1}: found "{found}", expected "{expected}"'
    return f'column {len(names) + 1}: found "{header[len(names)]}", expected no further column'


# Python reads more than the Data Package standard allows: int("1_000"), float("nan"), date 19990312 and 1999-W10-5.
_WHOLE = re.compile(r"[+-]?[0-9]+").fullmatch
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?").fullmatch
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch


def _integer(text: str) -> int:
    if not _WHOLE(text):
        raise ValueError(text)
    return int(text)


def _number(text: str) -> float:
    if not _DECIMAL(text):
        raise ValueError(text)
    return float(text)


def _day(text: str) -> date:
    if not _ISO_DAY(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


_KINDS: dict[str, tuple[Callable[[str], Any], str]] = {  # type in the descriptor: (how one cell is read, what the error says was expected)
    "integer": (_integer, "a whole number"),
    "year": (_integer, "a year"),
    "number": (_number, "a number"),
    "date": (_day, "a date like 1999-03-12"),
    "boolean": (_boolean, "true or false"),
    "string": (str, "text"),
}


def _column(field: dict[str, Any], cells: Sequence[str], path: Path, lines: list[int]) -> pd.Series:
    """One column from text to its type, checked. ``cells`` and ``lines`` have one entry per row."""
    read, expected = _KINDS[field["type"]]
    rules = field.get("constraints", {})
    values: list[Any] = []
    for line, cell in zip(lines, cells, strict=True):
        if cell == "":
            if rules.get("required"):
                raise _fault(path, line, field, "an empty cell", expected)
            values.append(None)
            continue
        try:
            values.append(read(cell))
        except ValueError:
            raise _fault(path, line, field, f'"{cell}"', expected) from None
    broken = _breach(rules, read, cells, values)
    if broken:
        position, wanted = broken
        raise _fault(path, lines[position], field, f'"{cells[position]}"', wanted)
    return _series(field["type"], values)


def _series(kind: str, values: list[Any]) -> pd.Series:
    gaps = any(value is None for value in values)
    if kind in ("integer", "year"):
        return pd.Series(values, dtype="float64" if gaps else "int64")
    if kind == "number":
        return pd.Series(values, dtype="float64")
    if kind == "boolean":
        return pd.Series(values, dtype="boolean" if gaps else "bool")
    if kind == "date":
        return pd.to_datetime(pd.Series(values, dtype="object")).astype("datetime64[ns]")
    return pd.Series(values, dtype="str")


def _breach(rules: dict[str, Any], read: Callable[[str], Any], cells: Sequence[str], values: list[Any]) -> tuple[int, str] | None:
    """The first cell that breaks a constraint as (position, what was expected), or None."""
    tests: list[tuple[Callable[[Any], object], str]] = []  # (does this value keep the rule?, what was expected)
    if "enum" in rules:
        allowed = {read(str(choice)) for choice in rules["enum"]}
        tests.append((allowed.__contains__, "one of " + ", ".join(map(str, rules["enum"]))))
    if "minimum" in rules:
        tests.append((read(str(rules["minimum"])).__le__, f"at least {rules['minimum']}"))
    if "maximum" in rules:
        tests.append((read(str(rules["maximum"])).__ge__, f"at most {rules['maximum']}"))
    for keeps, wanted in tests:
        for position, value in enumerate(values):
            if value is not None and keeps(value) is not True:
                return position, wanted
    if "pattern" in rules:
        fits = re.compile(rules["pattern"]).fullmatch
        for position, cell in enumerate(cells):
            if cell and not fits(cell):
                return position, f"text of the form {rules['pattern']}"
    if rules.get("unique"):
        seen: set[Hashable] = set()
        for position, value in enumerate(values):
            if value is not None and value in seen:
                return position, "a value that no earlier row has"
            seen.add(value)
    return None


def _check_key(frame: pd.DataFrame, key: str | list[str], path: Path, lines: list[int]) -> None:
    key = [key] if isinstance(key, str) else key
    if not key:
        return
    twice = frame.duplicated(key)
    if twice.any():
        position = int(twice.to_numpy().argmax())
        values = ", ".join(str(frame[column].iloc[position]) for column in key)
        raise DataError(
            f'{_short(path)}: line {lines[position]}, column "{", ".join(key)}": found {values} a second time, expected each once'
        )


def _fault(path: Path, line: int, field: dict[str, Any], found: str, expected: str) -> DataError:
    return DataError(f'{_short(path)}: line {line}, column "{field["name"]}": found {found}, expected {expected}')
