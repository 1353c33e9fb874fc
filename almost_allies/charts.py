"""House style for charts, and ``show``: a chart with its finding, its alt text, its source and its data.

A chart is stored in a notebook as three things that say the same: an SVG picture, its alt
text, and a JSON bundle from which the book makes a figure with caption, data table and
downloads. The picture is drawn twice, for a page (680 px) and for a phone (350 px).
"""
from __future__ import annotations

import io
import re
import textwrap
from collections import Counter
from datetime import date
from html import escape
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from almost_allies import data as tables
from almost_allies.palette import COLOURS, INK, MUTED, PAPER, RULE, TEXT_COLOURS
from almost_allies.stored_chart import MIME
from almost_allies.typography import typographic

When = str | date | float   # a date, or a number on the axis such as a year
PAGE_WIDTH, PHONE_WIDTH = 680, 350  # px
STYLE = Path(__file__).with_name("house.mplstyle")

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


class ChartError(ValueError):
    """A chart that a reader could not trust or could not read: no alt text, no source, no finding."""


def colour(actor: str) -> str:
    """Hex colour of an actor (``"NATO"``, ``"RUS"``, ``"UKR"``, ...), the same through the whole book.

    Raises ChartError for an actor that has no colour; use ``"grey"`` for context and ``"other"`` for the rest.
    """
    if actor not in COLOURS:
        raise ChartError(f"colour: no colour for {actor!r}, expected one of {', '.join(COLOURS)}")
    return COLOURS[actor]


def figure(height: int = 340, rows: int = 1, cols: int = 1, **subplots: Any) -> tuple[Figure, Any]:
    """Figure and axes in the house style, as ``plt.subplots`` gives them.

    ``height`` is in CSS pixels at a width of 680 px. Further keywords go to ``plt.subplots``.
    """
    plt.style.use(STYLE)
    return plt.subplots(rows, cols, figsize=(PAGE_WIDTH / 72, height / 72), **subplots)


def _place(when: When) -> float:
    """A position on the x axis from a date string, a date or a number."""
    return float(when) if isinstance(when, (int, float, np.number)) else mdates.date2num(pd.Timestamp(when))


def event(ax: Axes, when: When, text: str) -> None:
    """A thin vertical rule at ``when`` (date or year) with a short label at the top of ``ax``."""
    x = _place(when)
    ax.axvline(x, color=MUTED, linewidth=1, zorder=0.5)
    _top_label(ax, x, text)


def band(ax: Axes, start: When, end: When, text: str = "") -> None:
    """A light vertical band from ``start`` to ``end`` (dates or years), labelled at the top of ``ax``."""
    left, right = _place(start), _place(end)
    ax.axvspan(left, right, color=RULE, alpha=0.55, linewidth=0, zorder=0.4)
    _top_label(ax, left, text, behind="none")


def _top_label(ax: Axes, x: float, text: str, behind: str = PAPER) -> None:
    label = ax.annotate(text, (x, 1), xycoords=("data", "axes fraction"), xytext=(5, -3), textcoords="offset points",
                        va="top", fontsize=11.5, color=MUTED, annotation_clip=False,
                        bbox={"facecolor": behind, "edgecolor": "none", "pad": 1.5})  # a neighbour's rule stops behind it
    _top_labels.setdefault(ax, []).append(label)


def label_lines(ax: Axes) -> None:
    """Write each labelled line's name at its last point, in its colour: takes the place of a legend.

    Lines whose label begins with an underscore are left alone.
    """
    for line in ax.get_lines():
        x, y = (np.asarray(v, dtype=float) for v in (line.get_xdata(orig=False), line.get_ydata(orig=False)))
        known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        name = str(line.get_label())
        if known.size and not name.startswith("_"):
            label = ax.annotate(name, (x[known[-1]], y[known[-1]]), xytext=(7, 0), textcoords="offset points",
                                va="center", color=line.get_color(), fontsize=12.5, fontweight="bold", annotation_clip=False)
            _end_labels.setdefault(ax, []).append(label)


# Labels that are moved apart when the size of the picture is known, by axes.
_top_labels: WeakKeyDictionary[Axes, list[Annotation]] = WeakKeyDictionary()
_end_labels: WeakKeyDictionary[Axes, list[Annotation]] = WeakKeyDictionary()
LINE_GAP = 16  # px between two labels


def _settle(fig: Figure) -> None:
    """Move labels apart and thin crowded ticks for the figure's present size."""
    fig.draw_without_rendering()
    thinned: set[Axes] = set()
    for ax in reversed(fig.axes):  # of panels that share an x axis the lowest carries the labels
        if ax not in thinned:
            _thin_ticks(ax.xaxis)
            thinned.update(ax.get_shared_x_axes().get_siblings(ax))
    fig.draw_without_rendering()
    for ax in fig.axes:
        _stack_end_labels(ax, _end_labels.get(ax, []))
        _step_top_labels(ax, _top_labels.get(ax, []))


def _thin_ticks(axis: Axis) -> None:
    """Keep every second, third ... tick of a horizontal axis until no two tick labels touch."""
    low, high = sorted(axis.get_view_interval())
    labelled = [(tick, label) for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high
                for label in (tick.label1, tick.label2) if label.get_visible() and label.get_text()]
    ticks = [tick for tick, _ in labelled]
    boxes = [label.get_window_extent() for _, label in labelled]
    step = 1
    while any(a.x1 + 6 > b.x0 for a, b in zip(boxes[::step], boxes[step::step], strict=False)):
        step += 1
    if step > 1:
        kept = ticks[::step]
        axis.set_ticks([tick.get_loc() for tick in kept], [tick.label1.get_text() for tick in kept])


def _stack_end_labels(ax: Axes, labels: list[Annotation]) -> None:
    """Move labels as little as it takes to set them LINE_GAP px apart, in the order in which their lines end."""
    labels = sorted(labels, key=lambda label: ax.transData.transform(label.xy)[1])
    heights = [ax.transData.transform(label.xy)[1] for label in labels]
    # Least squares under an order: without the gaps the heights may not fall, so neighbours that would are pooled at their mean.
    pools: list[list[float]] = []
    for i, height in enumerate(heights):
        pools.append([height - i * LINE_GAP])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    placed = [np.mean(pool) for pool in pools for _ in pool]
    for i, (label, height) in enumerate(zip(labels, heights, strict=True)):
        label.xyann = (7, placed[i] + i * LINE_GAP - height)


def _step_top_labels(ax: Axes, labels: list[Annotation]) -> None:
    """Flip a label that would leave the axes to the left of its rule; put one that would cover another a line lower."""
    right = ax.get_window_extent().x1
    taken: list[tuple[int, float, float]] = []
    for label in sorted(labels, key=lambda label: label.xy[0]):
        x = ax.transData.transform((label.xy[0], 0))[0]
        width = label.get_window_extent().width
        flip = x + 5 + width > right and x - 5 - width > ax.get_window_extent().x0
        start = x - 5 - width if flip else x + 5
        level = 0
        while any(level == other and start < end + 8 and begin - 8 < start + width for other, begin, end in taken):
            level += 1
        taken.append((level, start, start + width))
        label.set_horizontalalignment("right" if flip else "left")
        label.xyann = (-5 if flip else 5, -3 - LINE_GAP * level)


def _svg(fig: Figure, width: int, name: str) -> str:
    """The figure at ``width`` px as one plain SVG element: no ids but those given, no style attributes."""
    height = fig.get_figheight() * 72
    fig.set_size_inches(width / 72, height / 72)
    _settle(fig)
    out = io.StringIO()
    fig.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    text = text[text.index("<svg"):]
    text = re.sub(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*|<defs>\s*<style[^>]*>.*?</style>\s*</defs>\s*", "", text, flags=re.S)
    text = re.sub(r'\s*style="([^"]*)"', _presentation, text)
    text = re.sub(r"<[^>]*>", _rounded, text)
    text = re.sub(r'(<text[^>]* fill=")(#\w{6})', lambda m: m[1] + TEXT_COLOURS.get(m[2], m[2]), text)
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', text))
    seen: Counter[str] = Counter()

    def given(match: re.Match) -> str:
        found = match[1]
        if found not in used and re.fullmatch(r"[\w.]+_\d+", found):
            return ""
        seen[found] += 1
        return f' id="{name}-{width}-{found}{f"-{seen[found]}" if seen[found] > 1 else ""}"'

    text = re.sub(r' id="([^"]+)"', given, text)
    text = re.sub(r'((?:href="|url\()#)', rf"\g<1>{name}-{width}-", text).replace("xlink:href", "href")
    text = re.sub(r"<svg[^>]*>", f'<svg class="plot" xmlns="http://www.w3.org/2000/svg" width="{width}" '
                  f'height="{height:g}" viewBox="0 0 {width} {height:g}" stroke-linejoin="round">', text, count=1)
    text = re.sub(r' transform="rotate\(-?0 [^)]*\)"|<g>\s*</g>\s*', "", text)
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def _rounded(tag: re.Match) -> str:
    """Coordinates in a tag to a tenth of a pixel; what stands between tags is text and stays as it is."""
    return re.sub(r"(?<![\w#.-])-?\d+\.\d{2,}(?![\w%])", lambda m: f"{float(m[0]):.1f}".removesuffix(".0"), tag[0])


def _presentation(match: re.Match) -> str:
    """Style declarations as SVG presentation attributes, so that a page may forbid inline styles."""
    attributes = []
    for declaration in filter(str.strip, match[1].split(";")):
        key, value = (part.strip() for part in declaration.split(":", 1))
        if key == "font":
            weight = "bold" if re.search(r"\b(bold|700)\b", value) else ""
            slant = "italic" if "italic" in value else ""
            attributes += [("font-size", re.findall(r"([\d.]+)px", value)[0]), ("font-weight", weight), ("font-style", slant)]
        elif key != "font-family":
            attributes.append((key, value.removesuffix("px") if key == "font-size" else value))
    return "".join(f' {key}="{value}"' for key, value in attributes if value)


def _framed(plot: str, title: str, subtitle: str, footer: str) -> str:
    """The plot with its title, subtitle and source line: the picture for Jupyter, code hosts and downloads."""
    width, height = (float(re.findall(rf'{side}="([\d.]+)"', plot)[0]) for side in ("width", "height"))
    lines: list[str] = []
    y = 8.0
    for text, size, weight, ink, columns in ((title, 17, "bold", INK, 62), (subtitle, 13, "normal", MUTED, 88)):
        for line in textwrap.wrap(text, columns):
            y += size * 1.3
            lines.append(f'<text x="0" y="{y:g}" font-size="{size}" font-weight="{weight}" fill="{ink}">{escape(line)}</text>')
    top = y + 14
    y = top + height + 4
    for line in textwrap.wrap(footer, 105):
        y += 15
        lines.append(f'<text x="0" y="{y:g}" font-size="11.5" fill="{MUTED}">{escape(line)}</text>')
    total = y + 10
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{total:g}" viewBox="0 0 {width:g} {total:g}" '
            f'font-family="{FONT}">\n<rect width="100%" height="100%" fill="{PAPER}"/>\n' + "\n".join(lines)
            + f'\n<g transform="translate(0 {top:g})">\n{plot}\n</g>\n</svg>')


def _cell(value: Any) -> Any:
    """A table value as JSON can hold it: dates as ISO days, gaps as None."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value.item() if isinstance(value, np.generic) else value


class Chart:
    """A finished chart; Jupyter displays it through its mime bundle."""

    def __init__(self, picture: str, bundle: dict[str, Any]) -> None:
        self.picture, self.bundle = picture, bundle

    def __repr__(self) -> str:
        return f"{self.bundle['title']}. {self.bundle['alt']}"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        return {"text/plain": repr(self), "image/svg+xml": self.picture, MIME: self.bundle}


def compose(fig: Figure, *, name: str, title: str, alt: str, source: str | list[str], data: pd.DataFrame,
         subtitle: str = "", note: str = "") -> Chart:
    """Make of ``fig`` a chart that can be read, checked and taken away.

    name: kebab-case, unique in the chapter. title: the finding, a sentence. subtitle: unit and
    definition. alt: the point, for those who do not see it. source: table name(s) of the data
    package; the source and licence line is made from it. note: what the chart cannot show.
    data: the rows displayed, shape (rows, columns), offered as a table and as CSV.

    Raises ChartError when a reader would be left without title, alt text, source or data.
    """
    title, subtitle, alt, note = map(typographic, (title, subtitle, alt, note))
    source = [source] if isinstance(source, str) else list(source)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ChartError(f"show: name {name!r} is not kebab-case, expected for example 'share-by-year'")
    if len(title.split()) < 4:
        raise ChartError(f"show({name}): title {title!r} is not a sentence, expected the finding")
    if len(alt.split()) < 6:
        raise ChartError(f"show({name}): alt {alt!r} is empty or too short, expected the point of the chart in a sentence")
    if re.match(r"(an? |the )?(image|picture|chart|graph|plot|figure|map|diagram)s? (of|show)", alt, re.I):
        raise ChartError(f"show({name}): alt begins {alt[:24]!r}, expected what the chart says, not what it is")
    if re.search(r"^\S+\.(png|svg|jpe?g|gif)$|^[\w.-]*/\S+$", alt):
        raise ChartError(f"show({name}): alt {alt!r} is a path, expected the point of the chart in a sentence")
    if not any(source):
        raise ChartError(f"show({name}): no source, expected the name of a table in the data package")
    if data.empty:
        raise ChartError(f"show({name}): data has no rows, expected the rows that the chart displays")
    credit = tables.source_line(source)
    page = _svg(fig, PAGE_WIDTH, name)
    phone = _svg(fig, PHONE_WIDTH, name)
    plt.close(fig)
    bundle = {
        "name": name, "title": title, "subtitle": subtitle, "alt": alt, "note": note, "source": credit, "tables": source,
        "columns": [str(column) for column in data.columns],
        "rows": [[_cell(value) for value in row] for row in data.itertuples(index=False, name=None)],
        "phone": phone,
    }
    return Chart(_framed(page, title, subtitle, f"Source: {credit}. {note}".strip()), bundle)


def show(fig: Figure, **parts: Any) -> None:
    """Display ``fig`` as a chart; the keywords are those of ``compose``, and so are the errors."""
    display(compose(fig, **parts))
