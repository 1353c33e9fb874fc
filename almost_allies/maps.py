"""Maps of Europe at the end of a year, drawn into a chart.

    from almost_allies.maps import europe, project
    fig, ax = figure(height=420)
    europe(ax, 1989, {"SUN": colour("SUN"), "USA": colour("NATO")})
    ax.text(*project(30, 55), "Soviet Union")

Natural Earth outlines in a Lambert conformal conic projection, the one most atlases use for Europe. No text is
drawn: names are the chart's business.

A year always means its last day: the map of 1989 has two Germanys, the map of 1990 has one. Every country of today is
one SVG element, whatever state it belonged to in that year; its id ends in its ISO 3166 code (or CYN and XKX, Natural
Earth's codes for northern Cyprus and Kosovo; DDR and BERLIN until 1989). Hatching over disputed land has ids that end
in "disputed-" and the code. A second map in the same figure adds "-2".

What the map cannot show: the layer has the borders of 2026 and knows the changes listed below, so the Saarland is West
German from 1949, Yugoslavia is whole until the end of 1991, and land that is held only in part (Donbas, Transnistria,
Abkhazia, South Ossetia) has no outline of its own and is not hatched. A chart of such a year says so in its note.
"""
from __future__ import annotations

import functools
import heapq
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from almost_allies.data import ROOT
from almost_allies.palette import MUTED, PAPER, RULE

if TYPE_CHECKING:   # the book's build reads outlines and draws nothing, so it is spared the drawing library
    from matplotlib.axes import Axes
    from matplotlib.path import Path as Outline

__all__ = ["europe", "outlines", "project"]

Ring = NDArray[np.float64]   # shape (n, 2), km
Point = tuple[float, float]

FIRST, LAST = 1949, 2026  # years with a map: NATO's first, and that of the layer
EARTH = 6371.0  # km, mean radius; a sphere is exact enough for a picture
WINDOW = (-2500.0, -1890.0, 2050.0, 2150.0)  # km: left, bottom, right, top; Lisbon to the Volga, Crete to the North Cape
DETAIL = 140.0  # km2: a bend that spans less is straightened, since nobody would see it and everybody would load it
SMALLEST = 450.0  # km2: islands below it are left out

# Which state the present country belonged to, and the first year on whose last day it no longer did.
PAST = {
    **dict.fromkeys("ARM AZE BLR EST GEO KAZ LTU LVA MDA RUS TKM UKR UZB".split(), ("SUN", 1991)),
    **dict.fromkeys(["CZE", "SVK"], ("CSK", 1993)),
    **dict.fromkeys(["BIH", "HRV", "MKD", "MNE", "SRB", "SVN", "XKX"], ("YUG", 1992)),
}
LATER = {"MNE": ("SRB", 2006), "XKX": ("SRB", 2008)}  # after Yugoslavia: with Serbia, until the year in which it left

# Land whose holder most other states do not recognise, or recognise only in part: hatched from the first year to the last.
DISPUTED = {
    **dict.fromkeys(["EST", "LTU", "LVA"], (1940, 1990)),  # annexed in 1940; most Western states never recognised it
    "CYN": (1974, LAST),  # northern Cyprus
    "XKX": (2008, LAST),  # Kosovo: independence recognised by some states only
    "CRIMEA": (2014, LAST),  # annexed by Russia; Ukraine's, says the UN General Assembly
}


def project(longitude: ArrayLike, latitude: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Degrees east and north to kilometres east and north of 52 N, 20 E (Lambert conformal conic, parallels 43 N, 62 N).

    Takes numbers or arrays of one shape and returns two of that shape.
    """
    south, north, origin = np.radians([43.0, 62.0, 52.0])
    cone = np.log(np.cos(south) / np.cos(north)) / np.log(np.tan(np.pi / 4 + north / 2) / np.tan(np.pi / 4 + south / 2))
    scale = EARTH * np.cos(south) * np.tan(np.pi / 4 + south / 2) ** cone / cone
    radius = scale / np.tan(np.pi / 4 + np.radians(latitude) / 2) ** cone
    angle = cone * np.radians(np.asarray(longitude) - 20.0)
    middle = scale / np.tan(np.pi / 4 + origin / 2) ** cone
    return radius * np.sin(angle), middle - radius * np.cos(angle)


def state(code: str, year: int) -> str:
    """Code of the state to which the present country ``code`` belonged on 31 December of ``year``."""
    for changes in (PAST, LATER):
        whole, until = changes.get(code, (code, 0))
        if year < until:
            return whole
    return code


def _clip(ring: Ring, axis: int, limit: float, keep_above: bool) -> Ring:
    """The part of a closed ring, shape (n, 2), on one side of a line (Sutherland and Hodgman, one edge of the window)."""
    inside = (ring[:, axis] >= limit) if keep_above else (ring[:, axis] <= limit)
    if inside.all():
        return ring
    out = []
    for here, there, a, b in zip(ring, np.roll(ring, -1, axis=0), inside, np.roll(inside, -1), strict=True):
        if a:
            out.append(here)
        if a != b:
            out.append(here + (there - here) * (limit - here[axis]) / (there[axis] - here[axis]))
    return np.array(out).reshape(-1, 2)


def _area(ring: Ring) -> float:
    """Area inside a closed ring, shape (n, 2), in square units of its coordinates."""
    x, y = ring.T
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


def _thin(rings: list[list[Point]]) -> list[list[Point]]:
    """Straighten small bends in all rings at once (Visvalingam); lists of (x, y) tuples in and out.

    A point goes when the triangle with its two neighbours is smaller than ``DETAIL``. Points where
    borders meet have more than two neighbours and stay, and a shared border loses the same points
    on both sides, so that no gap opens between neighbours.
    """
    beside: dict[Point, set[Point]] = {}
    for ring in rings:
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            beside.setdefault(a, set()).add(b)
            beside.setdefault(b, set()).add(a)

    def size(point: Point) -> float:
        return _area(np.array([point, *beside[point]]))

    sizes = {point: size(point) for point in beside if len(beside[point]) == 2}
    heap = [(value, point) for point, value in sizes.items()]
    heapq.heapify(heap)
    while heap and heap[0][0] < DETAIL:
        value, point = heapq.heappop(heap)
        if sizes.get(point) != value:  # its neighbours have changed since
            continue
        a, b = beside[point]
        if b in beside[a]:  # a triangle must not fold up
            continue
        del sizes[point]
        for here, there in ((a, b), (b, a)):
            beside[here] = (beside[here] - {point}) | {there}
        for here in (a, b):
            if here in sizes:
                sizes[here] = size(here)
                heapq.heappush(heap, (sizes[here], here))
        del beside[point]
    return [[point for point in ring if point in beside] for ring in rings]


def _cut(ring: Ring) -> Ring:
    """A closed ring, shape (n, 2), cut to the window; shape (0, 2) if nothing of it is inside."""
    left, bottom, right, top = WINDOW
    for axis, limit, keep_above in ((0, left, True), (0, right, False), (1, bottom, True), (1, top, False)):
        if len(ring):
            ring = _clip(ring, axis, limit, keep_above)
    return ring


@functools.lru_cache(maxsize=8)
def outlines(file: str, key: str) -> dict[str, list[Ring]]:
    """Outlines in ``data/geo/<file>.geojson`` by the property ``key``: lists of rings, shape (n, 2), km, open."""
    codes, rings = [], []
    for feature in json.loads((ROOT / "geo" / f"{file}.geojson").read_text("utf-8"))["features"]:
        geometry = feature["geometry"]
        for part in geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]:
            for degrees in part:
                ring = np.column_stack(project(*np.asarray(degrees, dtype=float)[:-1].T))
                if _area(ring) >= SMALLEST:
                    codes.append(feature["properties"][key])
                    rings.append(list(map(tuple, ring.tolist())))
    shapes: dict[str, list[Ring]] = {}
    for code, ring in zip(codes, map(_cut, map(np.array, _thin(rings))), strict=True):
        if len(ring):
            shapes.setdefault(code, []).append(ring)
    return shapes


def _outline(rings: Iterable[Ring]) -> Outline:
    """The rings as one matplotlib path."""
    from matplotlib.path import Path as Outline

    return Outline.make_compound_path(*(Outline(np.vstack([ring, ring[:1]]), closed=True) for ring in rings))


def _borders(pieces: Sequence[tuple[str, Ring]]) -> list[Ring]:
    """Lines between different states: a list of arrays of shape (n, 2). ``pieces`` are (state, ring) pairs."""
    owners: dict[frozenset[tuple[float, ...]], set[str]] = {}
    for owner, ring in pieces:
        for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            owners.setdefault(frozenset((tuple(a), tuple(b))), set()).add(owner)
    lines, drawn = [], set()
    for _, ring in pieces:
        line: list[Ring] = []
        for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            edge = frozenset((tuple(a), tuple(b)))
            if len(owners[edge]) > 1 and edge not in drawn:
                drawn.add(edge)
                line += [b] if line else [a, b]
            elif line:
                lines.append(np.array(line))
                line = []
        if line:
            lines.append(np.array(line))
    return lines


def europe(ax: Axes, year: int, fill: dict[str, str]) -> None:
    """Draw Europe as it was on 31 December of ``year`` (1949 to 2026) into ``ax``.

    ``fill`` gives colours by the state's code in that year (``"SUN"``, ``"DDR"``, ``"CSK"`` and ``"YUG"`` while they
    existed; ``"DEU"`` is West Germany until 1989); other land is muted, and codes off the map do no harm. Disputed
    land is hatched. The axes are switched off and set to the window, in km.

    Raises ChartError for a year that has no map.
    """
    from matplotlib import rc_context
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    from almost_allies.charts import ChartError

    if year not in range(FIRST, LAST + 1):
        raise ChartError(f"europe: no map for {year!r}, expected a year from {FIRST} to {LAST}")
    shapes = dict(outlines("europe_50m", "iso3"))
    owner = {code: state(code, year) for code in shapes} | {"CYN": "CYP"}
    if year < 1990:
        divided = outlines("germany_1949_1990", "code")
        shapes |= {code: divided[code] for code in ("DDR", "BERLIN")}  # drawn over today's Germany
        owner |= {"DDR": "DDR", "BERLIN": "BERLIN"}
    for code, rings in shapes.items():
        ink = fill.get(owner[code], MUTED if code == "BERLIN" else RULE)
        # a thin stroke in the same colour closes the hairline between neighbours of one state
        ax.add_patch(PathPatch(_outline(rings), facecolor=ink, edgecolor=ink, linewidth=0.6, gid=code))
    disputed = shapes | outlines("crimea", "code")
    for code, (first, last) in DISPUTED.items():
        if first <= year <= last and code in disputed:
            with rc_context({"hatch.color": PAPER, "hatch.linewidth": 1.2}):
                ax.add_patch(PathPatch(_outline(disputed[code]), facecolor="none", hatch="////", linewidth=0,
                                       gid=f"disputed-{code}"))
    lines = _borders([(owner[code], ring) for code, rings in shapes.items() for ring in rings])
    if year < 1990:
        lines += [np.vstack([ring, ring[:1]]) for ring in shapes["DDR"]]
    moves = [Outline(line) for line in lines]
    ax.add_patch(PathPatch(Outline.make_compound_path(*moves), facecolor="none", edgecolor=PAPER, linewidth=0.9,
                           gid="borders"))
    left, bottom, right, top = WINDOW
    ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    ax.set_axis_off()
