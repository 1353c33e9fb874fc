"""Links to the project come from its own address, and without one there is none."""
from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from conftest import ROOT

from almost_allies.book import repository


@pytest.fixture
def remote(monkeypatch):
    """Pretend that git's remote is this address."""
    def pretend(address, name=None):
        repository.repository.cache_clear()
        monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
        if name:
            monkeypatch.setenv("GITHUB_REPOSITORY", name)
        monkeypatch.setattr(repository.subprocess, "run", lambda *a, **k: type("Done", (), {"stdout": address + "\n"}))
    yield pretend
    repository.repository.cache_clear()


@pytest.mark.parametrize(("address", "name", "expected"), [
    ("https://github.com/ann/almost-allies.git", None, "https://github.com/ann/almost-allies"),
    ("git@github.com:ann/almost-allies.git", None, "https://github.com/ann/almost-allies"),
    ("ssh://git@github.com/ann/almost-allies", None, "https://github.com/ann/almost-allies"),
    ("https://token@github.com/ann/almost-allies", None, "https://github.com/ann/almost-allies"),
    ("/srv/git/almost-allies.git", None, ""),
    ("https://example.org/ann/almost-allies", None, ""),
    ("", None, ""),
    ("/srv/git/x.git", "bo/fork", "https://github.com/bo/fork"),
])
def test_address_comes_from_the_environment_or_the_remote(remote, address, name, expected):
    remote(address, name)
    assert repository.repository() == expected


def test_mistake_form_arrives_filled_and_names_fields_that_the_form_has(remote):
    remote("", "ann/almost-allies")
    parts = urlsplit(repository.mistake_form("chapters/x/borders", "Borders & more"))
    values = {key: value[0] for key, value in parse_qs(parts.query).items()}
    assert values == {"template": "mistake.yml", "title": "Mistake in Borders & more", "page": "chapters/x/borders"}
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE" / values["template"]).read_text("utf-8"))
    assert "page" in {field["id"] for field in form["body"]}


def test_without_an_address_there_is_no_link(remote):
    remote("")
    assert repository.mistake_form("chapters/x/borders", "Borders") == ""
