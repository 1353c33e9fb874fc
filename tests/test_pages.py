"""What the extension does to a page: pandas tables that read well, nothing of a theme that is not used."""
from __future__ import annotations

import pandas as pd
from conftest import SITE

from almost_allies.book.pages import dressed


def html(frame: pd.DataFrame) -> str:
    return dressed(frame._repr_html_())


def test_row_numbers_are_dropped_and_numbers_stand_to_the_right():
    table = html(pd.DataFrame({"country": ["Norway", "<b>"], "km": [191, 1309]}))
    assert '<th scope="col">country</th>' in table and '<th class="number" scope="col">km</th>' in table
    assert '<td class="number">191</td>' in table and "<td>&lt;b&gt;</td>" in table
    assert "<th></th>" not in table and ">0<" not in table and "style" not in table


def test_an_index_that_says_something_stays_as_row_headers_without_an_empty_header_cell():
    table = html(pd.DataFrame({"km": [191]}, index=["Norway"]))
    assert '<th scope="row">Norway</th>' in table and "<td></td>" in table and "<th></th>" not in table


def test_site_holds_no_asset_that_no_page_uses(site):
    pages = "".join(path.read_text("utf-8") for path in SITE.rglob("*.html"))
    scripts = [path.name for path in (SITE / "_static").iterdir() if path.is_file()]
    assert not [name for name in scripts if name not in pages]
