"""Budgets: what every page loads, and what Lighthouse (mobile, simulated) says of four of them."""
from __future__ import annotations

import gzip
import re

import pytest
from conftest import SITE, GzipHandler, serve
from lighthouse import CATEGORIES, lighthouse

PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")
               if not {"_static", "lite", "downloads"} & set(path.relative_to(SITE).parts))
WEIGHED = {"front page": "index.html", "charts": "chapters/3-expansion-waves/borders.html",
           "map": "chapters/1-cold-war-legacy/two-blocs.html", "timeline": "reference/timeline.html"}


@pytest.fixture(scope="module")
def gzipped_url(site):
    server = serve(site, GzipHandler)
    yield server.url
    server.shutdown()


@pytest.mark.parametrize("page", PAGES)
def test_first_visit_is_small(page, site_url, browser):
    """Script, style and font <= 250 kB, no script > 60 kB; all in, gzipped, <= 110 kB for a page of text and <= 300 kB with charts."""
    context = browser.new_context(service_workers="block")
    view = context.new_page()
    loaded = []
    view.on("response", lambda response: loaded.append(response))
    view.goto(site_url + page, wait_until="networkidle")
    bodies = {response.url.split("?")[0]: response.body() for response in loaded if response.ok}
    context.close()
    index = bodies.pop(site_url + "searchindex.js", None)   # data in a script, so that a folder can be searched too
    assert (index is not None) == (page == "search.html")
    code = {url: body for url, body in bodies.items() if re.search(r"\.(js|css|woff2?)$", url)}
    assert sum(map(len, code.values())) <= 250_000
    assert not [url for url, body in code.items() if url.endswith(".js") and len(body) > 60_000]
    charts = b'<figure class="chart"' in bodies[site_url + page] or b'data-widget="year_map"' in bodies[site_url + page]
    assert sum(len(gzip.compress(body)) for body in bodies.values()) <= (300_000 if charts else 110_000)


@pytest.mark.parametrize("page", WEIGHED.values(), ids=WEIGHED)
def test_lighthouse_finds_the_page_accessible_well_made_and_stable(page, gzipped_url):
    """Times and the score for speed depend on the machine and its load: `make bench` holds them, this test what does not."""
    found = lighthouse(gzipped_url + page)
    assert {name: found[name] for name in CATEGORIES[1:]} == dict.fromkeys(CATEGORIES[1:], 1), found["costs"]
    assert found["CLS"] <= 0.01


def test_lighthouse_sees_a_page_that_is_not(tmp_path):
    (tmp_path / "index.html").write_text("<title></title><body><p style='color:#ddd'>faint</p><img src='no.png'>", "utf-8")
    server = serve(tmp_path)
    found = lighthouse(server.url + "index.html")
    server.shutdown()
    assert found["accessibility"] < 1 and found["seo"] < 1
