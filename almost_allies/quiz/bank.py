"""Question banks: read and check ``data/quizzes/*.yml``.

    python -m almost_allies.quiz.bank data/quizzes/borders.yml

prints OK, or every error in the bank, one a line, and then exits with 1. The form of a bank is in
``bank.schema.json``; `check_bank` adds what a schema cannot say.
"""
from __future__ import annotations

import difflib
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import yaml

from almost_allies.bibliography import read_bibliography
from almost_allies.data import PROJECT
from almost_allies.quiz.scoring import close, fold
from almost_allies.typography import typographic

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

Record = TypeVar("Record")
SCHEMA = Path(__file__).with_name("bank.schema.json")
MAX_BYTES = 256_000   # the longest bank of the course is below 30 kB
MAX_DEPTH = 8         # a bank needs five levels
# Characters that reverse or reorder the text around them, so that a page shows what nobody wrote.
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class BankError(ValueError):
    """A bank that is missing or wrong; ``errors`` lists every fault in one line each."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


def _as_number(answer: object) -> float:
    if isinstance(answer, bool) or not isinstance(answer, (int, float)):
        raise TypeError(f"found {answer!r}, expected a number as the answer")
    return answer


@dataclass(frozen=True)
class Choice:
    id: str
    text: str
    feedback: str
    correct: bool = False


@dataclass(frozen=True)
class Item:
    id: str
    text: str


@dataclass(frozen=True)
class Pair:
    id: str
    left: str
    right: str
    option: str   # id of the option that holds `right`; pairs with the same text share one


@dataclass(frozen=True)
class Mistake:
    answer: float | str
    feedback: str

    @property
    def number(self) -> float:
        """The answer to a numeric question. Raises TypeError for another type of question."""
        return _as_number(self.answer)

    @property
    def text(self) -> str:
        """The answer to a short question. Raises TypeError for another type of question."""
        if not isinstance(self.answer, str):
            raise TypeError(f"found {self.answer!r}, expected text as the answer")
        return self.answer


@dataclass(frozen=True)
class Feedback:
    correct: str
    incorrect: str

    def __bool__(self) -> bool:
        return bool(self.correct or self.incorrect)


@dataclass(frozen=True)
class Question:
    """One question; the fields after ``hint`` belong to some types only (see the schema)."""
    id: str
    type: str
    difficulty: int
    objective: str
    anchor: str
    prompt: str
    explanation: str
    points: float = 1
    sources: tuple[str, ...] = ()
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    answer: bool | float | None = None
    tolerance: float = 0.0
    unit: str = ""
    accept: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    items: tuple[Item, ...] = ()
    pairs: tuple[Pair, ...] = ()
    distractors: tuple[Item, ...] = ()
    feedback: Feedback = Feedback("", "")

    @property
    def number(self) -> float:
        """The right answer of a numeric question. Raises TypeError for another type of question."""
        return _as_number(self.answer)

    @property
    def options(self) -> tuple[Item, ...]:
        """What a match question offers: each different right-hand text once, then the distractors."""
        rights = {pair.option: Item(pair.option, pair.right) for pair in self.pairs}
        return (*rights.values(), *self.distractors)


@dataclass(frozen=True)
class Bank:
    quiz: str
    title: str
    chapter: str
    lang: str
    questions: tuple[Question, ...]

    @property
    def max_score(self) -> float:
        return sum(question.points for question in self.questions)


# ------------------------------------------------------------------ safe YAML

class _Loader(yaml.SafeLoader):
    """YAML 1.2 scalars (``no`` is text, as is 1997-05-27) and no key written twice."""
    yaml_implicit_resolvers = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(problem="a key must be text", problem_mark=key_node.start_mark)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"key {_quote(key)} is written twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in [
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", "tf"),
    # Lengths are bounded so that no number overflows.
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,17})", "-+0123456789"),
    ("float", r"[-+]?[0-9]{1,18}(?:\.[0-9]{0,18})?(?:e[-+]?[0-9]{1,2})?", "-+0123456789"),
]:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), list(_first))


def _parse(text: str) -> Any:
    """YAML text to plain Python data; raises yaml.YAMLError for aliases, tags and deep nesting too."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        problem = None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            problem = "YAML anchors and aliases are not allowed"
        elif getattr(event, "tag", None):
            problem = "YAML tags are not allowed"
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            problem = f"nested deeper than {MAX_DEPTH} levels" if depth > MAX_DEPTH else None
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if problem:
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=cast(yaml.Mark, event.start_mark))
    return yaml.load(text, Loader=_Loader)


def _read(path: Path) -> Any:
    """The data of a bank file; raises ValueError with a one-line reason."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ValueError(f"{size:,} bytes, more than the {MAX_BYTES:,} a bank may have")
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from None
    try:
        return _parse(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ValueError(f"line {line}: character U+{ord(text[error.position]):04X} is not allowed") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ValueError(f"line {mark.line + 1 if mark else 1}: {error.problem or error.context}") from None


# ------------------------------------------------------------------ checks

def _quote(value: object) -> str:
    """A value in a message: short, one line, nothing invisible."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
    text = text if len(text) <= 60 else text[:57] + "..."
    return f'"{text}"' if isinstance(value, str) else text


def _suggest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {_quote(near[0])}?" if near else ""


def _schema_faults(data: dict[str, Any]) -> list[ValidationError]:
    if sys.platform == "emscripten":   # a browser's banks were checked when the wheel was made: spare it the fetching of jsonschema
        return []
    return sorted(_validator().iter_errors(data), key=lambda fault: [str(step).zfill(4) for step in fault.absolute_path])


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    # Where JupyterLab is installed, jsonschema imports rfc3987_syntax, which compiles grammars for seconds, for formats not used here.
    sys.modules.setdefault("rfc3987_syntax", None)   # type: ignore[arg-type]  # None is how an import is forbidden
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


ONE = {"choices": "choice", "items": "item", "pairs": "pair", "distractors": "distractor",
       "mistakes": "mistake", "accept": "accepted answer", "sources": "source", "questions": "question"}
KINDS = {"string": "text", "number": "a number", "integer": "a whole number", "boolean": "true or false",
         "array": "a list", "object": "a block of keys"}


def _place(data: Any, path: Iterable[str | int]) -> str:
    """``question 3 "share-2023": choice "finland": `` for the path of a schema error."""
    words, kind = "", ""
    for key in path:
        data = data[key]
        if isinstance(key, str):
            kind = ONE.get(key, key)
            words += f'"{key}": ' if isinstance(data, dict) else ""
            continue
        name = data.get("id") if isinstance(data, dict) else None
        named = isinstance(name, str)
        number = f" {key + 1}" if kind == "question" or not named else ""
        words += f"{kind}{number}{' ' + _quote(name) if named else ''}: "
    return words


def _reason(data: dict[str, Any], error: ValidationError) -> str:
    """A schema error in the words of somebody who writes questions."""
    path, rule = list(error.absolute_path), str(error.validator)
    value: Any = error.instance
    limit: Any = error.validator_value
    schema: Any = error.schema
    if rule == "required":
        missing = re.findall(r"'(.*)' is a required", error.message)[0]
        return f'{_place(data, path)}"{missing}" is missing'
    if rule == "additionalProperties":
        known = schema["properties"]
        extra = next(key for key in value if key not in known)
        hint = "; text with a comma needs quotes" if " " in extra else _suggest(extra, known)
        return f"{_place(data, path)}unknown key {_quote(extra)}{hint}"
    if path and isinstance(path[-1], str):
        place, name = _place(data, path[:-1]), f'"{path[-1]}"'
    else:
        place, name = "", _place(data, path).removesuffix(": ") or "the bank"
    if rule == "not":
        return f'{place}{name} does not belong to a question of type "{data["questions"][path[1]]["type"]}"'
    found = f"found {_quote(value)}"
    if rule == "type":
        quotes = " (put it in quotes)" if limit == "string" and isinstance(value, (bool, int, float)) else ""
        return f"{place}{name} must be {KINDS[limit]}, {found}{quotes}"
    if rule == "enum":
        return f"{place}{name} must be one of {', '.join(map(str, limit))}, {found}"
    if rule == "pattern":
        return f"{place}{name} is empty" if limit == "\\S" else f"{place}{name} must be like {limit}, {found}"
    text = {
        "minimum": f"must be {limit} or more, {found}",
        "exclusiveMinimum": f"must be more than {limit}, {found}",
        "maximum": f"must be {limit} or less, {found}",
        "minItems": f"needs at least {limit}, found {len(value) if isinstance(value, list) else 0}",
        "maxItems": f"may have at most {limit}, found {len(value) if isinstance(value, list) else 0}",
        "minLength": "is empty",
        "maxLength": f"is longer than {limit} characters",
        "uniqueItems": "names the same twice",
    }[rule]
    return f"{place}{name} {text}"


def _bad_character(value: object) -> str | None:
    """The first control or bidirectional character in any text of ``value``."""
    if isinstance(value, dict):
        return next(filter(None, map(_bad_character, value.values())), None)
    if isinstance(value, list):
        return next(filter(None, map(_bad_character, value)), None)
    if isinstance(value, str):
        for char in value:
            if char in BIDI:
                return f"bidirectional control character U+{ord(char):04X}"
            if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t":
                return f"control character U+{ord(char):04X}"
    return None


def _twice(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _check_question(question: dict[str, Any]) -> Iterator[str]:
    """Reasons why a question that fits the schema cannot be asked."""
    kind = question["type"]
    bad = _bad_character(question)
    if bad:
        yield f"{bad} in its text"
    for key in ("choices", "items", "pairs"):
        parts = question.get(key, []) + (question.get("distractors", []) if key == "pairs" else [])
        for name in _twice(part["id"] for part in parts):
            yield f"{ONE[key]} id {_quote(name)} is used twice"
        shown_as = "left" if key == "pairs" else "text"
        for text in _twice(_tidy(part[shown_as]) for part in question.get(key, [])):
            yield f"{ONE[key]} text {_quote(text)} is used twice"
    if kind in ("single", "multi"):
        correct = sum(choice.get("correct", False) for choice in question["choices"])
        if not correct:
            yield "no choice is marked correct"
        elif kind == "single" and correct > 1:
            yield f"{correct} choices are marked correct, a single question has one"
        elif kind == "multi" and correct == len(question["choices"]):
            yield "every choice is marked correct"
    if kind == "numeric":
        for mistake in question.get("mistakes", []):
            if close(mistake["answer"], question["answer"], question.get("tolerance", 0)):
                yield f"mistake {mistake['answer']} is within the tolerance of the answer"
    if kind == "short":
        accepted = [fold(text) for text in question["accept"]]
        if "" in accepted:
            yield "an accepted answer has no letter or digit"
        for text in _twice(accepted):
            yield f"accepted answer {_quote(text)} is given twice (case, accents and spaces do not count)"
        for mistake in question.get("mistakes", []):
            if fold(mistake["answer"]) in accepted:
                yield f"mistake {_quote(mistake['answer'])} is also an accepted answer"
    if kind == "match":
        options = {_tidy(pair["right"]) for pair in question["pairs"]}
        if len(options) == 1 and not question.get("distractors"):
            yield "every pair has the same right side"
        texts = [_tidy(item["text"]) for item in question.get("distractors", [])]
        for text in [text for text in texts if text in options] + _twice(texts):
            yield f"distractor {_quote(text)} is offered twice"


def _labels(root: Path, chapter: str) -> set[str]:
    """The ``(label)=`` lines of a chapter; raises ValueError if there is no such chapter."""
    notebook, page = (root / f"{chapter}{ending}" for ending in (".ipynb", ".md"))
    if notebook.is_file():
        try:
            cells = json.loads(notebook.read_text("utf-8"))["cells"]
            text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"{chapter}.ipynb is not a notebook") from None
    elif page.is_file():
        text = page.read_text("utf-8")
    else:
        raise ValueError(f"there is no chapter {chapter}.ipynb")
    return set(re.findall(r"^\(([^()\s]+)\)=\s*$", text, re.MULTILINE))


def check_bank(path: Path | str, *, root: Path | str = PROJECT, links: bool = True) -> tuple[dict[str, Any], list[str]]:
    """Read a bank and list its errors, one line each: ``(data, errors)``; data is empty if it cannot be read.

    With ``links`` the anchors are looked up in the chapter and the sources in ``references.bib``,
    both below ``root``.
    """
    path, root = Path(path), Path(root)
    inside = path.resolve().is_relative_to(root.resolve())
    shown = path.resolve().relative_to(root.resolve()).as_posix() if inside else str(path)
    try:
        data = _read(path)
    except ValueError as error:
        return {}, [f"{shown}: {error}"]
    if not isinstance(data, dict):
        return {}, [f"{shown}: a bank must be a block of keys, found {_quote(data)}"]

    faults = _schema_faults(data)
    errors = [_reason(data, fault) for fault in faults]
    unfit = {fault.absolute_path[1] for fault in faults if len(fault.absolute_path) > 1}
    questions = data["questions"] if isinstance(data.get("questions"), list) else []
    bad = _bad_character(data.get("title"))
    if bad:
        errors.append(f"{bad} in its title")
    if isinstance(data.get("quiz"), str) and data["quiz"] != path.stem:
        errors.append(f"quiz {_quote(data['quiz'])} must have the name of its file, {_quote(path.stem)}")

    labels = keys = None   # None: not known, so not checked
    if links:
        try:
            labels = _labels(root, str(data.get("chapter")))
        except ValueError as error:
            errors.append(str(error))
        try:
            keys = read_bibliography(root / "references.bib")
        except ValueError as error:
            errors.append(str(error))
    seen = set()
    for index, question in enumerate(questions):
        if not isinstance(question, dict) or not isinstance(question.get("id"), str):
            continue
        where = _place(data, ["questions", index])
        if question["id"] in seen:
            errors.append(f"{where}the id is used by an earlier question")
        seen.add(question["id"])
        if index in unfit:
            continue
        errors += [where + reason for reason in _check_question(question)]
        if labels is not None and question["anchor"] not in labels:
            near = _suggest(question["anchor"], labels)
            errors.append(f"{where}no label {_quote(question['anchor'])} in {data['chapter']}{near}")
        for key in question.get("sources", []):
            if keys is not None and key not in keys:
                errors.append(f"{where}no source {_quote(key)} in references.bib{_suggest(key, keys)}")
    return data, [f"{shown}: {error}" for error in errors]


# ------------------------------------------------------------------ loading

def _tidy(value: Any) -> Any:
    """Text with single spaces, as YAML's folded blocks leave line ends behind, and curly quotation marks."""
    return typographic(" ".join(value.split())) if isinstance(value, str) else value


def _record(cls: Callable[..., Record], data: dict[str, Any], **more: Any) -> Record:
    return cls(**{key: _tidy(value) for key, value in data.items()}, **more)


def _question(data: dict[str, Any]) -> Question:
    data = dict(data)
    first: dict[str, str] = {}
    for pair in data.get("pairs", []):
        first.setdefault(_tidy(pair["right"]), pair["id"])
    parts: dict[str, Callable[[Any], Any]] = {
        "choices": lambda part: _record(Choice, part),
        "items": lambda part: _record(Item, part),
        "distractors": lambda part: _record(Item, part),
        "mistakes": lambda part: _record(Mistake, part),
        "pairs": lambda part: _record(Pair, part, option=first[_tidy(part["right"])]),
        "accept": _tidy,
        "sources": _tidy,
    }
    for key, build in parts.items():
        if key in data:
            data[key] = tuple(build(part) for part in data[key])
    if "feedback" in data:
        data["feedback"] = _record(Feedback, data["feedback"])
    return _record(Question, data)


def bank_names(root: Path | str = PROJECT) -> list[str]:
    """Names of all quizzes, in alphabetical order."""
    return sorted(path.stem for path in (Path(root) / "data/quizzes").glob("*.yml"))


def load_bank(path_or_name: Path | str, *, root: Path | str = PROJECT, links: bool = True) -> Bank:
    """Read and check a bank, by its name ("borders") or by the path of its file.

    ``links=False`` leaves out the look-up of anchors and sources, which need the chapter and the
    bibliography below ``root``. Raises `BankError`.
    """
    if isinstance(path_or_name, Path) or str(path_or_name).endswith((".yml", ".yaml")):
        path = Path(path_or_name)
    else:
        names = bank_names(root)
        if path_or_name not in names:
            near = _suggest(str(path_or_name), names) or f"; there are {', '.join(names) or 'none'}"
            raise BankError([f"data/quizzes: no quiz {_quote(str(path_or_name))}{near}"])
        path = Path(root) / "data/quizzes" / f"{path_or_name}.yml"
    data, errors = check_bank(path, root=root, links=links)
    if errors:
        raise BankError(errors)
    return Bank(**{key: _tidy(data[key]) for key in ("quiz", "title", "chapter", "lang")},
                questions=tuple(_question(question) for question in data["questions"]))


def main(paths: Sequence[Path | str]) -> int:
    """Check the banks named on the command line, or all; the exit code."""
    failed = False
    for path in paths or sorted((PROJECT / "data/quizzes").glob("*.yml")):
        data, errors = check_bank(path)
        failed |= bool(errors)
        print("\n".join(errors) if errors else f"{path}: OK, {len(data['questions'])} questions")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
