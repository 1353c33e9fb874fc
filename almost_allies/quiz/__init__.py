"""Quizzes from one question bank: in the page, live in a kernel, scored alike in both.

    from almost_allies.quiz import quiz
    q = quiz("borders")
    q
"""
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from almost_allies.quiz.bank import BankError, load_bank
    from almost_allies.quiz.widget import Quiz, quiz

__all__ = ["BankError", "Quiz", "load_bank", "quiz"]


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that checking and exporting banks does not need the widget libraries.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"almost_allies.quiz.{'widget' if name in ('Quiz', 'quiz') else 'bank'}"), name)
