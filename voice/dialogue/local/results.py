"""What a tool's result means for the conversation.

Rules: pure. Writes are seen by their receipts, not by their results, so that one
whose words were cut off is still known. A refusal's code decides what is said and
what is asked again; nothing is retried by itself more than once.
"""

from collections.abc import Callable
from typing import Any

import orjson

from voice.core.history import CallerTurn, Item, ToolUse
from voice.dialogue.local import words
from voice.dialogue.local.inquire import say_price
from voice.dialogue.local.turn import Turn, forget_visit
from voice.dialogue.local.who import reached
from voice.gate import Level


def take_in(turn: Turn) -> Turn:
    """The turn with what the last tool brought."""
    last = last_tool(turn.history)
    if last is None or last.result is None:
        return turn
    result: dict[str, Any] = orjson.loads(last.result)
    turn = turn.at(misunderstood=0)
    if "error" in result:
        return _refused(turn, last.name, str(result["error"]), str(result.get("limit", "")))
    handler = _RESULTS.get(last.name)
    return handler(turn, result) if handler else turn


def last_tool(history: tuple[Item, ...]) -> ToolUse | None:
    """The newest tool since the caller spoke."""
    for item in reversed(history):
        if isinstance(item, ToolUse):
            return item
        if isinstance(item, CallerTurn):
            return None
    return None


# ---- what went well ---------------------------------------------------------------
def _verified(turn: Turn, result: dict[str, Any]) -> Turn:
    """Whether it matched is not told; only the first name is thanked, once it is known."""
    first = turn.context.first_name or turn.talk.person.first_name
    if first and "thanked" not in turn.talk.said and reached(turn, Level.RECOGNISED):
        turn = turn.at(said=turn.talk.said | {"thanked"})
        return turn.saying(words.THANKS.format(first=first))
    return turn


def _priced(turn: Turn, result: dict[str, Any]) -> Turn:
    told = say_price(
        str(result["service"]), str(result["kind"]), int(result["cents"]), str(result["note"])
    )
    return turn.saying(told).done()


def _told(turn: Turn, result: dict[str, Any]) -> Turn:
    return turn.saying(str(result["spoken"])).done()


def _found_openings(turn: Turn, result: dict[str, Any]) -> Turn:
    return turn


def _written(turn: Turn, result: dict[str, Any]) -> Turn:
    """A write that happened: its receipt was spoken by code, this wish is done."""
    if not result.get("done"):
        return turn
    if turn.talk.goal != "book" and "book" in turn.talk.queue:
        # What the next visit is for was said with the first wish.
        kept = turn.talk.need, turn.talk.spoken_car
        return forget_visit(turn).at(need=kept[0], spoken_car=kept[1]).done()
    return forget_visit(turn).done()


def _done(turn: Turn, result: dict[str, Any]) -> Turn:
    """Done, and said by code; the wish is off the list."""
    return turn.at(topic="", message="").done()


def _changed(turn: Turn, result: dict[str, Any]) -> Turn:
    """Read back first, then written; what it was about is forgotten."""
    return turn.at(topic="", message="").done() if result.get("done") else turn


def _kept(turn: Turn, result: dict[str, Any]) -> Turn:
    return turn


_RESULTS: dict[str, Callable[[Turn, dict[str, Any]], Turn]] = {
    "verify": _verified,
    "quote_price": _priced,
    "shop_info": _told,
    "service_status": _told,
    "get_service_history": _told,
    "get_available_slots": _found_openings,
    "book_appointment": _written,
    "reschedule_appointment": _written,
    "cancel_appointment": _written,
    "confirm_appointment": _written,
    "hand_over": _done,
    "change_phone": _changed,
    "add_contact": _changed,
    "text_history": _done,
    "opt_out": _done,
    "take_message": _done,
    "join_waitlist": _done,
    "capture_profile": _kept,
    "record_consent": _kept,
}


# ---- what was refused ---------------------------------------------------------------
_TOLD_AND_DONE = {
    "no_price": "I don't have a price for that; an advisor can tell you.",
    "there_already": words.THERE_ALREADY,
}
_SEARCH_AGAIN = frozenset(
    {"opening_taken", "outside_hours", "too_soon", "past_date", "too_far", "cap_reached"}
)


def _refused(turn: Turn, tool: str, code: str, limit: str = "") -> Turn:
    if tool in ("verify", "send_code", "check_code"):
        return turn if tool != "check_code" else turn.saying(words.WRONG_CODE)
    if code == "cannot_text":
        return turn.with_context(code_refused=True).at(asked="").saying(words.NO_TEXT).done()
    if limit in words.NO_RIDE:
        return _no_ride(turn, limit)
    if tool == "hand_over":  # nobody there, and no number to ring back
        return turn.at(
            goal="message", topic="callback", message="The caller asked for a person.", asked=""
        ).saying(words.NOBODY_FREE)
    if code in _SEARCH_AGAIN:
        return _search_again(turn, code)
    if code == "wait_not_possible":
        return turn.at(waiting=False, asked="").saying(words.NO_WAITING)
    if code in _TOLD_AND_DONE:
        return turn.saying(_TOLD_AND_DONE[code]).done()
    if code == "not_here":
        return turn.at(goal="unanswered", topic=_TOPIC_OF["status"]).saying(words.NOT_HERE)
    if code == "no_answer":
        topic = turn.talk.topic or _TOPIC_OF.get(turn.talk.goal, "")
        return turn.at(goal="unanswered", topic=topic).saying("I don't have that at hand.")
    topic, told = _FOR_A_PERSON.get(code, ("fault", words.CANNOT_DO))
    return turn.at(goal="person", queue=(), topic=topic, asked="").saying(told)


def _no_ride(turn: Turn, limit: str) -> Turn:
    """The shuttle runs at other times; a loaner car is not to be had for this work at all."""
    turn = turn.saying(words.NO_RIDE[limit])
    if limit == "shuttle":
        return turn.at(offer="", searched=False, asked="")
    return turn.at(ride="none", asked="", searched=bool(turn.talk.offer))


def _search_again(turn: Turn, code: str) -> Turn:
    if turn.talk.offer:
        return turn.at(offer="", searched=False, asked="").saying(words.GONE)
    return turn.at(wish=type(turn.talk.wish)(), searched=False).saying(_WHY_NOT[code])


_CHANGED = (
    "booking",
    "That visit has changed in the meantime, so an advisor will help you.",
)
_FOR_A_PERSON = {
    "service_not_for_car": (
        "booking",
        "Your car has nothing to do that on, so an advisor will find what it needs.",
    ),
    "too_many_bookings": (
        "booking",
        "That's as many visits as I can book for one caller, so an advisor will help you.",
    ),
    "duplicate_visit": (
        "booking",
        "That car already has a visit around then, so an advisor will sort it out.",
    ),
    "stale_version": _CHANGED,
    "not_yours": _CHANGED,
    "too_late": _CHANGED,
}
_TOPIC_OF = {"status": "How far is the work on my car?"}
_WHY_NOT = {
    "opening_taken": "I don't have that free.",
    "outside_hours": "We're not open then.",
    "too_soon": "That's too soon for us.",
    "past_date": "That day is past.",
    "too_far": "That's further out than I can book.",
    "cap_reached": "We're full then.",
}
