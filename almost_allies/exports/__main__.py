"""``python -m almost_allies.exports``: write the files for learning platforms; see the package's docstring."""
from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

from almost_allies.exports import FORMATS
from almost_allies.exports.core import COURSE, export, load_units, made_for, unit_names


def unknown(kind: str, name: str, known: list[str]) -> str:
    """One line that names what there is, and the nearest of it."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"no {kind} {name!r}{f'; did you mean {near[0]!r}?' if near else ''}; there are {', '.join(known)}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m almost_allies.exports", description="Write quizzes as files for learning platforms.")
    parser.add_argument("--chapter", action="append", metavar="NAME",
                        help=f"a chapter's quiz, final, or {COURSE}; may be repeated; default: all")
    parser.add_argument("--format", action="append", metavar="NAME", help=f"{', '.join(FORMATS)}; may be repeated; default: all")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FOLDER", help="where the files go")
    options = parser.parse_args(arguments)

    for kind, names, known in (("chapter", options.chapter, unit_names()), ("format", options.format, list(FORMATS))):
        for name in names or []:
            if name not in known:
                print(unknown(kind, name, known), file=sys.stderr)
                return 2
    chapters = list(dict.fromkeys(options.chapter or unit_names()))
    formats = list(dict.fromkeys(options.format or FORMATS))
    try:
        units = load_units(chapters)
        if not any(made_for(unit, name) for unit in units for name in formats):
            print(f"{', '.join(formats)}: made for chapters only, and {', '.join(chapters)} is none", file=sys.stderr)
            return 2
        written = export(units, formats, options.out)
    except ValueError as error:   # of a bank, or of SITE_URL
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or options.out}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{len(written)} files in {options.out}: {len(chapters)} of {len(unit_names())} units, {', '.join(formats)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
