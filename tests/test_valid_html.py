"""Every page is valid HTML for the Nu checker, the one that browsers' makers use."""
from __future__ import annotations

import json
import subprocess

import java
import pytest
from conftest import ROOT, SITE

CHECKER = ROOT / "tests/node/node_modules/vnu-jar/build/dist/vnu.jar"


def errors_of(pages: list) -> list[str]:
    """What the checker says against some pages, one line each."""
    program = java.find() or pytest.fail("no Java found: run `python tests/java.py`, which installs one")
    options = ("--errors-only", "--exit-zero-always", "--format", "json")
    done = subprocess.run([program, "-jar", CHECKER, *options, *pages], capture_output=True)
    messages = json.loads(done.stderr)["messages"]
    return [f'{m["url"].rpartition("/")[2]}:{m.get("lastLine")}: {m["message"]}' for m in messages]


def test_every_page_is_valid_html(site):
    assert not errors_of(sorted(path for path in SITE.rglob("*.html") if not {"lite", "_static"} & set(path.parts)))


def test_the_checker_sees_an_error(tmp_path):
    page = tmp_path / "bad.html"
    page.write_text('<!DOCTYPE html><html lang="en"><title>t</title><p id="a"><p id="a"><ul><p>no</ul></html>', "utf-8")
    assert len(errors_of([page])) >= 2
