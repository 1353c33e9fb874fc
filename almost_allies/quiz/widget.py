"""The quiz as a Jupyter widget that is also a page."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets

from almost_allies.bibliography import Source, read_bibliography
from almost_allies.quiz import page
from almost_allies.quiz.bank import PROJECT, Bank, load_bank
from almost_allies.quiz.scoring import check_response, score
from almost_allies.widgets import PageWidget, live_module

CORE = Path(__file__).with_name("quiz.js")
STYLE = Path(__file__).with_name("quiz.css")


class Quiz(PageWidget):
    """A quiz: live in a kernel, and readable HTML everywhere else.

    ``responses`` holds the checked answers by question id (forms in `almost_allies.quiz.scoring`);
    setting it moves the live view, and an answer that cannot be raises TraitError. ``answered`` counts
    them, ``score`` is in points out of ``max_score``. ``drafts`` holds what is filled in and not checked.
    """

    _esm = live_module(CORE)
    _css = STYLE.read_text("utf-8")

    responses = traitlets.Dict().tag(sync=True)
    drafts = traitlets.Dict().tag(sync=True)
    answered = traitlets.Int(read_only=True)
    score = traitlets.Float(read_only=True)
    max_score = traitlets.Float(read_only=True)

    def __init__(self, bank: Bank, sources: dict[str, Source]) -> None:
        self.bank = bank
        super().__init__(spec=page.spec(bank, sources))
        self.set_trait("max_score", float(bank.max_score))

    @traitlets.validate("responses")
    def _check_responses(self, proposal: traitlets.Bunch) -> dict[str, Any]:
        questions = {question.id: question for question in self.bank.questions}
        for key, response in proposal.value.items():
            if key not in questions:
                raise traitlets.TraitError(f'quiz "{self.bank.quiz}" has no question "{key}"; it has {", ".join(questions)}')
            try:
                check_response(questions[key], response)
            except ValueError as error:
                raise traitlets.TraitError(f'quiz "{self.bank.quiz}", {error}') from None
        # The page knows true and false as ids of choices.
        return {key: str(value).lower() if isinstance(value, bool) else value for key, value in proposal.value.items()}

    @traitlets.observe("responses")
    def _count(self, change: traitlets.Bunch) -> None:
        self.set_trait("answered", len(change.new))
        self.set_trait("score", sum(question.points * score(question, change.new.get(question.id))
                                    for question in self.bank.questions))

    def html(self) -> str:
        return page.html(self.spec, f"almost-allies/quiz/{self.bank.quiz}/{page.content_key(self.bank)}")

    def markdown(self) -> str:
        return page.markdown(self.spec)

    def __repr__(self) -> str:
        count = len(self.bank.questions)
        return f"<Quiz {self.bank.quiz}: {count} question{'s' * (count != 1)}, {self.max_score:g} points>"


def quiz(name: Path | str, *, root: Path | str = PROJECT) -> Quiz:
    """The quiz of a chapter: ``quiz("borders")`` reads ``data/quizzes/borders.yml``.

    Raises `almost_allies.quiz.bank.BankError` if there is no such bank or it is wrong. Anchors and sources are
    left to ``python -m almost_allies.quiz.bank``: a reader's copy may lack the bibliography, and their chapter
    may have changed; a source that is not found is then shown by its key.
    """
    bank = load_bank(name, root=root, links=False)
    bibliography = Path(root) / "references.bib"
    return Quiz(bank, read_bibliography(bibliography) if bibliography.is_file() else {})
