"""Numbers in the prose that a table can give are what the table gives (tests/facts/<chapter>.yml)."""
from __future__ import annotations

import re

import pandas as pd
import prose
import pytest
import yaml

from almost_allies import load

FACTS = [(path.stem, fact) for path in sorted(prose.repository_file("tests/facts").glob("*.yml"))
         for fact in yaml.safe_load(path.read_text("utf-8"))]


def test_every_chapter_has_its_facts_listed():
    assert {chapter for chapter, _ in FACTS} == set(prose.CHAPTERS)


@pytest.mark.parametrize(("chapter", "fact"), FACTS, ids=[f"{chapter}: {fact['says']}" for chapter, fact in FACTS])
def test_number_in_the_prose_is_the_table_s(chapter, fact):
    value = eval(fact["is"], {"load": load, "pd": pd})  # our own file, not input
    assert fact["as"].format(value) == fact["says"]
    words = re.sub(r"\s+", " ", prose.plain(prose.markdown(chapter)))
    assert fact["says"] in words, f"{chapter}: the prose no longer says {fact['says']!r}"
