"""The figures are right: aggregates recomputed, tables compared with each other and with a second source.

Each ``check_...`` takes a package folder and raises with file, line and column. ``SPOILED`` shows for each of them a
wrong figure that it notices.
"""

import json
from itertools import pairwise

import pandas as pd
import pytest
from datatools import Finding, about, at, change, copy_package, drop, first_row, require

from almost_allies.data import ROOT, DataError, load

# --- who is a member of what ----------------------------------------------------------------------------------------


def check_members(folder):
    """32 members, 12 founders, ten rounds, seven members in 2004."""
    members = load("nato_members", folder)
    for found, expected, what in (
        (len(members), 32, "members"),
        (int((members["enlargement_round"] == 0).sum()), 12, "founders"),
        (int((members["accession_year"] == 2004).sum()), 7, "members that joined in 2004"),
        (sorted(members["enlargement_round"].unique()), list(range(11)), "rounds"),
    ):
        if found != expected:
            raise about(folder, "nato_members", "enlargement_round", f"{found} {what}", expected)
    require(
        folder,
        "nato_members",
        members,
        members["accession_year"] == members["accession_date"].dt.year,
        "accession_year",
        "the year of accession_date",
    )
    founders = members["enlargement_round"] == 0
    require(
        folder,
        "nato_members",
        members,
        ~founders | (members["accession_date"] == "1949-08-24"),
        "accession_date",
        "1949-08-24 for a founder",
    )
    require(
        folder,
        "nato_members",
        members,
        founders == members["treaty_signed_date"].notna(),
        "treaty_signed_date",
        "a date for founders and for nobody else",
    )
    one_day = members.groupby("enlargement_round")["accession_date"].transform("nunique") == 1
    require(folder, "nato_members", members, one_day, "accession_date", "the same day for the whole round")
    ordered = members.sort_values("enlargement_round", kind="stable")["accession_date"].is_monotonic_increasing
    if not ordered:
        raise about(folder, "nato_members", "enlargement_round", "rounds out of order", "rounds in the order of accession_date")


STEPS = ["application_date", "invitation_date", "accession_protocol_date", "accession_date"]


def check_steps_in_order(folder):
    """Application, invitation, protocol and accession follow each other; partnership and MAP come before accession."""
    members = load("nato_members", folder)
    for i, late in enumerate(STEPS):
        for early in [*STEPS[:i], *(["pfp_joined_date", "map_joined_date"] if late == "accession_date" else [])]:
            good = members[early].isna() | members[late].isna() | (members[early] <= members[late])
            row = first_row(~good)
            if row is not None:
                raise at(
                    folder,
                    "nato_members",
                    row,
                    early,
                    f"{members[early].iloc[row]:%Y-%m-%d}",
                    f"a day before {late}, {members[late].iloc[row]:%Y-%m-%d}",
                )


def check_partnership(folder):
    """34 signatories; every member since 1999 signed first, and the two tables give the same days."""
    partners = load("partnership_for_peace", folder)
    members = load("nato_members", folder).set_index("iso3")
    if len(partners) != 34 or partners["nato_accession_date"].notna().sum() != 16:
        raise about(
            folder,
            "partnership_for_peace",
            "iso3",
            f"{len(partners)} signatories, {partners['nato_accession_date'].notna().sum()} of them members",
            "34 and 16",
        )
    joined = partners["iso3"].map(members["accession_date"])
    require(
        folder,
        "partnership_for_peace",
        partners,
        (partners["nato_accession_date"] == joined) | (partners["nato_accession_date"].isna() & joined.isna()),
        "nato_accession_date",
        "the accession_date of nato_members",
    )
    signed = members["pfp_joined_date"].dropna()
    require(
        folder,
        "partnership_for_peace",
        partners,
        ~partners["iso3"].isin(signed.index) | (partners["signed_date"] == partners["iso3"].map(signed)),
        "signed_date",
        "the pfp_joined_date of nato_members",
    )
    late = members[members["enlargement_round"] >= 4]
    for code in late.index[late["pfp_joined_date"].isna()]:
        raise about(
            folder, "nato_members", "pfp_joined_date", f"nothing for {code}", "a date: every member since 1999 was a partner"
        )
    order = ["signed_date", "withdrawn_date", "returned_date", "nato_accession_date"]
    for early, after in zip(order, order[1:], strict=False):
        require(
            folder,
            "partnership_for_peace",
            partners,
            partners[early].isna() | partners[after].isna() | (partners[early] < partners[after]),
            early,
            f"a day before {after}",
        )
    russia = partners.set_index("iso3").loc["RUS", "signed_date"]
    if russia != pd.Timestamp("1994-06-22"):
        raise about(folder, "partnership_for_peace", "signed_date", f"{russia:%Y-%m-%d} for Russia", "1994-06-22")


def check_other_alliances(folder):
    """Sizes and dates of the Warsaw Pact, the Collective Security Treaty, the EU and the Soviet successors."""
    pact, treaty, union = (load(name, folder) for name in ("warsaw_pact_members", "csto_members", "eu_members"))
    successors = load("ussr_successor_states", folder)
    for table, found, expected in (
        ("warsaw_pact_members", len(pact), 8),
        ("csto_members", len(treaty), 9),
        ("csto_members", int((treaty["left_date"].isna() | treaty["returned_date"].notna()).sum()), 7),
        ("eu_members", int(union["left_date"].isna().sum()), 27),
        ("ussr_successor_states", len(successors), 15),
    ):
        if found != expected:
            raise about(folder, table, "iso3", f"{found} states", expected)
    for table, frame, early, late in (
        ("warsaw_pact_members", pact, "joined_date", "left_date"),
        ("csto_members", treaty, "treaty_signed_date", "left_date"),
        ("csto_members", treaty, "left_date", "returned_date"),
        ("csto_members", treaty, "treaty_signed_date", "suspended_date"),
        ("eu_members", union, "joined_date", "left_date"),
        ("ussr_successor_states", successors, "independence_declared_date", "recognised_by_ussr_date"),
        ("ussr_successor_states", successors, "independence_declared_date", "state_system_entry_date"),
    ):
        require(
            folder,
            table,
            frame,
            frame[early].isna() | frame[late].isna() | (frame[early] < frame[late]),
            early,
            f"a day before {late}",
        )
    countries = load("countries", folder).set_index("iso3")
    if set(countries.loc["SUN", "successors"].split(";")) != set(successors["iso3"]):
        raise about(folder, "ussr_successor_states", "iso3", sorted(successors["iso3"]), "the successors of SUN in countries.csv")
    for row, member in pact.iterrows():
        known = countries.loc[member["iso3"], "successors"]
        if member["iso3"] not in ("SUN",) and pd.notna(known) and known != member["successors"]:
            raise at(
                folder, "warsaw_pact_members", row, "successors", f'"{member["successors"]}"', f"{known}, as countries.csv has it"
            )


NATO_SIZE = {
    1949: 12,
    1951: 12,
    1952: 14,
    1955: 15,
    1981: 15,
    1982: 16,
    1998: 16,
    1999: 19,
    2004: 26,
    2009: 28,
    2017: 29,
    2020: 30,
    2022: 30,
    2023: 31,
    2024: 32,
}
PACT_SIZE = {1955: 8, 1967: 8, 1968: 7, 1989: 7, 1990: 6}


def check_alliance_status(folder):
    """The yearly table says what the membership tables say, and nobody is in two alliances at once."""
    status = load("alliance_status", folder)
    last = status["year"].max()
    expected = set()
    for member in load("nato_members", folder).itertuples():
        expected |= {("NATO", member.iso3, year) for year in range(member.accession_year, last + 1)}
    for member in load("warsaw_pact_members", folder).itertuples():
        expected |= {("WP", member.iso3, year) for year in range(member.joined_date.year, member.left_date.year)}
    for member in load("eu_members", folder).itertuples():
        end = last + 1 if pd.isna(member.left_date) else member.left_date.year
        expected |= {("EU", member.iso3, year) for year in range(member.joined_date.year, end)}
    for partner in load("partnership_for_peace", folder).itertuples():
        end = last + 1 if pd.isna(partner.nato_accession_date) else partner.nato_accession_date.year
        away = () if pd.isna(partner.withdrawn_date) else range(partner.withdrawn_date.year, partner.returned_date.year)
        expected |= {("PFP", partner.iso3, year) for year in range(partner.signed_date.year, end) if year not in away}
    for member in load("csto_members", folder).itertuples():
        back = last + 1 if pd.isna(member.returned_date) else member.returned_date.year
        away = () if pd.isna(member.left_date) else range(member.left_date.year, back)
        expected |= {("CSTO", member.iso3, year) for year in range(member.treaty_signed_date.year, last + 1) if year not in away}
    rows = list(zip(status["layer"], status["iso3"], status["year"], strict=True))
    for position, row in enumerate(rows):
        if row not in expected:
            raise at(
                folder,
                "alliance_status",
                position,
                "iso3",
                f"{row[1]} in {row[0]} in {row[2]}",
                "no such row by the membership tables",
            )
    for layer, code, year in sorted(expected - set(rows)):
        raise about(folder, "alliance_status", "iso3", f"no row for {code} in {layer} in {year}", "one, by the membership tables")
    for layer, sizes in (("NATO", NATO_SIZE), ("WP", PACT_SIZE)):
        count = status[status["layer"] == layer].groupby("year").size()
        for year, size in sizes.items():
            if count[year] != size:
                raise about(folder, "alliance_status", "layer", f"{count[year]} in {layer} in {year}", size)
    alliances = status[status["layer"].isin(["NATO", "WP", "CSTO"])]
    twice = alliances.duplicated(["iso3", "year"], keep=False)
    require(folder, "alliance_status", alliances, ~twice, "layer", "one alliance a year")
    russia = status[(status["iso3"] == "RUS") & (status["layer"] == "PFP")]
    require(
        folder,
        "alliance_status",
        russia,
        (russia["status"] == "suspended") == (russia["year"] >= 2014),
        "status",
        "suspended for Russia since 2014, member before",
    )


def check_events_against_members(folder):
    """Every accession is in the chronology on its day, and so are the days that other tables turn on."""
    events = load("events", folder)
    days = set(events.loc[events["date_precision"] == "day", "date"])
    members = load("nato_members", folder)
    wanted = [
        ("nato_members", "accession_date", day)
        for day in members.loc[members["enlargement_round"] > 0, "accession_date"].unique()
    ]
    wanted += [("nato_members", "treaty_signed_date", day) for day in members["treaty_signed_date"].dropna().unique()]
    wanted += [("nato_members", "accession_protocol_date", day) for day in members["accession_protocol_date"].dropna().unique()]
    pact = load("warsaw_pact_members", folder)
    wanted += [("warsaw_pact_members", "joined_date", day) for day in pact["joined_date"].unique()]
    wanted += [
        ("warsaw_pact_members", "left_date", day) for day in pact.loc[pact["left_precision"] == "day", "left_date"].unique()
    ]
    partners = load("partnership_for_peace", folder).set_index("iso3")
    wanted += [("partnership_for_peace", "signed_date", partners.loc[code, "signed_date"]) for code in ("RUS", "ROU", "FIN")]
    for table, column, day in wanted:
        if day not in days:
            raise about(folder, "events", "date", f"no event on {pd.Timestamp(day):%Y-%m-%d}", f"one, by {column} of {table}.csv")


# --- borders --------------------------------------------------------------------------------------------------------


def check_borders(folder):
    """22,407 km; NATO's part 1,317 km (5.9 %) before Finland and 2,626 km (11.7 %) after; both entries agree."""
    borders = load("russia_land_borders", folder)
    require(
        folder,
        "russia_land_borders",
        borders,
        borders["border_km"] == borders["neighbour_entry_km"],
        "border_km",
        "the length in the neighbour's own entry",
    )
    accession = load("nato_members", folder).set_index("iso3")["accession_date"]
    joined = borders["iso3"].map(accession)
    require(
        folder,
        "russia_land_borders",
        borders,
        (borders["nato_since"] == joined) | (borders["nato_since"].isna() & joined.isna()),
        "nato_since",
        "the accession_date of nato_members",
    )
    require(
        folder,
        "russia_land_borders",
        borders,
        borders["kaliningrad"] == borders["iso3"].isin(["LTU", "POL"]),
        "kaliningrad",
        "true for Lithuania and Poland only",
    )
    total = borders["border_km"].sum()
    nato = borders["border_km"][borders["nato_since"].notna()].sum()
    before = nato - borders.set_index("iso3").loc["FIN", "border_km"]
    for found, expected in (
        (len(borders), 14),
        (total, 22_407),
        (nato, 2_626),
        (before, 1_317),
        (f"{before / total:.1%}", "5.9%"),
        (f"{nato / total:.1%}", "11.7%"),
    ):
        if found != expected:
            raise about(folder, "russia_land_borders", "border_km", f"a recomputed {found}", expected)


def check_border_measurements(folder):
    """The other measurements: complete series, the Factbook's own figures repeated, no length out of all proportion."""
    lengths = load("border_length_sources", folder)
    borders = load("russia_land_borders", folder).set_index("iso3")["border_km"]
    for series, group in lengths.groupby("series"):
        if series != "national" and set(group["iso3"]) != set(borders.index):
            raise about(
                folder, "border_length_sources", "iso3", f"{len(group)} neighbours in {series}", "the 14 of russia_land_borders"
            )
    ours = lengths[lengths["series"] == "factbook-2026"]
    require(
        folder, "border_length_sources", ours, ours["km"] == ours["iso3"].map(borders), "km", "the length in russia_land_borders"
    )
    ratio = lengths["km"] / lengths["iso3"].map(borders)
    require(
        folder, "border_length_sources", lengths, ratio.between(0.6, 1.2), "km", "a length within 0.6 to 1.2 of the Factbook's"
    )
    old = lengths[lengths["series"] == "factbook-earlier"]["km"].sum()
    if old != 20_096.5:  # the edition states 20,097 km; one border is given to half a kilometre
        raise about(
            folder, "border_length_sources", "km", f"{old} km in factbook-earlier", "20,096.5, the stated total unrounded"
        )


def check_soviet_borders(folder):
    """The Soviet Union's borders add up to the 19,933 km that the Factbook of 1990 states; two neighbours were in NATO."""
    borders = load("ussr_land_borders", folder)
    total = borders["border_km"].sum()
    if total != 19_933:
        raise about(folder, "ussr_land_borders", "border_km", f"a sum of {total}", "19,933, the total the Factbook states")
    accession = load("nato_members", folder).set_index("country")["accession_date"]
    joined = borders["neighbour"].replace("Turkey", "Türkiye").map(accession).where(lambda day: day < "1990-12-31")
    require(
        folder,
        "ussr_land_borders",
        borders,
        (borders["nato_since"] == joined) | (borders["nato_since"].isna() & joined.isna()),
        "nato_since",
        "the accession_date of nato_members if it is before 1991",
    )


# --- arms and money ---------------------------------------------------------------------------------------------------


def check_warheads(folder):
    """The peaks that FAS names; the Soviet series passes to Russia; no jump that no arsenal ever made."""
    warheads = load("warheads", folder)
    for code, year, expected in (("RUS", 1986, 40_159), ("USA", 1967, 31_255)):
        series = warheads[warheads["series_iso3"] == code].set_index("year")["warheads"]
        if series.idxmax() != year or series.max() != expected:
            raise about(
                folder,
                "warheads",
                "warheads",
                f"a peak of {series.max()} in {series.idxmax()} for {code}",
                f"{expected} in {year}",
            )
    soviet = warheads["series_iso3"] == "RUS"
    wrong = soviet & ((warheads["iso3"] == "SUN") != (warheads["year"] < 1992))
    require(folder, "warheads", warheads, ~wrong, "iso3", "SUN to 1991 and RUS from 1992")
    step = warheads.groupby("series_iso3")["warheads"].diff().abs().fillna(0)
    require(folder, "warheads", warheads, step <= 7_000, "warheads", "a change of at most 7,000 in a year")


def check_spending(folder):
    """The gaps stay gaps, and the World Bank's series agrees with NATO's own within what definitions explain."""
    spending = load("military_spending", folder)
    require(
        folder, "military_spending", spending, spending["iso3"] != "SUN", "iso3", "no figure for the Soviet Union: there is none"
    )
    require(
        folder,
        "military_spending",
        spending,
        (spending["iso3"] != "RUS") | (spending["year"] >= 1992),
        "year",
        "no figure for Russia before 1992: there is none",
    )
    nato = load("nato_defence_spending", folder)
    both = nato[nato["release"] == "2019-06"].reset_index().merge(spending, on=["iso3", "year"], suffixes=("", "_wb"))
    apart = (both["share_gdp_pct"] - both["share_gdp_pct_wb"]).abs()
    if len(both) < 200:
        raise about(folder, "military_spending", "share_gdp_pct", f"{len(both)} country-years to compare", "at least 200")
    row = first_row(apart > 1.6)
    if row is not None:
        raise at(
            folder,
            "nato_defence_spending",
            int(both["index"].iloc[row]),
            "share_gdp_pct",
            both["share_gdp_pct"].iloc[row],
            f"within 1.6 points of military_spending, {both['share_gdp_pct_wb'].iloc[row]}",
        )
    if apart.mean() > 0.12:
        raise about(
            folder,
            "military_spending",
            "share_gdp_pct",
            f"a mean difference of {apart.mean():.2f} points from NATO's figures",
            "at most 0.12",
        )
    releases = nato.groupby("release")["iso3"].nunique().to_dict()
    if releases != {"2019-06": 28, "2023-07": 30, "2024-03": 30, "2024-06": 31, "2025-08": 16}:
        raise about(folder, "nato_defence_spending", "release", releases, "five releases of 28, 30, 30, 31 and 16 countries")
    published = pd.to_datetime(nato["release"])
    require(folder, "nato_defence_spending", nato, nato["year"] <= published.dt.year, "year", "no year after the release")
    require(folder, "nato_defence_spending", nato, nato["iso3"] != "ISL", "iso3", "no Iceland, which has no armed forces")


def check_troops(folder):
    """Not the rebuilt files, in which many values are doubled; no straight line across 1951 and 1952."""
    troops = load("us_troops", folder)
    for code, year, expected in (("ITA", 1990, 14_204), ("BIH", 1996, 15_003), ("DEU", 2008, 38_788)):
        row = first_row((troops["iso3"] == code) & (troops["year"] == year))
        if troops["troops"].iloc[row] != expected:
            raise at(folder, "us_troops", row, "troops", troops["troops"].iloc[row], expected)
    require(
        folder, "us_troops", troops, ~troops["year"].isin([1951, 1952]), "year", "no 1951 or 1952, which were only interpolated"
    )
    total = troops.groupby("year")["troops"].sum()
    for year, group in total.items():
        if not 60_000 <= group <= 445_000 and year > 1950:
            raise about(folder, "us_troops", "troops", f"{group} in Europe in {year}", "between 60,000 and 445,000")


# --- economy ----------------------------------------------------------------------------------------------------------


def check_economy(folder):
    """Prices are not swapped with the deflator, and three measures of life expectancy agree with each other."""
    economy = load("russia_economy", folder)
    wide = economy.pivot(index="year", columns="indicator", values="value")
    for indicator, year, low, high in (
        ("inflation_cpi_pct", 1993, 870, 880),
        ("inflation_gdp_deflator_pct", 1992, 1_480, 1_500),
        ("gdp_growth_pct", 1992, -16, -14),
        ("gdp_growth_pct", 1998, -6, -5),
        ("life_expectancy_years", 1994, 63.5, 65),
    ):
        if not low <= wide.loc[year, indicator] <= high:
            row = first_row((economy["indicator"] == indicator) & (economy["year"] == year))
            raise at(
                folder, "russia_economy", row, "value", wide.loc[year, indicator], f"{low} to {high} for {indicator} in {year}"
            )
    men, both, women = (wide[f"life_expectancy_{who}years"] for who in ("male_", "", "female_"))
    for year in wide.index[~((men < both) & (both < women)) & both.notna() & men.notna()]:
        row = first_row((economy["indicator"] == "life_expectancy_years") & (economy["year"] == year))
        raise at(folder, "russia_economy", row, "value", both[year], f"between men, {men[year]}, and women, {women[year]}")


def check_people_and_income(folder):
    """Population and income move as they do in life; the members together have about a billion people."""
    people, income = load("population", folder), load("gdp_per_person", folder)
    growth = people.groupby("iso3")["population"].pct_change().fillna(0)
    require(folder, "population", people, growth.abs() < 0.09, "population", "a change of less than 9 per cent in a year")
    change_ = income.groupby("iso3")["gdp_per_person"].pct_change().fillna(0)
    require(
        folder,
        "gdp_per_person",
        income,
        change_.between(-0.46, 0.25),
        "gdp_per_person",
        "a change of -46 to 25 per cent in a year",
    )
    members = load("nato_members", folder)["iso3"]
    year = people["year"].max()
    total = people.loc[(people["year"] == year) & people["iso3"].isin(members), "population"].sum()
    if not 0.95e9 < total < 1.05e9:
        raise about(folder, "population", "population", f"{total:,} people in NATO in {year}", "0.95 to 1.05 thousand million")


def check_oil(folder):
    """Two oils, one market: Brent and WTI stay within 20 per cent of each other; Brent starts in 1987."""
    oil = load("oil_price", folder)
    require(
        folder, "oil_price", oil, oil["brent"].isna() == (oil["year"] < 1987), "brent", "a price from 1987 on and none before"
    )
    require(
        folder,
        "oil_price",
        oil,
        oil["brent"].isna() | (oil["wti"] / oil["brent"]).between(0.8, 1.2),
        "brent",
        "a price within 20 per cent of WTI",
    )
    if list(oil["year"]) != list(range(1986, 1986 + len(oil))):
        raise about(folder, "oil_price", "year", "a year missing or out of order", "every year from 1986")


# --- democracy and the United Nations -------------------------------------------------------------------------------


def check_democracy(folder):
    """Bounds hold the estimate; Russia 1992-99 lies where the course says it lies."""
    vdem = load("vdem", folder)
    for index in ("polyarchy", "libdem"):
        for bound, good in (
            (f"{index}_low", vdem[f"{index}_low"] <= vdem[index]),
            (f"{index}_high", vdem[f"{index}_high"] >= vdem[index]),
        ):
            require(folder, "vdem", vdem, good | vdem[index].isna(), bound, f"a bound on its side of {index}")
    require(
        folder,
        "vdem",
        vdem,
        vdem["libdem"].isna() | (vdem["libdem"] <= vdem["polyarchy"]),
        "libdem",
        "at most polyarchy, of which it is a stricter form",
    )
    members = load("nato_members", folder)
    score = vdem.set_index(["iso3", "year"])["polyarchy"]
    russia = score["RUS"].loc[1992:1999]
    at_entry = {
        row.iso3: score[row.iso3, row.accession_year] for row in members.itertuples() if row.enlargement_round in (1, 4, 5)
    }
    below = max(at_entry[code] for code in ("GRC", "TUR"))
    above = min(value for code, value in at_entry.items() if code not in ("GRC", "TUR"))
    if not below < russia.min() <= russia.max() < above:
        raise about(
            folder,
            "vdem",
            "polyarchy",
            f"Russia 1992-99 at {russia.min()} to {russia.max()}",
            f"above Greece and Turkey in 1952 ({below}) and below all of 1999 and 2004 ({above})",
        )


def check_united_nations(folder):
    """The scores that the course quotes; identical votes are part of agreement; two measures point the same way."""
    votes, points = load("un_agreement", folder), load("un_ideal_points", folder)
    require(folder, "un_agreement", votes, votes["identical_share"] <= votes["agreement"], "identical_share", "at most agreement")
    require(folder, "un_agreement", votes, votes["year"] != 1964, "year", "no 1964, a session without regular votes")
    america = votes[votes["iso3"] == "USA"]
    for year, expected in ((1989, 0.20), (1993, 0.62), (2004, 0.29)):
        row = first_row((votes["iso3"] == "USA") & (votes["year"] == year))
        if abs(votes["agreement"].iloc[row] - expected) > 0.006:
            raise at(folder, "un_agreement", row, "agreement", votes["agreement"].iloc[row], f"{expected}, as the course says")
    require(
        folder,
        "un_ideal_points",
        points,
        points["low"].isna() | points["ideal_point"].between(points["low"], points["high"]),
        "ideal_point",
        "an estimate between its bounds",
    )
    wide = points.pivot(index="year", columns="iso3", values="ideal_point")
    gap = (wide["USA"] - wide["RUS"]).dropna()
    if not (gap > 0).all():
        raise about(
            folder, "un_ideal_points", "ideal_point", f"the United States below Russia in {gap.idxmin()}", "above in every year"
        )
    enough = america[america["joint_votes"] >= 10].set_index("year")["agreement"].loc[1985:2000]
    if enough.corr(gap.reindex(enough.index)) > -0.5:
        raise about(
            folder,
            "un_agreement",
            "agreement",
            "agreement that does not fall with distance in 1985-2000",
            "a correlation below -0.5",
        )


# --- opinion, wars, peacekeepers -------------------------------------------------------------------------------------


def check_opinion(folder):
    """Answers to one question do not add up to more than everybody; polls come after the period they ask about."""
    polls = load("public_opinion", folder)
    question = ["iso3", "topic", "pollster", "fieldwork_start", "question", "base"]
    total = polls.groupby(question)["percent"].transform("sum")
    require(folder, "public_opinion", polls, total <= 101, "percent", "answers that add up to 101 at most, with rounding")
    require(
        folder, "public_opinion", polls, polls["year"] == polls["fieldwork_start"].dt.year, "year", "the year of fieldwork_start"
    )
    require(
        folder,
        "public_opinion",
        polls,
        polls["fieldwork_end"].isna() | (polls["fieldwork_end"] >= polls["fieldwork_start"]),
        "fieldwork_end",
        "a day on or after fieldwork_start",
    )
    size = polls.groupby(question)["n"].transform("nunique")
    require(folder, "public_opinion", polls, size <= 1, "n", "one sample size for one question")


def check_deaths(folder):
    """Low, best and high in order, with the one exception that the source has."""
    deaths = load("conflict_deaths", folder)
    odd = (deaths["iso3"] == "ARM") & (deaths["year"] == 2022)  # the source's own slip, kept
    require(folder, "conflict_deaths", deaths, odd | (deaths["low"] <= deaths["best"]), "low", "at most best")
    require(folder, "conflict_deaths", deaths, odd | (deaths["best"] <= deaths["high"]), "high", "at least best")
    row = first_row((deaths["iso3"] == "UKR") & (deaths["year"] == 2022))
    found = tuple(deaths.loc[row, ["low", "best", "high"]])
    if found != (57_695, 81_497, 160_762):
        raise at(folder, "conflict_deaths", row, "best", found, "57,695, 81,497 and 160,762 for Ukraine in 2022")
    years = load("conflict_years", folder)
    war = years[years["intensity"] == 2]
    if not {1995, 2014, 2022, 2023, 2024} <= set(war["year"]):
        raise about(
            folder, "conflict_years", "intensity", sorted(set(war["year"])), "2 in 1995, 2014 and 2022 to 2024 among others"
        )


def check_peacekeepers(folder):
    """Contingents fit into the force; the year is in the period; Russia in Kosovo is a range."""
    keepers = load("peacekeepers", folder)
    require(
        folder,
        "peacekeepers",
        keepers,
        keepers["total"] == keepers["iso3"].isna(),
        "total",
        "true exactly where there is no country code",
    )
    for (mission, period), group in keepers.groupby(["mission", "period"]):
        force = group.loc[group["total"], "troops"]
        parts = group.loc[~group["total"], "troops"].sum()
        if len(force) and parts > 1.05 * force.iloc[0]:
            raise about(
                folder,
                "peacekeepers",
                "troops",
                f"contingents of {parts} in {mission}, {period}",
                f"at most the force, {force.iloc[0]}",
            )
    known = keepers["year"].notna()
    inside = pd.Series(
        [not ok or str(int(year)) in period for ok, year, period in zip(known, keepers["year"], keepers["period"], strict=True)]
    )
    require(folder, "peacekeepers", keepers, inside, "year", "the year that period names")
    kosovo = keepers[(keepers["mission"] == "KFOR") & (keepers["iso3"] == "RUS") & (keepers["period"] != "May 2003")]["troops"]
    if sorted(kosovo) != [1_500, 3_000, 3_150]:
        raise about(
            folder, "peacekeepers", "troops", sorted(kosovo), "1,500, 3,000 and 3,150 for Russia in KFOR: the sources differ"
        )


# --- the map ----------------------------------------------------------------------------------------------------------

PLACES = {  # name: (longitude, latitude, outline, its code)
    "Simferopol": (34.1, 45.0, "europe_50m", "UKR"),
    "Donetsk": (37.8, 48.0, "europe_50m", "UKR"),
    "Kaliningrad": (20.8, 54.7, "europe_50m", "RUS"),
    "Pristina": (21.2, 42.7, "europe_50m", "XKX"),
    "Tskhinvali": (43.97, 42.23, "europe_50m", "GEO"),
    "Magdeburg": (11.6, 52.1, "germany_1949_1990", "DDR"),
    "Bonn": (7.1, 50.7, "germany_1949_1990", "DEU"),
    "Alexanderplatz": (13.4, 52.5, "germany_1949_1990", "BERLIN"),
    "Yalta": (34.15, 44.55, "crimea", "CRIMEA"),
}


def inside(x, y, rings):
    """Whether a point lies in a polygon given as closed rings (crossings of a ray to the right are odd)."""
    crossings = 0
    for ring in rings:
        for (ax, ay), (bx, by) in pairwise(ring):
            crossings += (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay)
    return crossings % 2 == 1


def check_map(folder):
    """Rings are closed and in Europe; places lie in the state to which international law assigns them."""
    found = {}
    for name in ("europe_50m", "germany_1949_1990", "crimea"):
        for number, feature in enumerate(json.loads((folder / "geo" / f"{name}.geojson").read_text("utf-8"))["features"]):
            code = feature["properties"].get("iso3") or feature["properties"]["code"]
            shape = feature["geometry"]
            polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
            for ring in [ring for polygon in polygons for ring in polygon]:
                if ring[0] != ring[-1] or not all(-26.1 <= x <= 66.1 and 32.9 <= y <= 72.6 for x, y in ring):
                    raise Finding(
                        f"{folder.name}/geo/{name}.geojson: line {number + 2}, {code}: found a ring that is open or off the "
                        "map, expected a closed one between 26 W, 66 E, 33 N and 72.5 N"
                    )
            found |= {
                place: code
                for place, (x, y, file, _) in PLACES.items()
                if file == name and any(inside(x, y, polygon) for polygon in polygons)
            }
    for place, (_, _, name, code) in PLACES.items():
        if found.get(place) != code:
            raise Finding(f"{folder.name}/geo/{name}.geojson: found {place} in {found.get(place)}, expected {code}")


# --- what was said and written ----------------------------------------------------------------------------------------


def check_chronology(folder):
    """In order, each sentence once, nothing from after the day the course was checked, reported rows marked."""
    events = load("events", folder)
    require(
        folder,
        "events",
        events,
        events["date"].diff().fillna(pd.Timedelta(0)) >= pd.Timedelta(0),
        "date",
        "rows in order of date",
    )
    require(folder, "events", events, ~events["event"].duplicated(), "event", "a sentence that no earlier row has")
    require(folder, "events", events, events["date"] <= "2026-11-23", "date", "no day after 23 November 2026")
    require(
        folder,
        "events",
        events,
        events["event"].str.fullmatch(r"[^a-z].*[.?]\"?"),
        "event",
        "a sentence with a capital and a full stop",
    )
    require(folder, "events", events, events["event"].str.len() <= 240, "event", "at most 240 characters")
    stated = events["event_id"].str.extract(r"^(\d{4}(?:-\d\d){0,2})(?=-[a-z0-9])")[0].str[:4].astype(int)
    require(folder, "events", events, stated == events["date"].dt.year, "event_id", "an id that begins with the year of date")
    late = events["date"] >= "2026-05-01"
    require(
        folder,
        "events",
        events,
        ~late | (events["status"] == "reported"),
        "status",
        "reported: known from registers and digests only",
    )


def check_statements(folder):
    """Told after said; minutes and speeches on the day; public no earlier than told."""
    said = load("membership_statements", folder)
    require(
        folder, "membership_statements", said, said["told_date"] >= said["said_date"], "told_date", "a day on or after said_date"
    )
    recalled = said["record"] == "recollection"
    require(
        folder,
        "membership_statements",
        said,
        recalled | (said["told_date"] == said["said_date"]),
        "told_date",
        "said_date: only a recollection is told later",
    )
    require(
        folder,
        "membership_statements",
        said,
        said["public_year"].isna() | (said["public_year"] >= said["told_date"].dt.year),
        "public_year",
        "a year no earlier than told_date",
    )
    spoken = said["record"].isin(["speech", "note"])
    require(
        folder,
        "membership_statements",
        said,
        ~spoken | (said["public_year"] == said["told_date"].dt.year),
        "public_year",
        "the same year for a speech or a note",
    )
    require(
        folder,
        "membership_statements",
        said,
        said["status"].eq("reported") | said["record"].ne("historian"),
        "status",
        "reported where the record is known through a historian only",
    )


VERDICTS = {"accurate": 30, "imprecise": 29, "wrong": 6, "contested": 20, "unverifiable": 4}


def check_claims(folder):
    """89 claims in order, with the verdicts of the audit; a wrong claim needs a source."""
    claims = load("article_claims", folder)
    expected = [f"C{number:02}" for number in range(1, 90)]
    if list(claims["claim_id"]) != expected:
        raise about(folder, "article_claims", "claim_id", f"{len(claims)} claims", "C01 to C89 in order")
    found = claims["verdict"].value_counts().to_dict()
    if found != VERDICTS:
        raise about(folder, "article_claims", "verdict", found, VERDICTS)
    require(
        folder,
        "article_claims",
        claims,
        ~claims["verdict"].isin(["wrong", "imprecise"]) | claims["sources"].notna(),
        "sources",
        "a source for a verdict against the article",
    )


CHECKS = [value for name, value in list(globals().items()) if name.startswith("check_")]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_figures_are_right(check):
    check(ROOT)


def cell(table, where, column, value):
    """A spoiler that writes one cell; the message must then name the file, the line and the column."""

    def spoil(folder):
        line = change(folder, table, where, column, value)
        return [f'data/{table}.csv: line {line}, column "{column}"']

    return spoil


def sums(table, where, column, value, named=None):
    """A spoiler of one cell that only shows in a total, so that the message names the file and a column."""

    def spoil(folder):
        change(folder, table, where, column, value)
        return [f'data/{table}.csv: column "{named or column}"']

    return spoil


def gone(table, where, column, named=None):
    def spoil(folder):
        drop(folder, table, where)
        return [f'data/{named or table}.csv: column "{column}"']

    return spoil


def outline(name, old, new):
    """A spoiler of a map file; the message names the file."""

    def spoil(folder):
        path = folder / "geo" / f"{name}.geojson"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return [f"data/geo/{name}.geojson: "]

    return spoil


def both(*spoilers):
    """Several changes, of which only the last is blamed."""

    def spoil(folder):
        return [spoiler(folder) for spoiler in spoilers][-1]

    return spoil


SPOILED = [
    (check_members, gone("nato_members", {"iso3": "SWE"}, "enlargement_round")),
    (check_members, sums("nato_members", {"iso3": "POL"}, "enlargement_round", "0")),
    (check_members, sums("nato_members", {"iso3": "ROU"}, "accession_year", "2005", "enlargement_round")),
    (check_members, cell("nato_members", {"iso3": "FIN"}, "accession_year", "2022")),
    (check_members, cell("nato_members", {"iso3": "ITA"}, "accession_date", "1949-08-25")),
    (check_members, cell("nato_members", {"iso3": "FIN"}, "treaty_signed_date", "1949-04-04")),
    (
        check_members,
        both(
            cell("nato_members", {"iso3": "MNE"}, "accession_year", "2021"),
            sums("nato_members", {"iso3": "MNE"}, "accession_date", "2021-06-05", "enlargement_round"),
        ),
    ),
    (check_steps_in_order, cell("nato_members", {"iso3": "FIN"}, "application_date", "2022-08-18")),
    (check_steps_in_order, cell("nato_members", {"iso3": "MKD"}, "invitation_date", "2019-07-11")),
    (check_steps_in_order, cell("nato_members", {"iso3": "POL"}, "accession_protocol_date", "1999-12-16")),
    (check_steps_in_order, cell("nato_members", {"iso3": "HRV"}, "pfp_joined_date", "2010-05-25")),
    (check_steps_in_order, cell("nato_members", {"iso3": "MNE"}, "map_joined_date", "2019-12-01")),
    (check_partnership, gone("partnership_for_peace", {"iso3": "CHE"}, "iso3")),
    (check_partnership, cell("partnership_for_peace", {"iso3": "POL"}, "nato_accession_date", "2004-03-29")),
    (check_partnership, cell("partnership_for_peace", {"iso3": "EST"}, "signed_date", "1994-02-04")),
    (check_partnership, sums("nato_members", {"iso3": "SVN"}, "pfp_joined_date", "")),
    (check_partnership, cell("partnership_for_peace", {"iso3": "MLT"}, "withdrawn_date", "2009-10-27")),
    (check_partnership, sums("partnership_for_peace", {"iso3": "RUS"}, "signed_date", "1994-06-02")),
    (check_other_alliances, gone("warsaw_pact_members", {"iso3": "ROU"}, "iso3")),
    (check_other_alliances, sums("csto_members", {"iso3": "UZB"}, "returned_date", "", "iso3")),
    (check_other_alliances, cell("csto_members", {"iso3": "UZB"}, "left_date", "2007-04-02")),
    (check_other_alliances, cell("ussr_successor_states", {"iso3": "LVA"}, "independence_declared_date", "1991-10-04")),
    (check_other_alliances, cell("warsaw_pact_members", {"iso3": "CSK"}, "successors", "CZE")),
    (check_alliance_status, cell("alliance_status", {"iso3": "POL", "year": "1999", "layer": "NATO"}, "iso3", "UKR")),
    (check_alliance_status, gone("alliance_status", {"iso3": "FIN", "year": "2023", "layer": "NATO"}, "iso3")),
    (check_alliance_status, cell("alliance_status", {"iso3": "RUS", "year": "2013", "layer": "PFP"}, "status", "suspended")),
    (check_events_against_members, gone("events", {"date": "2023-04-04"}, "date")),
    (check_events_against_members, gone("events", {"date": "1955-05-14"}, "date")),
    (check_borders, cell("russia_land_borders", {"iso3": "FIN"}, "border_km", "1340")),
    (check_borders, cell("russia_land_borders", {"iso3": "NOR"}, "nato_since", "1949-04-04")),
    (check_borders, cell("russia_land_borders", {"iso3": "EST"}, "kaliningrad", "true")),
    (
        check_borders,
        both(
            cell("russia_land_borders", {"iso3": "KAZ"}, "neighbour_entry_km", "7512"),
            sums("russia_land_borders", {"iso3": "KAZ"}, "border_km", "7512"),
        ),
    ),
    (check_border_measurements, gone("border_length_sources", {"series": "russian-official", "iso3": "NOR"}, "iso3")),
    (check_border_measurements, cell("border_length_sources", {"series": "factbook-2026", "iso3": "LVA"}, "km", "292")),
    (check_border_measurements, cell("border_length_sources", {"series": "national", "iso3": "NOR"}, "km", "1977")),
    (check_border_measurements, sums("border_length_sources", {"series": "factbook-earlier", "iso3": "UKR"}, "km", "1567")),
    (check_soviet_borders, sums("ussr_land_borders", {"neighbour": "Finland"}, "border_km", "1331")),
    (check_soviet_borders, cell("ussr_land_borders", {"neighbour": "Norway"}, "nato_since", "")),
    (check_warheads, sums("warheads", {"series_iso3": "RUS", "year": "1986"}, "warheads", "40519")),
    (check_warheads, cell("warheads", {"series_iso3": "RUS", "year": "1985"}, "iso3", "RUS")),
    (check_warheads, cell("warheads", {"series_iso3": "USA", "year": "1990"}, "warheads", "2100")),
    (check_spending, cell("military_spending", {"iso3": "POL", "year": "1990"}, "iso3", "SUN")),
    (check_spending, cell("military_spending", {"iso3": "RUS", "year": "1992"}, "year", "1991")),
    (
        check_spending,
        cell("nato_defence_spending", {"release": "2019-06", "iso3": "POL", "year": "2016"}, "share_gdp_pct", "9.9"),
    ),
    (check_spending, gone("nato_defence_spending", {"release": "2025-08", "iso3": "POL"}, "release")),
    (check_spending, cell("nato_defence_spending", {"release": "2019-06", "iso3": "POL", "year": "2019"}, "year", "2020")),
    (check_spending, gone("military_spending", {"year": "2015"}, "share_gdp_pct")),
    (check_troops, cell("us_troops", {"iso3": "ITA", "year": "1990"}, "troops", "28408")),
    (check_troops, cell("us_troops", {"iso3": "GBR", "year": "1953"}, "year", "1952")),
    (check_troops, sums("us_troops", {"iso3": "DEU", "year": "2025"}, "troops", "3600")),
    (check_economy, cell("russia_economy", {"indicator": "inflation_cpi_pct", "year": "1993"}, "value", "887.84")),
    (check_economy, cell("russia_economy", {"indicator": "life_expectancy_years", "year": "1975"}, "value", "86.3")),
    (check_people_and_income, cell("population", {"iso3": "POL", "year": "1999"}, "population", "3866000")),
    (check_people_and_income, cell("gdp_per_person", {"iso3": "POL", "year": "1999"}, "gdp_per_person", "99000")),
    (check_people_and_income, gone("population", {"iso3": "USA"}, "population")),
    (check_oil, cell("oil_price", {"year": "2008"}, "brent", "69.94")),
    (check_oil, cell("oil_price", {"year": "1986"}, "brent", "14.40")),
    (check_oil, gone("oil_price", {"year": "1999"}, "year")),
    (check_democracy, cell("vdem", {"iso3": "RUS", "year": "1999"}, "polyarchy_low", "0.9")),
    (check_democracy, cell("vdem", {"iso3": "RUS", "year": "1999"}, "libdem_high", "0.01")),
    (
        check_democracy,
        both(
            cell("vdem", {"iso3": "ROU", "year": "2004"}, "polyarchy_low", "0.1"),
            cell("vdem", {"iso3": "ROU", "year": "2004"}, "libdem", "0.2"),
            cell("vdem", {"iso3": "ROU", "year": "2004"}, "libdem_low", "0.1"),
            sums("vdem", {"iso3": "ROU", "year": "2004"}, "polyarchy", "0.4"),
        ),
    ),
    (check_united_nations, cell("un_agreement", {"iso3": "USA", "year": "1993"}, "agreement", "0.72")),
    (check_united_nations, cell("un_agreement", {"iso3": "FRA", "year": "1993"}, "identical_share", "0.99")),
    (check_united_nations, cell("un_agreement", {"iso3": "FRA", "year": "1963"}, "year", "1964")),
    (check_united_nations, cell("un_ideal_points", {"iso3": "RUS", "year": "1993"}, "ideal_point", "-3")),
    (
        check_united_nations,
        both(
            cell("un_ideal_points", {"iso3": "RUS", "year": "1993"}, "high", "6"),
            sums("un_ideal_points", {"iso3": "RUS", "year": "1993"}, "ideal_point", "5"),
        ),
    ),
    (check_opinion, cell("public_opinion", {"iso3": "FIN", "fieldwork_start": "2022-02-23", "answer": "for"}, "percent", "93")),
    (check_opinion, cell("public_opinion", {"iso3": "FIN", "fieldwork_start": "2022-02-23", "answer": "for"}, "year", "2021")),
    (
        check_opinion,
        cell("public_opinion", {"iso3": "FIN", "fieldwork_start": "2022-02-23", "answer": "for"}, "fieldwork_end", "2022-02-20"),
    ),
    (check_opinion, cell("public_opinion", {"iso3": "FIN", "fieldwork_start": "2022-02-23", "answer": "for"}, "n", "1283")),
    (check_deaths, cell("conflict_deaths", {"iso3": "RUS", "year": "1995"}, "low", "99999")),
    (check_deaths, cell("conflict_deaths", {"iso3": "RUS", "year": "1995"}, "high", "1")),
    (check_deaths, cell("conflict_deaths", {"iso3": "UKR", "year": "2022"}, "best", "81479")),
    (check_deaths, gone("conflict_years", {"year": "1995"}, "intensity")),
    (check_peacekeepers, sums("peacekeepers", {"mission": "SFOR", "period": "May 2003", "total": "true"}, "troops", "300")),
    (check_peacekeepers, cell("peacekeepers", {"mission": "SFOR", "period": "May 2003", "iso3": "RUS"}, "total", "true")),
    (check_peacekeepers, cell("peacekeepers", {"mission": "SFOR", "period": "May 2003", "iso3": "RUS"}, "year", "2002")),
    (check_peacekeepers, sums("peacekeepers", {"mission": "KFOR", "period": "from 1999"}, "troops", "3150")),
    (check_map, outline("europe_50m", '"iso3":"UKR"', '"iso3":"RUS"')),
    (check_map, outline("germany_1949_1990", '"DDR"', '"DEU"')),
    (check_map, outline("crimea", '"coordinates":[[[', '"coordinates":[[[90.0,10.0],[')),
    (check_chronology, cell("events", {"event_id": "1949-04-04-twelve-states-sign"}, "event", "no capital.")),
    (check_chronology, cell("events", {"event_id": "1949-04-04-twelve-states-sign"}, "event_id", "1950-twelve")),
    (check_statements, cell("membership_statements", {"statement_id": "robertson-2021"}, "told_date", "1999-01-01")),
    (check_statements, cell("membership_statements", {"statement_id": "putin-brdo-2001"}, "told_date", "2025-12-23")),
    (check_statements, cell("membership_statements", {"statement_id": "putin-brdo-2001"}, "public_year", "2000")),
    (check_statements, cell("membership_statements", {"statement_id": "putin-frost-2000"}, "public_year", "2001")),
    (check_statements, cell("membership_statements", {"statement_id": "stalin-1952"}, "status", "confirmed")),
    (check_claims, gone("article_claims", {"claim_id": "C42"}, "claim_id")),
    (check_claims, sums("article_claims", {"claim_id": "C42"}, "verdict", "accurate")),
    (check_claims, cell("article_claims", {"claim_id": "C42"}, "sources", "")),
]


@pytest.mark.parametrize(("check", "spoil"), SPOILED, ids=lambda part: getattr(part, "__name__", ""))
def test_a_wrong_figure_is_noticed(check, spoil, tmp_path):
    folder = copy_package(ROOT, tmp_path)
    words = spoil(folder)
    with pytest.raises((Finding, DataError)) as fault:
        check(folder)
    for word in words:
        assert word in str(fault.value)
    assert "\n" not in str(fault.value), "one line, please"


def test_every_check_has_been_seen_to_fail():
    assert {check for check, _ in SPOILED} == set(CHECKS)
