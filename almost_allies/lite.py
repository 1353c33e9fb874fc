"""The book with JupyterLite in it: every chapter runs in the reader's browser, and any web server for files will do.

    python -m almost_allies.lite             a kernel from Pyodide's public distribution
    python -m almost_allies.lite PYODIDE     a kernel from a copy of the folder PYODIDE, an unpacked Pyodide

``_build/html`` gets the book with a link "Run in your browser" on every chapter, ``_build/html/lite`` gets JupyterLab, the
chapters, the data and the course's wheel.
"""
from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from almost_allies.notebooks import ROOT
from almost_allies.publish import write_copies

KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
# What the course needs and Pyodide does not carry, all of it pure Python. Versions are those of requirements.txt.
WHEELS = ("anywidget", "comm", "ipywidgets", "jupyterlab-widgets", "latexcodec", "psygnal", "pybtex")
# What every chapter needs of Pyodide: named, it is fetched side by side while the kernel starts.
PACKAGES = ("ipython", "jedi", "matplotlib", "micropip", "numpy", "pandas", "pyyaml")
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@jupyterlite/pyodide-kernel-extension", "anywidget")
PARTS_OF_PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")


def kernel_host() -> str:
    """Host that a kernel comes from when the site does not hold one itself."""
    from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL

    return PYODIDE_CDN_URL.split("/")[2]


def fetch_wheels() -> list[Path]:
    """The pure wheels of ``WHEELS``, kept in the environment's folder so that they are fetched once."""
    pinned = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE))
    folder = Path(sys.prefix) / "wheels"
    found: list[Path] = []
    for name in WHEELS:
        pattern = f"{name.replace('-', '_')}-{pinned[name]}-py*-none-any.whl"
        if not any(folder.glob(pattern)):
            _run("pip download", "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "--platform=any",
                 "-d", str(folder), f"{name}=={pinned[name]}")
        found += folder.glob(pattern)
    return found


def course_wheel(folder: Path) -> None:
    """Build the course's own wheel into ``folder``, from a copy: setuptools leaves its build folder beside the sources."""
    with tempfile.TemporaryDirectory() as work:
        for name in ("almost_allies", "chapters", "data"):
            shutil.copytree(ROOT / name, Path(work, name), ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
        for name in ("pyproject.toml", "setup.py", "README.md", "references.bib"):
            shutil.copy(ROOT / name, work)
        _run("pip wheel", "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), work)


def check_pyodide(pyodide: Path | None) -> None:
    """Raises RuntimeError, in one line, if the folder is no unpacked Pyodide."""
    missing = [name for name in PARTS_OF_PYODIDE if pyodide and not (pyodide / name).is_file()]
    if missing:
        raise RuntimeError(f"{pyodide}: {missing[0]} is missing, expected the folder of an unpacked Pyodide distribution")


def build(output: Path, pyodide: Path | None = None) -> None:
    """Write the JupyterLite site. Raises RuntimeError, in one line, if a part is missing; ``output`` is replaced at the end only."""
    check_pyodide(pyodide)
    with tempfile.TemporaryDirectory() as work:
        lite = Path(work, "lite")
        (lite / "pypi").mkdir(parents=True)
        course_wheel(lite / "pypi")
        for wheel in fetch_wheels():
            shutil.copy(wheel, lite / "pypi")
        write_copies(lite / "files", "almost-allies")
        shutil.copytree(ROOT / "data", lite / "files/data")
        # Without the fall-back the browser asks the kernel's host and no other.
        (lite / "jupyter-lite.json").write_text(json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": {
            "appName": "Almost Allies?", "litePluginSettings": {KERNEL: {
                "disablePyPIFallback": True, "loadPyodideOptions": {"packages": list(PACKAGES)}}}}}))
        if pyodide:
            shutil.copytree(pyodide, lite / "static/pyodide", ignore=shutil.ignore_patterns("*.map", "*.ts", "*.html"))
        extensions = Path(sys.prefix, "share/jupyter/labextensions")
        _run("jupyter lite", "-m", "jupyterlite_core", "build", f"--lite-dir={lite}", f"--output-dir={work}/site",
             f"--contents={lite / 'files'}", "--apps=lab", "--no-unused-shared-packages", "--no-sourcemaps", "--ignore-sys-prefix",
             *(f"--LiteBuildConfig.federated_extensions={extensions / name}" for name in EXTENSIONS))
        shutil.rmtree(output, ignore_errors=True)
        shutil.copytree(Path(work, "site"), output)


def build_book(output: Path, kernel: str) -> Path:
    """Build the book below ``output``; its pages link to JupyterLite and name the host of its kernel. Gives the site's folder.

    ``kernel`` is "public" or "own", or "" for a book without JupyterLite.
    """
    _run("jupyter-book", "-c", "from jupyter_book.cli.main import main; main()", "build", str(ROOT), f"--path-output={output}",
         "-W", "-n", "--keep-going", "-q", LITE=kernel)
    return output / "_build/html"


def _run(tool: str, *arguments: str, **environment: str) -> None:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=tempfile.gettempdir(),
                          env={**os.environ, **environment})
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise RuntimeError(f"{tool} failed: {' '.join(last)}")


def main(arguments: list[str]) -> int:
    if len(arguments) > 1:
        print("usage: python -m almost_allies.lite [PYODIDE]", file=sys.stderr)
        return 2
    pyodide = Path(arguments[0]).resolve() if arguments else None
    try:
        check_pyodide(pyodide)
        site = build_book(ROOT, "own" if pyodide else "public")
        build(site / "lite", pyodide)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in (site / "lite").rglob("*") if path.is_file()) / 1e6
    print(f"The book: {site / 'index.html'}")
    print(f"JupyterLite in it: {size:.0f} MB, kernel from {'the site itself' if pyodide else kernel_host()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
