"""Europe's alliances in a given year: who belonged to what on 31 December, from 1949."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
import traitlets

from almost_allies import maps
from almost_allies.data import load, source_line
from almost_allies.explore.base import Explorer, Html, join, live, rows_of, scroller, tag
from almost_allies.palette import COLOURS

LAYERS = {"NATO": "NATO", "WP": "Warsaw Pact", "CSTO": "CSTO", "PFP": "Partnership for Peace", "EU": "European Union"}
SHOWN = ["NATO", "WP", "CSTO", "PFP"]  # at the start; the European Union overlaps all the others
FIRST = 1949
PREFIX = "year-map"  # of the ids in the picture
UNIT = 2.0  # km for one unit of the picture
# Pieces that follow another state; what the European Union excepts for small islands is not drawn.
FOLLOWS = {"CYN": "CYP", "ALA": "FIN", "FRO": "DNK", "IMN": "GBR"}
DIVIDED = ("DDR", "BERLIN")  # drawn over today's Germany until 1990
UNITED = 1990
FORMER = {"DEU": "West Germany"}  # what a state is called in the years before UNITED

# Colours that follow the page in its dark mode; the second is for places without the book's style sheet.
LAND, SEA, LINE, INK = "var(--aa-rule, #d5d9df)", "var(--aa-sea, #f4f6f8)", "var(--aa-paper, #fff)", "var(--aa-ink, #1d2430)"


def _path(rings: list[np.ndarray], closed: bool = True) -> str:
    """SVG path data of rings or lines, shape (n, 2), km: whole units, each step relative to the one before."""
    left, _, _, top = maps.WINDOW
    parts = []
    for ring in rings:
        points = np.rint((ring - [left, top]) / [UNIT, -UNIT]).astype(int)
        steps = np.diff(points, axis=0)
        steps = steps[np.any(steps != 0, axis=1)]
        parts.append(f"M{points[0][0]} {points[0][1]}l" + " ".join(f"{x} {y}" for x, y in steps) + ("z" if closed else ""))
    return "".join(parts).replace(" -", "-")


def _edges(ring: np.ndarray) -> Iterable[tuple[tuple[float, ...], tuple[float, ...]]]:
    """The edges of a ring, shape (n, 2), as pairs of points."""
    points = list(map(tuple, ring))
    return zip(points, points[1:] + points[:1], strict=True)


def _frontiers(shapes: dict[str, list[np.ndarray]]) -> dict[tuple[str, str], list[np.ndarray]]:
    """Lines between two pieces of the map, by their codes in alphabetical order."""
    owners: dict[frozenset, set] = {}
    for code, rings in shapes.items():
        for ring in rings:
            for a, b in _edges(ring):
                owners.setdefault(frozenset((a, b)), set()).add(code)
    lines: dict[tuple[str, str], list[list]] = {}
    for code, rings in shapes.items():
        for ring in rings:
            last = None
            for a, b in _edges(ring):
                pair = tuple(sorted(owners[frozenset((a, b))]))
                if len(pair) != 2 or pair[0] != code:  # each line once, with the first of the two
                    last = None
                elif pair == last:
                    lines[pair][-1].append(b)
                else:
                    lines.setdefault(pair, []).append([a, b])
                    last = pair
    return {pair: [np.array(line) for line in group] for pair, group in lines.items()}


def _state(code: str, year: int) -> str:
    return maps.state(FOLLOWS.get(code, code), year)


def _owners(code: str, last: int) -> str:
    """The states a piece has belonged to, "SUN:1991 UKR": each with the first 31 December on which it no longer did."""
    states = [_state(code, year) for year in range(FIRST, last + 1)]
    changes = [i for i in range(1, len(states)) if states[i] != states[i - 1]]
    return " ".join([f"{states[i - 1]}:{FIRST + i}" for i in changes] + [states[-1]])


def _node(name: str, *children: list | str, **attributes: object) -> list:
    """One SVG element as [name, attributes, children], from which both the page and the kernel's view are made."""
    return [name, {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}, list(children)]


def _shape(rings: list[np.ndarray], visible: bool = True, closed: bool = True, **attributes: Any) -> list:
    hidden = {} if visible else {"visibility": "hidden"}
    return _node("path", d=_path(rings, closed), **attributes, **hidden)


def _markup(node: list | str) -> Html | str:
    if isinstance(node, str):
        return node
    name, attributes, children = node
    return tag(name, *map(_markup, children), **attributes)


def _pattern(name: str, size: int, turn: int, *children: list) -> list:
    return _node("pattern", *children, id=f"{PREFIX}-{name}", width=size, height=size, patternUnits="userSpaceOnUse",
                 patternTransform=f"rotate({turn})")


def _patterns() -> list[list]:
    """Fills, by name: a layer's colour, striped where membership is partial, with dots for members of the EU."""
    fills = {
        "land": (None, LAND), "NATO": (None, COLOURS["NATO"]), "WP": (None, COLOURS["WP"]), "CSTO": (None, COLOURS["CSTO"]),
        "CSTO2": (COLOURS["CSTO"], LAND), "PFP": (COLOURS["NATO"], LAND), "PFP2": (COLOURS["grey"], LAND),
    }
    nodes = []
    for name, (stripe, ground) in fills.items():
        under = [_node("rect", width=24, height=24, fill=ground)]
        if stripe:
            under.append(_node("rect", width=10, height=24, fill=stripe))
        dot = _node("circle", cx=12, cy=12, r=4.5, fill=INK if ground == LAND else "#fff")
        nodes += [_pattern(name, 24, 45, *under), _pattern(f"{name}-EU", 24, 45, *under, dot)]
    return [*nodes, _pattern("disputed", 14, -45, _node("rect", width=3, height=14, fill=LINE))]


class YearMap(Explorer):
    """Map of the alliances of Europe on 31 December of a year.

    ``year``, ``layers`` (list of keys of ``LAYERS``) and ``country`` (code of the state whose
    dates are shown, or "") can be read and set; ``members`` is the DataFrame of the layers'
    states in that year.
    """

    core = "year_map"
    _esm, _css = live(core)

    year = traitlets.Int(FIRST).tag(sync=True)
    layers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    country = traitlets.Unicode("").tag(sync=True)

    def __init__(self, year: int | None = None):
        self._status = load("alliance_status")
        self._last = int(self._status.year.max())
        self._start = self._last if year is None else year
        self._names = load("countries").set_index("iso3")["name"]
        self._terms = self._make_terms()
        super().__init__(year=self._start, layers=SHOWN)
        self.spec = {
            "widget": self.core,
            "title": f"Alliances in Europe, {FIRST} to {self._last}",
            "subtitle": "Membership on 31 December of the year. Move the year, step from change to change, or choose a country "
                        "for its dates.",
            "source": f"Source: {source_line('alliance_status')}; outlines: Natural Earth (public domain). Hatched: disputed or "
                      "not generally recognised. Striped: partner, signatory or suspended. A map shows membership; it says "
                      "nothing about troops or intentions.",
            "first": FIRST, "last": self._last, "year": self._start,
            "layers": [{"id": layer, "name": name} for layer, name in LAYERS.items()],
            "states": [
                {"code": code, "name": self._names[code], "terms": [self._terms.get((code, layer), []) for layer in LAYERS],
                 **({"former": FORMER[code], "until": UNITED} if code in FORMER else {})}
                for code in sorted({code for code, _ in self._terms}, key=lambda code: self._names[code])
            ],
            "picture": self._picture(),
        }

    @property
    def key(self) -> str:
        return f"{self.core}:{self._start}"

    @traitlets.validate("year")
    def _check_year(self, proposal: traitlets.Bunch) -> int:
        if not FIRST <= proposal.value <= self._last:
            raise traitlets.TraitError(f"year_map: year {proposal.value}, expected {FIRST} to {self._last}")
        return proposal.value

    @traitlets.validate("layers")
    def _check_layers(self, proposal: traitlets.Bunch) -> list[str]:
        for layer in proposal.value:
            if layer not in LAYERS:
                raise traitlets.TraitError(f'year_map: layer "{layer}", expected some of {", ".join(LAYERS)}')
        return [layer for layer in LAYERS if layer in proposal.value]

    @traitlets.validate("country")
    def _check_country(self, proposal: traitlets.Bunch) -> str:
        if proposal.value and proposal.value not in {code for code, _ in self._terms}:
            raise traitlets.TraitError(f'year_map: country "{proposal.value}", expected the code of a state that was in a layer')
        return proposal.value

    def _known_days(self) -> dict[tuple[str, str], dict[int, str]]:
        """For a state and a layer, the days on which membership changed, by year, where the day is known."""
        days: dict[tuple[str, str], dict[int, str]] = {}
        for layer, table, columns in (
            ("NATO", "nato_members", ["accession_date"]), ("WP", "warsaw_pact_members", ["joined_date", "left_date"]),
            ("CSTO", "csto_members", ["treaty_signed_date", "left_date", "returned_date", "suspended_date"]),
            ("PFP", "partnership_for_peace", ["signed_date", "withdrawn_date", "returned_date", "nato_accession_date"]),
            ("EU", "eu_members", ["joined_date", "left_date"]),
        ):
            frame = load(table)
            for column in columns:
                precision = column.replace("_date", "_precision")
                for row in frame[frame[column].notna()].to_dict("records"):
                    if row.get(precision, "day") == "day":
                        days.setdefault((row["iso3"], layer), {})[row[column].year] = f"{row[column]:%Y-%m-%d}"
        return days

    def _make_terms(self) -> dict[tuple[str, str], list[dict[str, str]]]:
        """Runs of equal status by (state, layer): from and to as ISO days or years ("" for today), and the status.

        ``to`` is when the run ended: the status no longer held on 31 December of its year.
        """
        days = self._known_days()
        terms: dict[tuple[str, str], list[dict[str, str]]] = {}
        for key, group in self._status.sort_values("year").groupby(["iso3", "layer"]):
            code, layer = map(str, key)
            known = days.get((code, layer), {})
            runs = ((group.year.diff() != 1) | (group.status != group.status.shift())).cumsum()
            for _, run in group.groupby(runs):
                start, end = int(run.year.iloc[0]), int(run.year.iloc[-1]) + 1
                term = {"from": known.get(start, str(start)), "to": "" if end > self._last else known.get(end, str(end))}
                terms.setdefault((code, layer), []).append({**term, "status": run.status.iloc[0]})
        return terms

    def _picture(self) -> list:
        """The map of the first year, as `_node` makes it; pieces, lines and hatching carry the years for which they count."""
        start = self._start
        shapes = maps.outlines("europe_50m", "iso3")
        divided = maps.outlines("germany_1949_1990", "code")
        owners = {code: _owners(code, self._last) for code in shapes}
        pieces = [
            _shape(rings, data_owners=owners[code], **self._paint(_state(code, start))) for code, rings in sorted(shapes.items())
        ] + [
            _shape(divided[code], start < UNITED, data_owners=code, data_to=UNITED - 1, **self._paint(code)) for code in DIVIDED
        ]
        held = shapes | maps.outlines("crimea", "code")
        hatched = [
            _shape(held[code], first <= start <= last, data_from=first, data_to=last, fill=f"url(#{PREFIX}-disputed)")
            for code, (first, last) in maps.DISPUTED.items() if code in held
        ]
        lines = [
            _shape(group, _state(a, start) != _state(b, start), closed=False, data_between=f"{owners[a]}/{owners[b]}")
            for (a, b), group in sorted(_frontiers(shapes).items())
        ]
        lines.append(_shape(divided["DDR"], start < UNITED, data_to=UNITED - 1))
        left, bottom, right, top = maps.WINDOW
        x, y = maps.project(20.0, 55.0)   # a part of Russia apart from the rest: too small to be seen as that without its name
        size = {"width": round((right - left) / UNIT), "height": round((top - bottom) / UNIT)}
        still = {"pointer_events": "none"}
        return _node(
            "svg",
            _node("defs", *_patterns()),
            _node("rect", fill=SEA, **size),
            _node("g", *pieces, class_="aa-pieces", stroke_width=1.5),
            _node("g", *hatched, **still),
            _node("g", *lines, fill="none", stroke=LINE, stroke_width=3, **still),
            _node("text", "Kaliningrad", class_="aa-place", text_anchor="end", fill=INK, x=round((float(x) - left) / UNIT) - 16,
                  y=round((top - float(y)) / UNIT), **still),
            _node("path", class_="aa-chosen", fill="none", stroke=INK, stroke_width=6, **still),
            class_="aa-map", viewBox=f"0 0 {size['width']} {size['height']}", role="img", aria_label=f"Map of Europe in {start}",
        )

    def _paint(self, code: str) -> dict[str, Any]:
        """Fill of a state in the first year, as the core paints it; the stroke closes the hairline between its pieces."""
        now = self._status[(self._status.iso3 == code) & (self._status.year == self._start)].set_index("layer").status
        base = next((layer for layer in SHOWN if layer in now), "land")
        fill = f"url(#{PREFIX}-{base}{'2' if base in now and now[base] != 'member' else ''})"
        return {"fill": fill, "stroke": fill}

    @property
    def members(self) -> pd.DataFrame:
        """States of the shown layers on 31 December of the year: ``iso3``, ``country``, ``layer``, ``status``."""
        return self._members(self.year, self.layers)

    def _members(self, year: int, layers: list[str]) -> pd.DataFrame:
        now = self._status[(self._status.year == year) & self._status.layer.isin(layers)]
        names = {**self._names, **FORMER} if year < UNITED else self._names
        frame = now.assign(country=now.iso3.map(names), rank=now.layer.map(list(LAYERS).index))
        return frame.sort_values(["rank", "country"])[["iso3", "country", "layer", "status"]].reset_index(drop=True)

    def _tell(self, year: int, layers: list[str]) -> str:
        counts = self._members(year, layers).groupby("layer").size()
        told = ", ".join(f"{LAYERS[layer]} {counts[layer]}" for layer in layers if layer in counts)
        return f"{year}: {told or 'no members of the layers shown'}"

    def __repr__(self) -> str:
        return self._tell(self.year, self.layers)

    def attributes(self) -> dict[str, object]:
        return {"first": FIRST, "last": self._last, "year": self._start}

    @staticmethod
    def _date(iso: str) -> str:
        stamp = pd.Timestamp(iso)
        return f"{stamp.day} {stamp:%B %Y}" if len(iso) == 10 else iso

    @staticmethod
    def _term(term: dict[str, str], mark: Callable[[str], str]) -> Html:
        """One run as "1 May 2004 –" or "14 May 1955 – 1 July 1991"; ``mark`` writes a date."""
        status = "" if term["status"] == "member" else f" ({term['status']})"
        return join(mark(term["from"]), " –", [" ", mark(term["to"])] if term["to"] else "", status)

    @staticmethod
    def _label(state: dict[str, Any]) -> list[str | Html]:
        """A state's name in the table, whose rows run over all years: today's, and the former one in brackets."""
        return [state["name"], *([tag("span", f" ({state['former']} before {state['until']})")] if "former" in state else [])]

    def plain(self) -> Html:
        def mark(iso: str) -> Html:
            return tag("time", self._date(iso), datetime=iso)

        def cell(term: dict[str, str]) -> list[str]:
            return [tag("span", self._term(term, mark), class_="aa-term"), " "]

        heads = [tag("th", name, scope="col", data_layer=layer) for layer, name in LAYERS.items()]
        rows = [
            tag("tr", tag("th", *self._label(state), scope="row"),
                [tag("td", [cell(term) for term in terms]) for terms in state["terms"]], data_code=state["code"],
                **({"data_former": state["former"], "data_until": state["until"]} if "former" in state else {}))
            for state in self.spec["states"]
        ]
        head = tag("tr", tag("th", "Country", scope="col"), heads)
        return join(_markup(self.spec["picture"]), tag("p", f"The map shows {self._tell(self._start, SHOWN)}.", class_="aa-first"),
                    scroller("Membership by country", tag("table", tag("thead", head), tag("tbody", rows))))

    def markdown(self) -> str:
        states = self.spec["states"]
        labels = [state["name"] + (f" ({state['former']} before {state['until']})" if "former" in state else "") for state in states]
        columns = [
            [name, *("; ".join(self._term(term, self._date) for term in state["terms"][i]) for state in states)]
            for i, name in enumerate(LAYERS.values())
        ]
        return (f"**{self.spec['title']}** {self.spec['subtitle']}\n\n"
                f"{rows_of(['Country', *labels], *columns)}\n\n{self.spec['source']}")


def year_map(year: int | None = None) -> YearMap:
    """Explorer of Europe's alliances, starting at ``year`` (the latest by default).

    Raises TraitError for a year before 1949 or after the table's last.
    """
    return YearMap(year)
