"""Weigh criteria against one another, and see how candidates come out and how much of that rests on no score."""
from __future__ import annotations

import difflib
import math
import re
from pathlib import Path

import pandas as pd
import traitlets

from almost_allies.data import ROOT, DataError, describe, load, source_line
from almost_allies.explore.base import Explorer, Html, cite, join, live, rows_of, scroller, sources_of, tag

WEIGHTS = ["ignore", "some", "much", "decisive"]  # a word's place is its weight
START = 1
GAP = "–: not scored, which is not the same as 0."
COLUMNS = ["criterion", "criterion_title", "candidate", "candidate_title", "score", "basis", "sources"]
METHOD = (
    "Each score says how far a candidate met a criterion, from 0 (not at all) to 1 (fully). A candidate's result is the weighted "
    "mean of its scores: “some” counts once, “much” twice, “decisive” three times, “ignore” not at all. Its range runs "
    "from the result if all that is not scored were 0 to the result if it were 1. Equal weights, as at the start, are a choice too."
)


def _hundredths(value: float) -> int:
    """``value`` in hundredths as a whole number, halves up also where the last bit differs: the page rounds in the same way."""
    return math.floor(value * 100 + 0.5 + 1e-9)


def _two(score: float | None) -> str:
    return "–" if score is None else f"{_hundredths(score) / 100:.2f}"


class CriteriaMatrix(Explorer):
    """Candidates scored by weighted criteria.

    ``weights`` ({criterion: 0 to 3}) can be read and set; what is not named counts 1.
    ``scores`` and ``table`` are DataFrames.
    """

    core = "criteria_matrix"
    _esm, _css = live(core)

    weights = traitlets.Dict().tag(sync=True)

    def __init__(self, name: str, folder: Path = ROOT):
        about = describe(name, folder)
        self._name, self._rows, self._about = name, load(name, folder), about.get("description", "")
        self._check_table(f'{Path(folder).name}/{about["path"]}')
        self._criteria = dict(zip(self._rows["criterion"], self._rows["criterion_title"], strict=True))
        self._candidates = dict(zip(self._rows["candidate"], self._rows["candidate_title"], strict=True))
        super().__init__(weights={})
        cells = self._rows.set_index(["criterion", "candidate"])
        self.spec = {
            "widget": self.core,
            "title": about["title"],
            "subtitle": "Choose how much each criterion counts. Your weights stay in this browser.",
            "source": f"Source: {source_line(name, folder)}. The result is yours: it follows from your weights and from the "
                      "scores, which are judgements too.",
            "method": METHOD, "weights": WEIGHTS,
            "candidates": list(self._candidates.values()),
            "criteria": [
                {"id": criterion, "title": title,
                 "scores": [None if pd.isna(score) else float(score)
                            for score in (cells["score"][criterion, candidate] for candidate in self._candidates)]}
                for criterion, title in self._criteria.items()
            ],
        }

    def _check_table(self, path: str) -> None:
        """Raises DataError if the table is not one row, with all that is needed, for each criterion and candidate."""
        rows = self._rows
        for column in COLUMNS:
            if column not in rows:
                raise DataError(f'{path}: no column "{column}", expected {", ".join(COLUMNS)}')
        if not pd.api.types.is_float_dtype(rows["score"]):
            raise DataError(f'{path}: column "score" is not of type "number"')
        for column in ("criterion", "candidate"):
            titles: dict[str, str] = {}
            for identity, title in zip(rows[column], rows[f"{column}_title"], strict=True):
                if not re.fullmatch("[a-z0-9-]+", str(identity)):
                    raise DataError(f'{path}: column "{column}": found "{identity}", expected small letters, digits and hyphens')
                if pd.isna(title) or titles.setdefault(identity, title) != title:
                    raise DataError(f'{path}: {column} "{identity}", column "{column}_title": found "{title}", '
                                    f'expected "{titles.get(identity, "text")}"')
        for row in rows.to_dict("records"):
            where = f'{path}: criterion "{row["criterion"]}", candidate "{row["candidate"]}"'
            if not (pd.isna(row["score"]) or 0 <= row["score"] <= 1):
                raise DataError(f'{where}, column "score": found {row["score"]}, expected 0 to 1 or nothing')
            if pd.isna(row["basis"]):
                raise DataError(f'{where}, column "basis": found nothing, expected a sentence')
        found = rows.groupby(["criterion", "candidate"]).size()
        for criterion in rows["criterion"].unique():
            for candidate in rows["candidate"].unique():
                count = found.get((criterion, candidate), 0)
                if count != 1:
                    raise DataError(f'{path}: criterion "{criterion}", candidate "{candidate}": found {count} rows, expected 1')

    @property
    def key(self) -> str:
        return f"{self.core}:{self._name}"

    @traitlets.validate("weights")
    def _check_weights(self, proposal: traitlets.Bunch) -> dict[str, int]:
        for criterion, weight in proposal.value.items():
            if criterion not in self._criteria:
                near = difflib.get_close_matches(str(criterion), self._criteria, n=1)
                hint = f'did you mean "{near[0]}"?' if near else f"expected some of {', '.join(self._criteria)}"
                raise traitlets.TraitError(f'criteria_matrix: criterion "{criterion}", {hint}')
            if weight not in range(len(WEIGHTS)):
                raise traitlets.TraitError(f'criteria_matrix: criterion "{criterion}" has weight {weight!r}, expected 0 to 3')
        return {criterion: int(proposal.value.get(criterion, START)) for criterion in self._criteria}

    @property
    def scores(self) -> pd.DataFrame:
        """One row per candidate: ``candidate``, ``title``, ``score``, ``low``, ``high``, ``unscored``.

        ``score`` (0 to 1) is the weighted mean of what is scored, NaN where that has no weight; ``low`` and
        ``high`` are the weighted means if all that is not scored were 0 or 1; ``unscored`` (0 to 1) is the
        share of the weight that rests on it. With no weight at all the last three are NaN too.
        """
        rows = []
        total = sum(self.weights.values())
        for i, (candidate, title) in enumerate(self._candidates.items()):
            given = [(self.weights[one["id"]], one["scores"][i]) for one in self.spec["criteria"]]
            scored = sum(weight for weight, score in given if score is not None)
            points = sum(weight * score for weight, score in given if score is not None)
            rows.append({
                "candidate": candidate, "title": title,
                "score": points / scored if scored else math.nan,
                "low": points / total if total else math.nan,
                "high": (points + total - scored) / total if total else math.nan,
                "unscored": 1 - scored / total if total else math.nan,
            })
        return pd.DataFrame(rows)

    @property
    def table(self) -> pd.DataFrame:
        """The table itself: one row per criterion and candidate, with the ``weight`` given to the criterion."""
        return self._rows.assign(weight=self._rows["criterion"].map(self.weights))

    def __repr__(self) -> str:
        scores = self.scores
        if not sum(self.weights.values()):
            return "Every criterion is ignored. Give at least one of them some weight."
        ranked = scores.dropna(subset="score")
        if not len(ranked):
            return "Nothing that you weigh is scored for any candidate."
        marks = ranked["score"].map(_hundredths)
        top, bottom = marks == marks.max(), marks == marks.min()
        highest, lowest = (f'{" and ".join(ranked["title"][rows])} ({marks[rows].iloc[0] / 100:.2f})' for rows in (top, bottom))
        told = f"All alike: {highest}." if top.all() else f"Highest: {highest}. Lowest: {lowest}."
        shares = [_hundredths(share) for share in scores["unscored"]]
        if max(shares) == 0:
            return f"{told} All of the weight rests on scores."
        part = f"{shares[0]} %" if min(shares) == max(shares) else f"{min(shares)} to {max(shares)} %"
        told += f" Not scored: {part} of a candidate's weight."
        above = scores["high"].drop(ranked.index[top]) > ranked["low"][top].max() + 1e-9
        below = scores["low"].drop(ranked.index[bottom]) < ranked["high"][bottom].min() - 1e-9
        open_ends = [f"who is {end}" for end, rivals in (("highest", above), ("lowest", below)) if rivals.any()]
        return told + (f" That could change {' and '.join(open_ends)}." if open_ends else "")

    def attributes(self) -> dict[str, object]:
        return {"weights": ";".join(WEIGHTS)}

    def plain(self) -> Html:
        heads = [tag("th", title, scope="col", class_="aa-number") for title in self._candidates.values()]
        rows = [
            tag("tr", tag("th", one["title"], scope="row"), [
                tag("td", "–" if score is None else tag("data", _two(score), value=score), class_="aa-number")
                for score in one["scores"]
            ], data_id=one["id"])
            for one in self.spec["criteria"]
        ]
        bases = [
            [tag("p", tag("strong", title)), tag("ul", [
                tag("li", f"{row.candidate_title}: {row.basis} ",
                    tag("span", cite(sources_of(row.sources)) if pd.notna(row.sources) else "", class_="aa-cited"))
                for row in self._rows[self._rows["criterion"] == criterion].itertuples(index=False)
            ])]
            for criterion, title in self._criteria.items()
        ]
        return join(
            tag("p", METHOD, class_="aa-method"),
            scroller("Scores", tag("table", tag("thead", tag("tr", tag("th", "Criterion", scope="col"), heads)), tag("tbody", rows))),
            tag("p", GAP), tag("p", self._about),
            tag("details", tag("summary", "What each score rests on"), bases),
        )

    def markdown(self) -> str:
        titles = [one["title"] for one in self.spec["criteria"]]
        columns = [
            [title, *(_two(one["scores"][i]) for one in self.spec["criteria"])]
            for i, title in enumerate(self._candidates.values())
        ]
        table = rows_of(["Criterion", *titles], *columns)
        return (f"**{self.spec['title']}** {METHOD}\n\n{table}\n\n{GAP} {self._about}\n\n"
                f"{self.spec['source']}")


def criteria_matrix(name: str, folder: Path = ROOT) -> CriteriaMatrix:
    """Explorer in which the reader weighs the criteria of table ``name`` and sees how its candidates come out.

    The table has one row for each criterion and candidate, in the order in which they are shown:
    ``criterion`` and ``candidate`` (ids), ``criterion_title`` and ``candidate_title``, ``score`` (0 to 1,
    empty if not known), ``basis`` (a sentence) and ``sources`` (keys of references.bib, "a;b").
    ``folder`` is another data package. Raises DataError if the table is not so.
    """
    return CriteriaMatrix(name, folder)
