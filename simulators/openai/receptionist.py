"""A simulated model that takes bookings: rules in the place of a mind, tools as offered.

Rules: it knows only what a model would know, the messages and tools of the request. It
finds out what the car needs and when, offers the openings that a tool returned, asks for
the booking and leaves the read-back to the system. It behaves; models that do not are
made of other policies.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from simulators.openai.answers import Answer, Call, Message, Tool

YES = re.compile(
    r"\b(yes|yeah|yep|sure|correct|right|okay|ok|perfect|please do|that works)\b", re.I
)
BYE = re.compile(
    r"\b(bye|goodbye|that's all|that is all|nothing else|no thanks|no thank you)\b", re.I
)
PERSON = re.compile(r"\b(person|human|advisor|someone|operator|representative)\b", re.I)
WHEN = re.compile(
    r"\b(today|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|week|morning|afternoon|"
    r"soon|earliest|anytime|next|january|february|march|april|may|june|july|august|september|"
    r"october|november|december)\b",
    re.I,
)
ORDINALS = (r"\b(first|former|earlier)\b", r"\b(second|latter|later|last|other)\b")
CAR = re.compile(r"\b((?:19|20)\d\d)\s+([A-Za-z][A-Za-z-]+)\s+([A-Za-z0-9][A-Za-z0-9-]*)")
NAME = re.compile(r"\b(?:name is|name's|i'm|i am|this is)\s+([A-Za-z'-]+)\s+([A-Za-z'-]+)", re.I)
DULL = frozenset(
    "the a an my your for of and is it to in on service check car need can be waited".split()
)


@dataclass(slots=True)
class Seen:
    """What the request tells about the call."""

    said: list[str] = field(default_factory=list)
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
        return self.said[-1] if self.said else ""

    @property
    def all(self) -> str:
        """Everything the caller said."""
        return " ".join(self.said)


def receptionist(messages: list[Message], tools: list[Tool]) -> Answer | str:
    """The policy."""
    seen = _read(messages)
    names = {tool["function"]["name"] for tool in tools}
    if seen.last_tool:
        return _after_tool(seen, names)
    return _after_words(seen, names)


def _read(messages: list[Message]) -> Seen:
    seen, called = Seen(), dict[str, tuple[str, str]]()
    for message in messages:
        content = str(message.get("content") or "")
        seen.last_tool = seen.last_tool if message["role"] == "system" else ""
        match message["role"]:
            case "system":
                seen.facts = content if content.startswith("FACTS") else seen.facts
                seen.menu |= dict(re.findall(r"^([A-Z0-9-]{2,12}): (.+)$", content, re.M))
            case "user":
                seen.said.append(content)
            case "assistant":
                for call in message.get("tool_calls") or ():
                    called[call["id"]] = (call["function"]["name"], call["function"]["arguments"])
            case "tool":
                name, arguments = called[message["tool_call_id"]]
                seen.results[name], seen.last_tool = json.loads(content), name
                if name == "book_appointment":
                    seen.booking = json.loads(arguments)
    return seen


def _after_tool(seen: Seen, names: set[str]) -> Answer | str:
    result = seen.results[seen.last_tool]
    if seen.last_tool == "get_available_slots":
        openings = result.get("openings") or []
        if not openings:
            return "I have nothing open then. Which other day would work?"
        offered = " or ".join(opening["when"] for opening in openings[:2])
        return f"I have {offered}. Which would you like?"
    if result.get("error"):
        return "I'm sorry, that didn't work. Shall we try another time?"
    if seen.last_tool == "book_appointment":
        return "Is there anything else?"
    return _next_step(seen, names)


def _after_words(seen: Seen, names: set[str]) -> Answer | str:
    if "hand_over" in names and PERSON.search(seen.last):
        return _use("hand_over", reason="asked for a person")
    if seen.booking and "read-back is waiting" in seen.facts:
        if YES.search(seen.last):
            return _use("book_appointment", **seen.booking)
        return "What should I change?"
    if "end_call" in names and BYE.search(seen.last):
        return _use("end_call")
    chosen = _chosen_opening(seen)
    if chosen and not seen.booking:
        return _book(seen, chosen)
    return _next_step(seen, names)


def _next_step(seen: Seen, names: set[str]) -> Answer | str:
    service = _service(seen)
    if "lookup_customer" in names and "lookup_customer" not in seen.results:
        return _use("lookup_customer")
    if service is None:
        return "What does the car need?"
    if not WHEN.search(seen.all):
        return "When would you like to come in?"
    if "get_available_slots" in names:
        when = next(said for said in reversed(seen.said) if WHEN.search(said))
        fields = (
            "first_day",
            "last_day",
            "weekdays",
            "at",
            "not_before",
            "not_after",
            "waiting",
            "visit",
        )
        nothing = dict.fromkeys(fields)
        return _use("get_available_slots", services=[service], when=when, **nothing)
    return "How can I help?"


def _service(seen: Seen) -> str | None:
    """The service of the menu that shares most words with what was said."""
    words = set(re.findall(r"[a-z]+", seen.all.lower())) - DULL
    scores = {
        code: len(words & (set(re.findall(r"[a-z]+", name.lower())) - DULL))
        for code, name in seen.menu.items()
    }
    best = max(scores, key=lambda code: scores[code], default=None)
    return best if best and scores[best] else None


def _chosen_opening(seen: Seen) -> str | None:
    openings = seen.results.get("get_available_slots", {}).get("openings") or []
    for place, pattern in enumerate(ORDINALS[: len(openings)]):
        if re.search(pattern, seen.last, re.I):
            return str(openings[place]["opening"])
    for opening in openings:
        if str(opening["weekday"]).lower() in seen.last.lower():
            return str(opening["opening"])
    return str(openings[0]["opening"]) if openings and YES.search(seen.last) else None


def _book(seen: Seen, opening: str) -> Answer | str:
    cars = seen.results.get("lookup_customer", {}).get("cars") or []
    named, called = CAR.search(seen.all), NAME.search(seen.all)
    if not cars and named is None:
        return "Which car is it? Year, make and model, please."
    if not cars and called is None:
        return "What's your first and last name?"
    new_car = None
    if not cars and named:
        new_car = {"year": int(named[1]), "make": named[2], "model": named[3]}
    return _use(
        "book_appointment",
        opening=opening,
        car=cars[0]["car"] if cars else None,
        new_car=new_car,
        first_name=called[1] if called and not cars else None,
        last_name=called[2] if called and not cars else None,
        waiting=False,
        concern=None,
    )


def _use(name: str, **arguments: Any) -> Answer:
    return Answer(calls=(Call(name, arguments),))
