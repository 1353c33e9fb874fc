"""A wheel carries the course's files (tables, question banks, sources, chapters) under ``almost_allies/course``.

A checkout and an editable install read them where they are; a browser kernel and Colab have only the wheel.
"""
import json
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent


class BuildWithCourse(build_py):
    def run(self):
        super().run()
        if self.editable_mode:
            return
        course = Path(self.build_lib, "almost_allies/course")
        shutil.rmtree(course, ignore_errors=True)
        shutil.copytree(HERE / "data", course / "data")
        shutil.copy(HERE / "references.bib", course)
        for path in (HERE / "chapters").glob("*/*.ipynb"):   # read for titles and labels; outputs would be 4 MB
            notebook = json.loads(path.read_text("utf-8"))
            notebook["cells"] = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
            copy = course / path.relative_to(HERE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(json.dumps(notebook, ensure_ascii=False), "utf-8")


setup(cmdclass={"build_py": BuildWithCourse})
