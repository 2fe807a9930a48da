"""Putting a question: its wording for this try, and the note that it was put.

Rules: pure. Every question passes through `ask`, so that a question unanswered is
counted and worded anew, and a third failure finds its way out.
"""

from dataclasses import replace

from voice.dialogue.local.turn import Plan, Turn
from voice.dialogue.local.words import QUESTIONS


def ask(turn: Turn, question: str, *, before: str = "", **facts: str) -> Plan:
    """A reply that puts this question; asked again without progress, it is worded anew."""
    talk = turn.talk
    tries = talk.tries if talk.asked == question else 0
    wanted = QUESTIONS[question]
    words = wanted.form(tries).format(**facts) if facts else wanted.form(tries)
    noted = replace(turn.context, dialogue=replace(talk, asked=question, tries=tries))
    return Plan(noted, f"{before} {words}".strip(), expects=wanted.expects)


def once(turn: Turn, mark: str) -> bool:
    """Whether this has not been said in the call yet."""
    return mark not in turn.talk.said


def noted(turn: Turn, mark: str) -> Turn:
    """The turn with the note that this was said."""
    return turn.at(said=turn.talk.said | {mark})
