"""The events of the course, to filter by theme, actor, part and words; each with its sources."""
from __future__ import annotations

import unicodedata
from typing import Any

import pandas as pd
import traitlets

from almost_allies.data import load
from almost_allies.explore.base import Explorer, Html, cite, live, sources_of, tag, when

THEMES = {
    "membership": "Membership", "enlargement": "Enlargement", "partnership": "Partnership", "relations": "Russia and the West",
    "alliances": "Cold War blocs", "germany": "Germany", "ukraine": "Ukraine", "arms": "Arms", "wars": "Wars",
    "domestic": "Politics at home",
}
REPORTED = "reported"  # known at second hand or in part


def fold(text: str) -> str:
    """Lower case without accents, so that "woerner" finds nothing but "worner" finds Wörner."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).lower()


class Timeline(Explorer):
    """The events of the course, or of one part of it.

    ``theme``, ``actor``, ``part`` (a number as text) and ``words`` can be read and set, "" for
    all; ``events`` is the DataFrame of the events that fit them.
    """

    core = "timeline"
    _esm, _css = live(core)

    theme = traitlets.Unicode("").tag(sync=True)
    actor = traitlets.Unicode("").tag(sync=True)
    part = traitlets.Unicode("").tag(sync=True)
    words = traitlets.Unicode("").tag(sync=True)

    def __init__(self, first: int | None = None, last: int | None = None):
        events = load("events").sort_values(["date", "event_id"], kind="stable").reset_index(drop=True)
        years = events.date.dt.year
        self._span = (first or int(years.min()), last or int(years.max()))
        events = events[years.between(*self._span)].reset_index(drop=True)
        if events.empty:
            raise ValueError(f"timeline: no event from {self._span[0]} to {self._span[1]}")
        self._rows = [
            {
                "anchor": f"event-{row.event_id}", "iso": self._iso(row),
                "date": when(row.date, row.date_precision), "year": row.date.year,
                "text": row.event, "theme": THEMES[row.theme], "actors": [] if pd.isna(row.actors) else row.actors.split(";"),
                "part": str(row.part), "status": REPORTED if row.status == REPORTED else "",
                "sources": sources_of(row.sources),
            }
            for row in events.itertuples()
        ]
        self._events = events
        super().__init__()
        self.spec = {
            "widget": self.core,
            "title": f"{len(events)} events, {self._span[0]} to {self._span[1]}",
            "subtitle": "Choose a theme, an actor or a part of the course, or search for words. A date links to its event.",
            "source": f'Sources: with each event. "{REPORTED}" marks what is known at second hand or in part.',
            "rows": self._rows,
        }

    @property
    def key(self) -> str:
        return f"{self.core}:{self._span[0]}-{self._span[1]}"

    @staticmethod
    def _iso(row: Any) -> str:
        """The date as far as it is known: 1990-02-09, 1990-02 or 1990."""
        return f"{row.date:%Y-%m-%d}"[:{"day": 10, "month": 7, "year": 4}[row.date_precision]]

    def _fits(self, row: dict) -> bool:
        hay = fold(" ".join([row["date"], row["text"], row["theme"], *row["actors"]]))
        return (
            self.theme in ("", row["theme"]) and (not self.actor or self.actor in row["actors"])
            and self.part in ("", row["part"]) and all(word in hay for word in fold(self.words).split())
        )

    @property
    def events(self) -> pd.DataFrame:
        """The rows of ``load("events")`` that fit the filters, in order of time."""
        return self._events[[self._fits(row) for row in self._rows]].reset_index(drop=True)

    def __repr__(self) -> str:
        return f"{len(self.events)} of {len(self._rows)} events"

    @staticmethod
    def _item(row: dict) -> Html:
        actors = [[" · ", tag("span", actor, class_="aa-actor")] for actor in row["actors"]]
        status = f" · {row['status']}" if row["status"] else ""
        return tag(
            "li", tag("a", tag("time", row["date"], datetime=row["iso"]), class_="aa-date", href=f"#{row['anchor']}"),
            tag("div", tag("p", row["text"], class_="aa-what"),
                tag("p", tag("span", row["theme"], class_="aa-theme"), actors, status, class_="aa-meta"),
                tag("p", cite(row["sources"]), class_="aa-meta")),
            id=row["anchor"], data_part=row["part"],
        )

    def plain(self) -> Html:
        return tag("ol", [["\n", self._item(row)] for row in self._rows], "\n", class_="aa-events")

    def markdown(self) -> str:
        lines = [
            f"- **{row['date']}** {row['text']} ({'; '.join(source['label'] for source in row['sources'])}"
            + (f"; {row['status']})" if row["status"] else ")")
            for row in self._rows
        ]
        return f"**{self.spec['title']}**\n\n" + "\n".join(lines) + f"\n\n{self.spec['source']}"


def timeline(first: int | None = None, last: int | None = None) -> Timeline:
    """Explorer of the course's events from year ``first`` to year ``last`` (all by default).

    Raises ValueError if there is none.
    """
    return Timeline(first, last)
