"""What the explorers share in Python: where their parts lie, and the frame of their HTML."""
from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date
from html import escape
from pathlib import Path

from almost_allies.bibliography import read_bibliography
from almost_allies.data import PROJECT
from almost_allies.widgets import PageWidget, live_module, page_script

HERE = Path(__file__).parent
SHARED = HERE / "base.js"
BIBLIOGRAPHY = PROJECT / "references.bib"
DATE_FORMS = {"day": "{0.day} {0:%B %Y}", "month": "{0:%B %Y}", "year": "{0.year}"}


def style(name: str) -> str:
    """CSS of one explorer: the shared rules and its own."""
    return f"{(HERE / 'base.css').read_text('utf-8')}\n{(HERE / f'{name}.css').read_text('utf-8')}"


def live(name: str) -> tuple[str, str]:
    """``_esm`` and ``_css`` of the explorer whose core is ``<name>.js``."""
    return live_module(HERE / f"{name}.js", SHARED), style(name)


def page(name: str) -> str:
    """Script for a book page of the explorer whose core is ``<name>.js``, without comments and indentation."""
    return re.sub(r"^\s*(//.*\n)?", "", page_script(HERE / f"{name}.js", SHARED), flags=re.MULTILINE)


def whole(value: float) -> str:
    """A sum as the page writes it: whole, thousands marked, halves rounded up as JavaScript does."""
    return f"{math.floor(value + 0.5):,}"


def number(value: float) -> str:
    """A length or count as the page writes it: thousands marked, no needless decimals."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,}"


def when(day: date, precision: str = "day") -> str:
    """A date or pandas timestamp as far as it is known: "9 February 1990", "February 1990" or "1990"."""
    return DATE_FORMS[precision].format(day)


def sources_of(keys: str) -> list[dict[str, str]]:
    """Short forms of sources named by their keys, "a;b": ``[{"label": "Sarotte 2021", "url": ...}, ...]``.

    Without the bibliography, as in a reader's partial copy, the key itself is the label.
    """
    books = read_bibliography(BIBLIOGRAPHY) if BIBLIOGRAPHY.is_file() else {}
    found = ((key, books.get(key)) for key in keys.split(";"))
    return [{"label": book.label, "url": book.url} if book else {"label": key, "url": ""} for key, book in found]


class Html(str):
    """Markup that may stand in a page as it is; any other text is escaped by ``tag``."""


def tag(name: str, *children: str | Iterable, **attributes: object) -> Html:
    """One HTML element. Children are text (escaped), `Html`, or lists of both.

    In attribute names ``_`` stands for ``-`` and a last ``_`` is dropped: ``class_``, ``data_id``. None leaves one out.
    """
    named = ((key.rstrip("_").replace("_", "-"), escape(str(value))) for key, value in attributes.items() if value is not None)
    given = "".join(f' {key}="{value}"' for key, value in named)
    return Html(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: str | Iterable) -> Html:
    """Children as ``tag`` takes them, one after another."""
    return Html("".join(
        child if isinstance(child, Html) else escape(child) if isinstance(child, str) else join(*child) for child in children))


def scroller(label: str, table: Html) -> Html:
    """A wide table that scrolls by itself, also by keyboard."""
    return tag("div", table, class_="aa-scroll", tabindex=0, role="group", aria_label=label)


def cite(sources: list[dict[str, str]]) -> Html:
    """The short forms as HTML, each a link where it has an address."""
    parts = [tag("a", one["label"], href=one["url"]) if one["url"] else tag("span", one["label"]) for one in sources]
    return join(*(["; ", part] if i else part for i, part in enumerate(parts)))


def rows_of(*columns: list[str]) -> str:
    """A Markdown table from its columns; each begins with its head."""
    head, *rows = ("| " + " | ".join(cells) + " |" for cells in zip(*columns, strict=True))
    return "\n".join([head, "|" + "---|" * len(columns), *rows])


class Explorer(PageWidget):
    """Base of the explorers.

    A subclass names its core in ``core`` and fills ``spec``, of which ``widget``, ``title``,
    ``subtitle`` and ``source`` (the line below) are shared by all; ``plain()`` gives what is
    read without script.
    """

    core = ""

    @property
    def key(self) -> str:
        """Where the reader's state is kept in the browser: the same call on two pages shares it."""
        return self.core

    def plain(self) -> Html:
        """HTML that says without script what the explorer says."""
        raise NotImplementedError

    def attributes(self) -> dict[str, object]:
        """Further ``data-`` attributes that the core reads from the page."""
        return {}

    def html(self) -> Html:
        """The whole explorer as HTML: title, plain version, source; the page script upgrades it."""
        data = {"widget": self.core, "key": f"almost-allies:{self.key}", **self.attributes()}
        return tag(
            "div",
            "\n", tag("p", self.spec["title"], class_="aa-title"),
            "\n", tag("p", self.spec["subtitle"], class_="aa-subtitle"),
            "\n", tag("div", "\n", self.plain(), "\n", class_="aa-plain"),
            "\n", tag("p", self.spec["source"], class_="aa-source"), "\n",
            class_="aa-explorer", role="group", aria_label=self.spec["title"],
            **{f"data-{name}": value for name, value in data.items()},
        )
