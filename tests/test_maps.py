"""The map of Europe: each state once, honest hatching, the states of the year, small enough to load."""
from __future__ import annotations

import json
import math
import re
from collections import Counter

import pandas as pd
import pytest

from almost_allies import charts, load, maps

# ISO 3166-1 alpha-3 codes of what lies in the map's window; Natural Earth's two, and what stood in Germany until 1990.
ISO = set("""ALA ALB ARM AUT BEL BGR BIH BLR CHE CYP CZE DEU DNK DZA ESP EST FIN FRA FRO GBR GEO GRC HRV HUN IMN IRL IRQ ISL ITA
             JOR KAZ LBN LTU LUX LVA MAR MDA MKD MNE NLD NOR POL PRT ROU RUS SRB SVK SVN SWE SYR TUN TUR UKR""".split())
NATURAL_EARTH, DIVIDED, BALTIC = {"CYN", "XKX"}, {"DDR", "BERLIN"}, {"EST", "LTU", "LVA"}


def ids(year: int, fill: dict[str, str] | None = None) -> Counter[str]:
    """Ids in the page-size picture of one map, without prefix and repeat number; matplotlib's own are left out."""
    found = re.findall(r' id="m-680-([\w-]+?)(?:-\d+)?"', picture(year, fill).picture)
    return Counter(name for name in found if not re.fullmatch(r"[hp][0-9a-f]{10}", name))


def picture(year: int, fill: dict[str, str] | None = None) -> charts.Chart:
    fig, ax = charts.figure(height=420)
    maps.europe(ax, year, fill or {})
    return charts.compose(fig, name="m", title="Europe on the last day of a year", source="nato_members",
                          alt="Europe as it was on the last day of that one year.", data=pd.DataFrame({"year": [year]}))


def ink(year: int, code: str, fill: dict[str, str]) -> str:
    """Colour of one country in the picture."""
    return re.search(rf'id="m-680-{code}">\s*<path [^>]*?fill="(#\w{{6}})"', picture(year, fill).picture)[1]


@pytest.mark.parametrize("year", [1949, 1989, 1990, 2024])
def test_every_country_of_the_layer_in_the_window_is_drawn_once_under_its_code(year):
    drawn = {code: times for code, times in ids(year).items() if not code.startswith("disputed-") and code != "borders"}
    assert set(drawn) == ISO | NATURAL_EARTH | (DIVIDED if year < 1990 else set())
    assert set(drawn.values()) == {1}
    layer = json.loads((maps.ROOT / "geo/europe_50m.geojson").read_text("utf-8"))["features"]
    assert set(drawn) - DIVIDED <= {feature["properties"]["iso3"] for feature in layer}


def test_members_that_the_tables_name_are_on_the_map():
    members = set(load("nato_members")["iso3"]) - {"USA", "CAN"}
    republics = set(load("ussr_successor_states")["iso3"]) - {"KGZ", "TJK", "TKM", "UZB", "AZE"}  # east of the window
    assert members | republics <= set(ids(2024))


@pytest.mark.parametrize(("year", "hatched"), [
    (1949, BALTIC), (1973, BALTIC), (1974, BALTIC | {"CYN"}), (1990, BALTIC | {"CYN"}), (1991, {"CYN"}), (2007, {"CYN"}),
    (2008, {"CYN", "XKX"}), (2013, {"CYN", "XKX"}), (2014, {"CYN", "XKX", "CRIMEA"}), (2026, {"CYN", "XKX", "CRIMEA"}),
])
def test_disputed_land_is_hatched_from_its_first_year_to_its_last(year, hatched):
    assert {found.removeprefix("disputed-") for found in ids(year) if found.startswith("disputed-")} == hatched


@pytest.mark.parametrize(("code", "year", "owner"), [
    ("UKR", 1990, "SUN"), ("UKR", 1991, "UKR"), ("LTU", 1990, "SUN"), ("LTU", 1991, "LTU"), ("SVK", 1992, "CSK"),
    ("SVK", 1993, "SVK"), ("HRV", 1991, "YUG"), ("HRV", 1992, "HRV"), ("MNE", 1991, "YUG"), ("MNE", 2005, "SRB"),
    ("MNE", 2006, "MNE"), ("XKX", 2007, "SRB"), ("XKX", 2008, "XKX"), ("POL", 1949, "POL"),
])
def test_a_country_belongs_to_the_state_of_the_last_day_of_the_year(code, year, owner):
    assert maps.state(code, year) == owner


def test_two_germanys_until_1989_and_one_from_1990():
    assert DIVIDED <= set(ids(1989)) and not DIVIDED & set(ids(1990))
    colours = {"DEU": "#2a78c2", "DDR": "#c8452f"}
    assert ink(1989, "DDR", colours) == "#c8452f" and ink(1989, "DEU", colours) == "#2a78c2"


def test_crimea_keeps_the_colour_of_ukraine_after_the_annexation():
    colours = {"UKR": "#b08400", "RUS": "#c8452f"}
    assert ink(2024, "UKR", colours) == "#b08400"
    inside = maps.outlines("crimea", "code")["CRIMEA"][0].mean(axis=0)
    layer = maps.outlines("europe_50m", "iso3")
    assert [code for code, rings in layer.items() if maps._outline(rings).contains_point(inside)] == ["UKR"]


@pytest.mark.parametrize("year", [1948, 2027, 1989.5, "1989", None])
def test_a_year_without_a_map_is_refused_in_one_line(year):
    _, ax = charts.figure()
    with pytest.raises(charts.ChartError, match=f"no map for {year!r}, expected a year from 1949 to 2026") as error:
        maps.europe(ax, year, {})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("year", [1989, 2024])
def test_a_map_loads_quickly(year):
    chart = picture(year)
    assert len(chart.picture.encode()) <= 130_000 and len(chart.bundle["phone"].encode()) <= 130_000


def test_projection_is_true_on_its_axis_and_keeps_angles():
    x, y = maps.project(20.0, 52.0)
    assert abs(x) < 1e-6 and abs(y) < 1e-6
    (east, _), (_, north) = maps.project(20.01, 52.0), maps.project(20.0, 52.01)
    assert east / math.cos(math.radians(52.0)) == pytest.approx(north, rel=1e-3)
