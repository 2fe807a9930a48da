"""A simulated model that takes bookings: rules in the place of a mind, tools as offered.

Rules: it knows only what a model would know, the messages and tools of the request, and
keeps nothing between requests. It finds out what the car needs and when, offers the
openings that a tool returned, asks what a booking still lacks, one thing at a time, and
leaves the read-back to the system. It behaves; models that do not are made of other policies.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from simulators.openai.answers import Answer, Call, Message, Tool
from simulators.openai.listening import (
    BYE,
    PERSON,
    WHEN,
    YES,
    SpokenCar,
    car_in,
    choice_in,
    name_in,
    service_in,
    waits,
)

NAME_ASKED = "What's your first and last name?"
CAR_ASKED = "Which car is it? Year, make and model, please."
NO_MATTER = (
    "first_day", "last_day", "weekdays", "at", "not_before", "not_after", "waiting", "visit",
)  # fmt: skip


@dataclass(slots=True)
class Seen:
    """What the request tells about the call."""

    said: list[tuple[str, str]] = field(default_factory=list)
    """The caller's turns, each with the agent's words before it."""
    since_offer: int = 0
    """The first of those turns that came after the newest openings."""
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The last result of every tool."""
    booking: dict[str, Any] | None = None
    """What a booking was last asked for with."""
    facts: str = ""
    menu: dict[str, str] = field(default_factory=dict)
    last_tool: str = ""
    """The tool whose result is the newest message, if one is."""

    @property
    def last(self) -> str:
        """The caller's last words."""
        return self.said[-1][1] if self.said else ""

    @property
    def all(self) -> str:
        """Everything the caller said."""
        return ". ".join(words for _, words in self.said)

    @property
    def openings(self) -> list[dict[str, Any]]:
        """The newest openings, nearest to the wish first."""
        return list(self.results.get("get_available_slots", {}).get("openings") or [])

    @property
    def own_car(self) -> str:
        """The handle of the customer's only car, or "": the record shows it once it is open."""
        listed = re.findall(r'(car\d+) = "', self.facts)
        listed += [car["car"] for car in self.results.get("lookup_customer", {}).get("cars") or []]
        return str(listed[0]) if listed else ""

    @property
    def known(self) -> bool:
        """Whether the system knows who is calling."""
        return bool(self.own_car) or "is verified" in self.facts or "recognised" in self.facts


def receptionist(messages: list[Message], tools: list[Tool]) -> Answer | str:
    """The policy."""
    seen = _read(messages)
    names = {tool["function"]["name"] for tool in tools}
    if seen.last_tool:
        return _after_tool(seen, names)
    return _after_words(seen, names)


def _read(messages: list[Message]) -> Seen:
    seen, called, before = Seen(), dict[str, tuple[str, str]](), ""
    for message in messages:
        content = str(message.get("content") or "")
        seen.last_tool = seen.last_tool if message["role"] == "system" else ""
        match message["role"]:
            case "system":
                seen.facts = content if content.startswith("FACTS") else seen.facts
                seen.menu |= dict(re.findall(r"^([A-Z0-9-]{2,12}): (.+)$", content, re.M))
            case "user":
                seen.said.append((before, content))
            case "assistant":
                before = content or before
                for call in message.get("tool_calls") or ():
                    called[call["id"]] = (call["function"]["name"], call["function"]["arguments"])
            case "tool":
                _note_result(seen, *called[message["tool_call_id"]], content)
    return seen


def _note_result(seen: Seen, name: str, arguments: str, result: str) -> None:
    seen.results[name], seen.last_tool = json.loads(result), name
    if name == "book_appointment":
        seen.booking = json.loads(arguments)
    if name == "get_available_slots":
        seen.since_offer, seen.booking = len(seen.said), None


# ---- what to do next --------------------------------------------------------------
def _after_tool(seen: Seen, names: set[str]) -> Answer | str:
    result = seen.results[seen.last_tool]
    if seen.last_tool == "get_available_slots" and not result.get("error"):
        return _offer(seen)
    if result.get("error"):
        return "I'm sorry, that didn't work. Shall we try another time?"
    if seen.last_tool == "book_appointment":
        return "Is there anything else?"
    return _next_step(seen, names)


def _offer(seen: Seen) -> str:
    if not seen.openings:
        return "I have nothing open then. Which other day would work?"
    offered = " or ".join(opening["when"] for opening in seen.openings[:2])
    return f"I have {offered}. Which would you like?"


def _after_words(seen: Seen, names: set[str]) -> Answer | str:
    if "hand_over" in names and PERSON.search(seen.last):
        return _use("hand_over", reason="asked for a person")
    if "read-back is waiting" in seen.facts and seen.booking:
        return _answer_to_read_back(seen, names)
    if "end_call" in names and BYE.search(seen.last):
        return _use("end_call", outcome="done")
    return _next_step(seen, names)


def _answer_to_read_back(seen: Seen, names: set[str]) -> Answer | str:
    if YES.search(seen.last) and seen.booking:
        return _use("book_appointment", **seen.booking)
    if WHEN.search(seen.last):
        return _look_for_openings(seen, names)
    return "What should I change?"


def _next_step(seen: Seen, names: set[str]) -> Answer | str:
    """The first thing that is still missing."""
    if seen.results.get("book_appointment", {}).get("done"):
        return "Is there anything else?"
    if "lookup_customer" in names and "lookup_customer" not in seen.results:
        return _use("lookup_customer")
    if service_in(seen.all, seen.menu) is None:
        return "What does the car need?"
    if not WHEN.search(seen.all):
        return "When would you like to come in?"
    if seen.openings:
        return _settle(seen, names)
    return _look_for_openings(seen, names)


def _look_for_openings(seen: Seen, names: set[str]) -> Answer | str:
    if "get_available_slots" not in names:
        return "How can I help?"
    when = next(words for _, words in reversed(seen.said) if WHEN.search(words))
    service = service_in(seen.all, seen.menu)
    nothing = dict.fromkeys(NO_MATTER)
    return _use("get_available_slots", services=[service], when=when, **nothing)


def _settle(seen: Seen, names: set[str]) -> Answer | str:
    """Openings were offered: take the one that was chosen, or look for what is wanted instead."""
    chosen = ""
    for before, words in seen.said[seen.since_offer :]:
        # A yes is a choice only in answer to the offer.
        offered = before.startswith("I have")
        chosen = choice_in(words, seen.openings, yes_counts=offered) or chosen
    if chosen:
        return _book(seen, chosen)
    newest = seen.said[seen.since_offer :]
    if newest and WHEN.search(seen.last):
        return _look_for_openings(seen, names)
    return _offer(seen)


# ---- the booking ------------------------------------------------------------------
def _book(seen: Seen, opening: str) -> Answer | str:
    own = seen.own_car
    named = SpokenCar() if own else car_in(seen.all)
    first, last = ("", "") if seen.known else name_in(seen.said, NAME_ASKED)
    if not own and not named.whole:
        return CAR_ASKED
    if not seen.known and not last:
        return NAME_ASKED
    waiting = waits(seen.all)
    if waiting is None and _can_wait(seen, opening):
        return "Will you drop it off, or wait for it?"
    return _use(
        "book_appointment",
        opening=opening,
        car=own or None,
        new_car=None if own else named.as_argument(),
        first_name=first or None,
        last_name=last or None,
        waiting=bool(waiting),
        concern=None,
    )


def _can_wait(seen: Seen, opening: str) -> bool:
    return any(one.get("can_wait") for one in seen.openings if one["opening"] == opening)


def _use(name: str, **arguments: Any) -> Answer:
    return Answer(calls=(Call(name, arguments),))
