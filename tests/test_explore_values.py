"""Explorers as Python objects: their numbers, their limits, their errors."""

import itertools
import json
import random
import re
from pathlib import Path

import pandas as pd
import pytest
import traitlets

from almost_allies.bibliography import read_bibliography
from almost_allies.data import ROOT, DataError, describe, load, tables
from almost_allies.explore import border_share, criteria_matrix, sort_cards
from almost_allies.explore.border_share import ALONG_THE_BORDER, MAIN, SERIES


@pytest.mark.parametrize(
    ("year", "km", "share"),
    [
        (1991, 191, "0.9"),
        (1999, 400, "1.8"),
        (2004, 1317, "5.9"),
        (2022, 1317, "5.9"),
        (2023, 2626, "11.7"),
        (2026, 2626, "11.7"),
    ],
)
def test_share_is_what_the_table_gives(year, km, share):
    borders = load("russia_land_borders")
    members = borders[borders.nato_since.dt.year <= year]
    widget = border_share(year)
    assert widget.km == members.border_km.sum() == km
    assert widget.total == borders.border_km.sum() == 22407
    assert f"{widget.share:.1f}" == f"{100 * members.border_km.sum() / borders.border_km.sum():.1f}" == share
    assert set(widget.neighbours) == set(members.iso3)


def test_the_main_series_is_the_border_table():
    borders = load("russia_land_borders").set_index("iso3").border_km
    table = border_share().table.set_index("iso3")
    assert list(table.index) == ALONG_THE_BORDER and set(borders.index) == set(ALONG_THE_BORDER)
    assert (table.km == borders[table.index]).all()


def test_every_series_of_the_table_can_be_chosen():
    lengths = load("border_length_sources")
    assert set(lengths.series) == set(SERIES)
    for series in SERIES:
        own = lengths[lengths.series == series].set_index("iso3").km
        table = border_share(2023, series).table.set_index("iso3")
        assert (table.km[own.index] == own).all()
        rest = table.index.difference(own.index)
        assert (table.km[rest] == border_share(2023, MAIN).table.set_index("iso3").km[rest]).all()


def test_year_and_ticks_follow_each_other():
    widget = border_share()
    widget.year = 2004
    assert widget.neighbours == ["NOR", "EST", "LVA", "LTU", "POL"]
    widget.neighbours = ["NOR", "FIN"]
    assert widget.year is None and widget.km == 1500
    assert widget.table.loc[widget.table.ticked, "neighbour"].tolist() == ["Norway", "Finland"]
    assert repr(widget) == "6.7 % of Russia's land border: 1,500 of 22,407 km, 2 neighbours ticked"
    widget.neighbours = []
    assert widget.share == 0 and "no neighbours" in repr(widget)
    widget.year = 2023
    assert len(widget.neighbours) == 6


def test_the_default_is_the_latest_year():
    assert border_share().year == pd.Timestamp(2026, 1, 1).year


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(year=1990), "year 1990, expected 1991 to 2026"),
        (dict(source="cia"), "expected one of factbook-2026"),
        (dict(neighbours=["Finlnd"]), 'did you mean "FIN"'),
        (dict(neighbours=["zzz"]), "expected some of NOR"),
    ],
)
def test_border_errors_say_what_was_expected(change, message):
    widget = border_share()
    with pytest.raises(traitlets.TraitError, match=message):
        for name, value in change.items():
            setattr(widget, name, value)


CARDS = "statement_cards"


def test_choices_and_agreement_count_what_both_classed():
    widget = sort_cards(CARDS)
    table = load(CARDS)
    kinds = itertools.cycle(["assurance", "discussion", "not discussed"])
    widget.answers = {card: next(kinds) for card in table["id"][:-1]}
    choices = widget.choices
    assert choices["choice"].tolist()[:-1] == list(widget.answers.values()) and pd.isna(choices["choice"].iloc[-1])
    for row in widget.agreement.itertuples():
        column = next(
            c for c in table if c.startswith("reading_") and choices[row.reading].equals(table[c].rename(row.reading))
        )
        mine = table["id"].map(widget.answers)
        assert row.both == (table[column].notna() & mine.notna()).sum()
        assert row.same == (table[column] == mine).sum()
    assert widget.agreement.same.sum() > 0


@pytest.mark.parametrize(
    ("answers", "message"), [({"no-card": "promise"}, 'no card "no-card"'), ({"baker-gorbachev": "pledge"}, 'sorted as "pledge"')]
)
def test_sort_errors_name_the_card(answers, message):
    widget = sort_cards(CARDS)
    with pytest.raises(traitlets.TraitError, match=message):
        widget.answers = answers


def own_cards(folder, rows, **descriptor):
    """A teacher's own data package in ``folder``: table "own", whose columns are those of the first row."""
    fields = [{"name": name, "type": "date" if name == "date" else "string"} for name in rows[0]]
    about = {"name": "own", "path": "own.csv", "title": "Own cards", "credit": "own", "licenses": [{"title": "CC0"}]}
    about |= {"kinds": {"yes": "It did.", "no": "It did not."}, "schema": {"fields": fields}} | descriptor
    (folder / "datapackage.json").write_text(json.dumps({"resources": [about]}), "utf-8")
    pd.DataFrame(rows).to_csv(folder / "own.csv", index=False)
    return folder


GOOD = {"id": "one", "text": "It happened.", "reading_ann": "yes"}


@pytest.mark.parametrize(
    ("rows", "descriptor", "message"),
    [
        ([GOOD], {"kinds": None}, r'datapackage.json: table "own": no "kinds", expected {"kind": "what it means", ...}'),
        ([{"id": "one", "reading_ann": "yes"}], {}, 'own.csv: no column "text", expected id, text and one reading_<who>'),
        ([{"id": "one", "text": "x"}], {}, 'own.csv: no column "reading_...", expected id, text and one reading_<who>'),
        ([GOOD | {"reading_ann": "perhaps"}], {}, 'card "one", column "reading_ann": found "perhaps", expected yes, no or nothing'),
        ([GOOD, GOOD | {"id": None}], {}, 'card 2, column "id": found nothing, expected text'),
        ([GOOD, GOOD], {}, 'card "one", column "id": found a second time, expected each once'),
        ([GOOD | {"date_precision": "week"}], {}, 'column "date_precision": found "week", expected day, month, year or nothing'),
        (
            [GOOD | {"date": "1990"}],
            {"schema": {"fields": [{"name": name, "type": "string"} for name in [*GOOD, "date"]]}},
            'column "date" has another type in .*, expected "date"',
        ),
    ],
)
def test_sort_errors_name_file_card_and_column(tmp_path, rows, descriptor, message):
    with pytest.raises(DataError, match=message) as error:
        sort_cards("own", own_cards(tmp_path, rows, **descriptor))
    assert "\n" not in str(error.value) and str(error.value).startswith(tmp_path.name)


@pytest.mark.parametrize(
    ("card", "head"),
    [
        ({}, ""),
        ({"head": "A telegram"}, "A telegram"),
        ({"speaker": "Ann", "setting": "Minsk"}, "Ann, Minsk"),
        ({"speaker": "Ann", "addressee": "Bob", "date": "1991-12-01", "date_precision": "month"}, "December 1991: Ann to Bob"),
        ({"date": "1991-12-20"}, "20 December 1991"),
        ({"speaker": "Ann, president of Syldavia", "addressee": "Bob"}, "Ann, president of Syldavia, to Bob"),
        ({"speaker": "Ann, president of Syldavia", "setting": "Minsk"}, "Ann, president of Syldavia, Minsk"),
    ],
)
def test_a_card_is_headed_by_what_the_table_says(tmp_path, card, head):
    widget = sort_cards("own", own_cards(tmp_path, [GOOD | card]))
    assert widget.spec["cards"][0]["head"] == head
    assert f"1. {head}. It happened." in widget.markdown() or not head and "1. It happened." in widget.markdown()


@pytest.mark.parametrize("table", [name for name in tables() if describe(name).get("kinds")])
def test_every_table_of_cards_can_be_sorted(table):
    widget = sort_cards(table)
    kinds = [kind["id"] for kind in widget.spec["kinds"]]
    used = {reading["kind"] for card in widget.spec["cards"] for reading in card["readings"]} - {""}
    assert len(widget.spec["cards"]) >= 8 and used <= set(kinds) and len(used) >= 2
    known = read_bibliography(ROOT.parent / "references.bib")
    labels = {source["label"] for card in widget.spec["cards"] for one in (card, *card["readings"]) for source in one["sources"]}
    assert labels and labels <= {source.label for source in known.values()}
    own = "the course's own" in widget.spec["source"] or "this course's own" in widget.spec["source"]
    assert own == (widget.spec["readers"] == ["This course"])
    assert "historian" not in widget.html() or "historian" in load(table).to_csv()


CRITERIA = Path(__file__).parent / "criteria"
IDS = ["democracy", "civilian-control", "market", "neighbours", "contribution", "consensus"]


def test_scores_are_weighted_means_with_honest_bounds():
    widget = criteria_matrix("criteria", CRITERIA)
    assert widget.weights == dict.fromkeys(IDS, 1)
    widget.weights = {"democracy": 3, "market": 0, "consensus": 2}
    assert list(widget.weights.values()) == [3, 1, 0, 1, 1, 2]
    row = widget.scores.set_index("candidate").loc["ruritania-1994"]  # 0.43 x 3, 0.25, 0.6; not scored: 1 and 2 of 8
    assert row.score == pytest.approx((3 * 0.43 + 0.25 + 0.6) / 5)
    assert row.low == pytest.approx((3 * 0.43 + 0.25 + 0.6) / 8)
    assert row.high == pytest.approx((3 * 0.43 + 0.25 + 0.6 + 3) / 8)
    assert row.unscored == pytest.approx(3 / 8)
    assert widget.table.groupby("criterion").weight.first().to_dict() == widget.weights


def test_bounds_are_the_scores_of_a_filled_table():
    """low and high are what the score would be if 0 or 1 stood in every empty cell, for random weights."""
    widget = criteria_matrix("criteria", CRITERIA)
    cells = load("criteria", CRITERIA).pivot(index="criterion", columns="candidate", values="score").loc[IDS]
    dice = random.Random(1949)
    for _ in range(50):
        widget.weights = {one: dice.randint(0, 3) for one in IDS[:-1]} | {"consensus": dice.randint(1, 3)}
        weights = pd.Series(widget.weights)
        scores = widget.scores.set_index("candidate")
        for name, filled in (("low", cells.fillna(0)), ("high", cells.fillna(1))):
            mean = filled.mul(weights, axis=0).sum() / weights.sum()
            assert (scores[name] - mean[scores.index]).abs().max() < 1e-12
        inside = scores.dropna()
        assert ((inside.low <= inside.score + 1e-12) & (inside.score <= inside.high + 1e-12)).all()


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (dict.fromkeys(IDS, 0), "Every criterion is ignored. Give at least one of them some weight."),
        (dict.fromkeys(IDS, 0) | {"consensus": 1}, "Nothing that you weigh is scored for any candidate."),
        (
            dict.fromkeys(IDS, 0) | {"neighbours": 2},
            "Highest: Freedonia 2017 (1.00). Lowest: Ruritania 2001 (0.13). All of the weight rests on scores.",
        ),
        (
            dict.fromkeys(IDS, 0) | {"market": 1},
            "Highest: Borduria 2004 (0.88). Lowest: Ruritania 1994 (0.30). Not scored: 0 to 100 % of a candidate's weight. "
            "That could change who is highest and who is lowest.",
        ),
        (
            dict.fromkeys(IDS, 0) | {"neighbours": 3, "consensus": 1},
            "Highest: Freedonia 2017 (1.00). Lowest: Ruritania 2001 (0.13). Not scored: 25 % of a candidate's weight. "
            "That could change who is highest and who is lowest.",
        ),
        (
            dict.fromkeys(IDS, 0) | {"democracy": 3, "neighbours": 3, "civilian-control": 1},
            "Highest: Syldavia 1999 (0.85). Lowest: Ruritania 2001 (0.25). Not scored: 0 to 14 % of a candidate's weight. "
            "That could change who is lowest.",
        ),
    ],
)
def test_criteria_say_what_the_weights_give(weights, words):
    widget = criteria_matrix("criteria", CRITERIA)
    widget.weights = weights
    assert repr(widget) == words


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"democrcy": 2}, 'criterion "democrcy", did you mean "democracy"'),
        ({"zzz": 2}, 'criterion "zzz", expected some of democracy'),
        ({"market": 4}, 'criterion "market" has weight 4, expected 0 to 3'),
        ({"market": 1.5}, "has weight 1.5"),
        ({"market": "much"}, "has weight 'much'"),
    ],
)
def test_criteria_weights_say_what_was_expected(weights, message):
    widget = criteria_matrix("criteria", CRITERIA)
    with pytest.raises(traitlets.TraitError, match=message):
        widget.weights = weights
    assert widget.weights == dict.fromkeys(IDS, 1)


CELL = {"criterion": "a", "criterion_title": "A", "candidate": "x", "candidate_title": "X", "score": 0.5, "basis": "b", "sources": "s"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{key: value for key, value in CELL.items() if key != "basis"}], 'no column "basis", expected criterion, '),
        ([CELL | {"criterion": "A:b"}], 'column "criterion": found "A:b", expected small letters, digits and hyphens'),
        ([CELL, CELL | {"candidate": "y", "criterion_title": "B"}], 'column "criterion_title": found "B", expected "A"'),
        ([CELL | {"score": 1.2}], 'criterion "a", candidate "x", column "score": found 1.2, expected 0 to 1 or nothing'),
        ([CELL | {"basis": None}], 'criterion "a", candidate "x", column "basis": found nothing'),
        ([CELL, CELL], 'criterion "a", candidate "x": found 2 rows, expected 1'),
        (
            [CELL, CELL | {"criterion": "b", "criterion_title": "B", "candidate": "y", "candidate_title": "Y"}],
            'criterion "a", candidate "y": found 0 rows, expected 1',
        ),
        ([CELL | {"score": "high"}], 'column "score" is not of type "number"'),
    ],
)
def test_criteria_errors_name_file_cell_and_column(tmp_path, rows, message):
    own_cards(tmp_path, rows)
    if rows[0]["score"] != "high":
        about = json.loads((tmp_path / "datapackage.json").read_text("utf-8"))
        next(field for field in about["resources"][0]["schema"]["fields"] if field["name"] == "score")["type"] = "number"
        (tmp_path / "datapackage.json").write_text(json.dumps(about), "utf-8")
    with pytest.raises(DataError, match=message) as error:
        criteria_matrix("own", tmp_path)
    assert "\n" not in str(error.value) and str(error.value).startswith(f"{tmp_path.name}/own.csv: ")


@pytest.mark.parametrize("table", ["events", "evidence_cards", "explanations", "membership_criteria"])
def test_sources_shown_to_readers_have_a_name_and_an_address(table):
    books = read_bibliography(ROOT.parent / "references.bib")
    keys = {key for cell in load(table)["sources"].dropna() for key in cell.split(";")}
    assert not {key for key in keys if key not in books}
    assert sum(books[key].url != "" for key in keys) / len(keys) > 0.8


def test_democracy_card_is_what_the_index_says():
    """Its numbers and its comparisons are recomputed from the table."""
    cards = load("evidence_cards").set_index("id")
    text = cards.evidence["democracy-scores"]
    index = load("vdem").set_index(["iso3", "year"]).polyarchy
    russia = [index["RUS", year] for year in range(1992, 2000)]
    assert f"{min(russia):.2f} to {max(russia):.2f} in 1992-99" in text
    entry = {
        row.iso3: index[row.iso3, row.accession_year] for row in load("nato_members").itertuples() if row.accession_year > 1949
    }
    assert abs(entry["MNE"] - sum(russia) / len(russia)) < 0.03
    assert max(entry["GRC"], entry["TUR"]) < min(russia)
    years = load("nato_members").set_index("iso3").accession_year
    assert min(value for iso3, value in entry.items() if years[iso3] in (1999, 2004)) > max(russia)


def test_cards_differ_in_kind_and_cover_the_period():
    cards = load("evidence_cards")
    assert len(cards) >= 20 and cards.kind.nunique() >= 6 and cards.date.is_monotonic_increasing
    assert cards.date.dt.year.min() < 1960 and cards.date.dt.year.max() > 2020
    assert cards.evidence.str.split().str.len().max() <= 45


@pytest.mark.parametrize("card", list(load("evidence_cards").itertuples(index=False)), ids=lambda card: card.id)
def test_each_evidence_card_leads_to_a_paragraph_that_cites_one_of_its_sources(card):
    [path] = (ROOT.parent / "chapters").glob(f"*/{card.chapter}.ipynb")
    cells = json.loads(path.read_text("utf-8"))["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    [paragraph] = re.findall(rf"^\({re.escape(card.anchor)}\)=\n+(.+?)(?=\n\s*\n|\Z)", text, flags=re.M | re.S)
    assert not paragraph.startswith("#")
    assert any(re.search(rf"[`,]{re.escape(key)}[`,]", paragraph) for key in card.sources.split(";"))
