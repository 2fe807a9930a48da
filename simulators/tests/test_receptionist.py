"""The simulated model books as a model would, and no sooner."""

import json
from typing import Any

from simulators.openai import Answer, Message, receptionist

STATIC = {
    "role": "system",
    "content": "You answer the phone.\n\nServices by code:\nLOF-SYN: synthetic oil change\nTIRE-ROT: tire rotation",
}
TOOLS = [
    {"type": "function", "function": {"name": name}}
    for name in (
        "lookup_customer",
        "get_available_slots",
        "book_appointment",
        "hand_over",
        "end_call",
    )
]
OPENINGS = {
    "ok": True,
    "openings": [
        {"opening": "op1", "when": "Thursday at nine", "weekday": "Thursday"},
        {"opening": "op2", "when": "Friday at ten", "weekday": "Friday"},
    ],
}


def user(text: str) -> Message:
    return {"role": "user", "content": text}


def used(name: str, result: dict[str, Any], **arguments: Any) -> list[Message]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    call = {"id": name, "type": "function", "function": function}
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": name, "content": json.dumps(result)},
    ]


def answer(*messages: Message) -> Answer | str:
    return receptionist([STATIC, *messages], TOOLS)


def tool_of(made: Answer | str) -> tuple[str, dict[str, Any]]:
    assert isinstance(made, Answer)
    [call] = made.calls
    assert isinstance(call.arguments, dict)
    return call.name, call.arguments


KNOWN = used("lookup_customer", {"ok": True, "match": "one", "cars": [{"car": "car1"}]})
UNKNOWN = used("lookup_customer", {"ok": True, "match": "none"})
WISH = user("I need an oil change on Thursday")
OFFERED = used("get_available_slots", OPENINGS)


def test_it_asks_who_is_calling_before_anything_else() -> None:
    assert tool_of(answer(WISH))[0] == "lookup_customer"


def test_it_looks_for_the_service_and_the_day_that_were_named() -> None:
    name, arguments = tool_of(answer(WISH, *KNOWN))
    assert name == "get_available_slots"
    assert arguments["services"] == ["LOF-SYN"]
    assert arguments["when"] == WISH["content"]


def test_it_asks_for_what_is_missing() -> None:
    assert "need" in str(answer(user("Hello"), *KNOWN))
    assert "When" in str(answer(user("I need an oil change"), *KNOWN))


def test_it_offers_what_the_tool_returned() -> None:
    assert answer(WISH, *KNOWN, *OFFERED) == (
        "I have Thursday at nine or Friday at ten. Which would you like?"
    )


def test_it_books_the_opening_that_was_chosen() -> None:
    name, arguments = tool_of(answer(WISH, *KNOWN, *OFFERED, user("Friday, please")))
    assert name == "book_appointment"
    assert (arguments["opening"], arguments["car"]) == ("op2", "car1")


def test_a_new_customer_gives_car_and_name_first() -> None:
    start = [WISH, *UNKNOWN, *OFFERED]
    assert "Which car" in str(answer(*start, user("The first")))
    car = user("A 2019 Honda Civic, and the first one is fine")
    assert "name" in str(answer(*start, car))
    name, arguments = tool_of(answer(*start, car, user("My name is Ana Lopez, the first one")))
    assert name == "book_appointment"
    assert arguments["new_car"] == {"year": 2019, "make": "Honda", "model": "Civic"}
    assert (arguments["first_name"], arguments["last_name"]) == ("Ana", "Lopez")


def test_it_asks_for_the_same_booking_again_once_the_caller_agreed() -> None:
    booked = used("book_appointment", {"ok": True}, opening="op1", car="car1")
    facts = {"role": "system", "content": "FACTS\nA read-back is waiting for the caller's yes."}
    made = answer(WISH, *KNOWN, *OFFERED, user("the first"), *booked, user("Yes"), facts)
    assert tool_of(made) == ("book_appointment", {"opening": "op1", "car": "car1"})
    no = answer(WISH, *KNOWN, *OFFERED, user("the first"), *booked, user("No wait"), facts)
    assert no == "What should I change?"


def test_it_hands_over_and_says_goodbye() -> None:
    assert tool_of(answer(user("I want a person")))[0] == "hand_over"
    assert tool_of(answer(user("That's all, goodbye")))[0] == "end_call"


def test_a_refusal_is_not_hidden() -> None:
    booked = used("book_appointment", {"error": "opening_taken"}, opening="op1")
    assert "didn't work" in str(answer(WISH, *KNOWN, *OFFERED, user("the first"), *booked))
