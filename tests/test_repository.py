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


def test_launch_links_open_the_chapter_itself(remote):
    remote("", "ann/almost-allies")
    path = "chapters/x/borders.ipynb"
    assert repository.launch_links(path) == {
        "Binder": "https://mybinder.org/v2/gh/ann/almost-allies/main?urlpath=lab/tree/chapters/x/borders.ipynb",
        "Colab": "https://colab.research.google.com/github/ann/almost-allies/blob/colab/chapters/x/borders.ipynb"}
    assert repository.edit_link(path) == "https://github.com/ann/almost-allies/edit/main/chapters/x/borders.ipynb"
    assert repository.archive() == "https://github.com/ann/almost-allies/archive/refs/heads/main.zip"
    assert parse_qs(urlsplit(repository.hub_path(path)).query) == {
        "repo": ["https://github.com/ann/almost-allies"], "branch": ["main"], "urlpath": [f"lab/tree/almost-allies/{path}"]}


def test_without_an_address_there_are_no_launch_links(remote):
    remote("")
    assert not (repository.launch_links("x") or repository.edit_link("x") or repository.archive() or repository.hub_path("x"))


def test_the_built_book_links_to_these_services_only_if_it_has_an_address(site):
    services = ("https://mybinder.org/v2/", "https://colab.research.google.com/github/", "git-pull?repo=", "/edit/main/")
    pages = [path.read_text("utf-8") for path in (*site.glob("chapters/*/*.html"), site / "reference/run-anywhere.html")]
    repository.repository.cache_clear()
    for service in services:
        assert any(service in page for page in pages) == bool(repository.repository()), service
