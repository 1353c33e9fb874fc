"""Quizzes from one question bank: in the page, live in a kernel, scored alike in both.

    from almost_allies.quiz import quiz
    q = quiz("borders")
    q
"""
__all__ = ["BankError", "Quiz", "load_bank", "quiz"]


def __getattr__(name):
    # Loaded on first use, so that checking and exporting banks does not need the widget libraries.
    if name in ("BankError", "load_bank"):
        from almost_allies.quiz import bank as module
    elif name in ("Quiz", "quiz"):
        from almost_allies.quiz import widget as module
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(module, name)
