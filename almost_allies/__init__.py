"""The package behind *Almost Allies? Why Russia never joined NATO*.

    from almost_allies import load, figure, show
"""
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from almost_allies.charts import COLOURS, band, colour, event, figure, label_lines, show
    from almost_allies.data import load

__all__ = ["COLOURS", "band", "colour", "event", "figure", "label_lines", "load", "show"]


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that `python -m almost_allies` works where nothing is installed yet.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("almost_allies.data" if name == "load" else "almost_allies.charts"), name)
