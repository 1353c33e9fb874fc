"""Explorers: things to handle that need no kernel in the book and are live Python objects in a notebook.

    from almost_allies.explore import border_share
    b = border_share(); b.year = 2004; b.share
"""
from almost_allies.explore import base
from almost_allies.explore.border_share import border_share
from almost_allies.explore.criteria_matrix import criteria_matrix
from almost_allies.explore.evidence_scale import evidence_scale
from almost_allies.explore.sort_cards import sort_cards
from almost_allies.explore.stance import stance
from almost_allies.explore.timeline import timeline
from almost_allies.explore.year_map import year_map

CORES = ["border_share", "sort_cards", "timeline", "stance", "evidence_scale", "criteria_matrix", "year_map"]


def page_style() -> str:
    """CSS that the explorers need in a book page."""
    return "\n".join((base.HERE / f"{part}.css").read_text("utf-8") for part in ("base", *CORES))


def page_scripts() -> dict[str, str]:
    """Scripts that the explorers need in a book page, by file name: one for each."""
    return {f"{core}.js": base.page(core) for core in CORES}


__all__ = [
    "CORES", "border_share", "criteria_matrix", "evidence_scale", "page_scripts", "page_style", "sort_cards", "stance", "timeline",
    "year_map",
]
