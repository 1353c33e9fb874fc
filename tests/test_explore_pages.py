"""Explorers in a real Chromium, each on a page of its own: script on and off, mouse, keyboard, address, reload, print."""

import csv
import json
import random
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import let_browser_store, reload, serve

from almost_allies import book, explore, maps
from almost_allies.data import load
from almost_allies.explore import base
from almost_allies.explore.border_share import FIRST, SERIES
from almost_allies.explore.stance import AXES
from almost_allies.explore.timeline import THEMES
from almost_allies.explore.year_map import LAYERS, _frontiers, _state

CALLS = {
    "border_share": lambda: explore.border_share(2004),
    "sort_cards": lambda: explore.sort_cards("statement_cards"),
    "timeline": lambda: explore.timeline(1988, 1992),
    "stance": explore.stance,
    "evidence_scale": explore.evidence_scale,
    "criteria_matrix": lambda: explore.criteria_matrix("membership_criteria"),
    "year_map": lambda: explore.year_map(1989),
}
# Words that a reader without script must find.
PLAIN = {
    "border_share": ["2023 (Finland): 2,626 of 22,407 km, 11.7 %", "Kazakhstan", "7,644", "4 April 2023"],
    "sort_cards": ["9 February 1990: James Baker to Mikhail Gorbachev", "Readings to compare with yours"],
    "timeline": ["9 November 1989", "The Berlin Wall is opened", "Germany · ", "reported"],
    "stance": ["Who kept Russia out of NATO?", "It could have happened"],
    "evidence_scale": ["Balance of power", "Yeltsin tells Clinton that Russia ought to be the first to join", "very surprising"],
    "criteria_matrix": ["Montenegro 2017", "–: not scored", "V-Dem", "What each score rests on"],
    "year_map": ["Czechoslovakia", "Warsaw Pact 7", "14 May 1955 – 1 July 1991", "4 April 2023"],
}
CRITERIA = Path(__file__).parent / "criteria"
STANDING = (
    "widget",
    "title",
    "subtitle",
    "source",
    "method",
    "picture",
)  # parts of the spec that stand in a page and are left there
# The book's own style sheet, so that contrast and width are measured as a reader sees them.
BOOK = Path(book.__file__).parent / "theme" / "static" / "book.css"


def page_of(*widgets):
    cores = explore.page_scripts()
    scripts = "".join(f"<script>{cores[f'{core}.js']}</script>" for core in sorted({widget.core for widget in widgets}))
    body = "".join(widget.html() for widget in widgets)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Explorer</title><style>{BOOK.read_text('utf-8')}</style><style>{explore.page_style()}</style></head>"
        f"<body><main><article><h1>Explorer</h1>{body}</article></main>{scripts}</body></html>"
    )


@pytest.fixture
def publish(tmp_path):
    """``publish(html, name) -> {"file": address, "http": address}`` of a page on disk and on a loopback server."""
    server = serve(tmp_path)

    def put(html, name="page.html"):
        (tmp_path / name).write_text(html, encoding="utf-8")
        return {"file": (tmp_path / name).as_uri(), "http": server.url + name}

    yield put
    server.shutdown()


@pytest.fixture
def visit(browser):
    """Opens an address; the test fails if the page logs an error or asks another host for anything."""
    contexts, faults = [], []

    def open_page(address, width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text)
                if message.type in ("error", "warning") and "favicon" not in message.location["url"]
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:")) else faults.append(request.url)
            ),
        )
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.mark.parametrize("core", explore.CORES)
def test_script_is_small_and_never_makes_markup_of_data(core):
    script = explore.page_scripts()[f"{core}.js"]
    assert len(script.encode()) <= 12_000
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://(?!www\.w3\.org/2000/svg)", script
    )


@pytest.mark.parametrize("name", CALLS)
def test_plain_html_is_well_formed(name):
    widget = CALLS[name]()
    tree = ElementTree.fromstring(widget.html())
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    assert not [
        node.tag
        for node in tree.iter()
        if node.tag == "script" or any(key.startswith("on") or key == "style" for key in node.attrib)
    ]
    for table in tree.iter("table"):
        widths = {len(row) for row in table.iter("tr")}
        assert len(widths) == 1
    assert widget.spec["title"] in widget.markdown()
    assert PLAIN[name][0] in widget.markdown()


HOSTILE = '</p><img src=x onerror="document.title=1"><script>document.title=2</script>&amp; "quoted"'


def hostile_criteria(folder):
    """The table of the invented states with markup in every text, one row long."""
    about = json.loads((CRITERIA / "datapackage.json").read_text("utf-8"))
    about["resources"][0] |= {"title": HOSTILE, "credit": HOSTILE}
    folder.mkdir()
    (folder / "datapackage.json").write_text(json.dumps(about), "utf-8")
    with (folder / "criteria.csv").open("w", encoding="utf-8", newline="") as file:
        names = [field["name"] for field in about["resources"][0]["schema"]["fields"]]
        csv.writer(file).writerows([names, ["a", HOSTILE, "b", HOSTILE, 0.5, HOSTILE, HOSTILE]])
    return folder


def test_data_never_becomes_markup(visit, publish, tmp_path):
    """A teacher's own cards may hold anything: it is shown as it is written, in the page, without script and in a kernel."""
    names = ["id", "date", "speaker", "addressee", "text", "reading_x"]
    fields = [{"name": name, "type": "date" if name == "date" else "string", "title": HOSTILE} for name in names]
    about = {
        "name": "cards",
        "path": "cards.csv",
        "title": HOSTILE,
        "credit": HOSTILE,
        "licenses": [{"title": "own"}],
        "kinds": {"promise": HOSTILE, HOSTILE: "x"},
        "schema": {"fields": fields},
    }
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [about]}), "utf-8")
    with (tmp_path / "cards.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, ["one", "1990-02-09", HOSTILE, HOSTILE, HOSTILE, "promise"]])
    widget = explore.sort_cards("cards", tmp_path)
    criteria = explore.criteria_matrix("criteria", hostile_criteria(tmp_path / "criteria"))
    address = publish(page_of(widget, criteria))["http"]
    for page in (visit(address), visit(address, java_script_enabled=False)):
        assert page.locator(".aa-text").first.inner_text() == HOSTILE
        assert page.locator("[data-widget=criteria_matrix]").text_content().count(HOSTILE) >= 6
        assert page.title() == "Explorer" and page.locator("img").count() == 0
    page = visit(publish(page_of(), "live.html")["http"])
    mount_live(page, widget, {"answers": {"one": "promise"}, "compared": True})
    mount_live(page, criteria, {"weights": {}})
    assert page.locator(".aa-text").inner_text() == HOSTILE
    assert page.locator(".aa-name").inner_text() == HOSTILE
    assert page.title() == "Explorer" and page.locator("img").count() == 0


@pytest.mark.parametrize("name", CALLS)
def test_the_page_gives_the_core_what_the_kernel_would(name, visit, publish):
    """No datum is in the page twice: the core reads its spec from the plain version."""
    widget = CALLS[name]()
    script = "\n".join((base.HERE / f"{part}.js").read_text("utf-8") for part in ("base", widget.core))
    page = visit(publish(page_of())["file"])
    page.set_content(f"<main>{widget.html()}</main>")
    read = page.evaluate(f"() => {{ {script}\nreturn core.read(document.querySelector('[data-widget]')); }}")
    for key, value in widget.spec.items():
        if key not in STANDING:
            assert_says(read[key], value, key)


def assert_says(read, given, where):
    """What was read from the page is what was given, down to the gaps ("", None and "–" are all nothing)."""
    if isinstance(given, dict):
        for key in set(read) - {"node"}:
            assert_says(read[key], given.get(key), f"{where} {key}")
    elif isinstance(given, (list, tuple)):
        assert len(read) == len(given), where
        for i, (one, other) in enumerate(zip(read, given, strict=True)):
            assert_says(one, other, f"{where} {i}")
    elif where in ("year", "first", "last"):  # a page's attributes are text
        assert read == str(given)
    else:
        nothing = ("", None, "–")
        assert (None if read in nothing else read) == (None if given in nothing else given), where


def faults_of(page):
    """What axe finds: (rule, HTML of the elements)."""
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in Axe().run(page).response["violations"]]


def try_everything(page):
    """Use every kind of control that an explorer shows: lists, boxes, choices, sliders, then buttons (not "Clear", which undoes)."""
    live = page.locator(".aa-live")
    for choice in live.locator("select:visible").all():
        choice.select_option(index=1)
    for box in live.locator("input[type=checkbox]:visible").all():
        box.set_checked(not box.is_checked())
    for choice in live.locator("input[type=radio]:visible").all():
        choice.check()
    for slider in live.locator("input[type=range]:visible").all():
        slider.press("ArrowLeft")
    for button in live.locator("button:visible:enabled").all():
        if button.is_visible() and not re.search("clear|play|again|reset", button.inner_text(), re.I):
            button.click()


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_and_fits(name, width, scheme, visit, publish):
    addresses = publish(page_of(CALLS[name]()))
    page = visit(addresses["file"], width, color_scheme=scheme)
    for details in page.locator("details").all():
        details.evaluate("node => { node.open = true; }")
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.locator(
        ".aa-live :is(button, select, label, summary, input[type=range], input[type=search], .aa-row a)"
    ).evaluate_all(
        "nodes => nodes.filter(n => n.checkVisibility() && n.getBoundingClientRect().height < 43.9).map(n => n.outerHTML)"
    )
    assert small == []
    try_everything(page)
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.emulate_media(media="print")
    assert faults_of(page) == []


@pytest.mark.parametrize("name", CALLS)
def test_readable_without_script(name, visit, publish):
    widget = CALLS[name]()
    page = visit(publish(page_of(widget))["file"], 390, java_script_enabled=False)
    text = page.inner_text("main")
    assert widget.spec["title"] in text and widget.spec["source"] in text
    for needed in PLAIN[name]:
        assert needed in text
    assert page.locator(".aa-live").count() == 0


@pytest.mark.parametrize("name", CALLS)
def test_the_plain_page_is_accessible_too(name, visit, publish):
    page = visit(publish(page_of(CALLS[name]()).replace("<script>", "<script type='text/plain'>"))["file"], 390)
    assert page.locator(".aa-live").count() == 0
    assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []


def test_two_explorers_share_a_page(visit, publish):
    page = visit(publish(page_of(*[call() for call in CALLS.values()]))["file"])
    assert page.locator(".aa-live").count() == len(CALLS)
    ids = page.locator("[id]").evaluate_all("nodes => nodes.map(n => n.id)")
    assert len(ids) == len(set(ids))


# A stand-in for the Jupyter front end: the interface that anywidget hands to render().
FAKE_MODEL = """(traits) => {
  const calls = {};
  return { traits, saved: 0, get: (k) => traits[k],
    set(k, v) {
      if (JSON.stringify(traits[k]) === JSON.stringify(v)) return;
      traits[k] = v;
      for (const c of calls["change:" + k] || []) c();
    },
    on: (k, c) => (calls[k] ||= []).push(c), save_changes() { this.saved += 1; } };
}"""


def mount_live(page, widget, traits):
    """The live module in the page as a front end would mount it; the fake model is ``window.model``."""
    page.evaluate(
        f"""async ([code, css, traits]) => {{
          const module = await import(URL.createObjectURL(new Blob([code], {{ type: "text/javascript" }})));
          const style = document.createElement("style"); style.textContent = css; document.head.append(style);
          window.model = ({FAKE_MODEL})(traits);
          const el = document.createElement("div"); document.querySelector("main").append(el);
          module.default.render({{ model: window.model, el }});
        }}""",
        [widget._esm, widget._css, {"spec": json.loads(json.dumps(widget.spec)), **traits}],
    )
    return page.locator(".aa-explorer")


# --- border_share


def status(page):
    return page.locator(".aa-live [role=status]").inner_text().replace("\n", " ")


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_border_by_mouse_address_and_reload(scheme, visit, publish):
    address = publish(page_of(explore.border_share(2004)))[scheme]
    page = visit(address)
    assert status(page) == "5.9 % of Russia's land border in 2004: 1,317 of 22,407 km, 5 neighbours ticked"
    page.get_by_role("button", name="2023 Finland").click()
    assert status(page) == "11.7 % of Russia's land border in 2023: 2,626 of 22,407 km, 6 neighbours ticked"
    assert page.url == address + "#year=2023"
    assert page.get_by_role("link", name="Link to this view").get_attribute("href") == "#year=2023"
    page.get_by_role("checkbox", name="Norway").uncheck()
    assert status(page) == "10.9 % of Russia's land border: 2,435 of 22,407 km, 5 neighbours ticked"
    assert page.url == address + "#neighbours=FIN,EST,LVA,LTU,POL"
    page.locator("select").select_option("national")
    assert page.url == address + "#neighbours=FIN,EST,LVA,LTU,POL&source=national"
    kept = status(page)
    let_browser_store(page)
    page.goto("about:blank")
    page.goto(address)  # without the address: the browser remembers
    assert status(page) == kept
    page.get_by_role("button", name="Start again").click()
    assert status(page).startswith("5.9 % of Russia's land border in 2004")


def test_border_by_keyboard_alone(visit, publish):
    page = visit(publish(page_of(explore.border_share(2004)))["file"])
    press = page.keyboard.press
    press("Tab")
    press("Home")
    assert status(page) == "0.9 % of Russia's land border in 1991: 191 of 22,407 km, 1 neighbour ticked"
    press("ArrowRight")
    assert "in 1992" in status(page)
    for _ in range(4):  # past the four years
        press("Tab")
    press("Enter")
    assert "in 2023" in status(page)
    press("Tab")
    press("Space")  # Norway, the first neighbour
    assert "2,435 of" in status(page)
    assert page.evaluate("document.activeElement.type") == "checkbox"  # focus stays where the reader is


def test_an_address_opens_the_view(visit, publish):
    address = publish(page_of(explore.border_share(2004)))["file"]
    page = visit(address + "#neighbours=NOR,FIN&source=russian-official")
    assert status(page).endswith("2 neighbours ticked")
    assert page.locator("select").input_value() == "russian-official"
    page.evaluate("location.hash = 'year=1999'")
    page.wait_for_function("document.querySelector('[role=status]').textContent.includes('1999')")
    assert status(page).startswith("1.8 %")
    for odd in ("year=1066", "year=x", "source=<b>", "neighbours=USA", "section-anchor", "%E0%A4%A"):
        page = visit(f"{address}#{odd}")
        assert "of Russia's land border" in status(page)
    assert visit(address + "#neighbours=none").locator("input:checked").count() == 0


def test_border_agrees_with_python_everywhere(visit, publish):
    """Each year with each series, and a hundred random choices: the page and the Python object say the same."""
    page = visit(publish(page_of(explore.border_share(2004)))["file"])
    widget = explore.border_share(2004)
    dice = random.Random(1999)
    views = [(series, year, None) for series in SERIES for year in range(FIRST, 2027)]
    views += [
        (dice.choice(list(SERIES)), None, dice.sample([row["iso3"] for row in widget.spec["rows"]], dice.randint(0, 14)))
        for _ in range(100)
    ]
    hashes, expected = [], []
    for series, year, neighbours in views:
        widget.source = series
        if neighbours is None:
            widget.year = year
        else:
            widget.year, widget.neighbours = None, neighbours
        hashes.append(f"source={series}&" + (f"year={year}" if year else f"neighbours={','.join(neighbours) or 'none'}"))
        expected.append(repr(widget))
    assert told_at(page, hashes) == expected


def told_at(page, hashes):
    """What the status says at each of these addresses."""
    return page.evaluate(
        """hashes => hashes.map((hash) => {
        history.replaceState(null, "", "#" + hash); dispatchEvent(new HashChangeEvent("hashchange"));
        return document.querySelector(".aa-live [role=status]").textContent; })""",
        hashes,
    )


def test_border_bar_is_to_scale(visit, publish):
    page = visit(publish(page_of(explore.border_share(2023)))["file"])
    widths = page.locator(".aa-bar > span").evaluate_all("nodes => nodes.map(n => n.getBoundingClientRect().width)")
    rows = explore.border_share(2023).table
    assert widths[10] / sum(widths) == pytest.approx(rows.km[10] / rows.km.sum(), abs=0.01)
    assert page.locator(".aa-bar > .aa-on").count() == 6


def test_border_live_moves_with_python_and_back(visit, publish):
    widget = explore.border_share(2004)
    page = visit(publish(page_of())["http"])
    view = mount_live(page, widget, {"year": 2004, "neighbours": widget.neighbours, "source": widget.source})
    assert status(page) == repr(widget)
    page.evaluate("model.set('year', 2023)")
    assert status(page) == repr(explore.border_share(2023))
    view.get_by_label("Ukraine").check()
    assert page.evaluate("[model.traits.year, model.traits.neighbours.includes('UKR'), model.saved > 0]") == [None, True, True]
    assert page.url.endswith("page.html")  # a notebook's address is its own
    assert view.get_by_text("Source: ").count() == 1 and view.locator("a").count() == 0


def test_border_prints_its_table_and_its_bar(visit, publish):
    page = visit(publish(page_of(explore.border_share(2004)))["file"])
    page.pdf()
    assert page.locator("details").get_attribute("open") is not None
    page.emulate_media(media="print")
    assert page.locator("table").is_visible() and page.locator(".aa-bar").is_visible()
    assert not page.locator("button").first.is_visible()


# --- sort_cards


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_sorting_by_mouse_and_reload(scheme, visit, publish):
    widget = explore.sort_cards("statement_cards")
    page = visit(publish(page_of(widget))[scheme])
    kinds = [kind["id"] for kind in widget.spec["kinds"]]
    dice = random.Random(1990)
    answers = {card["id"]: dice.choice(kinds) for card in widget.spec["cards"][:-1]}
    compare = page.get_by_role("button", name="Compare my answers")
    assert compare.is_disabled()
    for card, kind in answers.items():
        page.locator(f"#statement_cards-{card}").get_by_label(kind, exact=True).check()
    assert page.locator(".aa-readings:visible").count() == 0  # no reading before the reader has chosen to see them
    compare.click()
    assert page.get_by_role("status").inner_text() == f"{len(answers)} of {len(widget.spec['cards'])} cards sorted."
    widget.answers = answers
    told = page.locator(".aa-tally li").all_inner_texts()
    assert told == [
        f"{row.reading}: " + (f"the same as yours in {row.same} of {row.both}" if row.both else "no reading of these")
        for row in widget.agreement.itertuples()
    ]
    assert any("the same as yours in" in line for line in told)
    for card in widget.spec["cards"]:
        readings = page.locator(f"#statement_cards-{card['id']} .aa-readings")
        assert readings.is_visible() == (card["id"] in answers)
        for name, reading in zip(widget.spec["readers"], card["readings"], strict=True):
            assert (f"{name}: {reading['kind']}" in (readings.text_content() or "")) == bool(reading["kind"])
            for source in reading["sources"]:
                assert readings.get_by_role("link", name=source["label"], include_hidden=True).count()
    reload(page)
    assert page.locator("input:checked").evaluate_all("nodes => nodes.map(n => n.value)") == list(answers.values())
    assert page.locator(".aa-tally li").all_inner_texts() == told
    page.get_by_role("button", name="Clear my answers").click()
    assert page.locator("input:checked").count() == 0 and page.locator(".aa-tally li").count() == 0
    reload(page)
    assert page.locator("input:checked").count() == 0


def test_sorting_by_keyboard_alone(visit, publish):
    widget = explore.sort_cards("statement_cards")
    page = visit(publish(page_of(widget))["file"])
    for _ in widget.spec["cards"]:
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    assert page.locator("input:checked").evaluate_all("nodes => nodes.map(n => n.value)") == ["assurance"] * len(
        widget.spec["cards"]
    )
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".aa-tally li").count() == len(widget.spec["readers"])
    assert page.evaluate("document.activeElement.textContent") == "Hide the comparison"


def test_a_link_leads_to_a_statement(visit, publish):
    address = publish(page_of(explore.sort_cards("statement_cards")))["file"]
    page = visit(address + "#statement_cards-major-yazov")
    assert page.locator("#statement_cards-major-yazov").evaluate("n => n.getBoundingClientRect().top < innerHeight")
    assert page.evaluate("scrollY") > 0


def test_sorting_live_gives_python_the_answers(visit, publish):
    widget = explore.sort_cards("statement_cards")
    page = visit(publish(page_of())["http"])
    view = mount_live(page, widget, {"answers": {}, "compared": False})
    view.locator("#statement_cards-baker-gorbachev").get_by_label("discussion", exact=True).check()
    assert page.evaluate("model.traits.answers") == {"baker-gorbachev": "discussion"}
    page.evaluate("model.set('answers', { 'kohl-gorbachev': 'assurance' })")
    assert view.locator("input:checked").count() == 1
    page.evaluate("model.set('compared', true)")
    assert view.locator(".aa-readings:visible").count() == 1


def test_sorting_against_the_courses_own_reading(visit, publish):
    widget = explore.sort_cards("letter_cards")
    page = visit(publish(page_of(widget))["file"])
    for card in widget.spec["cards"]:
        page.locator(f"#{card['anchor']}").get_by_label("document", exact=True).check()
    page.get_by_role("button", name="Compare my answers").click()
    first = page.locator(f"#{widget.spec['cards'][0]['anchor']} .aa-readings")
    assert first.inner_text() == "This course: document, as you"
    assert page.locator(f"#{widget.spec['cards'][0]['anchor']} .aa-cited a").inner_text() == widget.spec["cards"][0]["sources"][0]["label"]
    assert page.locator(".aa-tally").inner_text() == "This course: the same as yours in 1 of 10"
    assert "historian" not in page.locator(".aa-live").inner_text().replace("Kristina Spohr, historian", "")
    assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []


# --- timeline


def shown(page):
    return page.locator(".aa-events > li:visible").evaluate_all("nodes => nodes.map(n => n.id)")


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_timeline_by_mouse_address_and_reload(scheme, visit, publish):
    widget = explore.timeline()
    address = publish(page_of(widget))[scheme]
    page = visit(address)
    assert page.get_by_role("status").inner_text() == f"{len(widget.events)} of {len(widget.events)} events"
    page.locator("select").nth(0).select_option("Membership")
    page.locator("select").nth(1).select_option("Russia")
    page.get_by_role("searchbox").fill("clinton")
    widget.theme, widget.actor, widget.words = "Membership", "Russia", "clinton"
    assert 0 < len(widget.events) < 30
    assert shown(page) == [f"event-{row.event_id}" for row in widget.events.itertuples()]
    assert page.url == address + "#theme=Membership&actor=Russia&words=clinton"
    reload(page)
    assert len(shown(page)) == len(widget.events) and page.get_by_role("searchbox").input_value() == "clinton"
    page.get_by_role("button", name="Show all").click()
    assert page.url.removesuffix("#") == address and page.locator(".aa-events > li:visible").count() == len(widget.spec["rows"])


def test_timeline_filters_as_python_does(visit, publish):
    page = visit(publish(page_of(explore.timeline()))["file"])
    widget = explore.timeline()
    dice = random.Random(1945)
    actors = sorted({actor for row in widget.spec["rows"] for actor in row["actors"]})
    words = ["Woerner", "worner", "WÖRNER", "walesa", "treaty moscow", "1990", "february", "nato-russia council", "zzz"]
    views, expected = [], []
    for _ in range(200):
        view = {
            name: dice.choice(["", dice.choice(values)])
            for name, values in {
                "theme": list(THEMES.values()),
                "actor": actors,
                "part": ["1", "2", "3", "4"],
                "words": words,
            }.items()
        }
        for name, value in view.items():
            setattr(widget, name, value)
        views.append(urlencode(view))
        expected.append(repr(widget))
    assert told_at(page, views) == expected
    assert len(set(expected)) > 20
    assert shown(page) == [f"event-{row.event_id}" for row in widget.events.itertuples()]


def test_timeline_by_keyboard_alone(visit, publish):
    page = visit(publish(page_of(explore.timeline()))["file"])
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # the part
    page.keyboard.press("Tab")
    page.keyboard.type("molotov")
    widget = explore.timeline()
    widget.part, widget.words = "1", "molotov"
    assert page.get_by_role("status").inner_text() == repr(widget) and len(widget.events) > 0
    assert page.evaluate("document.activeElement.value") == "molotov"


def test_a_link_to_an_event_shows_it_whatever_is_hidden(visit, publish):
    widget = explore.timeline()
    address = publish(page_of(widget))["file"]
    page = visit(address + "#theme=Enlargement")
    hidden = next(row["anchor"] for row in widget.spec["rows"] if row["theme"] == "Arms")
    assert not page.locator(f"#{hidden}").is_visible()
    page.evaluate("id => { location.hash = id; }", hidden)
    page.locator(f"#{hidden}").wait_for()
    assert page.locator(f"#{hidden}").evaluate(
        "n => { const { top } = n.getBoundingClientRect(); return top >= 0 && top < innerHeight; }"
    )
    first = page.locator(".aa-events > li").first
    assert first.get_by_role("link").first.get_attribute("href") == f"#{widget.spec['rows'][0]['anchor']}"


def test_every_event_names_its_sources(visit, publish):
    page = visit(publish(page_of(explore.timeline()))["file"])
    bare = page.locator(".aa-events > li").evaluate_all(
        "nodes => nodes.filter(n => !n.querySelectorAll('.aa-meta')[1]?.textContent.trim()).map(n => n.id)"
    )
    assert bare == []


def test_timeline_slice_and_live(visit, publish):
    widget = explore.timeline(1989, 1991)
    assert widget.events.date.dt.year.between(1989, 1991).all() and len(widget.events) > 20
    page = visit(publish(page_of())["http"])
    mount_live(page, widget, {"theme": "", "actor": "", "part": "", "words": ""})
    assert page.locator(".aa-events > li").count() == len(widget.events)
    page.evaluate("model.set('theme', 'Germany')")
    widget.theme = "Germany"
    assert shown(page) == [f"event-{row.event_id}" for row in widget.events.itertuples()]
    with pytest.raises(ValueError, match="no event from 1700 to 1710"):
        explore.timeline(1700, 1710)


# --- stance


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_stance_is_met_again_at_the_end(scheme, visit, publish):
    start, end = (publish(page_of(explore.stance(moment)), f"{moment}.html")[scheme] for moment in ("before", "after"))
    page = visit(start)
    assert page.get_by_role("status").inner_text() == "Choose a place on each axis."
    page.get_by_role("radio", name="Mostly NATO").check()
    page.get_by_role("radio", name="Hardly").check()
    page.get_by_role("textbox").fill("Because I think so.")
    page.get_by_role("textbox").blur()
    reload(page)
    assert page.get_by_role("status").inner_text() == "You: “Mostly NATO” and “Hardly”."
    assert page.get_by_role("textbox").input_value() == "Because I think so."
    page.goto(end)
    assert (
        page.get_by_role("status").inner_text().startswith("Before: “Mostly NATO” and “Hardly”. You wrote: “Because I think so.”")
    )
    assert page.locator(".aa-dot:visible").count() == 1
    page.get_by_role("radio", name="Russia kept itself out").check()
    page.get_by_role("radio", name="Hardly").check()
    told = page.get_by_role("status").inner_text()
    assert "Now: “Russia kept itself out” and “Hardly”." in told
    assert "3 steps towards “Russia kept itself out”. Could Russia have joined? unmoved." in told
    before, now = page.locator(".aa-dot:visible").evaluate_all("nodes => nodes.map(n => n.getBoundingClientRect())")
    assert now["left"] > before["left"] and abs(now["top"] + now["height"] / 2 - before["top"] - before["height"] / 2) < 1
    page.get_by_role("button", name="Clear my place").click()
    page.goto(start)
    assert page.locator("input:checked").count() == 2  # clearing one moment leaves the other


def test_stance_by_keyboard_alone(visit, publish):
    page = visit(publish(page_of(explore.stance()))["file"])
    press = page.keyboard.press
    press("Tab")
    press("Space")
    press("ArrowRight")
    press("Tab")
    press("ArrowLeft")  # from the first place round to the last
    assert page.get_by_role("status").inner_text() == "You: “Mostly NATO” and “It could have happened”."


def test_stance_live_and_in_python(visit, publish):
    widget = explore.stance("after")
    widget.before = {"who": 0, "could": 4, "why": "x"}
    assert widget.positions.loc["before"].tolist() == [AXES["who"][1][0], AXES["could"][1][4], "x"]
    assert widget.positions.loc["after", ["who", "could"]].isna().all()
    page = visit(publish(page_of())["http"])
    mount_live(page, widget, {"before": widget.before, "after": {}})
    page.get_by_role("radio", name="Both alike").check()
    assert page.evaluate("model.traits.after") == {"who": 2}
    page.evaluate("model.set('after', { who: 2, could: 0 })")
    assert "2 steps towards “Russia kept itself out”" in page.get_by_role("status").inner_text()


@pytest.mark.parametrize("given", [{"who": 5}, {"when": 1}, {"who": "left"}])
def test_stance_refuses_what_is_not_a_place(given):
    with pytest.raises(Exception, match="stance: before"):
        explore.stance().before = given


# --- evidence_scale


def some_ratings(widget, count, seed):
    dice = random.Random(seed)
    explanations = [one["id"] for one in widget.spec["explanations"]]
    cards = dice.sample([card["id"] for card in widget.spec["cards"]], count)
    return {card: {one: dice.randint(-2, 2) for one in explanations} for card in cards}


def balances(page):
    return [float(text.replace("−", "-")) for text in page.locator(".aa-balance .aa-number").all_inner_texts()]


@pytest.mark.parametrize("seed", range(5))
def test_scale_weighs_as_python_does(seed, visit, publish):
    widget = explore.evidence_scale()
    widget.ratings = some_ratings(widget, 4 + 6 * seed, seed)
    partial = next(card["id"] for card in widget.spec["cards"] if card["id"] not in widget.ratings)
    widget.ratings = {**widget.ratings, partial: {"status": 2}}  # not rated under every explanation: must not count
    page = visit(publish(page_of())["http"])
    mount_live(page, widget, {"ratings": widget.ratings, "card": ""})
    assert balances(page) == pytest.approx(widget.weights.balance.tolist(), abs=0.051)
    assert sum(widget.weights.balance) == pytest.approx(0)
    assert page.get_by_role("status").inner_text().startswith(repr(widget))
    heads = {card["id"]: card["head"] for card in widget.spec["cards"]}
    telling = [f"{heads[row.id]}: {row.evidence}" for row in widget.diagnostic.itertuples()]
    assert page.locator(".aa-telling li").all_inner_texts() == telling[:5]


def test_evidence_that_all_expect_decides_nothing():
    widget = explore.evidence_scale()
    explanations = [one["id"] for one in widget.spec["explanations"]]
    widget.ratings = {card["id"]: dict.fromkeys(explanations, 2) for card in widget.spec["cards"]}
    assert (widget.weights.balance == 0).all() and widget.diagnostic.empty
    card = widget.spec["cards"][0]["id"]
    widget.ratings = {**widget.ratings, card: {**dict.fromkeys(explanations, 0), "status": 2}}
    assert widget.weights.set_index("id").balance["status"] == pytest.approx(2 - 2 / 6)
    assert widget.diagnostic.id.tolist() == [card]


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_scale_by_keyboard_reload_and_file(scheme, visit, publish):
    widget = explore.evidence_scale()
    address = publish(page_of(widget, explore.stance()))[scheme]
    page = visit(address)
    page.get_by_role("radio", name="Mostly NATO").check()
    page.get_by_role("radio", name="Hardly").check()
    page.goto(address + "#card=left-out-of-nato")
    reload(page)
    assert "Putin tells Bush that Russia feels left out" in page.locator("legend").first.inner_text()
    page.locator(".aa-rate select").first.focus()
    for steps in (1, 5, 5, 5, 5, 5):
        for _ in range(steps):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
    assert balances(page)[0] == 3.3 and f"1 of {len(widget.spec['cards'])} cards" in page.get_by_role("status").first.inner_text()
    assert "They speak most for “Balance of power”, least for" in page.get_by_role("status").first.inner_text()
    assert "you stood at “Mostly NATO” and “Hardly”" in page.get_by_role("status").first.inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Next
    assert (
        page.url
        == address + "#card=" + widget.spec["cards"][[c["id"] for c in widget.spec["cards"]].index("left-out-of-nato") + 1]["id"]
    )
    assert page.evaluate("document.activeElement.tagName") == "FIELDSET"
    reload(page)
    assert balances(page)[0] == 3.3
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    rows = list(csv.DictReader(download.value.path().read_text("utf-8").splitlines()))
    assert [row["card"] for row in rows] == [card["id"] for card in widget.spec["cards"]]
    rated = next(row for row in rows if row["card"] == "left-out-of-nato")
    assert [rated[one["id"]] for one in widget.spec["explanations"]] == ["2", "-2", "-2", "-2", "-2", "-2"]
    page.pdf()
    assert page.locator("details:not([open])").count() == 0


@pytest.mark.parametrize("given", [{"no-card": {}}, {"chechnya": {"status": 3}}, {"chechnya": {"luck": 1}}])
def test_scale_refuses_what_it_does_not_know(given):
    with pytest.raises(Exception, match="evidence_scale: (no card|card)"):
        explore.evidence_scale().ratings = given


# --- criteria_matrix: numbers with the course's table and with one of invented states, which has ties and gaps


def criteria():
    return explore.criteria_matrix("criteria", CRITERIA)


def results(page):
    """What stands beside each bar, and the bar itself: (words, scored %, unscored %, mark % or None)."""
    return page.locator(".aa-results > li").evaluate_all("""nodes => nodes.map((li) => {
        const [known, open, mark] = li.querySelector(".aa-beam").children;
        const words = li.querySelector(".aa-words").innerText.replaceAll("\\n", " ");
        const per = (length) => parseFloat(length);
        return [words, per(known.style.width), per(open.style.width), mark.hidden ? null : per(mark.style.left)]; })""")


def expected_results(widget):
    def two(value):
        return "–" if value != value else f"{int(value * 100 + 0.5 + 1e-9) / 100:.2f}"

    rows = []
    for row in widget.scores.itertuples():
        words = two(row.score)
        share = 0 if row.unscored != row.unscored else int(row.unscored * 100 + 0.5 + 1e-9)
        if share:
            words += f", {two(row.low)} to {two(row.high)} {share} % not scored"
        low, width = (0, 0) if row.low != row.low else (100 * row.low, 100 * (row.high - row.low))
        mark = None if row.score != row.score else pytest.approx(100 * row.score, abs=0.01)
        rows.append([words, pytest.approx(low, abs=0.01), pytest.approx(width, abs=0.01), mark])
    return rows


@pytest.mark.parametrize("table", [("criteria", CRITERIA), ("membership_criteria",)])
def test_criteria_agree_with_python_everywhere(table, visit, publish):
    """Two hundred random sets of weights, none, one at a time: the page and the Python object say the same."""
    page = visit(publish(page_of(explore.criteria_matrix(*table)))["file"])
    widget = explore.criteria_matrix(*table)
    ids = [one["id"] for one in widget.spec["criteria"]]
    dice = random.Random(1995)
    views = [{}, dict.fromkeys(ids, 0)]
    views += [dict.fromkeys(ids, 0) | {one: 3} for one in ids]
    views += [{one: dice.randint(0, 3) for one in ids} for _ in range(200)]
    told = set()
    for view in views:
        widget.weights = view
        said = told_at(page, ["weights=" + (",".join(f"{one}:{weight}" for one, weight in view.items()) or "equal")])
        assert said == [repr(widget)]
        assert results(page) == expected_results(widget)
        told |= {said[0]}
    assert len(told) > 100
    assert {one[:5] for one in told} >= {"Every", "Highe"} and any("That could change" in one for one in told)


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_criteria_by_mouse_address_and_reload(scheme, visit, publish):
    address = publish(page_of(criteria()))[scheme]
    page = visit(address)
    widget = criteria()
    assert page.get_by_role("status").inner_text() == repr(widget)
    market = page.get_by_role("group", name="A working market economy (scored for 5 of 6)")
    market.get_by_label("decisive").check()
    page.get_by_role("group", name="All members agree (not scored)").get_by_label("ignore").check()
    widget.weights = {"market": 3, "consensus": 0}
    assert page.get_by_role("status").inner_text() == repr(widget)
    assert page.url == address + "#weights=market:3,consensus:0"
    assert page.get_by_role("link", name="Link to these weights").get_attribute("href") == "#weights=market:3,consensus:0"
    let_browser_store(page)
    page.goto("about:blank")
    page.goto(address)  # without the address: the browser remembers
    assert page.get_by_role("status").inner_text() == repr(widget) and market.get_by_label("decisive").is_checked()
    page.get_by_role("button", name="Weigh all alike").click()
    widget.weights = {}
    assert page.get_by_role("status").inner_text() == repr(widget) and page.url == address + "#weights=equal"
    page.evaluate("location.hash = 'weights=democracy:3'")
    page.wait_for_function("document.querySelector('.aa-live input:checked').parentNode.textContent === 'decisive'")
    for odd in ("weights=", "weights=market:9,x:1,:,democracy:-1,market:2.5,neighbours:", "weights=%00", "section-anchor"):
        page = visit(f"{address}#{odd}")
        assert page.get_by_role("status").inner_text() == repr(widget), odd


def test_criteria_by_keyboard_alone(visit, publish):
    page = visit(publish(page_of(criteria()))["file"])
    widget = criteria()
    for key in ("Tab", "ArrowRight", "Tab", "ArrowLeft"):
        page.keyboard.press(key)
    widget.weights = {"democracy": 2, "civilian-control": 0}
    assert page.get_by_role("status").inner_text() == repr(widget)
    for _ in widget.spec["criteria"][2:]:
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    widget.weights = {}
    assert page.get_by_role("status").inner_text() == repr(widget)


def test_criteria_remember_only_what_fits_the_table(visit, publish):
    """The table may change after a reader's visit: weights of criteria that are gone, or not numbers, do no harm."""
    page = visit(publish(page_of(criteria()))["http"])
    page.evaluate("""localStorage.setItem('almost-allies:criteria_matrix:criteria',
        JSON.stringify({ weights: { gone: 3, market: "much", democracy: 7, neighbours: 2 } }))""")
    reload(page)
    widget = criteria()
    widget.weights = {"neighbours": 2}
    assert page.get_by_role("status").inner_text() == repr(widget)


def test_criteria_live_move_with_python_and_back(visit, publish):
    widget = criteria()
    page = visit(publish(page_of())["http"])
    view = mount_live(page, widget, {"weights": widget.weights})
    assert page.get_by_role("status").inner_text() == repr(widget)
    widget.weights = {"contribution": 3}
    page.evaluate("weights => model.set('weights', weights)", widget.weights)
    assert page.get_by_role("status").inner_text() == repr(widget)
    view.get_by_role("group", name="Free elections").get_by_label("ignore").check()
    assert page.evaluate("model.traits.weights") == {**widget.weights, "democracy": 0}
    assert page.url.endswith("page.html") and view.locator("a").count() == 0


def test_criteria_print_scores_sources_and_bars(visit, publish):
    page = visit(publish(page_of(criteria()))["file"])
    page.pdf()
    assert page.locator("details:not([open])").count() == 0
    page.emulate_media(media="print")
    assert page.get_by_text("An invented index of a working market economy gives Freedonia 2017").is_visible()
    assert page.locator(".aa-beam").first.is_visible() and not page.locator("button").first.is_visible()


# --- year_map


def painted(widget, layers, year):
    """What the map should show by the table: fill of each of today's pieces, in the order of their codes."""
    status = load("alliance_status")
    now = {(row.iso3, row.layer): row.status for row in status[status.year == year].itertuples()}
    fills = []
    for code in sorted(maps.outlines("europe_50m", "iso3")):
        owner = _state(code, year)
        base = next((layer for layer in layers if layer != "EU" and (owner, layer) in now), "land")
        part = "2" if now.get((owner, base), "member") != "member" else ""
        fills.append(f"url(#year-map-{base}{part}{'-EU' if 'EU' in layers and (owner, 'EU') in now else ''})")
    return fills


def test_map_paints_what_the_table_says(visit, publish):
    widget = explore.year_map(1989)
    page = visit(publish(page_of(widget))["file"])
    fills = "document.querySelectorAll('.aa-pieces > :not([data-to])')"
    assert page.evaluate(f"[...{fills}].map(n => n.getAttribute('fill'))") == painted(widget, widget.layers, 1989)
    plain = visit(publish(page_of(widget), "plain.html")["file"], java_script_enabled=False)
    assert plain.locator(".aa-pieces > :not([data-to])").evaluate_all(
        "nodes => nodes.map(n => n.getAttribute('fill'))"
    ) == painted(widget, widget.layers, 1989)
    for year in (1949, 1952, 1954, 1955, 1968, 1990, 1991, 1992, 1994, 1999, 2004, 2014, 2020, 2023, 2026):
        for layers in (widget.layers, ["CSTO", "EU"], ["PFP"]):
            told_at(page, [f"year={year}&layers={','.join(layers)}"])
            assert page.evaluate(f"[...{fills}].map(n => n.getAttribute('fill'))") == painted(widget, layers, year), (
                year,
                layers,
            )
    assert len(set(painted(widget, list(LAYERS), 2023))) > 6


def test_map_draws_a_border_where_two_states_meet(visit, publish):
    page = visit(publish(page_of(explore.year_map(1989)))["file"])
    pairs = sorted(_frontiers(maps.outlines("europe_50m", "iso3")))
    script = "[...document.querySelectorAll('[data-between]')].map(n => n.getAttribute('visibility') !== 'hidden')"
    for year in (1989, 1990, 1991, 1992, 1993, 2005, 2006, 2008):
        told_at(page, [f"year={year}"])
        assert page.evaluate(script) == [_state(a, year) != _state(b, year) for a, b in pairs], year
    assert page.evaluate(
        "[...document.querySelectorAll('[data-to]')].every(n => n.getAttribute('visibility') === 'hidden' || n.dataset.to > 2008)"
    )


def test_map_counts_as_python_does(visit, publish):
    widget = explore.year_map(1989)
    page = visit(publish(page_of(widget))["file"])
    dice = random.Random(1949)
    hashes, expected = [], []
    for year in range(1949, widget.spec["last"] + 1):
        widget.year, widget.layers = year, dice.sample(list(LAYERS), dice.randint(1, 5))
        hashes.append(f"year={year}&layers={','.join(widget.layers)}")
        expected.append(repr(widget))
    assert told_at(page, hashes) == expected
    widget.year, widget.layers = 1999, ["NATO"]
    assert len(widget.members) == 19 and {"POL", "HUN", "CZE"} <= set(widget.members.iso3)


def test_map_terms_are_the_table_of_years():
    """The dates in the table of the page give back every row of alliance_status, and no other."""
    widget = explore.year_map()
    said = set()
    for state in widget.spec["states"]:
        for layer, terms in zip(LAYERS, state["terms"], strict=True):
            for term in terms:
                end = int(term["to"][:4]) if term["to"] else widget.spec["last"] + 1
                said |= {(state["code"], year, layer, term["status"]) for year in range(int(term["from"][:4]), end)}
    assert said == set(load("alliance_status").itertuples(index=False, name=None))
    days = {state["code"]: state["terms"] for state in widget.spec["states"]}
    for member in load("nato_members").itertuples():
        assert days[member.iso3][0][0]["from"] == f"{member.accession_date:%Y-%m-%d}"


def test_map_calls_west_germany_by_its_name(visit, publish):
    widget = explore.year_map(1989)
    named = {}
    for year in (1955, 1989, 1990):
        widget.year = year
        named[year] = widget.members.set_index(["iso3", "layer"]).country["DEU", "NATO"]
    assert named == {1955: "West Germany", 1989: "West Germany", 1990: "Germany"}
    assert "Germany (West Germany before 1990)" in widget.markdown()
    page = visit(publish(page_of(widget))["file"])
    told_at(page, ["year=1955&country=DEU"])
    assert "NATO, 6 May 1955: joined by West Germany" in page.locator(".aa-changes").inner_text()
    assert page.locator(".aa-dates").inner_text().startswith("West Germany: NATO since 6 May 1955")
    assert page.locator("select option:checked").text_content() == "West Germany"
    told_at(page, ["year=1990&country=DEU"])
    assert page.locator(".aa-dates").inner_text().startswith("Germany: NATO since 6 May 1955")
    assert page.locator("th[scope=row]", has_text="West Germany").text_content() == "Germany (West Germany before 1990)"


def test_map_by_mouse_and_reload(visit, publish):
    address = publish(page_of(explore.year_map(1989)))["http"]
    page = visit(address)
    changes = page.locator(".aa-changes")
    page.get_by_role("button", name="Next change").click()
    page.get_by_role("button", name="Next change").click()
    assert page.get_by_role("status").inner_text() == "1991: NATO 16"
    assert (
        changes.inner_text()
        == "Warsaw Pact, 1 July 1991: ended for Bulgaria, Czechoslovakia, Hungary, Poland, Romania, Soviet Union"
    )
    page.locator("[data-owners=POL]").hover()
    assert (
        page.locator(".aa-dates")
        .inner_text()
        .startswith("Poland: NATO since 12 March 1999; Warsaw Pact 14 May 1955 to 1 July 1991;")
    )
    page.get_by_role("heading").hover()
    assert page.locator(".aa-dates").inner_text() == ""
    page.locator("[data-owners=POL]").click()
    assert page.url == address + "#year=1991&layers=NATO,WP,CSTO,PFP&country=POL"
    reload(page)
    assert page.locator("select").input_value() == "POL" and page.locator("path.aa-chosen").get_attribute("d")
    page.goto(address + "#year=1999")
    assert "NATO, 12 March 1999: joined by Czechia, Hungary, Poland" in changes.inner_text().replace("Czech Republic", "Czechia")
    assert "Partnership for Peace, 12 March 1999" not in changes.inner_text()
    page.get_by_label("European Union").check()
    page.goto(address + "#year=1995&layers=EU")
    assert changes.inner_text() == "European Union, 1 January 1995: joined by Austria, Finland, Sweden"


def test_map_by_keyboard_alone(visit, publish):
    page = visit(publish(page_of(explore.year_map(1989)))["file"])
    press = page.keyboard.press
    press("Tab")
    press("ArrowRight")
    assert "1990: NATO 16, Warsaw Pact 6" == page.get_by_role("status").inner_text()
    press("Tab")
    press("Tab")
    press("Enter")  # next change
    assert "1991" in page.get_by_role("status").inner_text()
    for _ in range(6):  # past Play and four layers, to the European Union
        press("Tab")
    press("Space")
    assert "European Union 12" in page.get_by_role("status").inner_text()
    press("Tab")
    page.keyboard.type("Fin")
    assert page.locator(".aa-dates").inner_text().startswith("Finland: NATO since 4 April 2023")


def test_map_plays_when_asked_and_never_against_the_reader(visit, publish):
    address = publish(page_of(explore.year_map(2024)))["file"]
    page = visit(address, reduced_motion="no-preference")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.aa-year').textContent === '2025'")
    page.get_by_role("button", name="Pause").click()
    held = page.locator(".aa-year").inner_text()
    page.wait_for_timeout(900)
    assert page.locator(".aa-year").inner_text() == held
    assert visit(address, reduced_motion="reduce").get_by_role("button", name="Play").count() == 0


def test_map_live_moves_with_python(visit, publish):
    widget = explore.year_map(1989)
    page = visit(publish(page_of())["http"])
    mount_live(page, widget, {"year": 1989, "layers": widget.layers, "country": ""})
    assert page.get_by_role("status").inner_text() == repr(widget)
    widget.year = 1999
    page.evaluate("model.set('year', 1999)")
    assert page.get_by_role("status").inner_text() == repr(widget)
    fills = page.locator(".aa-pieces > :not([data-to])").evaluate_all("nodes => nodes.map(n => n.getAttribute('fill'))")
    assert fills == painted(widget, widget.layers, 1999)
    page.get_by_label("NATO", exact=True).uncheck()
    assert page.evaluate("model.traits.layers") == ["WP", "CSTO", "PFP"]


@pytest.mark.parametrize(
    ("name", "value", "message"), [("year", 1948, "year 1948, expected 1949 to"), ("layers", ["SEATO"], 'layer "SEATO"')]
)
def test_map_errors_say_what_was_expected(name, value, message):
    with pytest.raises(Exception, match=message):
        setattr(explore.year_map(), name, value)
