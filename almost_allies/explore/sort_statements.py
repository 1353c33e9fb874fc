"""Sort dated statements into promise, assurance, discussion or neither, and compare with how historians read them."""
from __future__ import annotations

from pathlib import Path

import pandas as pd
import traitlets

from almost_allies.data import ROOT, DataError, describe, load, source_line
from almost_allies.explore.base import Explorer, join, live, rows_of, scroller, tag, when

KINDS = {
    "promise": "The speaker binds their side to do something, or not to do it, and means to be held to it.",
    "assurance": "The speaker says what their side intends or does not intend, to calm the other, without binding it.",
    "discussion": "The speaker tries out an idea, asks a question or reports a view.",
    "not discussed": "NATO east of Germany is not what the statement is about.",
}
COLUMNS = ["id", "date", "speaker", "addressee", "text"]
READING = "reading_"  # one column for each historian: reading_kramer ...


class SortStatements(Explorer):
    """The statements of one table, sorted by the reader.

    ``answers`` ({card id: kind}) and ``compared`` (are the historians' readings shown?) can be
    read and set; ``choices`` and ``agreement`` are DataFrames that follow.
    """

    core = "sort_statements"
    _esm, _css = live(core)

    answers = traitlets.Dict().tag(sync=True)
    compared = traitlets.Bool(False).tag(sync=True)

    def __init__(self, name: str, folder: Path = ROOT):
        self._name, self._cards = name, load(name, folder)
        about = describe(name, folder)
        missing = [column for column in COLUMNS if column not in self._cards]
        self._readings = {
            field["name"]: field["title"].removeprefix("Reading: ")
            for field in about["schema"]["fields"] if field["name"].startswith(READING)
        }
        if missing or not self._readings:
            wanted = missing[0] if missing else f"{READING}..."
            raise DataError(f'data/{about["path"]}: no column "{wanted}", expected {", ".join(COLUMNS)} and {READING}<historian>')
        for column in self._readings:
            for card, reading in zip(self._cards["id"], self._cards[column], strict=True):
                if pd.notna(reading) and reading not in KINDS:
                    raise DataError(f'data/{about["path"]}: card "{card}", column "{column}": found "{reading}", '
                                    f'expected {", ".join(KINDS)} or nothing')
        super().__init__()
        self.spec = {
            "widget": self.core,
            "title": about["title"],
            "subtitle": "Sort each statement, then compare with the historians. Your answers stay in this browser.",
            "source": f"Source: {source_line(name, folder)}. A reading is this course's summary of what the historian "
                      "published; the historian may put it differently.",
            "kinds": [{"id": kind, "meaning": meaning} for kind, meaning in KINDS.items()],
            "scholars": list(self._readings.values()),
            "cards": [
                {"id": card["id"], "anchor": f'{name}-{card["id"]}', "head": self._head(card), "text": card["text"],
                 "readings": ["" if pd.isna(card[column]) else card[column] for column in self._readings]}
                for card in self._cards.to_dict("records")
            ],
        }

    @property
    def key(self) -> str:
        return f"{self.core}:{self._name}"

    @staticmethod
    def _head(card: dict) -> str:
        to = f' to {card["addressee"]}' if pd.notna(card["addressee"]) else ""
        setting = f', {card["setting"]}' if pd.notna(card.get("setting")) else ""
        return f'{when(card["date"])}: {card["speaker"]}{to}{setting}'

    @traitlets.validate("answers")
    def _check_answers(self, proposal):
        for card, kind in proposal.value.items():
            if card not in set(self._cards["id"]):
                raise traitlets.TraitError(f'sort_statements: no card "{card}" in {self._name}')
            if kind not in KINDS:
                raise traitlets.TraitError(f'sort_statements: card "{card}" sorted as "{kind}", expected {", ".join(KINDS)}')
        return proposal.value

    @property
    def choices(self) -> pd.DataFrame:
        """One row per statement: ``id``, ``date``, ``speaker``, ``choice`` (None until sorted) and one column per historian."""
        frame = self._cards[["id", "date", "speaker"]].copy()
        frame["choice"] = [self.answers.get(card) for card in self._cards["id"]]
        return frame.join(self._cards[list(self._readings)].rename(columns=self._readings))

    @property
    def agreement(self) -> pd.DataFrame:
        """One row per historian: statements that both classed (``both``) and classed alike (``same``)."""
        choices = self.choices.dropna(subset="choice")
        rows = [
            {"historian": name, "same": int((choices[name] == choices["choice"]).sum()), "both": int(choices[name].notna().sum())}
            for name in self._readings.values()
        ]
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        return f"{self.spec['title']}: {len(self.answers)} of {len(self._cards)} statements sorted"

    def plain(self):
        kinds = [[tag("dt", kind), tag("dd", meaning)] for kind, meaning in KINDS.items()]
        cards = [
            tag("li", tag("p", card["head"], class_="aa-head"), tag("p", card["text"], class_="aa-text"),
                id=card["anchor"], data_id=card["id"])
            for card in self.spec["cards"]
        ]
        head = tag("tr", tag("th", "Statement", scope="col"), [tag("th", name, scope="col") for name in self.spec["scholars"]])
        rows = [
            tag("tr", tag("th", card["head"], scope="row"), [tag("td", reading or "–") for reading in card["readings"]])
            for card in self.spec["cards"]
        ]
        return join(
            tag("dl", kinds), tag("ol", cards, class_="aa-cards"),
            tag("details", tag("summary", "How historians read these statements"),
                scroller("Readings by historians", tag("table", tag("thead", head), tag("tbody", rows))),
                tag("p", "–: no published reading of this statement was found.")),
        )

    def markdown(self):
        kinds = "\n".join(f"- *{kind}*: {meaning}" for kind, meaning in KINDS.items())
        cards = self.spec["cards"]
        listed = "\n".join(f'{i}. {card["head"]}. {card["text"]}' for i, card in enumerate(cards, 1))
        columns = [[name, *(card["readings"][i] or "–" for card in cards)] for i, name in enumerate(self.spec["scholars"])]
        table = rows_of(["Statement", *(str(i) for i in range(1, len(cards) + 1))], *columns)
        return (f"**{self.spec['title']}**\n\n{kinds}\n\n{listed}\n\n"
                f"How historians read them (–: no published reading found):\n\n{table}\n\n{self.spec['source']}")


def sort_statements(name: str, folder: Path = ROOT) -> SortStatements:
    """Explorer in which the reader sorts the statements of table ``name``.

    The table has the columns of ``COLUMNS``, optionally ``setting``, and one column
    ``reading_<historian>`` for each historian. ``folder`` is another data package, for a
    teacher's own cards. Raises DataError if a column or a kind is not as expected.
    """
    return SortStatements(name, folder)
