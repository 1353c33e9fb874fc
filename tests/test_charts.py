"""A chart has its finding, alt text, source and data, the same bytes every time, and colours that can be told apart."""
from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from contrast import contrast

from almost_allies import charts, palette

CSS = (ROOT / "almost_allies/book/theme/static/book.css").read_text("utf-8")
LIGHT, DARK = "#fdfcfa", "#14181e"
GOOD = {"name": "share-by-year", "title": "NATO's share of the border doubled in a day", "source": "russia_land_borders",
        "alt": "The share rose from one to twelve per cent in three steps.", "data": pd.DataFrame({"year": [1999], "share": [1.8]})}


def drawn(**changes):
    fig, ax = charts.figure(height=300)
    ax.plot([1990, 2000, 2020], [1, 2, 12], color=charts.colour("NATO"), label="NATO")
    ax.plot([1990, 2000, 2020], [3, 4, 12], color=charts.colour("UKR"), label="Ukraine")
    charts.label_lines(ax)
    charts.event(ax, 2004, "Seven join")
    return charts.compose(fig, **{**GOOD, **changes})


@pytest.mark.parametrize(("changes", "message"), [
    ({"alt": ""}, "alt '' is empty or too short"),
    ({"alt": "  "}, "is empty or too short"),
    ({"alt": "Image of the share of Russia's border with NATO"}, "expected what the chart says, not what it is"),
    ({"alt": "A chart of the share of Russia's border"}, "expected what the chart says, not what it is"),
    ({"alt": "figures/share-by-year.svg"}, "expected the point of the chart"),
    ({"title": "Border share"}, "is not a sentence, expected the finding"),
    ({"source": ""}, "no source, expected the name of a table"),
    ({"source": []}, "no source, expected the name of a table"),
    ({"source": "russia_land_border"}, "russia_land_borders"),
    ({"name": "Share by year"}, "is not kebab-case"),
    ({"data": pd.DataFrame({"year": []})}, "data has no rows"),
])
def test_show_refuses_what_a_reader_could_not_trust(changes, message):
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        drawn(**changes)
    assert "\n" not in str(error.value)


def test_same_chart_same_bytes():
    assert drawn().picture == drawn().picture
    assert drawn().bundle == drawn().bundle


def test_picture_has_title_source_and_licence_and_alt_is_its_plain_text():
    chart = drawn()
    assert chart.bundle["title"] == "NATO’s share of the border doubled in a day"
    for text in ("share of the border doubled", "CIA World Factbook", "public domain"):
        assert text in chart.picture
    assert GOOD["alt"] in chart._repr_mimebundle_()["text/plain"]
    assert chart.bundle["rows"] == [[1999, 1.8]]


def test_pictures_carry_no_style_attribute_no_date_and_only_prefixed_ids():
    chart = drawn()
    for picture in (chart.picture, chart.bundle["phone"]):
        assert "style=" not in picture and "dc:date" not in picture
        assert all(found.startswith("share-by-year-") for found in re.findall(r' id="([^"]+)"', picture))


def test_panels_that_share_an_axis_keep_its_ticks():
    fig, axes = charts.figure(height=400, rows=2, sharex=True)
    for ax in axes:
        ax.plot(pd.to_datetime(["1990-01-01", "2026-01-01"]), [0, 1])
    phone = charts.compose(fig, **GOOD).bundle["phone"]
    assert len(set(re.findall(r">(\d{4})</text>", phone))) >= 3


def test_a_label_alone_stays_at_its_line():
    fig, ax = charts.figure(height=300)
    for name, end in (("Crowd A", 1), ("Crowd B", 1.1), ("Crowd C", 1.2), ("Alone", 9)):
        ax.plot([0, 1], [0, end], label=name)
    charts.label_lines(ax)
    ax.axhline(9, color="#123456")
    picture = charts.compose(fig, **GOOD).bundle["phone"]
    rule = float(re.search(r'd="M [\d.]+ ([\d.]+)\s+L[^"]*"[^>]*stroke="#123456"', picture)[1])
    label = float(re.search(r'y="([\d.]+)"[^>]*>Alone<', picture)[1])
    assert abs(label - rule) < 8


def test_numbers_in_labels_keep_their_decimals():
    fig, ax = charts.figure(height=300)
    ax.plot([1, 2], [0.2, 0.62])
    ax.text(2, 0.62, "0.62")
    picture = charts.compose(fig, **GOOD).picture
    assert ">0.62</text>" in picture
    assert not re.search(r'"[^"<>]*\d\.\d{2,}[^"<>]*"', re.sub(r"stroke-width=\S+", "", picture))


def test_phone_picture_is_drawn_for_a_phone_not_shrunk():
    phone = drawn().bundle["phone"]
    assert 'width="350"' in phone
    assert min(float(size) for size in re.findall(r'font-size="([\d.]+)"', phone)) >= 11


def test_labels_at_line_ends_and_ticks_never_overlap():
    fig, ax = charts.figure(height=300)
    for i in range(5):
        ax.plot(pd.to_datetime(["1990-01-01", "2026-01-01"]), [0, 10 + i / 10], label=f"Line {i}")
    charts.label_lines(ax)
    phone = charts.compose(fig, **GOOD).bundle["phone"]
    texts = re.findall(r'<text font-size="12.5"[^>]* x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)<', phone)
    ends = sorted(float(y) for _, y, text in re.findall(r'()\by="([\d.]+)"[^>]*>(Line \d)<', phone))
    assert len(ends) == 5 and min(np.diff(ends)) >= 15
    years = sorted(float(x) for x, _, text in texts if text.isdigit() and len(text) == 4)
    assert len(years) >= 3 and min(np.diff(years)) >= 34


def rgb(colour):
    return [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]


def test_every_actor_colour_shows_on_light_and_dark_paper():
    low = {(actor, paper): round(contrast(rgb(colour), rgb(paper)), 2)
           for actor, colour in palette.COLOURS.items() for paper in (LIGHT, DARK) if contrast(rgb(colour), rgb(paper)) < 3}
    assert not low


def test_text_in_an_actor_colour_can_be_read_on_light_and_dark_paper():
    for colour in set(palette.COLOURS.values()):
        text = palette.TEXT_COLOURS.get(colour, colour)
        dark = set(re.findall(rf'&\[fill="{text}"\] {{ fill: (#\w{{6}})', CSS))
        assert len(dark) == 1, f"{text}: book.css needs one lighter fill for dark mode, found {dark}"
        assert contrast(rgb(text), rgb(LIGHT)) >= 4.5 and contrast(rgb(dark.pop()), rgb(DARK)) >= 4.5, text


# Machado, Oliveira and Fernandes (2009), "A Physiologically-based Model for Simulation of Color Vision Deficiency", severity 1.0.
DEFICIENCIES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_main_actors_stay_apart_under_colour_vision_deficiency(deficiency):
    def seen(actor):
        linear = np.array([v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in rgb(palette.COLOURS[actor])])
        x, y, z = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(
            np.array(DEFICIENCIES[deficiency]) @ linear, 0, 1) / [0.9505, 1, 1.089]
        f = [v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
        return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])

    actors = ["NATO", "RUS", "UKR", "grey"]
    apart = {(a, b): np.linalg.norm(seen(a) - seen(b)) for i, a in enumerate(actors) for b in actors[i + 1:]}
    assert min(apart.values()) >= 12, apart
