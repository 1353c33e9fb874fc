"""What a chapter's notebook needs to run in a folder of its own: the package, the chapter's tables with their descriptor, its quizzes."""
from __future__ import annotations

import json
import re
import tomllib
from copy import deepcopy
from functools import cache
from pathlib import Path

from almost_allies import explore
from almost_allies.data import resources
from almost_allies.exports.chapter import Chapter, source
from almost_allies.quiz.bank import PROJECT

PACKAGE = PROJECT / "almost_allies"
LEFT_OUT = ("book", "exports", "lite.py", "printing.py", "publish.py", "notebooks.py", "__pycache__")   # what no notebook imports
QUOTED = re.compile(r"""["']([a-z0-9_-]+)["']""")


def code(chapter: Chapter) -> str:
    return "\n".join(source(cell) for cell in chapter.notebook["cells"] if cell["cell_type"] == "code")


def tables(chapter: Chapter) -> list[str]:
    """Names of the tables and map outlines that the chapter's cells and explorers read, in alphabetical order."""
    text = code(chapter)
    modules = [PACKAGE / "explore" / f"{core}.py" for core in explore.CORES if re.search(rf"\b{core}\(", text)]
    if "almost_allies.maps" in text or any("almost_allies.maps" in path.read_text("utf-8") for path in modules):
        modules.append(PACKAGE / "maps.py")
    named = set(QUOTED.findall("\n".join([text, *(path.read_text("utf-8") for path in modules)])))
    found = resources()
    outlines = {name for name, about in found.items() if PACKAGE / "maps.py" in modules and Path(about["path"]).stem in named}
    return sorted(named & set(found) | outlines)


def descriptor(names: list[str]) -> bytes:
    """The data package's descriptor for some of its tables: schema, unit, source and licence of each."""
    package = json.loads((PROJECT / "data/datapackage.json").read_text("utf-8"))
    package["resources"] = [resource for resource in package["resources"] if resource["name"] in names]
    return (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode()


@cache
def package() -> tuple[tuple[str, bytes], ...]:
    paths = (path for path in sorted(PACKAGE.rglob("*")) if path.is_file() and not set(path.relative_to(PACKAGE).parts) & set(LEFT_OUT))
    return tuple((path.relative_to(PROJECT).as_posix(), path.read_bytes()) for path in paths)


def requirements() -> str:
    """What the package needs, one requirement a line."""
    return "".join(f"{line}\n" for line in tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"])


def files(chapter: Chapter) -> list[tuple[str, bytes]]:
    """Files by path, to lie beside the notebook."""
    names, about = tables(chapter), resources()
    quizzes = re.findall(r"""\bquiz\(["']([a-z0-9-]+)["']\)""", code(chapter))
    data = [f"data/{about[name]['path']}" for name in names] + [f"data/quizzes/{name}.yml" for name in sorted(quizzes)]
    licences = [path.name for path in sorted(PROJECT.glob("LICENSE*"))]
    return [("data/datapackage.json", descriptor(names)), *((path, (PROJECT / path).read_bytes()) for path in [*data, *licences]),
            ("requirements.txt", requirements().encode()), *package()]


def data_list(chapter: Chapter) -> str:
    """The tables with source and licence, as a Markdown list."""
    about = resources()
    return "\n".join(f"- `data/{about[name]['path']}`: {about[name]['title']}. Source: {about[name]['credit']}. "
                     f"Licence: {', '.join(licence['title'] for licence in about[name]['licenses'])}." for name in tables(chapter))


def without_solutions(chapter: Chapter) -> dict:
    """The notebook with an empty cell in the place of each solution."""
    notebook = deepcopy(chapter.notebook)
    for cell in notebook["cells"]:
        if "solution" in cell["metadata"].get("tags", []):
            cell |= {"source": ["# Your turn\n"], "outputs": [], "execution_count": None, "metadata": {}}
    return notebook


def notebook_text(notebook: dict) -> bytes:
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
