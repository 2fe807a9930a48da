"""Finding out who is calling while a model drives the rest.

Rules: pure. A tool that was denied for want of a level, or a look-up of a caller who
may be known, sets the target; from then on code asks and listens, and the model gets
the call back when the target is reached or cannot be. What the caller says of private
things is captured here in any case, because the model never sees it.
"""

from dataclasses import replace

from voice.dialogue.local import answers, step_up, who, words
from voice.dialogue.local.turn import Plan, Turn
from voice.gate import Level

PATIENCE = 3


def identify(turn: Turn) -> Plan | Turn:
    """A question or a check by code, or the turn as the model may have it."""
    turn = _note_number(turn)
    if not turn.talk.identity and turn.talk.asked in who.ASKED:
        # The local dialogue has asked: for want of a model, or in a call that we make.
        turn = turn.at(identity=Level.VERIFIED.value)
    if not turn.talk.identity:
        return turn
    turn_or_plan = _take_answer(turn)
    if isinstance(turn_or_plan, Plan):
        return turn_or_plan
    turn = turn_or_plan
    plan = None if _enough(turn) else who.prove(turn, Level.VERIFIED)
    if plan is None and _wants_code(turn):
        plan = step_up.by_code(turn)
    return plan if plan is not None else turn.at(identity="", asked="")


def _note_number(turn: Turn) -> Turn:
    """A number to call back is kept by code; the model only sees its end."""
    if turn.heard is None or not turn.heard.phone:
        return turn
    return turn.at(person=replace(turn.talk.person, phone=turn.heard.phone))


def _take_answer(turn: Turn) -> Plan | Turn:
    said = turn.heard
    if said is None or turn.talk.asked not in who.ASKED:
        return turn
    taken = answers.answer(turn.at(known=True), said)
    if taken is not None:
        return taken
    tries = turn.talk.tries + 1
    if tries >= PATIENCE:
        return who.declined(turn)
    if turn.talk.asked == "code":
        again = step_up.by_code(turn.at(tries=tries))
    else:
        again = who.prove(turn.at(tries=tries), Level.VERIFIED)
    return again.after(words.SORRY[0]) if again else turn


def _wants_code(turn: Turn) -> bool:
    stepping_up = Level(turn.talk.identity) is Level.STEPPED_UP
    return stepping_up and who.reached(turn, Level.VERIFIED)


def _enough(turn: Turn) -> bool:
    """The level that is wanted; for a booking as much as the local dialogue would ask for."""
    if Level(turn.talk.identity) is Level.RECOGNISED:
        return who.enough_to_book(turn)
    return who.reached(turn, Level.VERIFIED)
