"""What the local dialogue notes while a model drives, so that it can take over in mid-call.

Rules: pure. It says nothing and decides nothing about the model's tools: openings that
were offered and a read-back that waits stay as they are. What the call is about is noted
too, because the model's prompt depends on it. Where code asks who is calling, the answers
are code's and nothing is noted of them.
"""

from dataclasses import replace

import orjson

from voice.dialogue.local import answers_when, who
from voice.dialogue.local.absorb import take_values
from voice.dialogue.local.flows import finish_goal, in_flow
from voice.dialogue.local.goals import take_goals
from voice.dialogue.local.results import last_tool
from voice.dialogue.local.turn import Turn, forget_visit
from voice.dialogue.local.understand import Understanding

_SCRIPTED = frozenset({"remind", "follow_up", "leave"})


def code_leads(turn: Turn) -> bool:
    """Whether the conversation is code's from word to word: who answered a call of ours and why
    we rang, and what a new customer is asked after the first booking (consent, date of birth)."""
    if turn.context.direction == "outbound":
        return turn.talk.goal in _SCRIPTED
    if turn.heard is not None or turn.talk.goal != "book":
        return turn.talk.goal == "booked"
    return turn.context.customer_is_new and _done(turn)


def follow(turn: Turn) -> Turn:
    """The turn with the notes of what was said or done in it."""
    if turn.talk.asked in who.ASKED:
        return turn
    noted = _note_done(turn) if turn.heard is None else _note_said(turn, turn.heard)
    kept = replace(noted.context, offers=turn.context.offers, proposal=turn.context.proposal)
    return in_flow(replace(noted, context=kept, lead=turn.lead, finished=False))


def take_over(turn: Turn) -> Turn:
    """The turn as the local dialogue answers it in a model's place: what the model had asked is
    known as far as the call shows it."""
    if turn.talk.asked:
        return turn
    if turn.context.proposal is not None:
        return turn.at(asked="confirm")
    return turn.at(asked="offer") if turn.context.offers and not turn.talk.offer else turn


def _note_said(turn: Turn, said: Understanding) -> Turn:
    turn = turn.at(asked="")
    chosen = answers_when.offer(turn, said) if turn.context.offers else None
    if isinstance(chosen, Turn) and chosen.talk.offer:
        return chosen
    before = turn.talk
    turn = take_goals(take_values(turn, said), said)
    # The openings are the model's to look for again.
    return turn.at(searched=before.searched and turn.talk.wish == before.wish)


def _note_done(turn: Turn) -> Turn:
    """A wish that was fulfilled is off the list."""
    last = last_tool(turn.history)
    if last is None or not _done(turn):
        return turn
    if last.name.endswith("_appointment"):
        turn = forget_visit(turn)
    return finish_goal(turn)


def _done(turn: Turn) -> bool:
    last = last_tool(turn.history)
    return bool(last and last.result and orjson.loads(last.result).get("done"))
