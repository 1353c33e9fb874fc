"""NATO's share of Russia's land border: tick neighbours or pick a year, and see it recomputed."""
from __future__ import annotations

import difflib
from datetime import date

import pandas as pd
import traitlets

from almost_allies.data import describe, load, source_line
from almost_allies.explore.base import Explorer, Html, join, live, number, rows_of, scroller, tag, when, whole

FIRST = 1991  # the year in which Russia's present borders became those of a state

# The neighbours in the order in which one meets them along the border, from the Barents Sea to the Pacific.
ALONG_THE_BORDER = ["NOR", "FIN", "EST", "LVA", "LTU", "POL", "BLR", "UKR", "GEO", "AZE", "KAZ", "MNG", "CHN", "PRK"]

MAIN = "factbook-2026"  # the series that covers all neighbours and fills the gaps of the others
SERIES = {
    MAIN: "CIA World Factbook, 2026",
    "factbook-earlier": "CIA World Factbook, an earlier edition",
    "russian-official": "Russian border agency",
    "national": "Neighbours' own agencies, else Factbook 2026",
}


class BorderShare(Explorer):
    """What part of Russia's land border is shared with members of NATO.

    ``year`` (1991 to the year of the table, or None), ``neighbours`` (list of ISO codes) and
    ``source`` (whose lengths: a key of ``SERIES``) can be read and set; setting ``year`` ticks
    those who were members at its end, setting ``neighbours`` to anything else makes it None.
    ``km``, ``total`` (km), ``share`` (per cent) and ``table`` follow.
    """

    core = "border_share"
    _esm, _css = live(core)

    year = traitlets.Int(None, allow_none=True).tag(sync=True)
    neighbours = traitlets.List(traitlets.Unicode()).tag(sync=True)
    source = traitlets.Unicode(MAIN).tag(sync=True)

    def __init__(self, year: int | None = None, source: str | None = None):
        borders = load("russia_land_borders").set_index("iso3").loc[ALONG_THE_BORDER]
        lengths = load("border_length_sources").pivot(index="iso3", columns="series", values="km")
        self._borders, self._lengths = borders, lengths.loc[ALONG_THE_BORDER, list(SERIES)]
        self._last = int(describe("russia_land_borders")["retrieved"][:4])
        self._start = self._last if year is None else year
        super().__init__(source=source or MAIN, year=self._start)
        self.spec = {
            "widget": self.core,
            "title": "How much of Russia's land border is shared with NATO?",
            "subtitle": "Per cent of length. Pick a year, or tick the neighbours you want to count as members.",
            "source": f"Source: {source_line(['russia_land_borders', 'border_length_sources'])}. Members at the end of the "
                      "year; sea borders are not counted. Lithuania and Poland border Kaliningrad. A length of border "
                      "says nothing about troops or distances.",
            "year": self._start, "first": FIRST, "last": self._last, "at": self.source,
            "sources": [{"id": series, "title": title} for series, title in SERIES.items()],
            "rows": [
                {"iso3": iso3, "name": row.neighbour,
                 "since": None if pd.isna(row.nato_since) else f"{row.nato_since:%Y-%m-%d}",
                 "km": [None if pd.isna(km) else km for km in self._lengths.loc[str(iso3)]]}
                for iso3, row in borders.iterrows()
            ],
        }

    @property
    def key(self) -> str:
        return f"{self.core}:{self._start}"

    def _members(self, year: int) -> list[str]:
        return self._borders.index[self._borders.nato_since.dt.year <= year].tolist()

    @traitlets.validate("year")
    def _check_year(self, proposal: traitlets.Bunch) -> int | None:
        year = proposal.value
        if year is not None and not FIRST <= year <= self._last:
            raise traitlets.TraitError(f"border_share: year {year}, expected {FIRST} to {self._last}")
        return year

    @traitlets.validate("source")
    def _check_source(self, proposal: traitlets.Bunch) -> str:
        if proposal.value not in SERIES:
            raise traitlets.TraitError(f'border_share: source "{proposal.value}", expected one of {", ".join(SERIES)}')
        return proposal.value

    @traitlets.validate("neighbours")
    def _check_neighbours(self, proposal: traitlets.Bunch) -> list[str]:
        names = dict(zip(self._borders.neighbour, self._borders.index, strict=True)) | {code: code for code in ALONG_THE_BORDER}
        for code in proposal.value:
            if code not in ALONG_THE_BORDER:
                near = difflib.get_close_matches(code, names, n=1) or difflib.get_close_matches(code.upper(), names, n=1)
                hint = f'did you mean "{names[near[0]]}"?' if near else f"expected some of {', '.join(ALONG_THE_BORDER)}"
                raise traitlets.TraitError(f'border_share: neighbour "{code}", {hint}')
        return [code for code in ALONG_THE_BORDER if code in proposal.value]

    @traitlets.observe("year")
    def _follow_year(self, change: traitlets.Bunch) -> None:
        if change.new is not None:
            self.neighbours = self._members(change.new)

    @traitlets.observe("neighbours")
    def _leave_year(self, change: traitlets.Bunch) -> None:
        if self.year is not None and change.new != self._members(self.year):
            self.year = None

    @property
    def table(self) -> pd.DataFrame:
        """One row per neighbour along the border: ``iso3``, ``neighbour``, ``nato_since``, ``km``, ``ticked``."""
        km = self._lengths[self.source].fillna(self._lengths[MAIN])
        frame = self._borders[["neighbour", "nato_since"]].assign(km=km, ticked=self._borders.index.isin(self.neighbours))
        return frame.reset_index()

    @property
    def km(self) -> float:
        """Length of border with the ticked neighbours, in km."""
        table = self.table
        return float(table.km[table.ticked].sum())

    @property
    def total(self) -> float:
        """Length of the whole land border by the chosen source, in km."""
        return float(self.table.km.sum())

    @property
    def share(self) -> float:
        """Share of the ticked neighbours in the whole border, in per cent."""
        return 100 * self.km / self.total

    def __repr__(self) -> str:
        count = len(self.neighbours)
        ticked = "1 neighbour" if count == 1 else f"{count or 'no'} neighbours"
        when = "" if self.year is None else f" in {self.year}"
        return f"{self.share:.1f} % of Russia's land border{when}: {whole(self.km)} of {whole(self.total)} km, {ticked} ticked"

    def _moments(self) -> list[str]:
        """One sentence for each year in which the share changed, by the main source."""
        km = self._lengths[MAIN]
        joined = self._borders.nato_since.dt.year.dropna().clip(lower=FIRST).astype(int)
        lines = []
        for year in sorted(joined.unique()):
            newcomers = ", ".join(self._borders.neighbour[joined.index[joined == year]])
            part = km[self._members(year)].sum()
            lines.append(f"{year} ({newcomers}): {whole(part)} of {whole(km.sum())} km, {100 * part / km.sum():.1f} %")
        return lines

    def attributes(self) -> dict[str, object]:
        return {"year": self._start, "first": FIRST, "last": self._last, "at": self.source}

    def _cells(self, iso3: str) -> list[str]:
        """The lengths of one border by each series, as text."""
        return [number(km) if pd.notna(km) else "–" for km in self._lengths.loc[iso3]]

    @staticmethod
    def _since(day: date) -> str:
        return "no" if pd.isna(day) else tag("time", when(day), datetime=f"{day:%Y-%m-%d}")

    def plain(self) -> Html:
        heads = [tag("th", title, scope="col", class_="aa-number", data_source=series) for series, title in SERIES.items()]
        rows = [
            tag("tr", tag("th", row.neighbour, scope="row"), tag("td", self._since(row.nato_since)),
                [tag("td", cell, class_="aa-number") for cell in self._cells(str(iso3))], data_iso3=iso3)
            for iso3, row in self._borders.iterrows()
        ]
        head = tag("tr", tag("th", "Neighbour", scope="col"), tag("th", "In NATO since", scope="col"), heads)
        return join(
            tag("p", "The share changed in these years:"), tag("ul", [tag("li", moment) for moment in self._moments()]),
            scroller("Lengths of border, in km", tag("table", tag("thead", head), tag("tbody", rows))),
            tag("p", "Lengths in km; –: no figure of its own."),
        )

    def markdown(self) -> str:
        moments = "\n".join(f"- {moment}" for moment in self._moments())
        since = [when(date) if pd.notna(date) else "no" for date in self._borders.nato_since]
        lengths = zip(*(self._cells(iso3) for iso3 in self._borders.index), strict=True)
        columns = [[f"{title} (km)", *cells] for title, cells in zip(SERIES.values(), lengths, strict=True)]
        table = rows_of(["Neighbour", *self._borders.neighbour], ["In NATO since", *since], *columns)
        return f"**{self.spec['title']}** {self.spec['subtitle']}\n\n{moments}\n\n{table}\n\n{self.spec['source']}"


def border_share(year: int | None = None, source: str | None = None) -> BorderShare:
    """Explorer of NATO's share of Russia's land border, starting at ``year`` with the lengths of ``source``.

    Raises TraitError for a year before 1991 or after the table's last, and for an unknown source.
    """
    return BorderShare(year, source)
