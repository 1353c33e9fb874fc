"""Sort the cards of a table into kinds, and compare with how others read them."""
from __future__ import annotations

from pathlib import Path

import pandas as pd
import traitlets

from almost_allies.data import ROOT, DataError, describe, load, source_line
from almost_allies.explore.base import DATE_FORMS, Explorer, Html, cite, join, live, rows_of, scroller, sources_of, tag, when

READING, SOURCE = "reading_", "source_"  # reading_kramer says how Kramer reads a card, source_kramer where
OWN = f"{READING}course"  # the column of this course's own reading
OWN_NOTE = "The readings are this course's own; you may have good reasons to differ."
OTHERS_NOTE = "A reading is this course's summary of what its author said or published; the author may put it differently."
MIXED_NOTE = "This course's readings are its own; the others are its summary of what their authors said or published."
NO_READING = "No reading of this card was found."


class SortCards(Explorer):
    """The cards of one table, sorted by the reader.

    ``answers`` ({card id: kind}) and ``compared`` (are the readings shown?) can be read and set;
    ``choices`` and ``agreement`` are DataFrames that follow.
    """

    core = "sort_cards"
    _esm, _css = live(core)

    answers = traitlets.Dict().tag(sync=True)
    compared = traitlets.Bool(False).tag(sync=True)

    def __init__(self, name: str, folder: Path = ROOT):
        self._name, self._cards = name, load(name, folder)
        about = describe(name, folder)
        fields = {field["name"]: field.get("title", field["name"]) for field in about["schema"]["fields"]}
        readers = {column: title.removeprefix("Reading: ") for column, title in fields.items() if column.startswith(READING)}
        self._readings = {column: reader[:1].upper() + reader[1:] for column, reader in readers.items()}
        self._kinds: dict[str, str] = about.get("kinds", {})
        self._check_table(f'{Path(folder).name}/{about["path"]}', f"{Path(folder).name}/datapackage.json")
        super().__init__()
        note = OTHERS_NOTE if OWN not in readers else OWN_NOTE if len(readers) == 1 else MIXED_NOTE
        self.spec = {
            "widget": self.core,
            "title": about["title"],
            "subtitle": "Sort each card, then compare. Your answers stay in this browser.",
            "source": f"Source: {source_line(name, folder)}. {note}",
            "kinds": [{"id": kind, "meaning": meaning} for kind, meaning in self._kinds.items()],
            "readers": list(self._readings.values()),
            "cards": [
                {"id": card["id"], "anchor": f'{name}-{card["id"]}', "head": self._head(card), "text": card["text"],
                 "sources": self._sources(card, "source"),
                 "readings": [{"kind": "" if pd.isna(card[column]) else card[column],
                               "sources": self._sources(card, SOURCE + column.removeprefix(READING))} for column in readers]}
                for card in self._cards.to_dict("records")
            ],
        }

    def _check_table(self, path: str, descriptor: str) -> None:
        """Raises DataError if the table or its descriptor lacks what cards need."""
        if not isinstance(self._kinds, dict) or not self._kinds:
            raise DataError(f'{descriptor}: table "{self._name}": no "kinds", expected {{"kind": "what it means", ...}}')
        columns = list(self._cards)
        for column in ("id", "text", None if self._readings else f"{READING}..."):
            if column and column not in columns:
                raise DataError(f'{path}: no column "{column}", expected id, text and one {READING}<who> for each reading')
        if "date" in columns and not pd.api.types.is_datetime64_dtype(self._cards["date"]):
            raise DataError(f'{path}: column "date" has another type in {descriptor}, expected "date"')
        allowed = {column: list(self._kinds) for column in self._readings} | {"date_precision": list(DATE_FORMS)}
        for line, card in enumerate(self._cards.to_dict("records"), 1):
            for column in ("id", "text"):
                if pd.isna(card[column]):
                    raise DataError(f'{path}: card {line}, column "{column}": found nothing, expected text')
            for column, values in allowed.items():
                if pd.notna(card.get(column)) and card[column] not in values:
                    raise DataError(f'{path}: card "{card["id"]}", column "{column}": found "{card[column]}", '
                                    f'expected {", ".join(values)} or nothing')
        for card in self._cards["id"][self._cards["id"].duplicated()]:
            raise DataError(f'{path}: card "{card}", column "id": found a second time, expected each once')

    @property
    def key(self) -> str:
        return f"{self.core}:{self._name}"

    @staticmethod
    def _head(card: dict) -> str:
        """What stands over a card: its ``head``, or when, who to whom and where, as far as the table says."""
        given = {column: value for column, value in card.items() if pd.notna(value)}
        if "head" in given:
            return given["head"]
        speaker = given.get("speaker", "")
        if "," in speaker and "addressee" in given:  # "Ann, president of X" needs a second comma before "to"
            speaker = f'{speaker.rstrip(",")},'
        who = " to ".join(part for part in (speaker, given.get("addressee")) if part)
        words = ", ".join(part for part in (who, given.get("setting")) if part)
        date = when(given["date"], given.get("date_precision", "day")) if "date" in given else ""
        return ": ".join(part for part in (date, words) if part)

    @staticmethod
    def _sources(card: dict, column: str) -> list[dict[str, str]]:
        return sources_of(card[column]) if pd.notna(card.get(column)) else []

    @traitlets.validate("answers")
    def _check_answers(self, proposal: traitlets.Bunch) -> dict[str, str]:
        for card, kind in proposal.value.items():
            if card not in set(self._cards["id"]):
                raise traitlets.TraitError(f'sort_cards: no card "{card}" in {self._name}')
            if kind not in self._kinds:
                raise traitlets.TraitError(f'sort_cards: card "{card}" sorted as "{kind}", expected {", ".join(self._kinds)}')
        return proposal.value

    @property
    def choices(self) -> pd.DataFrame:
        """One row per card: ``id``, ``text``, ``choice`` (None until sorted) and one column per reading, by its name."""
        frame = self._cards[["id", "text"]].copy()
        frame["choice"] = [self.answers.get(card) for card in self._cards["id"]]
        return frame.join(self._cards[list(self._readings)].rename(columns=self._readings))

    @property
    def agreement(self) -> pd.DataFrame:
        """One row per ``reading``: cards that it and the reader both sorted (``both``) and sorted alike (``same``)."""
        choices = self.choices.dropna(subset="choice")
        rows = [
            {"reading": name, "same": int((choices[name] == choices["choice"]).sum()), "both": int(choices[name].notna().sum())}
            for name in self._readings.values()
        ]
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        return f"{self.spec['title']}: {len(self.answers)} of {len(self._cards)} cards sorted"

    def plain(self) -> Html:
        kinds = [[tag("dt", kind), tag("dd", meaning)] for kind, meaning in self._kinds.items()]
        cards = [
            tag("li", tag("p", card["head"], class_="aa-head"), tag("p", card["text"], class_="aa-text"),
                tag("p", cite(card["sources"]), class_="aa-cited"), id=card["anchor"], data_id=card["id"])
            for card in self.spec["cards"]
        ]
        head = tag("tr", tag("th", "Card", scope="col"), [tag("th", name, scope="col") for name in self.spec["readers"]])
        rows = [
            tag("tr", tag("th", card["head"] or card["text"], scope="row"), [
                tag("td", tag("span", one["kind"] or "–"), " ", tag("small", cite(one["sources"]), class_="aa-cited"))
                for one in card["readings"]
            ])
            for card in self.spec["cards"]
        ]
        return join(
            tag("dl", kinds), tag("ol", cards, class_="aa-cards"),
            tag("details", tag("summary", "Readings to compare with yours"),
                scroller("Readings", tag("table", tag("thead", head), tag("tbody", rows))),
                tag("p", f"–: {NO_READING[0].lower()}{NO_READING[1:]}")),
        )

    def markdown(self) -> str:
        kinds = "\n".join(f"- *{kind}*: {meaning}" for kind, meaning in self._kinds.items())
        cards = self.spec["cards"]
        listed = "\n".join(f'{i}. {card["head"]}{". " if card["head"] else ""}{card["text"]}' for i, card in enumerate(cards, 1))
        columns = [[name, *(card["readings"][i]["kind"] or "–" for card in cards)] for i, name in enumerate(self.spec["readers"])]
        table = rows_of(["Card", *(str(i) for i in range(1, len(cards) + 1))], *columns)
        return (f"**{self.spec['title']}**\n\n{kinds}\n\n{listed}\n\n"
                f"Readings to compare with yours (–: {NO_READING[0].lower()}{NO_READING[1:-1]}):\n\n{table}\n\n{self.spec['source']}")


def sort_cards(name: str, folder: Path = ROOT) -> SortCards:
    """Explorer in which the reader sorts the cards of table ``name`` and compares with the readings it holds.

    The table's descriptor names the kinds: ``"kinds": {"promise": "what it means", ...}``. Its columns
    are ``id``, ``text`` and one ``reading_<who>`` for each reading, called by its field's title ("Reading:
    Mark Kramer"), with ``source_<who>`` for where it was read; ``reading_course`` is the course's own.
    Optional: ``head`` (words over the card), or else ``date``, ``date_precision``, ``speaker``,
    ``addressee`` and ``setting``, from which they are made; ``source`` of the card. Sources are keys of
    references.bib. ``folder`` is another data package, for a teacher's own cards. Raises DataError if
    a column or a kind is not as expected.
    """
    return SortCards(name, folder)
