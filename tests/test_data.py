"""The data package is whole: every table is described, typed, sourced, licensed and tied to the countries table.

Each ``check_...`` takes a package folder and raises with file, line and column. They run on the course's data, and
on spoiled copies to show that they notice.
"""

import csv
import json
import re
from datetime import date
from pathlib import Path

import frictionless
import pandas as pd
import pytest
from datatools import Finding, at, change, copy_package, edit_descriptor, first_row, load_all, rewrite

from almost_allies.data import ROOT, DataError, describe, load, source_line, tables

LIMIT = 2_500_000  # bytes of tables, descriptor and outlines together
WITHOUT_UNIT = re.compile(r"(.*_)?(year|round|part|id|intensity)")


def descriptor(folder):
    """(resources, line number of each resource in the file by name)"""
    path = Path(folder) / "datapackage.json"
    text = path.read_text(encoding="utf-8")
    lines = {}
    for number, line in enumerate(text.splitlines(), start=1):
        found = re.fullmatch(r'   "name": "(.+)",', line)
        if found:
            lines[found[1]] = number
    return json.loads(text)["resources"], lines


def check_described(folder):
    """Publisher, source, licence, dates and words for people, for every table and every column."""
    resources, lines = descriptor(folder)
    for resource in resources:
        where = f'{Path(folder).name}/datapackage.json: line {lines.get(resource["name"], 1)}, table "{resource["name"]}"'
        for key in (
            "title",
            "description",
            "publisher",
            "citation",
            "coverage",
            "update_policy",
            "credit",
            "path",
            "encoding",
            "format",
            "mediatype",
        ):
            if not isinstance(resource.get(key), str) or not resource[key].strip():
                raise Finding(f'{where}, "{key}": found nothing, expected text')
        for key in ("licenses", "sources"):
            entries = resource.get(key) or []
            if not entries or any(not entry.get("title") for entry in entries):
                raise Finding(f'{where}, "{key}": found {entries}, expected at least one, each with a title')
        for source in resource["sources"]:
            by_row = re.search(r"\bcolumns? source", source["title"])  # a compiled table names its sources in each row
            if not by_row and not re.match(r"https?://", source.get("path", "")):
                raise Finding(f'{where}, "sources": found no link for "{source["title"]}", expected one')
        for licence in resource["licenses"]:
            if "open" not in licence["title"] and not re.match(r"https://", licence.get("path", "")):
                raise Finding(f'{where}, "licenses": found no link for "{licence["title"]}", expected one')
        try:
            date.fromisoformat(resource.get("retrieved", ""))
        except ValueError:
            raise Finding(f'{where}, "retrieved": found "{resource.get("retrieved")}", expected a date') from None
        for field in resource.get("schema", {}).get("fields", []):
            spot = f'{where}, column "{field["name"]}"'
            for key in ("title", "description"):
                if not field.get(key, "").strip():
                    raise Finding(f'{spot}, "{key}": found nothing, expected text')
            if field["type"] not in ("string", "integer", "number", "boolean", "date", "year"):
                raise Finding(f'{spot}, "type": found {field["type"]}, expected a type that load() reads')
            if field["type"] in ("integer", "number") and not field.get("unit") and not WITHOUT_UNIT.fullmatch(field["name"]):
                raise Finding(f'{spot}, "unit": found nothing, expected the unit of the number')


def check_files(folder):
    """Every file is described and every described file is there; UTF-8, one line a row, no stray spaces."""
    resources, _ = descriptor(folder)
    paths = {resource["path"] for resource in resources}
    here = {str(path.relative_to(folder)) for path in [*Path(folder).glob("*.csv"), *Path(folder).glob("geo/*")]}
    for path in sorted(here - paths):
        raise Finding(f"{Path(folder).name}/{path}: not in datapackage.json, so it has no source and no licence")
    for path in sorted(paths - here):
        raise Finding(f"{Path(folder).name}/{path}: no such file, but datapackage.json describes it")
    for path in sorted(path for path in here if path.endswith(".csv")):
        raw = (Path(folder) / path).read_bytes()
        if raw.startswith(b"\xef\xbb\xbf") or b"\r" in raw or not raw.endswith(b"\n"):
            raise Finding(
                f"{Path(folder).name}/{path}: found a byte order mark, a carriage return or no last line end; "
                "expected plain UTF-8 with LF"
            )
        for number, row in enumerate(csv.reader(raw.decode("utf-8").splitlines(keepends=True)), start=1):
            for name, cell in zip(csv_header(folder, path), row, strict=False):
                if cell != cell.strip() or "\n" in cell or "  " in cell:
                    raise Finding(
                        f'{Path(folder).name}/{path}: line {number}, column "{name}": found "{cell}", '
                        "expected text on one line without stray spaces"
                    )


def csv_header(folder, path):
    with (Path(folder) / path).open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def check_loads(folder):
    """Every cell has the type and keeps the limits that the descriptor gives."""
    load_all(folder)


def check_foreign_keys(folder):
    """Every value of a foreign key exists where it points: country codes in the countries table."""
    for table in tables(folder):
        schema = describe(table, folder)["schema"]
        frame = load(table, folder)
        for key in schema.get("foreignKeys", []):
            column = key["fields"][0] if isinstance(key["fields"], list) else key["fields"]
            there = key["reference"]["fields"]
            there = there[0] if isinstance(there, list) else there
            target = key["reference"]["resource"] or table
            known = set(load(target, folder)[there])
            row = first_row(frame[column].notna() & ~frame[column].isin(known))
            if row is not None:
                raise at(folder, table, row, column, f'"{frame[column].iloc[row]}"', f"a {there} of {target}.csv")


def check_codes_are_keys(folder):
    """A column of country codes is a foreign key, so that an unknown code cannot slip in."""
    resources, lines = descriptor(folder)
    for resource in resources:
        if resource["name"] == "countries" or "schema" not in resource:
            continue
        tied = {
            key["fields"][0] if isinstance(key["fields"], list) else key["fields"]
            for key in resource["schema"].get("foreignKeys", [])
        }
        for field in resource["schema"]["fields"]:
            if field["name"].endswith("iso3") and field["name"] not in tied:
                raise Finding(
                    f'{Path(folder).name}/datapackage.json: line {lines[resource["name"]]}, table "{resource["name"]}", '
                    f'column "{field["name"]}": found no foreign key, expected one to countries.iso3'
                )


def check_countries_used(folder):
    """The countries table has the codes that tables and outlines use, and no others."""
    used = set()
    for table in tables(folder):
        if table != "countries":
            frame = load(table, folder)
            for column in frame.columns:
                if column.endswith("iso3"):
                    used |= set(frame[column].dropna())
    outlines = json.loads((Path(folder) / "geo" / "europe_50m.geojson").read_text(encoding="utf-8"))["features"]
    used |= {feature["properties"][key] for feature in outlines for key in ("iso3", "state_1989")}
    countries = load("countries", folder)
    for code in sorted(used - set(countries["iso3"]) - {"CYN"}):  # northern Cyprus is an area of Cyprus, not a code
        raise Finding(f'{Path(folder).name}/countries.csv: column "iso3": found no {code}, expected it, as the map has it')
    for cell in countries["successors"].dropna():
        used |= set(cell.split(";"))
    row = first_row(~countries["iso3"].isin(used))
    if row is not None:
        raise at(folder, "countries", row, "iso3", f'"{countries["iso3"].iloc[row]}"', "a code that a table or the map uses")


def check_precision(folder):
    """A date known to the month or year is its first day, and has a precision column that says so."""
    for table in tables(folder):
        frame = load(table, folder)
        for column in [name for name in frame.columns if name.endswith("_precision")]:
            stem = column.removesuffix("_precision")
            names = [name for name in (stem, f"{stem}_date", f"{stem}_joined_date", f"{stem}_start") if name in frame]
            if not names or frame[names[0]].dtype.kind != "M":
                continue  # the precision of something that is not a date, such as a year
            dates = frame[names[0]]
            for wrong, expected in (
                (dates.notna() & frame[column].isna(), "day, month or year, because there is a date"),
                (dates.isna() & frame[column].notna(), "nothing, because there is no date"),
                ((frame[column] == "month") & (dates.dt.day != 1), "day, or a date on the first of the month"),
                ((frame[column] == "year") & ((dates.dt.day != 1) | (dates.dt.month != 1)), "a date on 1 January"),
            ):
                row = first_row(wrong)
                if row is not None:
                    raise at(
                        folder,
                        table,
                        row,
                        column,
                        f'"{frame[column].iloc[row]}" for {dates.iloc[row]:%Y-%m-%d}'
                        if pd.notna(dates.iloc[row])
                        else f'"{frame[column].iloc[row]}"',
                        expected,
                    )


def check_source_keys(folder):
    """Source keys are keys, none twice in a cell. That they exist in references.bib is tested with the bibliography."""
    for table in tables(folder):
        frame = load(table, folder)
        for column in ("sources", "source"):
            if column in frame and "enum" not in _constraints(folder, table, column):
                row = first_row(~frame[column].map(lambda cell: pd.isna(cell) or _are_keys(cell)).astype(bool))
                if row is not None:
                    raise at(
                        folder,
                        table,
                        row,
                        column,
                        f'"{frame[column].iloc[row]}"',
                        "bibliography keys separated by semicolons, each once",
                    )


def _constraints(folder, table, column):
    fields = describe(table, folder)["schema"]["fields"]
    return next(field for field in fields if field["name"] == column).get("constraints", {})


def _are_keys(cell):
    keys = cell.split(";")
    return len(set(keys)) == len(keys) and all(re.fullmatch(r"[A-Za-z][A-Za-z0-9:_-]+", key) for key in keys)


def check_size(folder):
    """The whole package stays small enough to clone, ship in one zip and load in a browser."""
    size = sum(path.stat().st_size for path in [*Path(folder).glob("*.*"), *Path(folder).glob("geo/*")])
    if size > LIMIT:
        raise Finding(f"{Path(folder).name}: found {size} bytes, expected at most {LIMIT}")


CHECKS = [
    check_described,
    check_files,
    check_loads,
    check_foreign_keys,
    check_codes_are_keys,
    check_countries_used,
    check_precision,
    check_source_keys,
    check_size,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_package_is_whole(check):
    check(ROOT)


def test_frictionless_finds_nothing():
    report = frictionless.validate(str(ROOT / "datapackage.json"))
    rows = report.flatten(["title", "rowNumber", "fieldName", "message"])
    assert report.valid, f"{len(rows)} errors, the first: {rows[:3] or report.errors}"


def test_frictionless_finds_an_unknown_country(tmp_path):
    folder = copy_package(ROOT, tmp_path)
    line = change(folder, "warsaw_pact_members", {"iso3": "POL"}, "iso3", "PLN")
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert [["foreign-key", line]] == report.flatten(["type", "rowNumber"])


def _without(*keys):
    def edit(resource):
        for key in keys:
            del resource[key]

    return edit


def _first_field_without(key):
    def edit(resource):
        del resource["schema"]["fields"][0][key]

    return edit


def _unitless(name):
    def edit(resource):
        next(field for field in resource["schema"]["fields"] if field["name"] == name).pop("unit")

    return edit


SPOILED = {  # name: (what to do to a copy, the check that must notice, words of the message)
    "licence missing": (
        lambda folder: edit_descriptor(folder, "russia_land_borders", _without("licenses")),
        check_described,
        ["data/datapackage.json: line ", 'table "russia_land_borders"', '"licenses"'],
    ),
    "source without link": (
        lambda folder: edit_descriptor(folder, "oil_price", lambda resource: resource["sources"][0].pop("path")),
        check_described,
        ['table "oil_price"', '"sources"', "found no link"],
    ),
    "no date of retrieval": (
        lambda folder: edit_descriptor(folder, "oil_price", _without("retrieved")),
        check_described,
        ['table "oil_price"', '"retrieved"'],
    ),
    "no publisher": (
        lambda folder: edit_descriptor(folder, "vdem", _without("publisher")),
        check_described,
        ['table "vdem"', '"publisher"'],
    ),
    "column without words": (
        lambda folder: edit_descriptor(folder, "vdem", _first_field_without("description")),
        check_described,
        ['table "vdem"', 'column "iso3"', '"description"'],
    ),
    "number without unit": (
        lambda folder: edit_descriptor(folder, "russia_land_borders", _unitless("border_km")),
        check_described,
        ['column "border_km"', '"unit"'],
    ),
    "file without descriptor": (
        lambda folder: (folder / "loose.csv").write_text("a\n1\n", encoding="utf-8"),
        check_files,
        ["data/loose.csv", "no licence"],
    ),
    "descriptor without file": (
        lambda folder: (folder / "oil_price.csv").unlink(),
        check_files,
        ["data/oil_price.csv", "no such file"],
    ),
    "stray space": (
        lambda folder: rewrite(folder, "eu_members", "France,", "France ,"),
        check_files,
        ["data/eu_members.csv: line ", 'column "country"', '"France "'],
    ),
    "windows line ends": (
        lambda folder: (folder / "eu_members.csv").write_bytes((folder / "eu_members.csv").read_bytes().replace(b"\n", b"\r\n")),
        check_files,
        ["data/eu_members.csv", "carriage return"],
    ),
    "malformed row": (
        lambda folder: rewrite(folder, "oil_price", "1990,23.76,24.53", "1990,23.76"),
        check_loads,
        ["data/oil_price.csv: line 6, ", 'column "wti"', "found 2 cells, expected 3"],
    ),
    "word for a number": (
        lambda folder: change(folder, "oil_price", {"year": "1990"}, "brent", "high"),
        check_loads,
        ['data/oil_price.csv: line 6, column "brent": found "high", expected a number'],
    ),
    "number out of bounds": (
        lambda folder: change(folder, "vdem", {"iso3": "POL", "year": "1999"}, "polyarchy", "1.2"),
        check_loads,
        ["data/vdem.csv: line ", 'column "polyarchy": found "1.2", expected at most 1'],
    ),
    "unknown country": (
        lambda folder: change(folder, "nato_members", {"iso3": "POL"}, "iso3", "PLN"),
        check_foreign_keys,
        ["data/nato_members.csv: line ", 'column "iso3": found "PLN"', "countries.csv"],
    ),
    "code column untied": (
        lambda folder: edit_descriptor(folder, "vdem", lambda resource: resource["schema"].pop("foreignKeys")),
        check_codes_are_keys,
        ['table "vdem"', 'column "iso3"', "foreign key"],
    ),
    "country nobody uses": (
        lambda folder: rewrite(folder, "countries", "XKX,", "AUS,Australia,iso,,,\nXKX,"),
        check_countries_used,
        ["data/countries.csv: line ", 'column "iso3": found "AUS"'],
    ),
    "month with a day": (
        lambda folder: change(folder, "nato_members", {"iso3": "GRC"}, "application_date", "1951-05-07"),
        check_precision,
        ["data/nato_members.csv: line ", 'column "application_precision"', "first of the month"],
    ),
    "precision of nothing": (
        lambda folder: change(folder, "nato_members", {"iso3": "POL"}, "application_precision", "day"),
        check_precision,
        ["data/nato_members.csv: line ", 'column "application_precision"', "no date"],
    ),
    "source twice": (
        lambda folder: change(folder, "nato_members", {"iso3": "FIN"}, "sources", "nato-frg;nato-frg"),
        check_source_keys,
        ["data/nato_members.csv: line ", 'column "sources"', "each once"],
    ),
    "too big": (
        lambda folder: (folder / "geo" / "europe_50m.geojson").write_bytes(b" " * LIMIT),
        check_size,
        ["bytes", str(LIMIT)],
    ),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_package_is_noticed(case, tmp_path):
    spoil, check, words = SPOILED[case]
    folder = copy_package(ROOT, tmp_path)
    check(folder)
    spoil(folder)
    with pytest.raises((Finding, DataError)) as fault:
        check(folder)
    for word in words:
        assert word in str(fault.value)
    assert "\n" not in str(fault.value), "one line, please"


def test_every_check_has_been_seen_to_fail():
    assert {check for _, check, _ in SPOILED.values()} == set(CHECKS)


# --- load() ----------------------------------------------------------------------------------------------------------

FIELDS = [
    {"name": "iso3", "type": "string", "constraints": {"required": True, "pattern": "[A-Z]{3}"}},
    {"name": "year", "type": "integer", "constraints": {"required": True, "minimum": 1949}},
    {"name": "joined", "type": "date", "constraints": {"minimum": "1949-01-01"}},
    {"name": "share", "type": "number", "constraints": {"minimum": 0, "maximum": 100}},
    {"name": "votes", "type": "integer"},
    {"name": "member", "type": "boolean", "constraints": {"required": True}},
    {"name": "status", "type": "string", "constraints": {"enum": ["actual", "estimate"]}},
]
HEADER = "iso3,year,joined,share,votes,member,status\n"
GOOD = 'FIN,2023,2023-04-04,1.5,3,true,actual\nSWE,2024,,,,false,"estimate"\n'


def small_package(folder, text, key=("iso3",)):
    table = {
        "name": "sample",
        "path": "sample.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "credit": "Nobody",
        "licenses": [{"title": "public domain"}],
        "schema": {"fields": FIELDS, "primaryKey": list(key)},
    }
    outline = {"name": "outline", "path": "geo/outline.geojson", "mediatype": "application/geo+json"}
    (folder / "datapackage.json").write_text(json.dumps({"resources": [table, outline]}), encoding="utf-8")
    (folder / "sample.csv").write_text(text, encoding="utf-8")
    return folder


def test_load_gives_the_types_of_the_descriptor(tmp_path):
    frame = load("sample", small_package(tmp_path, HEADER + GOOD))
    assert frame.dtypes.astype(str).to_dict() == {
        "iso3": "str",
        "year": "int64",
        "joined": "datetime64[ns]",
        "share": "float64",
        "votes": "float64",
        "member": "bool",
        "status": "str",
    }
    assert frame["joined"].iloc[0] == pd.Timestamp("2023-04-04")
    assert frame.loc[1, ["joined", "share", "votes"]].isna().all()
    assert frame["member"].tolist() == [True, False]
    assert list(frame.columns) == HEADER.strip().split(",") and list(frame.index) == [0, 1]


def test_load_of_a_table_without_rows_keeps_columns_and_types(tmp_path):
    frame = load("sample", small_package(tmp_path, HEADER))
    assert len(frame) == 0 and frame["year"].dtype == "int64" and frame["joined"].dtype == "datetime64[ns]"


def row(**cells):
    good = dict(iso3="FIN", year="2023", joined="2023-04-04", share="1.5", votes="3", member="true", status="actual")
    return ",".join((good | cells).values()) + "\n"


FAULTS = {
    row(year="nineteen"): 'line 2, column "year": found "nineteen", expected a whole number',
    row(year="1_949"): 'line 2, column "year": found "1_949", expected a whole number',
    row(year="2023.0"): 'line 2, column "year": found "2023.0", expected a whole number',
    row(year=""): 'line 2, column "year": found an empty cell, expected a whole number',
    row(year="1948"): 'line 2, column "year": found "1948", expected at least 1949',
    row(joined="1999-13-12"): 'line 2, column "joined": found "1999-13-12", expected a date like 1999-03-12',
    row(joined="19990312"): 'line 2, column "joined": found "19990312", expected a date like 1999-03-12',
    row(joined="12.03.1999"): 'line 2, column "joined": found "12.03.1999", expected a date like 1999-03-12',
    row(joined="1948-12-31"): 'line 2, column "joined": found "1948-12-31", expected at least 1949-01-01',
    row(share="1,5").replace("1,5", '"1,5"'): 'line 2, column "share": found "1,5", expected a number',
    row(share="nan"): 'line 2, column "share": found "nan", expected a number',
    row(share="inf"): 'line 2, column "share": found "inf", expected a number',
    row(share="101"): 'line 2, column "share": found "101", expected at most 100',
    row(member="yes"): 'line 2, column "member": found "yes", expected true or false',
    row(member=""): 'line 2, column "member": found an empty cell, expected true or false',
    row(status="guess"): 'line 2, column "status": found "guess", expected one of actual, estimate',
    row(iso3="fin"): 'line 2, column "iso3": found "fin", expected text of the form [A-Z]{3}',
    row() + row(): 'line 3, column "iso3": found FIN a second time, expected each once',
    row() + "SWE,2024\n": 'line 3, column "joined": the row ends; found 2 cells, expected 7',
    row() + row(iso3="SWE").strip() + ",x\n": 'line 3, after column "status": the row goes on; found 8 cells, expected 7',
    row(status='"actual\n"') + row(year="x", iso3="SWE"): 'line 4, column "year": found "x", expected a whole number',
    row(status='"actual" x'): "line 2: malformed CSV",
    row(status='"actual'): "malformed CSV",
}


@pytest.mark.parametrize("text", FAULTS, ids=FAULTS.values())
def test_load_says_where_a_fault_is(text, tmp_path):
    with pytest.raises(DataError) as fault:
        load("sample", small_package(tmp_path, HEADER + text))
    assert str(fault.value).startswith(f"{tmp_path.name}/sample.csv: ")
    assert FAULTS[text] in str(fault.value)
    assert "\n" not in str(fault.value)


def test_load_of_a_mistyped_name_suggests_the_right_one():
    with pytest.raises(DataError, match='no table is called "nato_member"; did you mean "nato_members"'):
        load("nato_member")
    with pytest.raises(DataError, match='"xyz"; the tables are alliance_status, '):
        load("xyz")


def test_load_of_an_outline_says_that_it_is_no_table(tmp_path):
    folder = small_package(tmp_path, HEADER + GOOD)
    assert tables(folder) == ["sample"]
    with pytest.raises(DataError, match="geo/outline.geojson: not a table"):
        load("outline", folder)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(DataError, match="datapackage.json: no such file"):
        load("sample", tmp_path)
    folder = small_package(tmp_path, HEADER + GOOD)
    (folder / "sample.csv").unlink()
    with pytest.raises(DataError, match="sample.csv: no such file"):
        load("sample", folder)


def test_a_changed_header_is_named(tmp_path):
    with pytest.raises(DataError, match='sample.csv: line 1, column 2: found "jahr", expected "year"'):
        load("sample", small_package(tmp_path, HEADER.replace("year", "jahr") + GOOD))
    with pytest.raises(DataError, match='line 1, column 8: found "more", expected no further column'):
        load("sample", small_package(tmp_path, HEADER.replace("status", "status,more") + GOOD))


def test_text_that_is_not_utf8_or_json_is_named(tmp_path):
    folder = small_package(tmp_path, HEADER + GOOD)
    (folder / "sample.csv").write_bytes((HEADER + GOOD).replace("FIN", "FIN\xe9").encode("latin-1"))
    with pytest.raises(DataError, match="sample.csv: not UTF-8 text"):
        load("sample", folder)
    (folder / "datapackage.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="datapackage.json: not a readable data package"):
        load("sample", folder)


def test_an_edited_table_is_read_again(tmp_path):
    folder = small_package(tmp_path, HEADER + GOOD)
    frame = load("sample", folder)
    frame.loc[0, "share"] = 99.0
    assert load("sample", folder)["share"].iloc[0] == 1.5, "a learner who changes a table must not change it for the next cell"
    (folder / "sample.csv").write_text(HEADER + row(share="2.5"), encoding="utf-8")
    assert load("sample", folder)["share"].tolist() == [2.5]


def test_source_line_names_each_credit_once():
    about = describe("russia_land_borders")
    assert source_line("russia_land_borders") == f"{about['credit']}, public domain"
    assert source_line(["russia_land_borders", "russia_land_borders", "oil_price"]).count(about["credit"]) == 1
