"""Moving, cancelling and confirming a visit: domain section 4.3.

Rules: pure. Nothing about a visit is said before L2 (or, on an outbound call, the
light check for the one visit we rang about). The old opening is kept until the new
one is committed; a change of mind ends without a write.
"""

from voice.context import Visit
from voice.dialogue import spoken
from voice.dialogue.local import words
from voice.dialogue.local.asking import ask, noted, once
from voice.dialogue.local.handing import to_person
from voice.dialogue.local.turn import Plan, Turn, use
from voice.dialogue.local.who import prove, reached
from voice.dialogue.local.wishes import fits
from voice.gate import Level

UNDER_WAY = frozenset({"checked_in", "in_service", "ready"})


def prove_fully(turn: Turn) -> Plan | None:
    """L2, or a person: an account is not opened for who cannot prove to be its owner."""
    if reached(turn, Level.VERIFIED):
        return None
    plan = prove(turn, Level.VERIFIED)
    if plan is not None:
        return plan
    turn = turn.at(goal="person", asked="", queue=())
    return to_person(turn, "verification", before=words.CANNOT_VERIFY)


def visit_at_all(turn: Turn) -> Plan | None:
    """No visit to come: offer to book one."""
    if turn.context.visits:
        return None
    return ask(turn, "book_instead")


def which_visit(turn: Turn) -> Plan | Turn | None:
    """One visit is taken, of two one is asked for."""
    talk, visits = turn.talk, turn.context.visits
    if turn.context.visit(talk.visit):
        return None
    meant = [v for v in visits if fits(turn.talk.about, turn.local(v.start))]
    if len(meant) == 1:
        return tell_visit(turn.at(visit=meant[0].handle), meant[0])
    if len(visits) == 1:
        return tell_visit(turn.at(visit=visits[0].handle), visits[0])
    days = [spoken.say_date(turn.local(v.start).date(), turn.today) for v in visits[:2]]
    return ask(turn, "which_visit", visits=f"{days[0]} or {days[1]}")


def tell_visit(turn: Turn, visit: Visit) -> Turn:
    """Tell the visit that was found, once, and go on with what is wanted."""
    if not once(turn, visit.handle):
        return turn
    told = f"I see {_when(turn, visit)} for the {visit.car_label}."
    return noted(turn, visit.handle).saying(told)


def under_way(turn: Turn) -> Plan | None:
    """A car that is in the shop already is the advisor's business."""
    visit = turn.context.visit(turn.talk.visit)
    if visit is None or visit.status not in UNDER_WAY:
        return None
    turn = turn.at(goal="person", asked="")
    told = "That car is with us already, so an advisor has to help you with it."
    return to_person(turn, "other_department", before=told)


def move_or_cancel(turn: Turn) -> Plan | None:
    """A vague "I can't make it": moving is offered first, once."""
    if turn.talk.change:
        return None
    return ask(turn, "move_or_cancel")


def read_back_move(turn: Turn) -> Plan | None:
    """Read back the new time; the old one stays till the yes."""
    return use(
        turn.at(asked="confirm"),
        "reschedule_appointment",
        visit=turn.talk.visit,
        opening=turn.talk.offer,
    )


def read_back_cancel(turn: Turn) -> Plan | None:
    """Read back what will be cancelled."""
    return use(turn.at(asked="confirm"), "cancel_appointment", visit=turn.talk.visit, reason=None)


def confirm_visit(turn: Turn) -> Plan | None:
    """The caller says they will come."""
    return use(turn.at(asked="confirm"), "confirm_appointment", visit=turn.talk.visit)


def tell_visits(turn: Turn) -> Turn:
    """When the next visit is, and what it is for."""
    visit = turn.context.visits[0]
    told = f"You're booked {_when(turn, visit)} for {visit.services}, with the {visit.car_label}."
    if len(turn.context.visits) > 1:
        second = turn.context.visits[1]
        told = f"{told} And {_when(turn, second)}."
    return turn.saying(told).done()


def _when(turn: Turn, visit: Visit) -> str:
    return spoken.say_when(turn.local(visit.start), turn.today)
