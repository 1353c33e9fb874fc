"""A build for publication, twice: the same bytes, no tracked file touched, and all that needs the site's own address."""
from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import pytest
from conftest import ROOT, serve

from almost_allies.book import site as book_site

ADDRESS = "https://example.org/book/"


def tracked_state() -> str:
    return subprocess.run(["git", "-C", str(ROOT), "status", "--porcelain", "--untracked-files=no"],
                          capture_output=True, text=True, check=True).stdout


def keep_to_one_core() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


ON_ONE_CORE = keep_to_one_core if hasattr(os, "sched_setaffinity") else None   # Windows refuses any such function


@pytest.fixture(scope="module")
def builds(tmp_path_factory) -> tuple[Path, Path, str, str]:
    """Two sites built one after the other from nothing, the second on one core, and the state of the tracked files before and after."""
    before, sites = tracked_state(), []
    for number, prepare in ((1, None), (2, ON_ONE_CORE)):
        output = tmp_path_factory.mktemp(f"build{number}")
        done = subprocess.run([Path(sys.executable).with_name("jupyter-book"), "build", ROOT, "--path-output", output, "-W", "-n", "-q"],
                              capture_output=True, text=True, preexec_fn=prepare,
                              env={**os.environ, "SITE_URL": ADDRESS, "PYTHONHASHSEED": str(number)})
        assert done.returncode == 0, done.stderr[-2000:]
        sites.append(output / "_build/html")
    return *sites, before, tracked_state()


@pytest.fixture(scope="module")
def published(builds) -> Path:
    return builds[0]


def head(page: Path) -> dict[str, str]:
    tree = html5lib.parse(page.read_text("utf-8"), namespaceHTMLElements=False)
    named = {node.get("property") or node.get("name") or node.get("rel"): node.get("content") or node.get("href")
             for node in tree.iter() if node.tag in ("meta", "link")}
    return named | {"title": next(tree.iter("title")).text}


def test_two_builds_are_the_same_bytes(builds):
    first, second = ({path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}
                     for site in builds[:2])
    assert first.keys() == second.keys()
    assert not [name for name in first if first[name] != second[name]]


def test_a_build_changes_no_tracked_file(builds):
    assert builds[2] == builds[3]


def test_the_map_of_the_site_lists_every_page_once(published):
    places = [node.text for node in ElementTree.parse(published / "sitemap.xml").iter(f"{{{book_site.SITEMAP}}}loc")]
    pages = {path.relative_to(published).as_posix() for path in published.rglob("*.html")} - {"404.html", "search.html", "index.html"}
    assert sorted(places) == sorted([ADDRESS, *(ADDRESS + page for page in pages)])
    assert f"Sitemap: {ADDRESS}sitemap.xml" in (published / "robots.txt").read_text("utf-8")


def test_the_feed_tells_each_change_of_the_changelog(published):
    name = "{" + book_site.ATOM + "}"
    feed = ElementTree.parse(published / "changes.atom").getroot()
    entries = [(entry.findtext(f"{name}updated")[:10], entry.findtext(f"{name}summary"), entry.findtext(f"{name}id"))
               for entry in feed.iter(f"{name}entry")]
    assert [entry[:2] for entry in entries] == book_site.changes()
    log = html5lib.parse((published / "reference/changelog.html").read_text("utf-8"), namespaceHTMLElements=False)
    ids = {node.get("id") for node in log.iter()}
    assert all(address.startswith(ADDRESS + "reference/changelog.html#") and address.partition("#")[2] in ids for *_, address in entries)
    assert feed.findtext(f"{name}updated")[:10] == max(day for day, *_ in entries)


def test_a_shared_link_shows_the_pages_title_its_description_and_a_picture_of_its_own(published):
    pictures = set()
    for page in published.rglob("*.html"):
        tags, place = head(page), page.relative_to(published).as_posix()
        assert tags["og:title"] in tags["title"] or place == "index.html"
        assert tags["canonical"] == tags["og:url"] == ADDRESS + ("" if place == "index.html" else place)
        picture = published / tags["og:image"].removeprefix(ADDRESS)
        signature, size = picture.read_bytes()[:8], struct.unpack(">II", picture.read_bytes()[16:24])
        assert signature == b"\x89PNG\r\n\x1a\n" and size == (1200, 630)
        if place.startswith("chapters/"):
            assert tags["og:description"] == tags["description"]
            pictures.add(picture.read_bytes())
    assert len(pictures) == len(list((ROOT / "chapters").glob("*/*.ipynb")))


def test_the_page_of_lost_addresses_leads_back_from_any_depth(published, browser):
    server = serve(published.parent)   # so that the book lies under a path, as on a host with several sites
    (published.parent / "book").symlink_to(published)
    view = browser.new_page()
    lost = (published / "404.html").read_text("utf-8")
    view.route("**/no/such/page.html", lambda route: route.fulfill(status=404, content_type="text/html", body=lost))
    view.goto(server.url + "book/no/such/page.html")
    assert view.evaluate("document.styleSheets[0].cssRules.length") > 10
    view.get_by_role("link", name="Go to the front page").click()
    view.wait_for_url(server.url + "book/index.html")
    view.close()
    server.shutdown()


def test_without_an_address_nothing_is_invented(site):
    assert not [name for name in ("sitemap.xml", "changes.atom", "robots.txt", "_static/share") if (site / name).exists()]
    assert not {"canonical", "og:url", "og:image"} & head(site / "index.html").keys()


@pytest.mark.parametrize("address", ["example.org", "ftp://example.org", "https://"])
def test_an_address_that_is_none_is_refused_in_one_line(address, monkeypatch):
    monkeypatch.setenv("SITE_URL", address)
    with pytest.raises(ValueError, match=r'^SITE_URL is ".*", expected an address such as') as caught:
        book_site.site_url()
    assert "\n" not in str(caught.value)


def test_a_changelog_that_cannot_be_read_is_refused(tmp_path, monkeypatch):
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference/changelog.md").write_text("# Changelog\n\nToday: much.\n", "utf-8")
    monkeypatch.setattr(book_site, "ROOT", tmp_path)
    with pytest.raises(ValueError, match="changelog.md: no change found"):
        book_site.changes()
