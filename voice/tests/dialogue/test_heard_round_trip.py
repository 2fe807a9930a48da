"""What we say can be heard again, and nothing that is heard can break or slow the listener."""

import string
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from voice.dialogue import heard, spoken
from voice.dialogue.spoken_text import speakable

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 10, 5, tzinfo=UTC)
days = st.dates(TODAY - timedelta(days=3000), TODAY + timedelta(days=3000))
near_days = st.integers(0, 179).map(lambda days: TODAY + timedelta(days=days))
minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
reference_letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
vin_letters = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
names = st.sampled_from(
    "Dana Ruiz Maria Nguyen Aaron Kowalski Jean Smith Lee O'Brien Garcia Wu Priya Patel".split()
)


@given(near_days)
def test_a_day_in_the_next_months_is_heard_as_it_is_said(day: date) -> None:
    found = heard.parse_date(spoken.say_date(day, TODAY), TODAY)
    assert found is not None
    assert found.day == day
    assert found.rival is None


@given(days)
def test_any_day_said_with_its_year_is_heard(day: date) -> None:
    found = heard.parse_date(spoken.say_birth_date(day), TODAY)
    assert found is not None
    assert found.day == day


@given(minutes)
def test_a_time_is_heard_as_it_is_said(at: time) -> None:
    found = heard.parse_time(spoken.say_time(at))
    assert found is not None
    assert found.at == at
    assert found.meridiem_known


@given(near_days, minutes)
def test_a_date_and_time_are_heard_together(day: date, at: time) -> None:
    found = heard.parse_when(spoken.say_when(datetime.combine(day, at, UTC), TODAY), NOW)
    assert found is not None
    assert len(found.options) == 1
    assert found.date is not None
    assert found.date.day == day
    assert found.time is not None
    assert found.time.at == at


@given(st.integers(0, 999_999_99))
def test_an_amount_of_money_is_heard_as_it_is_said(cents: int) -> None:
    assert heard.parse_money(spoken.say_money(cents)) == cents


@given(st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True))
def test_a_phone_number_is_heard_as_it_is_said(national: str) -> None:
    found = heard.parse_phone(spoken.say_phone("+1" + national))
    assert found is not None
    assert found.e164 == "+1" + national


@given(st.from_regex(r"[0-9]{4}", fullmatch=True))
def test_the_last_four_are_heard_as_they_are_said(digits: str) -> None:
    assert heard.parse_digits(spoken.say_last_four("+1555555" + digits)) == digits


@given(st.text(reference_letters, min_size=6, max_size=6))
def test_a_reference_is_heard_as_it_is_said(reference: str) -> None:
    assert heard.parse_reference(spoken.say_reference(reference)) == reference


@given(st.text(vin_letters, min_size=5, max_size=5), st.sampled_from([0, 2]))
def test_the_end_of_a_vin_is_heard_as_it_is_said(text: str, more: int) -> None:
    tail = text[:3] + "123" + ("" if not more else text[3:])
    assert heard.parse_vin_tail(spoken.say_vin_tail(tail)) == tail


@given(st.from_regex(r"[0-9]{5}", fullmatch=True))
def test_a_zip_code_is_heard_as_it_is_said(code: str) -> None:
    assert heard.parse_zip(spoken.say_zip(code)) == code


@given(st.integers(1000, 999_999))
def test_an_odometer_is_heard_as_it_is_said(miles: int) -> None:
    assert heard.parse_odometer(spoken.say_odometer(miles)) == miles


@given(st.dates(date(1915, 1, 1), date(2012, 12, 31)))
def test_a_birth_date_is_heard_as_it_is_said(born: date) -> None:
    assert heard.parse_dob(spoken.say_birth_date(born), TODAY) == born


@given(st.dates(date(1915, 1, 1), date(2012, 12, 31)))
def test_a_birth_date_is_heard_from_keys_and_from_digits(born: date) -> None:
    keys = born.strftime("%m%d%Y")
    assert heard.parse_dob(keys, TODAY) == born
    assert heard.parse_dob(spoken.say_digits(keys), TODAY) == born


@given(names, names)
def test_a_name_is_heard_as_it_is_said(first: str, last: str) -> None:
    found = heard.parse_name(spoken.say_name(first, last))
    assert found is not None
    assert (found.first, found.last) == (first, last)


@given(st.text(string.ascii_letters, min_size=3, max_size=12))
def test_a_spelling_is_heard_as_it_is_said(word: str) -> None:
    assert heard.parse_spelling(spoken.say_spelling(word)) == word.capitalize()


@given(st.integers(1, 9999), st.from_regex(r"[0-9]{5}", fullmatch=True))
@example(2900, "90210")
def test_street_number_and_zip_are_heard_as_they_are_said(number: int, code: str) -> None:
    said = f"{spoken.say_address(str(number), 'Oak St.')}, {spoken.say_zip(code)}"
    found = heard.parse_street_number_and_zip(said)
    assert found == heard.AddressHeard(str(number), code)


@given(st.integers(1, 5))
def test_a_score_is_heard_as_it_is_said(score: int) -> None:
    assert heard.parse_score(spoken.say_count(score)) == score


@given(st.integers(1981, 2027))
def test_a_model_year_is_heard_as_it_is_said(year: int) -> None:
    found = heard.parse_vehicle(f"{spoken.say_year(year)} honda civic", 2026)
    assert found == heard.VehicleHeard(year, "honda civic")


PARSERS = (
    lambda text: heard.parse_date(text, TODAY),
    lambda text: heard.parse_time(text, NOW),
    lambda text: heard.parse_when(text, NOW),
    lambda text: heard.parse_dob(text, TODAY),
    lambda text: heard.parse_vehicle(text, 2026),
    heard.parse_digits,
    heard.parse_phone,
    heard.parse_zip,
    heard.parse_street_number_and_zip,
    heard.parse_vin_tail,
    heard.parse_reference,
    heard.parse_spelling,
    heard.read_characters,
    heard.parse_odometer,
    heard.parse_money,
    heard.parse_score,
    heard.parse_name,
    heard.parse_yes_no,
    heard.parse_correction,
    speakable,
)
WORDS = (
    "oh zero one two twenty thirty hundred thousand double triple to for half past quarter after next "
    "last this week month monday friday the first 24th november may in a of from now days ago no not "
    "yes wait 11/24 9:30 2026-02-30 99/99 25:99 0 00 99999999999999999999 am pm noon end s as in sam "
    "minus $ . , ' ² ٣ ½ é 🚗 \u0000 dollars cents k miles until between and or before"
).split(" ")


@pytest.mark.unmeasured
@settings(max_examples=300)
@given(
    st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
)
def test_any_text_is_a_value_or_none(text: str) -> None:
    for parse in PARSERS:
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10000,
        "1" * 10000,
        "one " * 2500,
        "- " * 5000,
        "no " * 3300,
        "next " * 2000,
        "the " * 2500,
        "monday or " * 1000,
        "a week from " * 800,
        "(" * 10000,
        "double " * 1400,
        "not " * 2500,
        "$1 " * 3300,
        "s as in " * 1200,
        "i mean " * 1400,
        "first name " * 900,
    ],
)
def test_ten_thousand_characters_are_no_trouble(text: str) -> None:
    for parse in PARSERS:
        parse(text)


@pytest.mark.unmeasured
@settings(max_examples=300)
@given(
    st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
)
def test_no_digit_and_no_symbol_reaches_a_voice(text: str) -> None:
    said = speakable(text)
    assert not any(character.isdecimal() or character in "$%/*_#@" for character in said)
