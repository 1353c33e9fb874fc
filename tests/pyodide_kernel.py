"""A Pyodide for the tests, put together from wheels of the package registry, as its public distribution is out of their reach.

The wheel of open-webui carries Pyodide's core with numpy, pandas and matplotlib; IPython and the other pure-Python packages are
fetched in the versions that Pyodide's lock file names. PyYAML is compiled there; here it is its pure-Python part from this environment.
"""
from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

CARRIER = "open-webui==0.12.4"
INSIDE = "open_webui/frontend/pyodide/"
PURE = ("asttokens", "decorator", "executing", "ipython", "jedi", "matplotlib-inline", "parso", "prompt-toolkit", "pure-eval",
        "pygments", "stack-data", "traitlets", "tzdata", "wcwidth")


def cache() -> Path:
    """Folder for what is fetched once: 105 MB."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "almost-allies")


def download(folder: Path, requirement: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
                    "--platform=any", "--python-version=3.14", "-d", str(folder), requirement], check=True)


def pyyaml(folder: Path, version: str) -> Path:
    """PyYAML without its compiled part, as a wheel."""
    wheel = folder / f"pyyaml-{version}-py3-none-any.whl"
    source = Path(importlib.util.find_spec("yaml").origin).parent
    info = f"pyyaml-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(source.glob("*.py")):
            file.write(path, f"yaml/{path.name}")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: PyYAML\nVersion: {version}\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")
    return wheel


def folder() -> Path:
    """The unpacked distribution, made on the first call and kept in ``cache()``."""
    ready = cache() / "pyodide"
    if (ready / "pyodide-lock.json").is_file():
        return ready
    carrier = cache() / f"{CARRIER.replace('-', '_').replace('==', '-')}-py3-none-any.whl"
    if not carrier.is_file():
        download(cache(), CARRIER)
    work = cache() / f"pyodide.{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with zipfile.ZipFile(carrier) as file:
        for name in file.namelist():
            if name.startswith(INSIDE) and not name.endswith("/"):
                (work / name.removeprefix(INSIDE)).write_bytes(file.read(name))
    lock = json.loads((work / "pyodide-lock.json").read_text("utf-8"))
    for name in (*PURE, "pyyaml"):
        entry = lock["packages"][name]
        if name == "pyyaml":
            wheel = pyyaml(work, entry["version"])
        else:
            download(work, f"{name}=={entry['version']}")
            (wheel,) = work.glob(f"{name.replace('-', '[-_]')}-{entry['version']}-*.whl")
        entry |= {"file_name": wheel.name, "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest()}
    lock["packages"] = {name: entry for name, entry in lock["packages"].items() if (work / entry["file_name"]).is_file()}
    (work / "pyodide-lock.json").write_text(json.dumps(lock), "utf-8")
    shutil.rmtree(ready, ignore_errors=True)
    work.rename(ready)
    return ready


if __name__ == "__main__":
    print(folder())
