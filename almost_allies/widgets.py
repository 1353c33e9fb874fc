"""Widgets that are also pages: live in a kernel, readable HTML everywhere else.

Each widget has one dependency-free JavaScript core that defines a constant
``core = {read(element) -> spec, mount(element, spec, host)}``. The core is wrapped
twice here: as an anywidget ES module for live kernels, and as a classic script for
the book (ES modules are blocked on ``file://``).
"""
from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

HERE = Path(__file__).parent


def _source(core: Path, shared: tuple[Path, ...]) -> str:
    return "\n".join(path.read_text("utf-8") for path in (HERE / "host.js", *shared, core))


def live_module(core: Path, *shared: Path) -> str:
    """Source of the ES module that anywidget loads: host, ``shared`` pieces, core and a render function."""
    return (
        f"{_source(core, shared)}\n"
        "export default { render({ model, el }) { core.mount(el, model.get('spec'), modelHost(model)); } };\n"
    )


def page_script(core: Path, *shared: Path) -> str:
    """Source of the classic script for a book page: upgrades every ``[data-widget=NAME]`` element.

    NAME is the core's file name without its ending. The element's ``data-key`` names its
    place in the reader's own localStorage. ``shared`` are pieces that several cores use.
    """
    return (
        f"(() => {{\n{_source(core, shared)}\n"
        f"for (const element of document.querySelectorAll('[data-widget=\"{core.stem}\"]'))\n"
        "  core.mount(element, core.read(element), pageHost(element.dataset.key));\n})();\n"
    )


class PageWidget(anywidget.AnyWidget):
    """Base of the course's widgets.

    A subclass sets ``_esm = live_module(CORE)`` and ``_css``, fills ``spec`` (a JSON-able
    dict, what ``core.read`` finds in the page) and gives ``html()`` and ``markdown()``.
    The stored output of a cell is these two and a stable ``text/plain``; the live view is
    added for the running front end only.
    """

    spec = traitlets.Dict().tag(sync=True)

    def html(self) -> str:
        """HTML that can be read and used without script; the page script upgrades it."""
        raise NotImplementedError

    def markdown(self) -> str:
        """The same content as Markdown, for print and for code hosts."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        data.update({"text/plain": repr(self), "text/html": self.html(), "text/markdown": self.markdown()})
        return data, metadata
