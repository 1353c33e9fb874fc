"""Run chapters and store their outputs in normal form: re-running changes no byte when nothing changed.

    python -m almost_allies.notebooks                      all chapters
    python -m almost_allies.notebooks chapters/.../x.ipynb  these
    python -m almost_allies.notebooks --normalise FILE ...  only put these into normal form, without running them
"""
from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
DROPPED_MIME = "application/vnd.jupyter.widget-view+json"  # needs a kernel; without one it hides the stored HTML
KEPT_CELL_METADATA = ("tags", "jupyter", "editable", "deletable", "nbgrader")
CELL_TIMEOUT = 120  # s; a cell that runs longer is broken


def chapters() -> list[Path]:
    """Paths of all chapter notebooks, sorted."""
    return sorted((ROOT / "chapters").glob("*/*.ipynb"))


def normalise(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook in normal form, changed in place.

    Code cells are numbered from 1, outputs keep no run-time metadata and no live-widget view,
    notebook metadata keep the kernel's name but not its version.
    """
    notebook.metadata = nbformat.from_dict({
        **{key: notebook.metadata[key] for key in ("almost_allies",) if key in notebook.metadata},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    })
    number = 0
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in KEPT_CELL_METADATA})
        if cell.cell_type != "code":
            continue
        number += 1
        cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})
            if "data" in output:
                output.data.pop(DROPPED_MIME, None)
    return notebook


def store(notebook: nbformat.NotebookNode, path: Path) -> bool:
    """Write the notebook if its text differs from what ``path`` holds; True if it was written.

    The text goes to a neighbour file first, so that a broken-off run leaves the old notebook whole.
    """
    text = nbformat.writes(notebook, version=4, sort_keys=True, ensure_ascii=False, indent=1).rstrip("\n") + "\n"
    if path.exists() and path.read_text("utf-8") == text:
        return False
    part = path.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(path)
    return True


def run(path: Path) -> bool:
    """Execute one chapter from top to bottom and store it; True if its text changed.

    Raises RuntimeError with one line (file, cell, error) when a cell fails; the stored notebook stays as it was.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=CELL_TIMEOUT, kernel_name="python3",
                            resources={"metadata": {"path": str(path.parent)}})
    try:
        client.execute()
    except CellExecutionError as error:
        number = 1 + next(i for i, cell in enumerate(notebook.cells)
                          if any(o.output_type == "error" for o in cell.get("outputs", [])))
        raise RuntimeError(f"{_name(path)}: cell {number}: {error.ename}: {error.evalue}") from None
    except CellTimeoutError:
        raise RuntimeError(f"{_name(path)}: a cell ran longer than {CELL_TIMEOUT} s") from None
    return store(normalise(notebook), path)


def _name(path: Path) -> str:
    return str(path.resolve().relative_to(ROOT)) if path.resolve().is_relative_to(ROOT) else str(path)


def main(arguments: list[str] | None = None) -> int:
    """Run the named chapters, or all, in parallel with a progress bar; the number of failures as exit code.

    With ``--normalise`` the exit code is 1 if a notebook was rewritten, as a commit hook's should be.
    """
    from tqdm import tqdm

    arguments = sys.argv[1:] if arguments is None else arguments
    only_form = arguments[:1] == ["--normalise"]
    paths = [Path(a) for a in arguments[only_form:]] or chapters()
    missing = [path for path in paths if not path.is_file()]
    if missing:
        print(f"{missing[0]}: no such notebook, expected one under chapters/", file=sys.stderr)
        return 1
    if only_form:
        rewritten = [path for path in paths if store(normalise(nbformat.read(path, as_version=4)), path)]
        for path in rewritten:
            print(f"{_name(path)}: was not in normal form, and is now")
        return int(bool(rewritten))
    changed, failures = [], []
    with ProcessPoolExecutor(min(len(paths), os.cpu_count() or 1)) as pool:
        jobs = {pool.submit(run, path): path for path in paths}
        for job in tqdm(as_completed(jobs), total=len(jobs), unit="chapter"):
            try:
                if job.result():
                    changed.append(_name(jobs[job]))
            except RuntimeError as error:
                failures.append(str(error))
    for line in failures:
        print(line, file=sys.stderr)
    print(f"{len(paths) - len(failures)} of {len(paths)} chapters ran; changed: {', '.join(sorted(changed)) or 'none'}")
    return min(len(failures), 125)


if __name__ == "__main__":
    sys.exit(main())
