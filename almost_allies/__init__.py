"""The package behind *Almost Allies? Why Russia never joined NATO*.

    from almost_allies import load, figure, show
"""
from almost_allies.charts import COLOURS, band, colour, event, figure, label_lines, show
from almost_allies.data import load

__all__ = ["COLOURS", "band", "colour", "event", "figure", "label_lines", "load", "show"]
