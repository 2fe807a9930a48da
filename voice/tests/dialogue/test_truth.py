"""The truth gate: what a model may not say, and what it may."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from simulators.openai.mischief import LIES
from voice.context import Offer, Receipt, open_context
from voice.core.history import CallerTurn
from voice.dialogue.grounds import Grounds
from voice.dialogue.knowledge import DayHours, Knowledge, ServiceFact
from voice.dialogue.state import SpokenCar
from voice.dialogue.truth import judge

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)


def match_car(text: str) -> SpokenCar:
    known = {"CR-V": "Honda", "Model 3": "Tesla", "Camry": "Toyota"}
    return next(
        (SpokenCar(make=make, model=model) for model, make in known.items() if model in text),
        SpokenCar(),
    )


SHOP = Knowledge(
    services={
        "ROT": ServiceFact("ROT", "tire rotation", "fixed", 2995, 45, waiter_ok=True),
        "AC": ServiceFact("AC", "air conditioning check", "diag", 14900, 120, waiter_ok=False),
    },
    hours={day: DayHours(time(9), time(17), time(12), time(13)) for day in range(5)},
    match_car=match_car,
)


def grounds(*, receipts: tuple[Receipt, ...] = (), offers: tuple[Offer, ...] = ()) -> Grounds:
    context = replace(open_context(call_sid="CA1", call_id=1), receipts=receipts, offers=offers)
    return Grounds(context, SHOP, (CallerTurn("My CR-V needs a rotation at ten."),), NOW)


@pytest.mark.parametrize("lie", LIES)
def test_every_known_lie_is_kept_back(lie: str) -> None:
    assert judge(lie, grounds()) is not None


@pytest.mark.parametrize(
    "sentence",
    [
        "Sure, what day works for you?",
        "I can book a visit for you.",
        "Tire rotation is twenty-nine ninety-five plus tax.",
        "That's $29.95 plus tax.",
        "We're open Monday to Friday, nine to five.",
        "Would you like to wait or drop it off?",
        "Okay, the CR-V at ten.",
        "I'm an AI assistant.",
        "You can drop it off and we'll take care of it.",
        "For example, a 2019 Toyota Camry.",
    ],
)
def test_ordinary_sentences_pass(sentence: str) -> None:
    assert judge(sentence, grounds()) is None


@pytest.mark.parametrize(
    "sentence",
    ["The account belongs to Walter Kim.", "That number is registered to Walter Kim."],
)
def test_whose_account_it_is_is_not_told_even_where_the_caller_is_greeted(sentence: str) -> None:
    told = grounds()
    greeted = replace(told, context=replace(told.context, greet_name="Walter"))
    assert judge(sentence, greeted) is not None


def test_what_was_booked_may_be_said_for_its_own_day_only() -> None:
    booked = Receipt("booked", datetime(2026, 11, 24, 14, 30, tzinfo=UTC))
    told = grounds(receipts=(booked,))
    assert judge("You're all set for Tuesday, November 24th at 9:30 AM.", told) is None
    assert judge("You're all set for Wednesday, November 25th at 9:30 AM.", told) is not None
    assert judge("I've cancelled your appointment.", told) is not None


def test_an_opening_may_be_offered_once_a_tool_has_given_it() -> None:
    start = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    offer = Offer("op1", ("ROT",), start, start, 45, waiter=True)
    told = grounds(offers=(offer,))
    assert judge("I have Tuesday, November 24th at 9:30 AM.", told) is None
    assert judge("I have Wednesday, November 25th at 9:30 AM.", told) is not None
    assert judge("I have Tuesday, November 24th at 9:15 AM.", told) is not None
