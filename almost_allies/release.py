"""Write everything for a release into ``dist/``: the site and the data as zips, further files, and their checksums.

    make release        builds what is released, then calls this

The same files give the same bytes (with the same zlib). Before a release, set the version in ``pyproject.toml``,
``CITATION.cff`` and ``CHANGELOG.md``; a test compares the three.
"""
from __future__ import annotations

import hashlib
import shutil
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = "_build/html"
NAME = "almost-allies"
CHECKSUMS = "SHA256SUMS"
LICENCES = ("LICENSE", "LICENSE-text", "CITATION.cff")
# Further files of a release: what it is called there, and where `make release` has put it by then.
FILES = {
    "data.zip": f"{SITE}/_downloads/almost-allies-data.zip",
    "book.pdf": "_build/pdf/almost-allies.pdf",
    "book.epub": "_build/epub/almost-allies.epub",
}


def version(root: Path) -> str:
    """The version that ``pyproject.toml`` gives."""
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def write_zip(target: Path, files: dict[str, Path]) -> None:
    """A zip whose bytes depend on nothing but the names and contents of its files: sorted, undated, the same rights for all."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(files):
            item = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            item.compress_type, item.create_system, item.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            out.writestr(item, files[name].read_bytes())


def checksums(folder: Path) -> str:
    """SHA-256 of every file in ``folder``, in the form that ``sha256sum --check`` reads."""
    files = sorted(path for path in folder.iterdir() if path.name != CHECKSUMS)
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


def release(root: Path, target: Path) -> list[Path]:
    """Write the release of the course in ``root`` into ``target``, which is replaced as a whole; the files written.

    Raises FileNotFoundError, in one line, if a part has not been built; ``target`` then stays as it was.
    """
    site = root / SITE
    parts = [site / "index.html", *(root / name for name in LICENCES), *(root / place for place in FILES.values())]
    missing = next((part for part in parts if not part.is_file()), None)
    if missing:
        raise FileNotFoundError(f"{missing.relative_to(root).as_posix()} is missing: `make release` builds it first")
    stem = f"{NAME}-{version(root)}"
    work = target.with_name(target.name + ".part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    pages = {f"{stem}/{path.relative_to(site).as_posix()}": path for path in site.rglob("*") if path.is_file()}
    write_zip(work / f"{stem}-site.zip", pages | {f"{stem}/{name}": root / name for name in LICENCES})
    for name, place in FILES.items():
        shutil.copyfile(root / place, work / f"{stem}-{name}")
    (work / CHECKSUMS).write_text(checksums(work), "utf-8", newline="\n")
    shutil.rmtree(target, ignore_errors=True)
    work.rename(target)
    return sorted(target.iterdir())


def main() -> int:
    """Write the release and list it with its sizes; the exit code."""
    try:
        written = release(ROOT, ROOT / "dist")
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    for path in written:
        print(f"{path.stat().st_size / 1e6:7.2f} MB  {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
