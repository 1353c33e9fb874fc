"""Sphinx's HTML builder, which writes on all cores.

The stock builder gives only the last step of a page to its workers, which wait while the main process resolves references and indexes
words for one page after another. Here a worker takes a page from its doctree to its file and gives back what the book as a whole
needs of it.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.build_phase import BuildPhase
from sphinx.util.parallel import ParallelTasks, make_chunks

BY_PAGE = ("_titles", "_filenames", "_all_titles", "_index_entries")   # parts of the search index: page -> what is known of it
BY_WORD = ("_mapping", "_title_mapping")                               # word -> pages


class BookBuilder(StandaloneHTMLBuilder):
    def _write_page(self, docname: str) -> None:
        self.app.phase = BuildPhase.RESOLVING
        doctree = self.env.get_and_resolve_doctree(docname, self)
        self.app.phase = BuildPhase.WRITING
        self.write_doc_serialized(docname, doctree)
        self.write_doc(docname, doctree)

    def _write_parallel(self, docnames: Sequence[str], nproc: int) -> None:
        first, *rest = docnames
        self._write_page(first)   # the workers inherit the templates that this compiles
        made: dict[str, tuple[dict[str, dict], dict[str, str]]] = {}

        def write(pages: list[str]) -> tuple[dict[str, dict], dict[str, str]]:
            for part in BY_PAGE + BY_WORD:
                setattr(self.indexer, part, {})
            self.images = {}
            for docname in pages:
                self._write_page(docname)
            return {part: getattr(self.indexer, part) for part in BY_PAGE + BY_WORD}, self.images

        def keep(pages: list[str], result: Any) -> None:
            made[pages[0]] = result

        workers = nproc + 1   # Sphinx keeps one core for the main process, which here only waits
        tasks = ParallelTasks(workers)
        for pages in make_chunks(rest, workers, maxbatch=2):   # small ones, so that no core waits long for another's last
            tasks.add_task(write, pages, keep)
        tasks.join()
        for _, (index, images) in sorted(made.items()):      # in the order of pages, so that every build gives the same bytes
            self.images |= images
            for part in BY_PAGE:
                getattr(self.indexer, part).update(index[part])
            for part in BY_WORD:
                for word, pages in index[part].items():
                    getattr(self.indexer, part).setdefault(word, set()).update(pages)


def setup(app: Sphinx) -> None:
    app.add_builder(BookBuilder, override=True)
