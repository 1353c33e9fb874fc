"""A question bank as a spec (what quiz.js works with), as HTML and as Markdown.

The HTML can be read and used without script, and holds the whole spec: quiz.js reads it back with
``core.read``, so a page carries each question once. It is well-formed XML, so that an EPUB can hold it.
"""
from __future__ import annotations

import json
import re
from hashlib import sha256
from html import escape
from typing import Any

from almost_allies.bibliography import Source
from almost_allies.quiz.bank import Bank, Question
from almost_allies.quiz.scoring import shown

NOTE = "For practice: the answers are in this page's source. What you answer stays in your browser."
NOTE_LABELS = {"right": "If right", "wrong": "If not"}
TRUE_FALSE = (("true", "True"), ("false", "False"))


def number_text(value: float) -> str:
    """22407.0 -> "22,407", 1997 -> "1997", 11.7 -> "11.7": no separator in years."""
    text = f"{value:,.10f}" if abs(value) >= 10_000 else f"{value:.10f}"
    return text.rstrip("0").rstrip(".")


def how(question: Question) -> str:
    """What to do, where the kind of answer needs a word."""
    return {
        "multi": "Choose all that apply.",
        "numeric": f"Answer in {question.unit}." if question.unit else "Answer with a number.",
        "short": "Answer in a word or two.",
        "order": "Move the items into the right order.",
        "match": "Choose one for each.",
    }.get(question.type, "")


def content_key(bank: Bank) -> str:
    """Hash of what answers depend on: ids, types and right answers, but no wording.

    A reader's stored answers outlive a corrected typo, and not a changed question.
    """
    kept = [[q.id, q.type, q.points, [[c.id, c.correct] for c in q.choices], q.answer, q.tolerance, list(q.accept),
             [i.id for i in q.items], [[p.id, p.option] for p in q.pairs], [d.id for d in q.distractors]]
            for q in bank.questions]
    return sha256(json.dumps(kept).encode()).hexdigest()[:8]


def spec(bank: Bank, sources: dict[str, Source]) -> dict:
    """What quiz.js works with, and exactly what its ``read`` finds in the page: text, and lists of texts.

    Numbers are text too, as in HTML attributes. Answers are in the order in which they are shown;
    ``notes`` are the feedback: one for each choice, or one for "right", each mistake, and "wrong".
    """
    return {
        "quiz": bank.quiz,
        "title": bank.title,
        "lang": bank.lang,
        "questions": [_question_spec(bank, question, sources) for question in bank.questions],
    }


def _question_spec(bank: Bank, q: Question, sources: dict[str, Source]) -> dict:
    data: dict[str, Any] = {"id": q.id, "type": q.type, "points": f"{q.points:g}", "prompt": q.prompt, "explanation": q.explanation}
    if how(q):
        data["how"] = how(q)
    if q.hint:
        data["hint"] = q.hint
    cited = [sources.get(key, Source(key, "")) for key in q.sources]
    data["links"] = [{"text": source.label} | ({"url": source.url} if source.url else {}) for source in cited]
    data["links"].append({"text": "Read again", "url": f"#{q.anchor}"})

    mixed = shown(bank.quiz, q)
    if q.type in ("single", "multi"):
        data["choices"] = [{"id": c.id, "text": c.text} | ({"right": "1"} if c.correct else {}) for c in mixed]
        data["notes"] = [{"text": c.feedback} for c in mixed]
        return data
    if q.type == "truefalse":
        right = str(q.answer).lower()
        data["choices"] = [{"id": id, "text": text} | ({"right": "1"} if id == right else {}) for id, text in TRUE_FALSE]
        data["notes"] = [{"text": q.feedback.correct if id == right else q.feedback.incorrect} for id, _ in TRUE_FALSE]
        return data
    data["notes"] = [
        {"id": "right", "text": q.feedback.correct},
        *({"mistake": _text(mistake.answer), "text": mistake.feedback} for mistake in q.mistakes),
        {"id": "wrong", "text": q.feedback.incorrect},
    ]
    if q.type == "numeric":
        data |= {"answer": _text(q.number), "tolerance": _text(q.tolerance), "unit": q.unit,
                 "accept": [{"text": f"{number_text(q.number)} {q.unit}".strip()}]}
    elif q.type == "short":
        data["accept"] = [{"text": text} for text in q.accept]
    elif q.type == "order":
        places = {item.id: str(place) for place, item in enumerate(q.items, 1)}
        data["items"] = [{"id": item.id, "text": item.text, "place": places[item.id]} for item in mixed]
    else:
        data["pairs"] = [{"id": p.id, "text": p.left, "option": p.option} for p in q.pairs]
        data["options"] = [{"id": o.id, "text": o.text} for o in mixed]
    return data


def _text(value: float | str) -> str:
    """A number as an attribute holds it: 22407.0 -> "22407"."""
    return value if isinstance(value, str) else repr(float(value)).removesuffix(".0")


def _letter(index: int) -> str:
    return chr(ord("A") + index)


def _solution(q: dict) -> str:
    """The right answer in the letters and numbers under which its parts are shown."""
    if "choices" in q:
        return ", ".join(_letter(i) for i, choice in enumerate(q["choices"]) if "right" in choice)
    if "items" in q:
        letters = {int(item["place"]): _letter(i) for i, item in enumerate(q["items"])}
        return ", ".join(letters[place] for place in sorted(letters))
    if "pairs" in q:
        letters = {option["id"]: _letter(i) for i, option in enumerate(q["options"])}
        return ", ".join(f"{i} {letters[pair['option']]}" for i, pair in enumerate(q["pairs"], 1))
    return " or ".join(part["text"] for part in q["accept"])


# ------------------------------------------------------------------ HTML
# Every element with `data-one` gives the spec a text of that name, every one with `data-many` adds to that list an
# entry made of its other `data-` attributes and its last text. `core.read` in quiz.js needs no other rule.

def html(spec: dict, storage_key: str) -> str:
    """A section with the questions as a list, hints and answers in ``<details>``."""
    questions = "\n".join(_question_html(spec["quiz"], q) for q in spec["questions"])
    return (
        f'<section class="aa-quiz" id="quiz-{spec["quiz"]}" data-widget="quiz" data-quiz="{spec["quiz"]}" '
        f'data-key="{escape(storage_key)}" lang="{spec["lang"]}" aria-label="{escape(spec["title"])}">\n'
        f"<ol>\n{questions}\n</ol>\n<p>{escape(NOTE)}</p>\n</section>"
    )


def _one(tag: str, name: str, text: str) -> str:
    return f'<{tag} data-one="{name}">{escape(text)}</{tag}>'


def _many(tag: str, name: str, entry: dict, label: str = "") -> str:
    """One entry of a list; ``label`` is text for the reader that is no part of the entry."""
    data = "".join(f' data-{key}="{escape(value)}"' for key, value in entry.items() if key not in ("text", "url"))
    href = f' href="{escape(entry["url"])}"' if "url" in entry else ""
    return f'<{tag}{href} data-many="{name}"{data}>{label}{escape(entry["text"])}</{tag}>'


def _note_label(q: dict, index: int) -> str:
    """The words before a feedback that say which answer it is for, in a page without script."""
    if "choices" in q:
        return "<b>Right. </b>" if "right" in q["choices"][index] else ""
    note = q["notes"][index]
    return f"<i>If {escape(note['mistake'])}: </i>" if "mistake" in note else f"<i>{NOTE_LABELS[note['id']]}: </i>"


def _question_html(quiz: str, q: dict) -> str:
    attributes = "".join(f' data-{key}="{escape(q[key])}"'
                         for key in ("id", "type", "points", "answer", "tolerance", "unit") if key in q)
    lines = [f'<li id="quiz-{quiz}-{q["id"]}"{attributes}>', _one("p", "prompt", q["prompt"])]
    if "how" in q:
        lines.append(_one("p", "how", q["how"]))
    for name in ("choices", "items", "pairs", "options"):
        if name in q:
            kind = "ol" if name == "pairs" else 'ol type="A"'
            lines.append(f"<{kind}>" + "".join(_many("li", name, entry) for entry in q[name]) + "</ol>")
    if "hint" in q:
        lines.append(f"<details><summary>Hint</summary>{_one('p', 'hint', q['hint'])}</details>")
    lines.append("<details><summary>Answer</summary>")
    if "accept" in q:
        lines.append("<p>" + " or ".join(_many("b", "accept", entry) for entry in q["accept"]) + "</p>")
    elif "choices" not in q:
        lines.append(f"<p><b>{_solution(q)}</b></p>")
    notes = "".join(_many("li", "notes", note, _note_label(q, i)) for i, note in enumerate(q["notes"]))
    lines.append(f'<ol type="A">{notes}</ol>' if "choices" in q else f"<ul>{notes}</ul>")
    lines.append(_one("p", "explanation", q["explanation"]))
    lines.append("<p>" + ", ".join(_many("a" if "url" in link else "span", "links", link) for link in q["links"]) + "</p>")
    lines.append("</details>\n</li>")
    return "\n".join(lines)


# ------------------------------------------------------------------ Markdown

def _md(text: str) -> str:
    """Text with every sign that Markdown could take for markup escaped."""
    text = re.sub(r"[\\`*_{}\[\]<>#~|$&!]", lambda sign: "\\" + sign[0], text)
    return re.sub(r"^(\d*)([-+=:]|[.)](?=\s|$))", r"\1\\\2", text)   # what makes a list or a rule at a line's start


def markdown(spec: dict) -> str:
    """Questions as a numbered list, then the answers as another."""
    questions, answers = [f"**{_md(spec['title'])}**", ""], ["", "**Answers**", ""]
    for n, q in enumerate(spec["questions"], 1):
        questions.append(f"{n}. {_md(q['prompt'])}" + (f" *{_md(q['how'])}*" if "how" in q else ""))
        questions += [f"    - {i}: {_md(pair['text'])}" for i, pair in enumerate(q.get("pairs", []), 1)]
        lettered = q.get("choices") or q.get("items") or q.get("options") or []
        questions += [f"    - {_letter(i)}: {_md(part['text'])}" for i, part in enumerate(lettered)]
        cited = [f"[{_md(link['text'])}](<{link['url']}>)" if "url" in link else _md(link["text"]) for link in q["links"][:-1]]
        answers.append(f"{n}. **{_md(_solution(q))}.** {_md(q['explanation'])}" + (f" ({', '.join(cited)})" if cited else ""))
    return "\n".join(questions + answers) + "\n"
