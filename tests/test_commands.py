"""Every command does the same with make and without it, on a machine that has nothing but Python."""
from __future__ import annotations

import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from almost_allies import __main__ as commands

NAMES = sorted(commands.COMMANDS)
BARE = [sys.executable, "-S", "-E"]   # without any installed package, as on a machine that has only Python


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of the parts that commands need, so that nothing here touches the course or its environment."""
    shutil.copytree(ROOT / "almost_allies", tmp_path / "almost_allies", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "binder").mkdir()
    for name in ("Makefile", "pyproject.toml", *commands.LOCKS):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True)


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    if not shutil.which("make"):
        pytest.skip("no make on this machine, which is what the commands are for")
    return run(folder, "make", "--no-print-directory", f"PYTHON={shlex.join(BARE)}", *arguments)


def test_make_has_a_target_for_each_command_and_no_other():
    (targets,) = re.findall(r"^COMMANDS := (.+)$", (ROOT / "Makefile").read_text("utf-8"), flags=re.M)
    assert sorted(targets.split()) == sorted([*NAMES, "help"])


@pytest.mark.parametrize("name", NAMES)
def test_make_runs_the_command_of_the_same_name_and_nothing_else(name, checkout):
    printed = make(checkout, "-n", name)
    assert printed.returncode == 0, printed.stderr
    assert printed.stdout.split() == [*BARE, "-m", "almost_allies", name]


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_prints_the_steps_and_does_none(name, checkout):
    before = sorted(checkout.rglob("*"))
    done = run(checkout, *BARE, "-m", "almost_allies", "--dry-run", name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [commands.text(step) for step in commands.plan(name)]
    assert [path for path in sorted(checkout.rglob("*")) if "__pycache__" not in path.parts] == before


@pytest.mark.parametrize("name", NAMES)
def test_every_step_names_a_program_that_is_there(name):
    for step in commands.plan(name):
        if callable(step):
            assert step.__doc__
        elif step[0] == "-m":
            found = find_spec(step[1])
            assert found and (not found.submodule_search_locations or find_spec(f"{step[1]}.__main__")), f"{name}: no {step[1]}"
        elif step[0] != "-c":
            assert (ROOT / step[0]).is_file()


def test_the_four_that_the_course_promises_are_there_and_are_told():
    assert {"build", "test", "notebooks", "teach"} <= set(NAMES)
    said = run(ROOT, *BARE, "-m", "almost_allies")
    assert said.returncode == 0
    told = dict(re.findall(r"^  (\w+) +(\S.*)$", said.stdout, flags=re.M))
    assert told == {name: command.help for name, command in commands.COMMANDS.items()}


def test_a_real_run_with_make_and_without_does_the_same(checkout):
    for arguments in (("make",), tuple(BARE)):
        for place in ("_build/html/index.html", "dist/SHA256SUMS", "data/kept.csv"):
            (checkout / place).parent.mkdir(parents=True, exist_ok=True)
            (checkout / place).touch()
        done = make(checkout, "clean") if arguments == ("make",) else run(checkout, *BARE, "-m", "almost_allies", "clean")
        assert done.returncode == 0, done.stderr
        assert not (checkout / "_build").exists() and not (checkout / "dist").exists() and (checkout / "data/kept.csv").exists()


def test_what_fails_is_named_and_ends_the_command(checkout, monkeypatch, capsys):
    done = []
    monkeypatch.setattr(commands, "prepare", lambda needs: None)
    monkeypatch.setattr(commands, "PYTHON", Path(sys.executable))
    monkeypatch.setitem(commands.COMMANDS, "bench", commands.Command("", (("-c", "import sys; sys.exit(3)"), lambda: done.append(1))))
    assert commands.main(["bench"]) == 3
    assert capsys.readouterr().err == "bench: failed at python -c 'import sys; sys.exit(3)'\n" and not done


@pytest.mark.parametrize(("arguments", "said"), [
    (["buildx"], "no command 'buildx', expected one of build, "), (["clean", "now"], "clean: found 'now', expected no argument")])
def test_a_wrong_call_is_one_line(arguments, said, capsys):
    assert commands.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(said) and error.count("\n") == 1


def test_further_arguments_reach_the_last_step_alone():
    steps = commands.plan("test", ("-k", "borders"))
    assert steps[-1] == (*commands.plan("test")[-1], "-k", "borders")
    assert steps[:-1] == commands.plan("test")[:-1]


def test_installing_is_done_again_only_when_a_file_has_changed(tmp_path):
    files, stamp, times = [tmp_path / "a.txt", tmp_path / "b.txt"], tmp_path / "stamp", []
    for path in files:
        path.write_text("1", "utf-8")
    for _ in range(2):
        commands._once(stamp, files, lambda: times.append(1))
    assert len(times) == 1
    files[1].write_text("2", "utf-8")
    commands._once(stamp, files, lambda: times.append(1))
    assert len(times) == 2


def test_an_installation_that_fails_is_tried_again(tmp_path):
    def fail() -> None:
        raise subprocess.CalledProcessError(1, ["pip"])

    (tmp_path / "a.txt").touch()
    with pytest.raises(subprocess.CalledProcessError):
        commands._once(tmp_path / "stamp", [tmp_path / "a.txt"], fail)
    assert not (tmp_path / "stamp").exists()


def test_make_lite_takes_a_folder_of_pyodide(checkout):
    assert make(checkout, "-n", "lite", "PYODIDE=../pyodide").stdout.split() == [*BARE, "-m", "almost_allies", "lite", "../pyodide"]


def test_the_lock_for_developers_has_every_extra():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(commands.LOCKS["requirements-dev.txt"]) == set(extras)


def test_workflows_and_ci_use_these_commands():
    used = {}
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
            for step in job["steps"]:
                for name in re.findall(r"python -m almost_allies (\w+)", step.get("run", "")):
                    used.setdefault(path.name, []).append(name)
    assert used == {"test.yml": ["test", "teach"], "publish.yml": ["site"], "links.yml": ["links"],
                    "update.yml": ["update", "notebooks", "test"]}
    assert "make test" in (ROOT / ".ci/run").read_text("utf-8")
    assert not {name for names in used.values() for name in names} - set(NAMES)


def test_the_package_is_the_same_as_before_it_was_loaded_late():
    names = runpy.run_path(str(ROOT / "almost_allies/__init__.py"))["__all__"]
    import almost_allies

    assert all(getattr(almost_allies, name) is not None for name in names)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = almost_allies.nothing
