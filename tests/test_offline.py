"""The book without a network: from a folder, from a zip, and kept by the browser over editions."""
from __future__ import annotations

import re
import shutil
import zipfile

import pytest
from conftest import serve

from almost_allies.book.site import write_worker

BORDERS = "chapters/3-expansion-waves/borders.html"


@pytest.fixture
def edition(site, tmp_path):
    """A copy of the built book that a test may change, its server, and a function that publishes a change as a build would."""
    folder = tmp_path / "site"
    shutil.copytree(site, folder, ignore=shutil.ignore_patterns("_sources", "_downloads", "downloads", "lite"))
    server = serve(folder)

    def publish(page: str, old: str, new: str) -> None:
        text = (folder / page).read_text("utf-8")
        assert old in text
        (folder / page).write_text(text.replace(old, new), "utf-8")
        write_worker(folder)

    server.folder, server.publish = folder, publish
    yield server
    server.shutdown()


def visit(view, address: str) -> None:
    """Open a page and wait until the browser has kept it with all that it loaded."""
    view.goto(address, wait_until="load")
    view.evaluate("navigator.serviceWorker.ready.then(() => true)")
    view.wait_for_function("""async () => {
      const wanted = [location.href, ...performance.getEntriesByType("resource").map((entry) => entry.name)]
        .filter((name) => /\\.(html|css|js|svg)$/.test(name));
      const found = await Promise.all(wanted.map((name) => caches.match(name)));
      return found.every(Boolean);
    }""")


def test_a_visited_page_reads_and_works_without_a_network(edition, browser):
    context = browser.new_context()
    view = context.new_page()
    visit(view, edition.url + BORDERS)
    context.set_offline(True)
    edition.shutdown()   # Chromium's own switch does not cut a service worker off from a loopback server
    edition.server_close()
    view.goto(edition.url + BORDERS)
    assert view.get_by_role("heading", name="Borders", level=1).is_visible()
    assert view.locator("figure.chart svg").first.is_visible()
    question = view.locator(".aa-quiz form:has(input[type=radio])").first
    question.locator("input[type=radio], input[type=checkbox]").first.check()
    question.get_by_role("button", name="Check", exact=True).click()
    assert question.locator("[role=status]").first.inner_text()
    context.close()


def test_a_page_that_was_not_kept_says_so_and_leads_to_the_front_page(edition, browser):
    context = browser.new_context()
    view = context.new_page()
    visit(view, edition.url + BORDERS)
    edition.shutdown()
    edition.server_close()
    assert view.goto(edition.url + "reference/people.html").status == 503
    assert view.get_by_role("heading", name="There is no page here").is_visible()
    view.goto(edition.url)
    assert view.get_by_role("heading", level=1).is_visible()
    context.close()


def test_the_whole_book_is_kept_on_request(edition, browser):
    context = browser.new_context()
    view = context.new_page()
    visit(view, edition.url + "index.html")
    view.get_by_role("button", name="Keep the whole book").click()
    view.get_by_text("The whole book can be read offline").wait_for(timeout=60_000)
    edition.shutdown()
    edition.server_close()
    for page in (BORDERS, "reference/people.html", "reference/timeline.html"):
        view.goto(edition.url + page)
        assert view.get_by_role("heading", level=1).is_visible()
    view.goto(edition.url + "search.html?q=Kaliningrad")
    view.locator("#search-results a", has_text="Borders").first.wait_for()
    context.close()


def test_a_changed_book_waits_for_the_reader_and_then_replaces_the_old_one_whole(edition, browser):
    context = browser.new_context()
    view = context.new_page()
    visit(view, edition.url + BORDERS)
    edition.publish(BORDERS, "<h1>Borders", "<h1>Borders anew")
    edition.publish("_static/book.css", ":root {", ":root { --edition: second;")
    view.reload()
    view.get_by_role("button", name="Read it").wait_for()
    assert view.locator("h1").inner_text().startswith("Borders") and "anew" not in view.locator("h1").inner_text()
    assert view.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--edition')") == ""
    view.get_by_role("button", name="Read it").click()
    view.locator("h1", has_text="Borders anew").wait_for()
    assert view.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--edition')").strip() == "second"
    assert len(view.evaluate("caches.keys()")) == 1
    edition.shutdown()
    edition.server_close()
    view.reload()   # what was read in the first edition is kept in the second
    assert "anew" in view.locator("h1").inner_text()
    context.close()


def test_a_half_published_edition_is_not_taken(edition, browser):
    context = browser.new_context()
    view = context.new_page()
    visit(view, edition.url + BORDERS)
    edition.publish(BORDERS, "<h1>Borders", "<h1>Borders anew")
    page = edition.folder / BORDERS   # arrives only in part, under a worker that lists the new one
    page.write_bytes(page.read_bytes()[:100_000])
    view.reload()
    view.evaluate("navigator.serviceWorker.getRegistration().then((r) => r.update()).catch(() => 0)")
    view.wait_for_function("navigator.serviceWorker.getRegistration().then((r) => !r.installing)")
    assert not view.get_by_role("button", name="Read it").is_visible()
    assert view.locator("h1").inner_text().startswith("Borders") and view.locator("footer").count() == 1
    context.close()


def test_the_book_reads_from_a_folder_and_from_an_unpacked_zip(site, browser, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "book"), "zip", site)
    zipfile.ZipFile(archive).extractall(tmp_path / "unpacked")
    failed = []
    for folder in (site, tmp_path / "unpacked"):
        view = browser.new_page()
        view.on("requestfailed", lambda request: failed.append(request.url))
        view.on("pageerror", lambda error: failed.append(str(error)))
        view.on("console", lambda message: failed.append(message.text) if message.type == "error" else None)
        view.goto(folder.as_uri() + "/index.html")
        view.get_by_role("link", name=re.compile("^Borders")).first.click()
        view.wait_for_url("**/borders.html")
        question = view.locator(".aa-quiz form:has(input[type=radio])").first
        question.locator("input[type=radio]").first.check()
        question.get_by_role("button", name="Check", exact=True).click()
        assert question.locator("[role=status]").first.inner_text()
        view.close()
    assert not failed
