"""The colours of charts and maps; without the drawing library, which the book's build does not load."""

# Each colour has at least 3:1 contrast on white and on the dark page (#14181e); an actor keeps its colour.
COLOURS = {
    "NATO": "#2a78c2", "USA": "#2a78c2",
    "RUS": "#c8452f", "SUN": "#c8452f", "WP": "#c8452f",
    "UKR": "#b08400",
    "DEU": "#6d7480", "grey": "#6d7480",
    "POL": "#b0479a",
    "FIN": "#12908e", "SWE": "#12908e",
    "CSTO": "#8a5a3c",
    "other": "#7a8a2e",
}
# Text in an actor's colour is a shade darker, for 4.5:1 on paper; the book's dark mode has a lighter one (theme/static/book.css).
TEXT_COLOURS = {"#2a78c2": "#2570b8", "#b08400": "#8a6a08", "#6d7480": "#666d79", "#12908e": "#127c7b", "#7a8a2e": "#67752c"}
INK, MUTED, RULE, PAPER = "#1d2430", "#5a6270", "#d5d9df", "#ffffff"
