"""references.bib: every entry says who, what, when and what was consulted; every key is used; every use has an entry."""
from __future__ import annotations

import re

import prose
import pytest
import yaml
from pybtex.database import parse_file

from almost_allies import data

BIB = prose.repository_file("references.bib")
ENTRIES = parse_file(str(BIB)).entries
KINDS = {"primary", "scholarship", "journalism", "data"}


def used_keys() -> dict[str, str]:
    """Every cited key and one place that cites it: chapters, pages, question banks, tables and their descriptors."""
    places = {key: name for name in prose.CHAPTERS for key in prose.cited(prose.markdown(name))}
    for path in (path for folder in (".", "reference", "teach", "teach/lessons") for path in prose.repository_file(folder).glob("*.md")):
        places |= dict.fromkeys(prose.cited(path.read_text("utf-8")), path.name)
    for path in prose.repository_file("data/quizzes").glob("*.yml"):
        for question in yaml.safe_load(path.read_text("utf-8"))["questions"]:
            places |= dict.fromkeys(question.get("sources", []), path.name)
    for resource in map(data.describe, data.tables()):
        places |= dict.fromkeys(re.split(r"[;\s]+", resource.get("citation", "")), f"{resource['name']} in datapackage.json")
        for field in resource["schema"]["fields"]:
            if re.fullmatch(r"sources?|source_\w+|\w+_source", field["name"]):
                for cell in data.load(resource["name"])[field["name"]].dropna():
                    places |= dict.fromkeys(filter(None, re.split(r"[;,\s]+", str(cell))), f"{resource['path']}, column {field['name']}")
    places.pop("", None)
    return places


def test_every_use_has_an_entry():
    assert not {f"{place}: {key}" for key, place in used_keys().items() if key not in ENTRIES}


def test_every_entry_is_used():
    assert not set(ENTRIES) - set(used_keys())


@pytest.mark.parametrize("key", ENTRIES)
def test_entry_says_who_what_when_and_what_was_consulted(key):
    entry = ENTRIES[key]
    assert entry.persons.get("author") or entry.persons.get("editor"), f"{key}: no author"
    assert entry.fields.get("title"), f"{key}: no title"
    assert re.fullmatch(r"\d{4}(-\d\d){0,2}|undated", entry.fields.get("date", "")), f"{key}: date {entry.fields.get('date')!r}"
    assert entry.fields.get("year") == entry.fields["date"][:4].replace("unda", "undated"), f"{key}: year differs from date"
    assert re.search(r"[Cc]onsulted on \d{1,2} \w+ 20\d\d", entry.fields.get("note", "")), f"{key}: note does not say when it was consulted"
    assert entry.fields.get("keywords") in KINDS, f"{key}: keywords {entry.fields.get('keywords')!r}, expected one of {KINDS}"
    assert "unconfirmed" not in str(entry.fields.values()).lower(), f"{key}: marked unconfirmed"


def test_no_two_entries_lead_to_the_same_page():
    addresses = [entry.fields["url"].rstrip("/") for entry in ENTRIES.values() if "url" in entry.fields]
    assert not {address for address in addresses if addresses.count(address) > 1}
