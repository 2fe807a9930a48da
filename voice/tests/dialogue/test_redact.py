"""Private values never pass, however they are said; ordinary talk passes whole."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.core.history import Expectation
from voice.dialogue import spoken
from voice.dialogue.redact import redact

DIGITS = st.text("0123456789", min_size=16, max_size=16)


@pytest.mark.parametrize(
    ("text", "expects", "gone"),
    [
        ("My date of birth is April second nineteen eighty one", "open", "eighty one"),
        ("four two eighty one", "date_of_birth", "eighty"),
        ("04/02/1981", "date_of_birth", "1981"),
        ("I was born 4/2/81", "open", "4/2"),
        ("the second of May two thousand four", "open", "May"),
        ("my card is 4111 1111 1111 1111, expires 12/26", "open", "4111"),
        ("four one one one one one one one one one one one one one one one", "open", "one one"),
        ("five one two five five five oh one four seven", "open", "five one two"),
        ("I live at 1245 Oak Street", "open", "1245"),
        ("twelve forty five oak street", "open", "forty"),
        ("it's 1HGCM82633A004352", "open", "1HG"),
        ("the vin ends in zero zero four three five two", "open", "four three"),
        ("A B one two three four", "vin", "one"),
        ("1245, 78701", "address", "1245"),
        ("seven eight seven oh one", "zip", "seven"),
        ("dana@example.com", "open", "dana@"),
        ("123-45-6789", "open", "6789"),
        ("my card is 4111", "open", "4111"),
        ("the card number's four one one one, hold on", "open", "four one"),
    ],
)
def test_a_private_value_is_taken_out(text: str, expects: str, gone: str) -> None:
    assert gone not in redact(text, Expectation(expects))


@pytest.mark.parametrize(
    "text",
    [
        "Tuesday, November twenty-fourth at nine thirty",
        "a twenty nineteen Honda CR-V",
        "sixty thousand mile service on my 2015 Ford F-150",
        "November 24 at 9:30 or the 25th at 10",
        "I need four new tires at three thirty",
        "forty two thousand five hundred miles",
        "I'd rather not say",
    ],
)
def test_ordinary_talk_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_the_last_four_of_a_phone_number_stay() -> None:
    assert redact("it's 512 555 0147", Expectation.PHONE) == "it's [phone number ending 0147]"


@given(DIGITS, st.sampled_from(list(Expectation)))
def test_no_card_number_survives_in_any_spelling(digits: str, expects: Expectation) -> None:
    grouped = " ".join(digits[i : i + 4] for i in range(0, 16, 4))
    for said in (digits, grouped, spoken.say_digits(digits)):
        left = redact(f"my card is {said} okay", expects)
        assert digits[:12] not in left.replace(" ", "")
        assert spoken.say_digits(digits[:12]) not in left


@given(st.dates(min_value=date(1930, 1, 1), max_value=date(2008, 12, 31)))
def test_no_date_of_birth_survives_when_it_was_asked_for(day: date) -> None:
    for said in (
        spoken.say_birth_date(day),
        f"{day:%m/%d/%Y}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day:%m%d%Y}",
    ):
        left = redact(f"it's {said}", Expectation.DATE_OF_BIRTH)
        assert str(day.year) not in left
        assert spoken.say_year(day.year) not in left


@given(st.text(max_size=200), st.sampled_from(list(Expectation)))
def test_any_text_can_be_redacted_and_twice_is_as_once(text: str, expects: Expectation) -> None:
    once = redact(text, expects)
    assert isinstance(once, str)
