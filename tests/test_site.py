"""The built book as a reader meets it, in a real Chromium."""
from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import html5lib
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT, SITE
from contrast import contrast

PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html") if not {"_static", "_downloads"} & set(path.parts))
CHAPTER_PAGES = [page for page in PAGES if page.startswith("chapters/")]
LOOKS = [(width, scheme, media) for width, media in ((1280, "screen"), (390, "screen"), (1280, "print")) for scheme in ("light", "dark")]


@cache
def tree(page: str):
    return html5lib.parse((SITE / page).read_text("utf-8"), namespaceHTMLElements=False)


def test_every_entry_of_the_contents_is_a_page(site):
    files = re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text("utf-8"))
    assert {f"{name}.html" for name in files} <= set(PAGES)


def heading(page: str) -> str:
    title = "".join(next(tree(page).iter("h1")).itertext())
    return title.removesuffix("#").strip()


@pytest.mark.parametrize("page", PAGES)
def test_the_contents_name_every_page_and_open_only_where_the_reader_is(page):
    parts, listed = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))["parts"], []
    for chapter in (chapter for part in parts for chapter in part["chapters"]):
        own, *below = (f"{entry['file']}.html" for entry in [chapter, *chapter.get("sections", [])])
        listed += [own, *(below if page in (own, *below) else [])]
    contents = next(node for node in tree(page).iter("nav") if node.get("id") == "contents")
    links = [link for part in contents.findall("ul") for link in part.iter("a")]
    folder = posixpath.dirname(page)
    led = [page if link.get("href") == "#" else posixpath.normpath(posixpath.join(folder, link.get("href"))) for link in links]
    assert led == listed
    assert ["".join(link.itertext()) for link in links] == [heading(name) for name in listed]
    assert [link.get("href") for link in links if link.get("aria-current") == "page"] == ["#"] * (page in listed)
    assert [node.text for node in contents.findall("p[@class='caption']")] == [part["caption"] for part in parts]


@pytest.fixture(scope="module", params=PAGES)
def opened(request, site_url, browser):
    """A page that stays open for several looks, with what it asked for and what went wrong."""
    view = browser.new_page()
    view.asked, view.errors = [], []
    view.on("request", lambda request: view.asked.append(request.url))
    view.on("console", lambda message: view.errors.append(message.text) if message.type in ("error", "warning") else None)
    view.on("pageerror", lambda error: view.errors.append(str(error)))
    view.on("requestfailed", lambda request: view.errors.append(f"failed: {request.url}"))
    view.goto(site_url + request.param, wait_until="networkidle")
    yield view
    view.close()


def test_page_asks_no_other_host_and_reports_no_error(opened, site_url):
    assert not [url for url in opened.asked if not url.startswith((site_url, "data:"))]
    assert not opened.errors


@pytest.mark.parametrize(("width", "scheme", "media"), LOOKS)
def test_axe_finds_nothing(opened, width, scheme, media):
    opened.set_viewport_size({"width": width, "height": 900})
    opened.emulate_media(color_scheme=scheme, media=media)
    found = Axe().run(opened, options={"resultTypes": ["violations"]}).response["violations"]
    assert not [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}" for v in found]


def test_no_page_scrolls_sideways_on_a_phone(opened):
    opened.set_viewport_size({"width": 360, "height": 740})
    opened.emulate_media(media="screen")
    assert opened.evaluate("document.documentElement.scrollWidth") <= 360


# Every text of a chart with what it is drawn on: the last filled shape before it that holds its middle, else the paper.
TEXT_ON_GROUND = """() => [...document.querySelectorAll("figure.chart svg.plot")].flatMap(svg => {
    if (!svg.getClientRects().length) return [];
    const paper = getComputedStyle(document.body).backgroundColor;
    const shapes = [...svg.querySelectorAll("path, rect, circle, polygon")];
    const texts = [...svg.querySelectorAll("text")].filter(text => text.textContent.trim());
    return texts.map(text => {
        const box = text.getBoundingClientRect(), middle = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
        const under = shapes.filter(shape => text.compareDocumentPosition(shape) & Node.DOCUMENT_POSITION_PRECEDING)
            .filter(shape => { const style = getComputedStyle(shape);
                return style.fill !== "none" && shape.isPointInFill(middle.matrixTransform(shape.getScreenCTM().inverse())); })
            .map(shape => { const style = getComputedStyle(shape); return [style.fill, style.fillOpacity * style.opacity]; });
        return {text: text.textContent, fill: getComputedStyle(text).fill, grounds: [[paper, 1], ...under]};
    });
})"""


def seen(ground: list) -> list[float]:
    """The colour that shapes over each other give, 0 to 1 a channel; ``ground`` holds [CSS colour, opacity], the lowest first."""
    colour = [1.0, 1.0, 1.0]
    for css, opacity in ground:
        *channels, alpha = [float(part) for part in re.findall(r"[\d.]+", css)] + ([] if css.startswith("rgba") else [1.0])
        colour = [old + (new / 255 - old) * alpha * opacity for old, new in zip(colour, channels, strict=True)]
    return colour


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", CHAPTER_PAGES)
def test_text_in_a_chart_stands_out_from_what_it_is_drawn_on(page, scheme, site_url, browser):
    for width in (1280, 390):
        view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        view.goto(site_url + page)
        texts = view.evaluate(TEXT_ON_GROUND)
        view.close()
        assert texts
        for text in texts:
            assert contrast(seen([[text["fill"], 1]]), seen(text["grounds"])) >= 4.5, text


def test_every_internal_link_and_anchor_resolves(site):
    ids = {page: {node.get("id") for node in tree(page).iter() if node.get("id")} for page in PAGES}
    broken = []
    for page in PAGES:
        for node in tree(page).iter():
            address = node.get("href") or node.get("src")
            if not address or re.match(r"(https?|mailto|data):", address):
                continue
            target, anchor = urldefrag(urljoin(f"http://book/{page}", address))
            target = unquote(target.removeprefix("http://book/")) or "index.html"
            if not (SITE / target).is_file():
                broken.append(f"{page}: {address}: no such file")
            elif anchor and "=" not in anchor and target in ids and unquote(anchor) not in ids[target]:
                broken.append(f"{page}: {address}: no such anchor")
    assert not broken


@pytest.mark.parametrize("page", PAGES)
def test_ids_are_unique_and_pictures_have_alt_text(page):
    nodes = list(tree(page).iter())
    ids = [node.get("id") for node in nodes if node.get("id")]
    assert not {name for name in ids if ids.count(name) > 1}
    bad = re.compile(r"^\s*$|\.(png|svg|jpe?g)$|^(image|chart|figure|graph) of", re.I)
    assert not [node.get("src") for node in nodes if node.tag == "img" and bad.search(node.get("alt") or "")]
    charts = [node for node in nodes if node.tag == "figure" and "chart" in (node.get("class") or "").split()]
    for chart in charts:
        pictures = [node for node in chart.iter() if str(node.tag).rpartition("}")[2] == "svg"]
        assert len(pictures) == 2
        assert all(picture.get("role") == "img" and not bad.search(picture.get("aria-label") or "") for picture in pictures)


@pytest.mark.parametrize("page", CHAPTER_PAGES)
def test_charts_offer_their_rows_as_table_csv_and_svg(page, site_url, browser):
    view = browser.new_page()
    view.goto(site_url + page)
    view.evaluate("document.querySelectorAll('details.hide').forEach(fold => fold.open = true)")   # a solution may hold a chart
    figures = view.locator("figure.chart")
    assert figures.count() >= 2
    for i in range(figures.count()):
        figure = figures.nth(i)
        figure.get_by_text("Show the data").click()
        rows = figure.locator("tbody tr")
        assert rows.first.is_visible()
        links = [figure.locator("a[download]").nth(k).get_attribute("href") for k in (0, 1)]
        csv, svg = (Path(SITE, page).parent.joinpath(link).resolve().read_text("utf-8") for link in links)
        assert len(csv.splitlines()) == rows.count() + 1
        assert svg.startswith("<svg") and "Source:" in svg
        assert "Source:" in figure.locator("figcaption").inner_text()
    view.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_chart_text_is_large_enough_to_read_and_not_cut_off(width, site_url, browser):
    view = browser.new_page(viewport={"width": width, "height": 800})
    for page in CHAPTER_PAGES:
        view.goto(site_url + page)
        small = view.evaluate("""() => [...document.querySelectorAll("figure.chart svg text")]
            .filter(t => t.getClientRects().length)
            .map(t => [parseFloat(t.getAttribute("font-size")) * t.ownerSVGElement.getBoundingClientRect().width
                       / t.ownerSVGElement.viewBox.baseVal.width, t.textContent])
            .filter(([size]) => size < 9.5)""")
        assert not small, page
        cut = view.evaluate("""() => [...document.querySelectorAll("figure.chart svg text")]
            .filter(t => t.getClientRects().length)
            .filter(t => { const a = t.getBoundingClientRect(), b = t.ownerSVGElement.getBoundingClientRect();
                           return a.left < b.left - 3 || a.right > b.right + 3 || a.top < b.top - 3 || a.bottom > b.bottom + 3; })
            .map(t => t.textContent)""")
        assert not cut, f"{page}: cut off at the edge of the picture: {cut}"
    view.close()


def test_dark_page_switch_is_remembered(site_url, browser):
    context = browser.new_context(color_scheme="light")
    view = context.new_page()
    view.goto(site_url + "index.html")
    light = view.evaluate("getComputedStyle(document.body).backgroundColor")
    view.get_by_role("button", name="Dark page").click()
    dark = view.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    view.goto(site_url + CHAPTER_PAGES[0])
    assert view.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    view.get_by_role("button", name="Light page").click()
    assert view.evaluate("getComputedStyle(document.body).backgroundColor") == light
    context.close()


def test_contents_open_on_a_phone_and_lead_to_a_chapter_by_keyboard(site_url, browser):
    view = browser.new_page(viewport={"width": 390, "height": 800})
    view.goto(site_url + "index.html")
    view.keyboard.press("Tab")
    assert view.evaluate("document.activeElement.className") == "skip"
    contents = view.locator("#contents")
    assert not contents.is_visible()
    for _ in range(2):
        view.keyboard.press("Tab")
    view.keyboard.press("Enter")
    assert contents.is_visible()
    contents.get_by_role("link", name="Borders", exact=True).focus()
    view.keyboard.press("Enter")
    view.wait_for_url("**/borders.html")
    view.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", ["chapters/0-start/how-to-use.html", "teach/lessons/full-scale-war.html", "reference/licence.html"])
def test_the_contents_show_where_the_reader_is_and_leave_the_page_at_its_top(page, width, site_url, browser):
    view = browser.new_page(viewport={"width": width, "height": 700})
    view.goto(site_url + page)
    assert view.evaluate("scrollY") == 0
    if width == 390:
        view.get_by_role("button", name="Contents").click()
    view.wait_for_function("""() => {
        const place = document.querySelector("#contents [aria-current=page]").getBoundingClientRect();
        return place.height > 0 && place.top >= 0 && place.bottom <= innerHeight;
    }""", timeout=5000)
    assert view.evaluate("scrollY") == 0
    view.close()


def test_search_finds_a_chapter_over_http_and_from_a_folder(site_url, browser):
    for start in (site_url, SITE.as_uri() + "/"):
        view = browser.new_page()
        view.goto(start + "search.html")
        view.get_by_role("searchbox").fill("Kaliningrad")
        view.keyboard.press("Enter")
        view.locator("#search-results a", has_text="Borders").first.wait_for()
        view.close()


@pytest.mark.parametrize("words", ["Kiev", "Kyiv", "Gorbachov", "Gorbachev", "NRC", "PfP", "Founding Act"])
def test_search_knows_the_usual_variants(words, site_url, browser):
    view = browser.new_page()
    view.goto(f"{site_url}search.html?q={words.replace(' ', '+')}")
    view.locator("#search-results li a").first.wait_for(timeout=10_000)
    view.close()


def test_book_can_be_read_without_script(browser, site_url):
    context = browser.new_context(java_script_enabled=False)
    view = context.new_page()
    view.goto(site_url + "chapters/3-expansion-waves/borders.html")
    assert view.locator("figure.chart svg").first.is_visible()
    assert view.get_by_role("heading", name="Check yourself").is_visible()
    context.close()


@pytest.mark.parametrize("page", CHAPTER_PAGES)
def test_citations_lead_to_the_sources_of_the_same_page(page):
    nodes = list(tree(page).iter())
    ids = [node.get("id") for node in nodes]
    targets = [link.get("href") for node in nodes if node.get("class") == "bibtex-citation" for link in node.iter("a")]
    assert len(targets) >= 15
    assert all(target.startswith("#source-") and ids.count(target[1:]) == 1 for target in targets)


def test_a_finished_quiz_is_marked_in_the_contents_until_the_reader_clears_it(site_url, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    view = context.new_page()
    view.goto(site_url + "chapters/3-expansion-waves/borders.html")
    marks = view.locator("#contents .done")
    assert marks.count() == 0 and not view.get_by_role("button", name="Clear my answers").is_visible()
    questions = view.locator(".aa-quiz form")
    for i in range(questions.count()):
        question = questions.nth(i)
        for answer in question.locator("select").all():
            answer.select_option(index=1)
        for answer in question.locator("input:not([type])").all():
            answer.fill("1")
        for button in question.get_by_role("button", name="down").all()[:1]:
            button.click()
        for answer in question.locator("input[type=radio], input[type=checkbox]").all()[:1]:
            answer.check()
        question.get_by_role("button", name="Check", exact=True).click()
    view.goto(site_url + "index.html")
    assert view.locator("#contents a", has=view.locator(".done")).inner_text() == "Borders quiz done"
    view.get_by_role("button", name="Clear my answers").click()
    view.wait_for_load_state()
    assert marks.count() == 0
    context.close()


@pytest.mark.parametrize("page", CHAPTER_PAGES)
def test_chapter_says_how_to_cite_it(page, site_url, browser):
    view = browser.new_page()
    view.goto(site_url + page)
    title = view.locator("h1").evaluate("h => h.firstChild.textContent")
    view.get_by_text("Cite this chapter").click()
    shown = view.locator(".cite pre").all_inner_texts()
    assert len(shown) == 3 and all(title in text and "2026" in text for text in shown)
    assert re.fullmatch(r"@incollection\{[\w-]+,\n(  \w+ = \{.+\},?\n)+\}", shown[2])
    view.close()
