"""Workflows, issue forms and the other files that a code host reads are such as it can read, and promise what they should."""
from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from almost_allies import links

BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
SCHEMAS = {
    **dict.fromkeys(WORKFLOWS, "github-workflows"), **dict.fromkeys(FORMS, "github-issue-forms"),
    ROOT / ".github/ISSUE_TEMPLATE/config.yml": "github-issue-config", ROOT / ".github/dependabot.yml": "dependabot",
    ROOT / "CITATION.cff": "citation-file-format",
}


def actionlint(*files: Path) -> subprocess.CompletedProcess[str]:
    if sys.platform == "darwin" and platform.machine() != "arm64":
        pytest.skip("no actionlint is packaged for Macs with an Intel processor")
    # Without shellcheck, which some machines have and others lack: the outcome is the same everywhere.
    return subprocess.run([BIN / "actionlint", "-no-color", "-shellcheck=", "-pyflakes=", *files], capture_output=True, text=True)


def valid(path: Path, schema: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", path],
                          capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})


def load(path: Path) -> dict:
    return yaml.safe_load(path.read_text("utf-8"))


def test_actionlint_passes_every_workflow():
    done = actionlint(*WORKFLOWS)
    assert len(WORKFLOWS) == 4 and done.returncode == 0, done.stdout


@pytest.mark.parametrize(("good", "bad", "said"), [
    ("steps.pages.outputs.base_url", "steps.page.outputs.base_url", 'property "page" is not defined'),
    ("runs-on: ubuntu-latest", "runs-on: ubuntu-newest", 'label "ubuntu-newest" is unknown'),
    ("pages: read", "pages: red", '"red" is invalid'),
    ('python-version: "3.11"', 'python: "3.11"', 'input "python" is not defined'),
    ("needs: build", "needs: buildx", 'needs job "buildx" which does not exist'),
])
def test_actionlint_notices(good, bad, said, tmp_path):
    text = next(path for path in WORKFLOWS if path.name == "publish.yml").read_text("utf-8")
    assert good in text
    (tmp_path / "bad.yml").write_text(text.replace(good, bad), "utf-8")
    done = actionlint(tmp_path / "bad.yml")
    assert done.returncode == 1 and said in done.stdout


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_file_fits_the_schema_of_those_who_read_it(path):
    done = valid(path, SCHEMAS[path])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("name", "good", "bad"), [
    (".github/ISSUE_TEMPLATE/source.yml", "type: dropdown", "type: choose"),
    (".github/ISSUE_TEMPLATE/mistake.yml", "description: A wrong fact", "about: A wrong fact"),
    (".github/dependabot.yml", "interval: monthly", "interval: sometimes"),
    ("CITATION.cff", 'date-released: "2026-11-23"', 'date-released: "23 November 2026"'),
])
def test_the_schemas_notice(name, good, bad, tmp_path):
    text = (ROOT / name).read_text("utf-8")
    assert good in text
    spoiled = tmp_path / Path(name).name
    spoiled.write_text(text.replace(good, bad), "utf-8")
    assert valid(spoiled, SCHEMAS[ROOT / name]).returncode == 1


def test_there_is_a_form_for_each_kind_of_help():
    assert {path.stem for path in FORMS} == {"mistake", "source", "translation", "question"}
    for path in FORMS:
        form = load(path)
        ids = [field["id"] for field in form["body"]]
        assert len(ids) == len(set(ids)) and any(field.get("validations", {}).get("required") for field in form["body"])


def test_the_tests_run_on_three_systems_and_three_pythons():
    matrix = load(ROOT / ".github/workflows/test.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert [name.partition("-")[0] for name in matrix["os"]] == ["ubuntu", "macos", "windows"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]


def test_the_published_site_knows_its_address_from_the_host():
    steps = load(ROOT / ".github/workflows/publish.yml")["jobs"]["build"]["steps"]
    (build,) = [step for step in steps if "almost_allies" in step.get("run", "")]
    (pages,) = [step for step in steps if step.get("uses", "").startswith("actions/configure-pages@")]
    assert build["env"] == {"SITE_URL": "${{ steps." + pages["id"] + ".outputs.base_url }}"}
    assert steps.index(pages) < steps.index(build)


def test_the_link_check_opens_its_issue_from_the_report_and_only_if_links_are_broken():
    steps = load(ROOT / ".github/workflows/links.yml")["jobs"]["links"]["steps"]
    report = (links.OUTPUT / "broken.md").relative_to(ROOT).as_posix()
    opens = steps[-1]
    assert "failure()" in opens["if"] and f"hashFiles('{report}')" in opens["if"]
    assert opens["run"].count(f"--body-file {report}") == 2 and "gh issue create" in opens["run"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_have_no_more_rights_than_they_need_and_run_no_text_of_strangers(path):
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 120
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), "an expression in a script is read as script"
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            if "uses" in step:
                assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]), "another's action can change what is published"
