"""The book on paper and on e-readers, made from the built site: what a page says there is what it says here.

    python -m almost_allies.book.portable pdf     _build/pdf/<chapter>.pdf and _build/pdf/almost-allies.pdf
    python -m almost_allies.book.portable epub    _build/epub/almost-allies.epub
"""
from __future__ import annotations

import mimetypes
import posixpath
import re
import sys
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urldefrag
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import html5lib
import yaml
from ebooklib import epub

from almost_allies.book.pages import AUTHORS, BOOK, WIDGET_STYLE, WIDGETS
from almost_allies.book.site import changes, site_url
from almost_allies.data import ROOT as DATA
from almost_allies.printing import printed_pages

ROOT = DATA.parent
SITE = ROOT / "_build/html"
STYLE = Path(__file__).with_name("epub.css")
XHTML, SVG = "http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"
EXTERNAL = re.compile(r"[a-z]+:")
IDS = ("id", "for", "aria-labelledby", "aria-describedby", "aria-controls")
FOOTER = ('<div style="width:100%;font:8pt sans-serif;color:#444;padding:0 16mm;display:flex;justify-content:space-between">'
          f'<span>{BOOK}</span><span class="pageNumber"></span></div>')
# Links as notes: a number after each link that leads out of the book, and the addresses in a list at the end of its page.
NOTES = """() => {
  for (const page of document.querySelectorAll("article")) {
    const links = [...page.querySelectorAll("a[href^=http]")].filter((a) => !a.closest(".sources, .document, .cite, .aa-cited"));
    const addresses = [...new Set(links.map((a) => a.href))];
    for (const a of links) {
      const mark = document.createElement("sup");
      mark.textContent = ` ${addresses.indexOf(a.href) + 1}`;
      a.after(mark);
    }
    if (!addresses.length) continue;
    const list = document.createElement("ol");
    for (const address of addresses) list.append(Object.assign(document.createElement("li"), { textContent: address }));
    const heading = Object.assign(document.createElement("h2"), { textContent: "Links" });
    page.append(heading, list);
  }
}"""


@dataclass
class Page:
    """A page of the book: its name (``chapters/…/borders``), the part it stands in, its title, its ``<article>`` as a tree, its ids."""

    name: str
    part: str
    title: str
    article: Element
    ids: set[str]


def contents() -> list[tuple[str, str]]:
    """Every page in the book's own order with the name of its part ("" before the first), from ``_toc.yml``."""

    def files(entries: list[dict]) -> Iterator[str]:
        for entry in entries:
            yield entry["file"]
            yield from files(entry.get("sections", []))

    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    return [(toc["root"], "")] + [(name, part.get("caption", "")) for part in toc["parts"] for name in files(part["chapters"])]


def read_pages(site: Path) -> list[Page]:
    """The articles of a built site; raises FileNotFoundError if it was not built."""
    pages = []
    for name, part in contents():
        tree = html5lib.parse((site / f"{name}.html").read_text("utf-8"), namespaceHTMLElements=True)
        article, *_ = tree.iterfind(f".//{{{XHTML}}}article")
        for place in article.findall(f".//{{{XHTML}}}a[@class='headerlink']/.."):
            for link in place.findall(f"{{{XHTML}}}a[@class='headerlink']"):
                place.remove(link)
        heading, *_ = article.iterfind(f".//{{{XHTML}}}h1")
        title = "".join(heading.itertext()).strip()
        pages.append(Page(name, part, title, article, {element.get("id", "") for element in article.iter()}))
    return pages


def lead_links(page: Page, pages: list[Page], file: str, join: str) -> None:
    """Point the links of a page at where ``pages`` are now: in ``file`` ("{page}.xhtml", or "" for the same file), ids as ``join`` says.

    The state of an explorer in an address means nothing there, so such a link leads to its page. A link to a file that is not carried
    leads to the site, if its address is known, and is none otherwise.
    """
    inside = {other.name: other.ids for other in pages}
    for link in page.article.iter(f"{{{XHTML}}}a"):
        address, anchor = urldefrag(link.get("href", ""))
        link.attrib.pop("download", None)
        if not link.get("href") or EXTERNAL.match(address):
            continue
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), address)).removesuffix(".html") if address else page.name
        if target in inside:
            known = anchor if anchor in inside[target] else ""
            place = file.format(page=slug(target))
            link.set("href", place + ("#" + join.format(page=slug(target), id=known) if known or not place else ""))
        elif site_url():
            link.set("href", site_url() + posixpath.normpath(posixpath.join(posixpath.dirname(page.name), address)))
        else:
            del link.attrib["href"]


def pictures(page: Page) -> Iterator[tuple[Element, str]]:
    """Each ``<img>`` of a page that shows a file of the site, with the file's path in the site."""
    for image in page.article.iter(f"{{{XHTML}}}img"):
        if not EXTERNAL.match(image.get("src", "")):
            yield image, posixpath.normpath(posixpath.join(posixpath.dirname(page.name), image.get("src", "")))


def slug(name: str) -> str:
    """A name for the page's file and ids: a chapter's own, and the path with dashes for the others."""
    return name.rpartition("/")[2] if name.startswith("chapters/") else name.replace("/", "-")


def one_document(pages: list[Page], site: Path) -> str:
    """The whole book as one HTML page for printing; ids of a page are prefixed with its name, so that links still hit."""
    for page in pages:
        lead_links(page, pages, "", "{page}--{id}")
        for image, path in pictures(page):
            image.set("src", (site / path).as_uri())
    body = Element(f"{{{XHTML}}}body")
    part = ""
    for page in pages:
        for element in page.article.iter():
            if not str(element.tag).startswith(f"{{{SVG}}}"):   # a picture's ids are its own affair
                for attribute in IDS:
                    if attribute in element.attrib:
                        element.set(attribute, " ".join(f"{slug(page.name)}--{word}" for word in element.attrib[attribute].split()))
        page.article.set("id", f"{slug(page.name)}--")
        if page.part != part:
            part = page.part
            SubElement(body, f"{{{XHTML}}}h1", {"class": "part"}).text = part
        body.append(page.article)
    styles = [(site / "_static" / name).as_uri() for name in ("book.css", WIDGET_STYLE)]
    head = "".join(f'<link rel="stylesheet" href="{style}">' for style in styles)
    cores = (path for path in sorted((site / "_static").glob("*.js")) if path.stem in WIDGETS)
    scripts = "".join(f'<script src="{path.as_uri()}"></script>' for path in cores)
    inner = html5lib.serialize(body, tree="etree", omit_optional_tags=False, quote_attr_values="always", alphabetical_attributes=True)
    paged = "article, h1.part { break-before: page; } h1.part { padding-top: 8cm; } article + article { break-before: page; }"
    top = f'<head><meta charset="utf-8"><title>{BOOK}</title>{head}<style>{paged}</style></head>'
    return f'<!DOCTYPE html><html lang="en">{top}{inner}{scripts}</html>'


def write_pdf(site: Path = SITE, folder: Path = ROOT / "_build/pdf", only: tuple[str, ...] = ()) -> list[Path]:
    """Each chapter and, unless ``only`` names some, the whole book as tagged PDF with bookmarks and page numbers; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    chapters = [name for name, _ in contents() if name.startswith("chapters/") and (not only or slug(name) in only)]
    sources = {folder / f"{slug(name)}.pdf": site / f"{name}.html" for name in chapters}
    whole = folder / "almost-allies.html"
    if not only:
        whole.write_text(one_document(read_pages(site), site), "utf-8")
        sources[folder / "almost-allies.pdf"] = whole
    try:
        for path, document in zip(sources, printed_pages(sources.values(), prepare=NOTES, footer=FOOTER), strict=True):
            path.write_bytes(document)
    finally:
        whole.unlink(missing_ok=True)
    return list(sources)


def _xhtml(page: Page) -> bytes:
    ElementTree.register_namespace("", XHTML)
    ElementTree.register_namespace("svg", SVG)
    for parent in page.article.iter():
        for name in [name for name in parent.attrib if "xmlns" in name]:
            del parent.attrib[name]   # the parser keeps declarations as attributes; the writer makes its own
        if parent.tag == f"{{{XHTML}}}noscript":
            parent.tag = f"{{{XHTML}}}div"   # an e-reader runs no script
        for child in list(parent):
            if child.tag in (f"{{{XHTML}}}script", f"{{{XHTML}}}button", f"{{{XHTML}}}input") or "hidden" in child.attrib:
                parent.remove(child)
    html = Element(f"{{{XHTML}}}html", {"lang": "en"})
    head = SubElement(html, f"{{{XHTML}}}head")
    SubElement(head, f"{{{XHTML}}}title").text = page.title
    SubElement(head, f"{{{XHTML}}}link", {"rel": "stylesheet", "type": "text/css", "href": STYLE.name})
    SubElement(html, f"{{{XHTML}}}body").append(page.article)
    return b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n' + ElementTree.tostring(html, encoding="utf-8")


class _AsIs(epub.EpubHtml):
    """EbookLib would parse a page anew and lose what it does not know, such as SVG in capitals."""

    def get_content(self, default: object = None) -> bytes:
        return self.content


def write_epub(site: Path = SITE, path: Path = ROOT / "_build/epub/almost-allies.epub") -> Path:
    """The whole book as EPUB 3: pages, charts and questions with their answers folded; no script. The same bytes for the same site."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pages = read_pages(site)
    book = epub.EpubBook()
    book.set_identifier(site_url() or f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, BOOK)}")
    book.set_title(BOOK)
    book.set_language("en")
    book.add_author(AUTHORS)
    book.add_item(epub.EpubItem(uid="style", file_name=STYLE.name, media_type="text/css", content=STYLE.read_bytes()))
    parts: dict[str, list[epub.EpubHtml]] = {}
    shown: set[str] = set()
    for page in pages:
        lead_links(page, pages, "{page}.xhtml", "{id}")
        for image, place in pictures(page):
            image.set("src", place)
            shown.add(place)
        item = _AsIs(uid=slug(page.name), file_name=f"{slug(page.name)}.xhtml", title=page.title, lang="en")
        item.content = _xhtml(page)
        if page.article.find(f".//{{{SVG}}}svg") is not None:
            item.properties.append("svg")
        book.add_item(item)
        parts.setdefault(page.part, []).append(item)
    for place in sorted(shown):
        kind = mimetypes.guess_type(place)[0] or ""
        book.add_item(epub.EpubItem(uid=place.replace("/", "-"), file_name=place, media_type=kind, content=(site / place).read_bytes()))
    book.toc = [*parts.pop("", []), *((epub.Section(part), items) for part, items in parts.items())]
    book.spine = ["nav", *(item for item in book.get_items() if isinstance(item, _AsIs))]
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav())
    loose = path.with_suffix(".tmp")
    epub.write_epub(str(loose), book, {"mtime": datetime.fromisoformat(changes()[0][0])})
    _fix_times(loose, path)
    return path


def _fix_times(source: Path, target: Path) -> None:
    """The archive again without the time of its making."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            fixed = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            fixed.compress_type = zipfile.ZIP_STORED if entry.filename == "mimetype" else zipfile.ZIP_DEFLATED
            new.writestr(fixed, old.read(entry))
    source.unlink()


def main(words: list[str]) -> int:
    if len(words) != 1 or words[0] not in ("pdf", "epub"):
        print(f"found {' '.join(words) or 'nothing'}, expected pdf or epub", file=sys.stderr)
        return 2
    try:
        made = write_pdf() if words[0] == "pdf" else [write_epub()]
    except FileNotFoundError as error:
        print(f"{error.filename}: {error.strerror}; build the book first", file=sys.stderr)
        return 1
    print(f"{len(made)} file{'s' if len(made) > 1 else ''}: {made[-1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
