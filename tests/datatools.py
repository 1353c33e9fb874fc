"""What the tests of the data share: a copy of the package to spoil, and findings that say where."""

import csv
import json
import shutil
from pathlib import Path

from almost_allies.data import load, tables


class Finding(AssertionError):
    """A fault in the data, said so that whoever made it can go straight to it."""


def name_of(folder, table):
    return f"{Path(folder).name}/{table}.csv"


def at(folder, table, row, column, found, expected):
    """The finding about one cell. ``row`` counts from 0 as in the DataFrame; the message counts lines as an editor does."""
    return Finding(f'{name_of(folder, table)}: line {row + 2}, column "{column}": found {found}, expected {expected}')


def about(folder, table, column, found, expected):
    """The finding about a whole column, where no single line is to blame."""
    return Finding(f'{name_of(folder, table)}: column "{column}": found {found}, expected {expected}')


def first_row(mask):
    """Position of the first True in a boolean Series, or None."""
    return int(mask.to_numpy().argmax()) if mask.any() else None


def require(folder, table, frame, good, column, expected):
    """Raise for the first row of ``frame`` (as loaded, index 0, 1, 2 ...) where the boolean Series ``good`` is False."""
    row = first_row(~good)
    if row is not None:
        raise at(folder, table, int(frame.index[row]), column, f'"{frame[column].iloc[row]}"', expected)


def load_all(folder):
    return {name: load(name, folder) for name in tables(folder)}


def copy_package(source, target):
    """The tables and the descriptor in a new folder called ``data``; returns it."""
    folder = Path(target) / "data"
    folder.mkdir()
    for file in [*Path(source).glob("*.csv"), Path(source) / "datapackage.json"]:
        shutil.copy(file, folder)
    shutil.copytree(Path(source) / "geo", folder / "geo")
    return folder


def change(folder, table, where, column, value):
    """Write ``value`` into ``column`` of the one row that matches ``where``; returns its line number."""
    path = Path(folder) / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    hits = [i for i, row in enumerate(rows) if all(row[key] == text for key, text in where.items())]
    assert len(hits) == 1, f"{table}: {len(hits)} rows match {where}"
    assert rows[hits[0]][column] != value, f"{table}: {column} is {value} already"
    rows[hits[0]][column] = value
    _write(path, rows)
    return hits[0] + 2


def drop(folder, table, where):
    """Delete the rows that match ``where``."""
    path = Path(folder) / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    left = [row for row in rows if not all(row[key] == text for key, text in where.items())]
    assert len(left) < len(rows), f"{table}: no row matches {where}"
    _write(path, left)


def _write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def rewrite(folder, table, old, new):
    """Replace text in a table's file, once."""
    path = Path(folder) / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def edit_descriptor(folder, table, edit):
    """Let ``edit`` change one resource of the descriptor in place."""
    path = Path(folder) / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    edit(next(resource for resource in package["resources"] if resource["name"] == table))
    path.write_text(json.dumps(package, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
