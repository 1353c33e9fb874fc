"""Weigh the evidence: how much would each explanation lead one to expect each piece of it?"""
from __future__ import annotations

import re

import pandas as pd
import traitlets

from almost_allies.data import PROJECT, describe, load, source_line
from almost_allies.explore.base import Explorer, Html, cite, join, live, rows_of, sources_of, tag, when
from almost_allies.explore.stance import AXES

SCALE = {2: "strongly expected", 1: "expected", 0: "neither", -1: "surprising", -2: "very surprising"}
QUESTION = "If this explanation were right, how expected would this be?"
ASK = f"{QUESTION} {', '.join(SCALE.values()).capitalize()}."
METHOD = (
    "A piece of evidence helps an explanation only if that explanation expects it more than its rivals do. Evidence that all "
    "of them expect, however much there is of it, decides nothing. So rate each card under every explanation, as if that "
    "explanation were right; what is weighed is the difference. Your ratings are judgements: change one and see what moves."
)


class EvidenceScale(Explorer):
    """The reader's ratings of the cards under each explanation, and what they amount to.

    ``ratings`` ({card: {explanation: -2 to 2}}) and ``card`` (id of the one in view) can be read
    and set; ``weights`` and ``diagnostic`` are DataFrames that follow.
    """

    core = "evidence_scale"
    _esm, _css = live(core)

    ratings = traitlets.Dict().tag(sync=True)
    card = traitlets.Unicode("").tag(sync=True)

    def __init__(self) -> None:
        self._cards, self._explanations = load("evidence_cards"), load("explanations")
        super().__init__()
        self.spec = {
            "widget": self.core,
            "title": "Weigh the evidence",
            "subtitle": "Rate each piece of evidence under every explanation. Your ratings stay in this browser; "
                        "nothing is sent.",
            "source": f"Source: {source_line(['evidence_cards', 'explanations'])}. The balance is yours: it adds up your own "
                      "ratings and measures nothing but them.",
            "method": METHOD, "question": QUESTION,
            "scale": list(SCALE.values()),
            "stance": [[axis, *places] for axis, (_, places) in AXES.items()],
            "explanations": self._explanations[["id", "name", "claim"]].to_dict("records"),
            "cards": [
                {"id": row.id, "head": f"{when(row.date, row.date_precision)}, {row.kind}", "text": row.evidence,
                 "sources": sources_of(row.sources)}
                for row in self._cards.itertuples()
            ],
        }

    @traitlets.validate("ratings")
    def _check_ratings(self, proposal: traitlets.Bunch) -> dict[str, dict[str, int]]:
        cards, explanations = set(self._cards["id"]), set(self._explanations["id"])
        for card, given in proposal.value.items():
            if card not in cards:
                raise traitlets.TraitError(f'evidence_scale: no card "{card}"')
            for explanation, value in given.items():
                if explanation not in explanations or value not in SCALE:
                    raise traitlets.TraitError(f'evidence_scale: card "{card}" has {explanation} = {value!r}, '
                                               f"expected one of {', '.join(sorted(explanations))} and -2 to 2")
        return proposal.value

    def _rated(self) -> pd.DataFrame:
        """Ratings of the cards that are rated under every explanation: one row per card, one column per explanation."""
        frame = pd.DataFrame.from_dict(self.ratings, orient="index")
        return frame.reindex(index=self._cards["id"], columns=self._explanations["id"]).astype("float64").dropna()

    @property
    def weights(self) -> pd.DataFrame:
        """One row per explanation: ``id``, ``name`` and ``balance``, the sum over cards of its rating less the card's mean.

        Only cards rated under every explanation count; the balances add up to zero.
        """
        rated = self._rated()
        balance = rated.sub(rated.mean(axis=1), axis=0).sum()
        return self._explanations[["id", "name"]].assign(balance=balance.reindex(self._explanations["id"]).to_numpy())

    @property
    def diagnostic(self) -> pd.DataFrame:
        """The cards that separate explanations by 2 steps or more, widest first: ``id``, ``evidence``, ``spread``."""
        rated = self._rated()
        spread = (rated.max(axis=1) - rated.min(axis=1)).rename("spread")
        cards = self._cards[["id", "evidence"]].join(spread, on="id")
        return cards[cards["spread"] >= 2].sort_values("spread", ascending=False, kind="stable").reset_index(drop=True)

    def __repr__(self) -> str:
        return f"{len(self._rated())} of {len(self._cards)} cards rated for every explanation"

    def attributes(self) -> dict[str, object]:
        stance = ";".join("|".join(axis) for axis in self.spec["stance"])
        return {"question": QUESTION, "scale": ";".join(SCALE.values()), "stance": stance}

    @staticmethod
    def _told_in(chapter: str, anchor: str) -> Html:
        """Link from a chapter's page to the section that tells a card's evidence (a page has it, a notebook has no pages)."""
        path = next((PROJECT / "chapters").glob(f"*/{chapter}.ipynb"), None)
        if path is None:   # a reader's partial copy
            return tag("span", f"told in the chapter {chapter}")
        title = re.findall(r'"# (.+?)\\n', path.read_text("utf-8"))[0]
        return tag("a", f"told in “{title}”", href=f"../{path.parent.name}/{chapter}.html#{anchor}", data_page=chapter)

    def plain(self) -> Html:
        method = cite(sources_of(describe("explanations")["citation"]))
        explanations = [[tag("dt", row.name, data_id=row.id), tag("dd", row.claim)]
                        for row in self._explanations.itertuples(index=False)]
        told = {row.id: self._told_in(row.chapter, row.anchor) for row in self._cards.itertuples(index=False)}
        cards = [
            tag("li", tag("p", card["head"], class_="aa-head"), tag("p", card["text"]),
                tag("p", cite(card["sources"]), "; ", told[card["id"]], class_="aa-cited"), id=f"evidence-{card['id']}", data_id=card["id"])
            for card in self.spec["cards"]
        ]
        return join(tag("p", METHOD, " (", method, ")", class_="aa-method"), tag("dl", explanations),
                    tag("p", ASK), tag("ol", cards))

    def markdown(self) -> str:
        explanations = "\n".join(f"- **{row.name}**: {row.claim}" for row in self._explanations.itertuples(index=False))
        cards = self.spec["cards"]
        table = rows_of(["Evidence", *(f"{card['head']}: {card['text']}" for card in cards)],
                        *([name, *[" "] * len(cards)] for name in self._explanations["name"]))
        return f"**{self.spec['title']}** {METHOD}\n\n{explanations}\n\n{ASK}\n\n{table}\n\n{self.spec['source']}"


def evidence_scale() -> EvidenceScale:
    """Explorer in which the reader weighs the cards of ``evidence_cards`` under the ``explanations``."""
    return EvidenceScale()
