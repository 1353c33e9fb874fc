"""A chart as notebooks store it: what `charts.show` writes and the book, the slides and the exports read."""

MIME = "application/vnd.almost-allies.chart+json"


def plot_of(picture: str) -> str:
    """The bare plot inside a picture made by ``show`` (the book sets title and caption as text around it)."""
    return picture[picture.index('<svg class="plot"'):picture.rindex("</svg>", 0, picture.rindex("</svg>")) + len("</svg>")]
