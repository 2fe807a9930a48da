"""To a person: asked for once in a call, whatever asks for it.

Rules: pure. What an advisor was once asked to do is not asked for again: who wants a
person after a callback was promised is told of the promise.
"""

from voice.dialogue import spoken
from voice.dialogue.local.asking import ask
from voice.dialogue.local.turn import Plan, Turn, use


def give_up(turn: Turn) -> Plan:
    """Asked too often, or read back wrong too often: a person does better."""
    turn = turn.at(goal="person", topic="not_understood", asked="", misunderstood=0, refusals=0)
    return to_person(turn, "not_understood", before="I'm sorry, I'm not getting this right.")


def to_person(turn: Turn, reason: str, *, before: str = "") -> Plan:
    """Hand over, or tell again what was promised in its place."""
    due = turn.context.callback_promised
    if due is None:
        return use(turn, "hand_over", reason=reason).after(before)
    when = spoken.say_when(turn.local(due), turn.today)
    told = f"{before} An advisor will call you back by {when}.".strip()
    return ask(turn.at(goal="more", queue=()), "more", before=told)
