"""Where the reader stands on two axes, before the course and after it."""
from __future__ import annotations

import pandas as pd
import traitlets

from almost_allies.explore.base import Explorer, Html, join, live, tag

# Each axis from one end to the other. The ends are the course's two open questions.
AXES = {
    "who": ("Who kept Russia out of NATO?",
            ["NATO kept Russia out", "Mostly NATO", "Both alike", "Mostly Russia", "Russia kept itself out"]),
    "could": ("Could Russia have joined?",
              ["It never could", "Hardly", "Hard to say", "Quite possibly", "It could have happened"]),
}
MOMENTS = ("before", "after")


class Stance(Explorer):
    """The reader's place on the two axes of ``AXES``, at the start of the course and at its end.

    ``before`` and ``after`` can be read and set: {"who": 0 to 4, "could": 0 to 4, "why": text};
    ``positions`` is the same in words.
    """

    core = "stance"
    _esm, _css = live(core)

    before = traitlets.Dict().tag(sync=True)
    after = traitlets.Dict().tag(sync=True)

    def __init__(self, moment: str = "before"):
        if moment not in MOMENTS:
            raise ValueError(f'stance: moment "{moment}", expected before or after')
        super().__init__()
        self.spec = {
            "widget": self.core,
            "title": "Where do you stand, before you begin?" if moment == "before" else "Where do you stand now?",
            "subtitle": "Place yourself on both axes. There is no right answer; you will meet your place again at the end."
            if moment == "before" else "Place yourself again. Your place from the start of the course is shown beside it.",
            "source": "Your place and your words stay in this browser; nothing is sent.",
            "moment": moment,
            "axes": [{"id": axis, "question": question, "places": places} for axis, (question, places) in AXES.items()],
        }

    @traitlets.validate(*MOMENTS)
    def _check_position(self, proposal: traitlets.Bunch) -> dict[str, int | str]:
        for axis, place in proposal.value.items():
            if axis == "why" and isinstance(place, str):
                continue
            if axis not in AXES:
                raise traitlets.TraitError(f'stance: {proposal.trait.name} has "{axis}", expected {", ".join(AXES)} or why')
            last = len(AXES[axis][1]) - 1
            if place not in range(last + 1):
                raise traitlets.TraitError(f"stance: {proposal.trait.name} {axis} is {place!r}, expected 0 to {last}")
        return proposal.value

    @property
    def positions(self) -> pd.DataFrame:
        """Rows before and after; columns ``who`` and ``could`` (in words, missing until placed) and ``why``."""
        rows = [
            {**{axis: places[given[axis]] if axis in given else None for axis, (_, places) in AXES.items()},
             "why": given.get("why", "")}
            for given in (self.before, self.after)
        ]
        return pd.DataFrame(rows, index=pd.Index(MOMENTS, name="moment"))

    def attributes(self) -> dict[str, object]:
        return {"moment": self.spec["moment"]}

    def plain(self) -> Html:
        return join(*(
            [tag("p", tag("strong", question)), tag("ol", [tag("li", place) for place in places], data_axis=axis)]
            for axis, (question, places) in AXES.items()
        ))

    def markdown(self) -> str:
        lists = (
            f"{question}\n\n" + "\n".join(f"{i}. {place}" for i, place in enumerate(places, 1))
            for question, places in AXES.values()
        )
        return f"**{self.spec['title']}** {self.spec['subtitle']}\n\n" + "\n\n".join(lists)


def stance(moment: str = "before") -> Stance:
    """Explorer in which the reader places themselves; ``moment`` is "before" or "after" the course.

    Raises ValueError for another moment.
    """
    return Stance(moment)
