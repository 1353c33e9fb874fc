"""Every chapter's stored outputs are there and in normal form (that they are right is nbval's part)."""
from __future__ import annotations

import copy

import nbformat
import pytest
from conftest import ROOT

from almost_allies import notebooks
from almost_allies.stored_chart import MIME

CHAPTERS = notebooks.chapters()
NAMES = [path.stem for path in CHAPTERS]


def read(path):
    return nbformat.read(path, as_version=4)


def test_there_are_chapters():
    assert len(CHAPTERS) >= 2


@pytest.mark.parametrize("path", CHAPTERS, ids=NAMES)
def test_stored_outputs_are_complete_and_in_normal_form(path):
    notebook = read(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1)), "not run from top to bottom"
    assert not any(output.output_type == "error" for cell in code for output in cell.outputs)
    warnings = [output.text for cell in code for output in cell.outputs if output.get("name") == "stderr"]
    assert not warnings, f"{path.name}: a warning is stored, which a reader would see"
    text = nbformat.writes(notebooks.normalise(copy.deepcopy(notebook)), version=4, sort_keys=True, ensure_ascii=False, indent=1)
    assert text.rstrip("\n") + "\n" == path.read_text("utf-8"), f"{path.name}: not in normal form, run `make notebooks`"


@pytest.mark.parametrize("path", CHAPTERS, ids=NAMES)
def test_calls_that_display_something_have_stored_it(path):
    silent = [cell.source.splitlines()[0] for cell in read(path).cells
              if cell.cell_type == "code" and any(call in cell.source for call in ("show(", "quiz(", "border_share(", "sort_cards("))
              and "import" not in cell.source.splitlines()[-1] and not cell.outputs]
    assert not silent


@pytest.mark.parametrize("path", CHAPTERS, ids=NAMES)
def test_charts_in_a_chapter_have_names_of_their_own(path):
    names = [output.data[MIME]["name"] for cell in read(path).cells if cell.cell_type == "code"
             for output in cell.outputs if MIME in output.get("data", {})]
    assert len(names) >= 2
    assert len(names) == len(set(names))


def test_normal_form_drops_what_changes_from_run_to_run():
    cell = nbformat.v4.new_code_cell("1", id="a", execution_count=7, metadata={"execution": {"iopub": "now"}, "tags": ["solution"]})
    cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "1", notebooks.DROPPED_MIME: {"model_id": "x"}},
                                           execution_count=7, metadata={"a": 1})]
    run_time = {"widgets": {"state": 1}, "language_info": {"name": "python", "version": "3.11.7"}}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=run_time)
    clean = notebooks.normalise(notebook)
    assert clean.cells[0] == {
        "cell_type": "code", "id": "a", "source": "1", "execution_count": 1, "metadata": {"tags": ["solution"]},
        "outputs": [{"output_type": "execute_result", "data": {"text/plain": "1"}, "execution_count": 1, "metadata": {}}]}
    assert "widgets" not in clean.metadata and clean.metadata.language_info == {"name": "python"}


def test_running_again_changes_no_byte_and_a_failing_cell_is_named_and_leaves_the_file(tmp_path):
    path = tmp_path / "small.ipynb"
    source = "from almost_allies import figure, show, load\nfig, ax = figure()\nax.plot([1, 2], [1, 2])\nshow(fig, name='a-b', " \
             "title='This is a finding', alt='It rises from one to two in one step.', source='nato_members', data=load('nato_members')[:1])"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="a")]), path)
    assert notebooks.run(path) is True
    stored = path.read_bytes()
    assert notebooks.run(path) is False
    assert path.read_bytes() == stored

    broken = read(path)
    broken.cells.append(nbformat.v4.new_code_cell("1 / 0", id="b"))
    nbformat.write(broken, path)
    before = path.read_bytes()
    with pytest.raises(RuntimeError, match=r"small.ipynb: cell 2: ZeroDivisionError: division by zero") as error:
        notebooks.run(path)
    assert "\n" not in str(error.value)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_unknown_notebook_is_one_line(capsys):
    assert notebooks.main([str(ROOT / "chapters/none.ipynb")]) == 1
    assert capsys.readouterr().err.endswith("none.ipynb: no such notebook, expected one under chapters/\n")
