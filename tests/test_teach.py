"""The pages for teachers: plans that can be taught as they stand, links that lead somewhere, files that are all listed."""
from __future__ import annotations

import json
import re
from itertools import combinations

import prose
import pytest
import yaml
from conftest import ROOT

from almost_allies import data
from almost_allies.book import teaching_files
from almost_allies.quiz.bank import bank_names

TEACH = ROOT / "teach"
PLANS = {path.stem: path for path in sorted(TEACH.glob("lessons/*.md")) if path.stem != "index"}
PAGES = {str(path.relative_to(ROOT)): path for path in sorted(TEACH.rglob("*.md"))}
PARTS = ["Objectives", "Before class", "In class", "Discussion", "Differentiation", "Misconceptions", "Homework", "Rubric", "Downloads"]

plans = pytest.mark.parametrize("plan", PLANS)


def text(plan: str) -> str:
    return PLANS[plan].read_text("utf-8")


def part(plan: str, name: str) -> str:
    return re.split(r"^## ", text(plan).split(f"## {name}\n", 1)[1], flags=re.M)[0]


def rows(table: str) -> list[list[str]]:
    """Cells of a Markdown table's body, row by row."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def minutes(plan: str) -> int:
    return int(re.search(r"\*\*Minutes\*\* (\d+)$", text(plan), flags=re.M)[1])


# ------------------------------------------------------------------ plans

def test_every_chapter_has_a_plan_in_the_contents_and_in_the_list():
    contents = (ROOT / "_toc.yml").read_text("utf-8")
    listed = rows((TEACH / "lessons/index.md").read_text("utf-8"))
    assert list(PLANS) == sorted(prose.CHAPTERS)
    assert re.findall(r"file: teach/lessons/(?!index)(\S+)", contents) == re.findall(r"file: chapters/\S+/(\S+)", contents)
    assert {re.search(r"\((\S+)\.md\)", row[0])[1]: int(row[1]) for row in listed} == {plan: minutes(plan) for plan in PLANS}


@plans
def test_parts_come_in_order(plan):
    assert re.findall(r"^## (.+)$", text(plan), flags=re.M) == PARTS
    chapter = prose.CHAPTERS[plan]
    title = re.search(r"^# (.+)$", prose.markdown(plan), flags=re.M)[1]
    assert f"\n# Lesson plan: {title}\n" in text(plan)
    assert f"[{title}](../../{chapter.relative_to(ROOT)})" in text(plan).split("## Objectives")[0]


@plans
def test_timed_steps_add_up(plan):
    steps = rows(part(plan, "In class"))
    assert sum(int(step[0]) for step in steps) == minutes(plan)
    assert len(steps) >= 5 and all(len(step[1].split()) >= 12 for step in steps), "a step says what happens"


@plans
def test_plan_has_enough_to_teach_from(plan):
    assert 3 <= len(re.findall(r"^- ", part(plan, "Objectives"), flags=re.M)) <= 4
    assert len(re.findall(r"^\d\. ", part(plan, "Discussion"), flags=re.M)) >= 4
    assert part(plan, "Differentiation").count("**") >= 8   # four kinds of pupil or class
    rubric = rows(part(plan, "Rubric"))
    assert len(rubric) == 3 and all(len(row) == 4 and all(row) for row in rubric)


@plans
def test_misconceptions_are_corrected_by_the_chapter(plan):
    table = rows(part(plan, "Misconceptions"))
    own = prose.markdown(plan)
    assert len(table) >= 4
    for thought, correction in table:
        links = re.findall(r"\]\(#([\w-]+)\)", correction)
        assert links, f"{thought}: no section of the chapter"
        assert all(f"({link})=" in own or link.startswith("fig-") for link in links), f"{thought}: {links} not in {plan}"


@plans
def test_plan_names_its_downloads(plan):
    downloads = part(plan, "Downloads")
    assert f"```{{teaching-files}} {plan}\n```" in downloads
    tables = re.findall(r"\]\(#data-([\w-]+)\)", downloads)
    assert tables and {table.replace("-", "_") for table in tables} <= set(data.tables())


RUN = 8


def runs(plan: str) -> set[tuple[str, ...]]:
    """Every run of eight words inside a sentence or a table cell, without markup and case."""
    body = re.sub(r"^```.*?^```$|^---.*?^---$", "", text(plan), flags=re.M | re.S)
    pieces = re.split(r"(?<=[.!?:])\s+|\n\n|\|\s*|^\s*(?:-|\d\.) ", prose.plain(body).replace("{view}", ""), flags=re.M)
    words = [re.findall(r"\w+", piece.lower()) for piece in pieces]
    return {tuple(found[i:i + RUN]) for found in words for i in range(len(found) - RUN + 1)}


def test_no_two_plans_share_a_sentence():
    """Nor eight words in a row inside one, so that a template with other nouns is caught as well."""
    found = {plan: runs(plan) for plan in PLANS}
    assert min(map(len, found.values())) > 100   # the sentences were found at all
    shared = {(one, other): both for one, other in combinations(PLANS, 2) if (both := found[one] & found[other])}
    assert not shared


# ------------------------------------------------------------------ links

def labels() -> set[str]:
    """Everything that ``[words](#label)`` may lead to: labels of chapters and pages, charts, tables."""
    sources = [prose.markdown(chapter) for chapter in prose.CHAPTERS]
    sources += [path.read_text("utf-8") for folder in ("reference", "teach") for path in (ROOT / folder).rglob("*.md")]
    found = {label for source in sources for label in re.findall(r"^\(([\w-]+)\)=$", source, flags=re.M)}
    found |= {"data-" + table.replace("_", "-") for table in data.tables()}
    for path in prose.CHAPTERS.values():
        found |= {"fig-" + name for name in re.findall(r'show\([^"]*name=\(?"([\w-]+)"', "".join(
            "".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"), flags=re.S)}
        outputs = path.read_text("utf-8")
        found |= {"fig-" + name for name in re.findall(r'"name": "([\w-]+)"', outputs)}
    return found


def test_every_link_leads_to_a_label_or_a_file():
    known, broken = labels(), []
    for name, path in PAGES.items():
        for target in re.findall(r"(?<!\{view\})\]\(([^)\s]+)\)", path.read_text("utf-8")):
            if target.startswith("#"):
                broken += [f"{name}: {target}"] * (target[1:] not in known)
            elif not re.match(r"https?:", target):
                broken += [f"{name}: {target}"] * (not (path.parent / target).is_file())
    assert not broken


VIEWS = sorted({(match[0], match[1]) for path in PAGES.values()
                for match in re.findall(r"\{view\}`[^`<]+<([\w/.-]+)#([^>]+)>`", path.read_text("utf-8"))})


def test_the_guide_shows_every_kind_of_address():
    guide = (TEACH / "guide.md").read_text("utf-8")
    explorers = ("year=", "layers=", "country=", "neighbours=", "source=", "weights=", "words=", "part=", "card=")
    for name in (*explorers, "quiz-", "event-", "person-"):
        assert re.search(rf"<[\w/.-]+#[^>]*{name}", guide), f"no example of {name}"


@pytest.mark.parametrize(("page", "address"), VIEWS)
def test_addresses_for_assigning_do_what_the_page_says(page, address, site_url, browser):
    """What is named is in sight; an explorer's own link to its view holds what the address asked for."""
    view = browser.new_page(viewport={"width": 390, "height": 800})
    view.goto(f"{site_url}{page}.html#{address}")
    if "=" in address:
        asked = {name: sorted(value.split(",")) for name, value in (pair.split("=") for pair in address.split("&"))}
        view.wait_for_function("""asked => [...document.querySelectorAll("[data-widget] .aa-live")].some(live => {
            const text = live.querySelector("a[href*='=']")?.getAttribute("href") || (asked.card ? location.hash : "");
            const held = new URLSearchParams(text.slice(1));
            const top = live.closest("[data-widget]").getBoundingClientRect().top;
            return Math.abs(top) < 200 && Object.entries(asked).every(([name, values]) =>
                (held.get(name) || "").split(",").sort().join() === values.join());
        })""", arg=asked, timeout=5000)
    else:
        seen = "id => Math.abs(document.getElementById(id)?.getBoundingClientRect().top ?? 1e6) < 150"
        view.wait_for_function(seen, arg=address, timeout=5000)
    view.close()


def test_the_card_in_the_address_is_the_card_on_the_scale(site_url, browser):
    view = browser.new_page()
    view.goto(site_url + "chapters/5-judging-the-question/competing-explanations.html#card=clinton-ready-to-discuss")
    assert "4 June 2000" in view.locator("[data-widget=evidence_scale] .aa-live").inner_text()
    view.close()


# ------------------------------------------------------------------ syllabi and kits

def section(page: str, label: str) -> str:
    return re.split(r"^\([\w-]+\)=$", (TEACH / page).read_text("utf-8").split(f"({label})=\n", 1)[1], flags=re.M)[0]


@pytest.mark.parametrize(("label", "told"), [
    ("teach-syllabi-two", r"That is (\d+) minutes in class"), ("teach-syllabi-term", r"([\d,]+) minutes in all")])
def test_minutes_of_a_syllabus_add_up(label, told):
    text = section("syllabi.md", label)
    total = sum(int(row[2]) for row in rows(text.split("\n\n", 2)[2]) if re.match(r"week \d+, lesson \d", row[0]))
    assert total == int(re.search(told, text)[1].replace(",", ""))


def test_syllabi_give_a_lesson_the_minutes_of_its_plan():
    for row in rows((TEACH / "syllabi.md").read_text("utf-8")):
        match = re.match(r"\[[^]]+\]\(lessons/([\w-]+)\.md\)(.*)", row[1]) if len(row) > 2 else None
        if match and row[2].isdigit():
            whole = "half" not in match[2] and "steps" not in match[2]
            assert int(row[2]) == minutes(match[1]) if whole else int(row[2]) < minutes(match[1]), row


def test_kits_keep_the_time_and_the_delegations_of_the_chapter():
    chapter = prose.markdown("what-would-it-have-taken")
    debate, negotiation = section("debate-and-negotiation.md", "teach-debate"), section("debate-and-negotiation.md", "teach-negotiation")
    assert sum(int(row[0]) for row in rows(debate)) == int(re.search(r"\*\*Time\*\* \| (\d+) minutes", chapter)[1])
    assert sum(int(row[0]) for row in rows(negotiation)) == int(re.search(r"\*\*Time\.\*\* (\d+) minutes", chapter)[1])
    delegations = re.findall(r"^\| \*\*(.+?)\*\*", chapter.split("| Delegation |")[1], flags=re.M)[:5]
    cards = re.findall(r"admonition\} Role card: (.+)", negotiation)
    assert [re.sub(" and", ",", name) for name in cards] == [re.sub(" and", ",", name) for name in delegations]


def test_role_cards_rest_on_documents_that_the_chapters_cite():
    cited = {key for chapter in prose.CHAPTERS for key in prose.cited(prose.markdown(chapter))}
    kit = section("debate-and-negotiation.md", "teach-negotiation")
    cards = re.findall(r"^:::\{admonition\} Role card: (.+?)$(.*?)^:::$", kit, flags=re.M | re.S)
    assert len(cards) == 5
    for name, card in cards:
        assert len(prose.cited(card)) >= 4, f"{name}: a card without documents"
        assert set(prose.cited(card)) <= cited, name
        for line in ("**You want**", "**You cannot accept**", "**You can give**"):
            assert line in card, f"{name}: {line}"


# ------------------------------------------------------------------ files

@pytest.fixture
def made(tmp_path):
    """A folder as ``make teach`` leaves it: one chapter with a report and paper, and the course."""
    folder = tmp_path / "borders"
    folder.mkdir()
    (folder / "almost-allies-borders-moodle.xml").write_bytes(b"x" * 21_400)
    (folder / "almost-allies-borders-worksheet-key.pdf").write_bytes(b"x")
    (folder / "notes & more.txt").write_bytes(b"xy")
    questions = [{"outcome": "whole"}] * 8 + [{"outcome": "changed"}] * 2
    formats = [{"title": "Moodle <XML>", "files": ["almost-allies-borders-moodle.xml"], "questions": questions},
               {"title": "Worksheet and key", "use": "class", "files": ["almost-allies-borders-worksheet-key.pdf"], "questions": questions},
               {"title": "H5P", "files": ["gone.h5p"], "questions": []}]
    (folder / "report.json").write_text(json.dumps({"title": "Borders", "formats": formats}), "utf-8")
    (folder / "report.html").write_text("<p>", "utf-8")
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "almost-allies-course.zip").write_bytes(b"x")
    (tmp_path / "report.css").write_text("", "utf-8")
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_listing_has_every_file_once_and_says_what_it_is(made):
    html = teaching_files.listing(made, "borders", "../../")
    links = re.findall(r'<a href="([^"]+)" download>([^<]+)<', html)
    assert links == [
        ("../../_downloads/teach/borders/almost-allies-borders-moodle.xml", "Moodle &lt;XML&gt;"),
        ("../../_downloads/teach/borders/almost-allies-borders-worksheet-key.pdf", "Worksheet key (PDF)"),
        ("../../_downloads/teach/borders/notes &amp; more.txt", "Notes &amp; more (TXT)"),
    ]
    assert "21 kB. 8 questions as they are, 2 changed." in html
    assert 'href="../../_downloads/teach/borders/report.html"' in html and "gone.h5p" not in html


def test_units_are_the_folders_with_files_and_the_course_comes_first(made):
    order = teaching_files.course_order(ROOT / "_toc.yml")
    assert order[:3] == ["course", "final", "how-to-use"] and sorted(order[2:]) == list(PLANS)
    (made / "two-blocs").mkdir()
    (made / "two-blocs" / "almost-allies-two-blocs.h5p").write_bytes(b"x")
    assert teaching_files.units(made, order) == ["course", "two-blocs", "borders"]
    assert teaching_files.title(made, "course") == "The whole course" and teaching_files.title(made, "borders") == "Borders"
    assert teaching_files.units(made / "nowhere", order) == []


@pytest.mark.parametrize(("count", "words"), [(812, "812 bytes"), (21_400, "21 kB"), (1_400_000, "1.4 MB")])
def test_sizes_are_in_words(count, words):
    assert teaching_files.size(count) == words


def test_downloads_page_lists_what_the_site_holds(site):
    html = (site / "teach/downloads.html").read_text("utf-8")
    files = (path for path in (site / teaching_files.PLACE).glob("*/*") if path.stem != "report")
    held = {path.relative_to(site).as_posix() for path in files}
    assert {f"../{name}" for name in held} == set(re.findall(r'href="(\.\./_downloads/teach/[^"]+)" download', html))
    assert held or teaching_files.MISSING in html


def test_a_plan_cannot_list_the_files_of_a_chapter_that_is_none():
    assert set(PLANS) <= set(bank_names())
    pages = "\n".join(path.read_text("utf-8") for path in PAGES.values())
    directives = re.findall(r"^```\{teaching-files\} ?(.*)$", pages, flags=re.M)
    assert sorted(filter(None, directives)) == sorted(PLANS) and directives.count("") == 1


def test_front_page_and_contents_lead_teachers_in():
    front = (ROOT / "index.md").read_text("utf-8")
    door = front.split(":::{admonition} Teach")[1].split(":::")[0]
    ways_in = {f"teach/{name}.md" for name in ("guide", "syllabi", "lessons/index", "downloads", "lms")}
    assert ways_in <= set(re.findall(r"\((teach/[^)]+)\)", door))
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    files = re.findall(r"teach/[\w/-]+", json.dumps([part for part in contents["parts"] if part["caption"] == "For teachers"]))
    assert sorted(files) == sorted(name.removesuffix(".md") for name in PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_page_has_a_description_of_its_own(name):
    descriptions = {page: re.search(r'^description: "(.+)"$', path.read_text("utf-8"), flags=re.M)[1] for page, path in PAGES.items()}
    assert 40 <= len(descriptions[name]) <= 155
    assert list(descriptions.values()).count(descriptions[name]) == 1
