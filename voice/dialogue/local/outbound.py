"""Calls we make: reminders (domain section 4.5) and follow-ups (4.6).

Rules: pure. Nothing but the shop's name is said before the right person answered and
passed the light check. A refusal ends politely at once; opting out is done by code
before this module is reached. Nothing is ever offered for sale.
"""

from voice.dialogue import spoken
from voice.dialogue.local.asking import ask, noted, once
from voice.dialogue.local.turn import Plan, Turn, use
from voice.gate import Level


def right_party(turn: Turn) -> Plan | None:
    """Is it the person we rang?"""
    if "party" in turn.talk.said:
        return None
    return ask(turn, "party", name=turn.context.party_name)


def light_check(turn: Turn) -> Plan | None:
    """ZIP, or month and day of birth, before anything about the visit is said."""
    if turn.context.level is not Level.UNKNOWN:
        return None
    tried = turn.talk.factors_tried
    if "zip" not in tried:
        return ask(turn, "zip")
    if "birth_day" not in tried and not turn.context.verification_closed:
        return ask(turn, "birth_day")
    number = spoken.say_phone(turn.knowledge.phone)
    turn = turn.at(goal="leave", asked="")
    return use(turn, "end_call", outcome="done").after(
        f"No problem. Please call us at {number} about your service visit."
    )


def remind(turn: Turn) -> Plan | None:
    """The one visit, and whether they will come."""
    visit = next(iter(turn.context.visits), None)
    if visit is None:
        return use(turn.at(goal="leave"), "end_call", outcome="done").after(
            "That visit has changed in the meantime, so there's nothing to do. Thank you."
        )
    turn = turn.at(visit=visit.handle, asked="attend")
    return use(turn, "confirm_appointment", visit=visit.handle)


def how_was_it(turn: Turn) -> Plan | None:
    """One to five."""
    return None if turn.talk.score else ask(turn, "score")


def what_happened(turn: Turn) -> Plan | None:
    """Verbatim; no arguing, no promise."""
    if turn.talk.message or "score_note" in turn.talk.said:
        return None
    question = "went_wrong" if (turn.talk.score or 5) <= 3 else "good_note"
    return ask(noted(turn, "score_note"), question)


def keep_feedback(turn: Turn) -> Plan | None:
    """Write it down; a bad score becomes a task for the manager by the tool itself."""
    if not once(turn, "feedback"):
        return None
    return use(
        noted(turn, "feedback"),
        "record_feedback",
        private=True,
        key=turn.context.code_key,
        score=turn.talk.score,
        comment=turn.talk.message[:1000],
    )


def say_goodbye(turn: Turn) -> Plan | None:
    """The number for questions, and the end."""
    number = spoken.say_phone(turn.knowledge.phone)
    return use(turn.at(goal="leave"), "end_call", outcome="done").after(
        f"Thank you. Call {number} with any questions."
    )
