"""What a site needs as a whole: its address, map, feed, pictures for shared links, page of lost addresses, and its life without a network.

All that must name the site's own address (map, feed, pictures) is left out when the address is not known:
``SITE_URL`` gives it, as the publishing workflow does.
"""
from __future__ import annotations

import hashlib
import json
import os
import re
import textwrap
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlparse
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from almost_allies.data import ROOT as DATA

ROOT = DATA.parent
WORKER = Path(__file__).with_name("offline.js")
ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NOT_FOR_READING = ("_sources", "_downloads", "lite", "downloads")   # fetched on purpose, so not kept for reading offline
CHANGE = re.compile(r"^\(changes-(\d{4}-\d\d-\d\d)\)=\n## .+\n+(.+?)(?=\n\(changes-|\Z)", flags=re.M | re.S)


def site_url() -> str:
    """The address the site is published at, with a slash at its end, from ``SITE_URL``; "" if it is not set.

    Raises ValueError, in one line, if it is no http address.
    """
    address = os.environ.get("SITE_URL", "").strip()
    if address and not (urlparse(address).scheme in ("http", "https") and urlparse(address).netloc):
        raise ValueError(f'SITE_URL is "{address}", expected an address such as "https://example.org/book/"')
    return address.rstrip("/") + "/" if address else ""


def set_address(app: Sphinx, config: Config) -> None:
    config.html_baseurl = site_url()


def picture(pagename: str) -> str:
    """Path of the picture that stands for a page where its link is shared: chapters have their own, the rest the book's."""
    return f"_static/share/{pagename.rpartition('/')[2] if pagename.startswith('chapters/') else 'book'}.png"


def add_site_parts(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    address = site_url()
    context["site_url"] = address
    if address and pagename == app.config.root_doc:
        context["pageurl"] = address
    context["site_path"] = urlparse(address).path
    context["share_picture"] = address + picture(pagename) if address else ""
    context["feed"] = address + "changes.atom" if address else ""


def lost_page(app: Sphinx) -> Iterator[tuple[str, dict[str, str], str]]:
    yield "404", {"title": "No such page"}, "404.html"


def changes() -> list[tuple[str, str]]:
    """The changelog, newest first: date (ISO) and text. Raises ValueError if it holds none that can be read."""
    found = CHANGE.findall((ROOT / "reference/changelog.md").read_text("utf-8"))
    if not found:
        raise ValueError('reference/changelog.md: no change found, expected "(changes-2026-11-23)=" before a heading and its text')
    return [(day, " ".join(text.split())) for day, text in found]


def sitemap(app: Sphinx) -> str:
    root = ElementTree.Element("urlset", xmlns=SITEMAP)
    for name in sorted(app.env.found_docs):
        place = "" if name == app.config.root_doc else app.builder.get_target_uri(name)
        ElementTree.SubElement(ElementTree.SubElement(root, "url"), "loc").text = site_url() + place
    return _xml(root)


def feed(app: Sphinx) -> str:
    """The changelog as an Atom feed, one entry a day."""
    log = changes()
    page = site_url() + app.builder.get_target_uri("reference/changelog")
    root = ElementTree.Element("feed", xmlns=ATOM)

    def add(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
        element = ElementTree.SubElement(parent, tag, attributes)
        element.text = text
        return element

    add(root, "title", f"{app.config.html_title}: changes")
    add(root, "id", site_url())
    add(root, "link", rel="self", href=site_url() + "changes.atom")
    add(root, "link", href=page)
    add(root, "updated", f"{log[0][0]}T00:00:00Z")
    add(add(root, "author"), "name", app.config.author)
    for day, text in log:
        entry = add(root, "entry")
        add(entry, "title", f"{datetime.fromisoformat(day):%d %B %Y}".lstrip("0"))
        add(entry, "id", f"{page}#changes-{day}")
        add(entry, "link", href=f"{page}#changes-{day}")
        add(entry, "updated", f"{day}T00:00:00Z")
        add(entry, "summary", text)
    return _xml(root)


def _xml(root: ElementTree.Element) -> str:
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def draw_share_picture(path: Path, title: str, question: str) -> None:
    """A PNG of 1200 x 630 px: what a page asks, as it is shown where a link to it is shared."""
    import matplotlib.pyplot as plt

    from almost_allies.charts import STYLE
    from almost_allies.palette import COLOURS

    path.parent.mkdir(parents=True, exist_ok=True)
    with plt.style.context(STYLE):
        figure = plt.figure(figsize=(12, 6.3), dpi=100, layout="none", facecolor="#fbfaf7")
        figure.patches.append(plt.Rectangle((0, 0), 0.012, 1, transform=figure.transFigure, color=COLOURS["NATO"]))
        figure.patches.append(plt.Rectangle((0.012, 0), 0.012, 1, transform=figure.transFigure, color=COLOURS["RUS"]))
        figure.text(0.08, 0.86, "\n".join(textwrap.wrap(title, 34)), fontsize=40, va="top", color="#1b1f24", weight="bold", linespacing=1.2)
        figure.text(0.08, 0.42, "\n".join(textwrap.wrap(question, 62)), fontsize=24, va="top", color="#3d4450", linespacing=1.4)
        figure.text(0.08, 0.08, "Almost Allies? Why Russia never joined NATO", fontsize=18, color="#3d4450")
        figure.savefig(path, metadata={"Software": None})
        plt.close(figure)


def guiding_question(path: Path) -> str:
    """The question a chapter asks, from its first admonition of class ``question``."""
    text = "\n".join("".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "markdown")
    return " ".join(re.findall(r":class: question\n(.+?)\n:::", text, flags=re.S)[0].split())


def draw_share_pictures(app: Sphinx) -> None:
    draw_share_picture(Path(app.outdir, picture("index")), "Almost Allies?", "Why did Russia never join NATO?")
    for name in sorted(app.env.found_docs):
        if name.startswith("chapters/"):
            title = app.env.titles[name].astext()
            draw_share_picture(Path(app.outdir, picture(name)), title, guiding_question(Path(app.env.doc2path(name))))


def readable_files(site: Path) -> dict[str, str]:
    """Every file that reading the book may ask for: its path in the site, and a short hash of what it holds."""
    files = (path for path in site.rglob("*") if path.is_file())
    kept = ((path.relative_to(site).as_posix(), path) for path in files)
    return {name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for name, path in sorted(kept)
            if not name.startswith(tuple(f"{folder}/" for folder in NOT_FOR_READING))
            and path.suffix in (".html", ".css", ".js", ".svg", ".json") and name != "offline.js"}


def write_worker(site: Path) -> None:
    """The service worker of a built site, with the list of its files: a changed file makes another worker."""
    files = json.dumps(readable_files(site), separators=(",", ":"))
    edition = hashlib.sha256(files.encode()).hexdigest()[:12]
    code = WORKER.read_text("utf-8").replace('"EDITION"', json.dumps(edition)).replace("{/* FILES */}", files)
    (site / "offline.js").write_text(code, "utf-8", newline="\n")


def finish_site(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    site = Path(app.outdir)
    if site_url():
        (site / "sitemap.xml").write_text(sitemap(app), "utf-8")
        (site / "changes.atom").write_text(feed(app), "utf-8")
        (site / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {site_url()}sitemap.xml\n", "utf-8")
        draw_share_pictures(app)
    write_worker(site)


def setup(app: Sphinx) -> None:
    app.connect("config-inited", set_address)
    app.connect("html-page-context", add_site_parts)
    app.connect("html-collect-pages", lost_page)
    app.connect("build-finished", finish_site, priority=900)   # after all others have written their files
