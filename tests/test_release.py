"""A release holds the whole book, the data package that others can use, the licences, and checksums that fit."""
from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from pathlib import Path

import frictionless
import pytest
import yaml
from conftest import ROOT

from almost_allies import release

VERSION = release.version(ROOT)


@pytest.fixture(scope="module")
def course(site, tmp_path_factory) -> Path:
    """A copy of what a release is made from, so that the test leaves the course alone."""
    copy = tmp_path_factory.mktemp("course")
    shutil.copytree(site, copy / release.SITE)
    for name in (*release.LICENCES, "pyproject.toml"):
        shutil.copy(ROOT / name, copy)
    for name, place in release.FILES.items():
        if not (copy / place).exists():   # the book as PDF and EPUB takes minutes to make, and has tests of its own
            (copy / place).parent.mkdir(parents=True, exist_ok=True)
            (copy / place).write_text(f"stands for {name}", "utf-8")
    return copy


@pytest.fixture(scope="module")
def dist(course) -> Path:
    release.release(course, course / "dist")
    return course / "dist"


def test_the_site_zip_unpacks_into_one_folder_with_every_page_and_the_licences(dist, site):
    with zipfile.ZipFile(dist / f"almost-allies-{VERSION}-site.zip") as archive:
        assert archive.testzip() is None
        inside = {name.removeprefix(f"almost-allies-{VERSION}/"): archive.read(name) for name in archive.namelist()}
        assert all(name.startswith(f"almost-allies-{VERSION}/") for name in archive.namelist())
    pages = {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert inside == pages | {name: (ROOT / name).read_bytes() for name in release.LICENCES}
    assert "chapters/3-expansion-waves/borders.html" in inside


def test_the_data_zip_is_a_valid_data_package(dist, tmp_path):
    with zipfile.ZipFile(dist / f"almost-allies-{VERSION}-data.zip") as archive:
        archive.extractall(tmp_path)
    (descriptor,) = tmp_path.glob("*/datapackage.json")
    result = frictionless.Package(str(descriptor)).validate()
    assert result.valid, result.flatten(["title", "message"])[:3]
    assert descriptor.read_bytes() == (ROOT / "data/datapackage.json").read_bytes()


def test_checksums_fit_every_file_of_the_release(dist):
    listed = dict(reversed(line.split("  ")) for line in (dist / "SHA256SUMS").read_text("utf-8").splitlines())
    assert listed.keys() == {path.name for path in dist.iterdir()} - {"SHA256SUMS"}
    assert len(listed) == 1 + len(release.FILES)
    assert all(hashlib.sha256((dist / name).read_bytes()).hexdigest() == digest for name, digest in listed.items())


def test_the_same_files_give_the_same_bytes_whenever_and_in_whatever_order(tmp_path):
    for name, order in (("a", ("x.txt", "y.txt")), ("b", ("y.txt", "x.txt"))):
        (tmp_path / name).mkdir()
        for stamp, file in enumerate(order, 1):
            path = tmp_path / name / file
            path.write_text(file, "utf-8")
            path.chmod(0o600 if name == "a" else 0o755)
            os.utime(path, (stamp * 10**6,) * 2)
        release.write_zip(tmp_path / f"{name}.zip", {file: tmp_path / name / file for file in order})
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_missing_part_is_one_line_and_the_old_release_stays(course, dist):
    before = (dist / "SHA256SUMS").read_bytes()
    hidden = (course / "LICENSE").rename(course / "hidden")
    try:
        with pytest.raises(FileNotFoundError, match=r"^LICENSE is missing: `make release` builds it first$"):
            release.release(course, dist)
    finally:
        hidden.rename(course / "LICENSE")
    assert (dist / "SHA256SUMS").read_bytes() == before and not dist.with_name("dist.part").exists()


def test_package_citation_and_changelog_name_one_version():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cited["version"] == VERSION
    assert f"\n## {VERSION}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
