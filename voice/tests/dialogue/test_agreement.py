"""What counts as a yes, and to which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.core.history import AgentTurn, CallerTurn, Item, ToolUse
from voice.dialogue.agreement import Answer, agreed_to, answer_to, judge

READ_BACK = "So that's an oil change, Tuesday, November twenty-fourth at nine thirty A M."


@pytest.mark.parametrize(
    "text",
    [
        "Yes.", "yeah", "Yep, that's right.", "Sure, go ahead.", "That's correct, thank you.",
        "Sounds good", "Okay, book it", "mm-hm", "No, that's right.", "no problem, yes", "1",
        "Perfect.", "yes please", "that works for me", "Yes, I'll be there.", "you bet",
    ],
)  # fmt: skip
def test_plain_agreement_is_a_yes(text: str) -> None:
    assert judge(text) is Answer.YES


@pytest.mark.parametrize(
    "text",
    [
        "No.", "nope", "no wait, Thursday", "that's not right", "don't book it", "wrong car",
        "stop", "never mind", "hold on", "I'd rather not", "2", "not yet",
    ],
)  # fmt: skip
def test_a_no_anywhere_is_a_no(text: str) -> None:
    assert judge(text) is Answer.NO


@pytest.mark.parametrize(
    "text",
    [
        "yes but make it Thursday", "is it Tuesday?", "yes at ten", "what was the price", "",
        "okay what time was that", "yes and add a rotation", "the Civic", "I guess whatever",
        "yes for my wife's car", "right, the other one",
    ],
)  # fmt: skip
def test_a_yes_with_anything_else_writes_nothing(text: str) -> None:
    assert judge(text) is Answer.UNCLEAR


def history(heard: str, *answers: str) -> tuple[Item, ...]:
    return (
        CallerTurn("oil change"),
        ToolUse("t1", "book_appointment", "{}", "{}"),
        AgentTurn(f"{READ_BACK} Is that right?", heard),
        *(CallerTurn(answer) for answer in answers),
    )


def test_a_yes_to_a_read_back_heard_in_full_agrees() -> None:
    assert agreed_to(READ_BACK, history(f"{READ_BACK} Is that", "yes"))


def test_a_yes_to_a_read_back_cut_short_does_not() -> None:
    assert not agreed_to(READ_BACK, history(READ_BACK[:-12], "yes"))


def test_an_old_yes_does_not_count_for_a_new_read_back() -> None:
    earlier = history(READ_BACK, "yes")
    assert (
        answer_to("So that's a rotation.", (*earlier, AgentTurn("So that's a rotation.", "")))
        is None
    )


def test_talk_between_read_back_and_yes_asks_for_a_new_read_back() -> None:
    between = (
        *history(READ_BACK, "how much is that"),
        AgentTurn("Sixty dollars.", "Sixty dollars."),
    )
    assert not agreed_to(READ_BACK, (*between, CallerTurn("yes")))


def test_a_no_after_a_yes_is_a_no() -> None:
    assert answer_to(READ_BACK, history(READ_BACK, "yes", "no wait")) is Answer.NO


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    assert judge(text) in Answer


@given(
    st.sampled_from(["yes", "sure", "okay", "right"]),
    st.sampled_from(["thursday", "ten thirty", "the truck", "two cars", "cheaper", "tomorrow"]),
)
def test_no_yes_carries_a_new_value_along(yes: str, value: str) -> None:
    assert judge(f"{yes} {value}") is not Answer.YES
    assert judge(f"{value} {yes}") is not Answer.YES
