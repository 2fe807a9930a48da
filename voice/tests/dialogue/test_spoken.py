"""Facts as words, exactly as they are to be said."""

from datetime import UTC, date, datetime, time

import pytest

from voice.dialogue import spoken

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 23), "today, Monday, November twenty-third"),
        (date(2026, 11, 24), "tomorrow, Tuesday, November twenty-fourth"),
        (date(2026, 12, 1), "Tuesday, December first"),
        (date(2026, 12, 3), "Thursday, December third"),
        (date(2026, 12, 12), "Saturday, December twelfth"),
        (date(2026, 12, 20), "Sunday, December twentieth"),
        (date(2027, 8, 31), "Tuesday, August thirty-first, twenty twenty-seven"),
    ],
)
def test_a_date_carries_its_weekday(day: date, said: str) -> None:
    assert spoken.say_date(day, TODAY) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (time(9, 30), "nine thirty A M"),
        (time(12, 0), "noon"),
        (time(0, 0), "midnight"),
        (time(13, 0), "one P M"),
        (time(9, 5), "nine oh five A M"),
        (time(12, 30), "twelve thirty P M"),
        (time(0, 15), "twelve fifteen A M"),
        (time(16, 45), "four forty-five P M"),
    ],
)
def test_a_time_is_never_24_hour(at: time, said: str) -> None:
    assert spoken.say_time(at) == said


def test_a_date_and_time() -> None:
    start = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    said = spoken.say_when(start, date(2026, 11, 20))
    assert said == "Tuesday, November twenty-fourth at nine thirty A M"


@pytest.mark.parametrize(
    ("cents", "said"),
    [
        (8995, "eighty-nine ninety-five"),
        (12995, "one hundred twenty-nine ninety-five"),
        (14900, "one hundred forty-nine dollars"),
        (100, "one dollar"),
        (50, "fifty cents"),
        (1, "one cent"),
        (0, "no charge"),
        (905, "nine dollars and five cents"),
        (10095, "one hundred dollars and ninety-five cents"),
        (120000, "one thousand two hundred dollars"),
        (-500, "minus five dollars"),
    ],
)
def test_money_is_unmistakable(cents: int, said: str) -> None:
    assert spoken.say_money(cents) == said


def test_numbers() -> None:
    assert spoken.say_count(0) == "zero"
    assert spoken.say_count(1_000_000) == "one million"
    assert spoken.say_count(342) == "three hundred forty-two"
    assert spoken.say_count(-3) == "minus three"
    assert spoken.say_ordinal(1) == "first"
    assert spoken.say_ordinal(42) == "forty-second"
    assert spoken.say_ordinal(100) == "one hundredth"
    assert spoken.say_odometer(42_500) == "forty-two thousand five hundred miles"
    assert spoken.say_odometer(1) == "one mile"


@pytest.mark.parametrize(
    ("year", "said"),
    [
        (2019, "twenty nineteen"),
        (2009, "two thousand nine"),
        (2000, "two thousand"),
        (1998, "nineteen ninety-eight"),
        (1905, "nineteen oh five"),
        (1900, "nineteen hundred"),
        (2100, "twenty-one hundred"),
    ],
)
def test_a_year(year: int, said: str) -> None:
    assert spoken.say_year(year) == said


def test_phone_numbers_go_in_groups() -> None:
    said = "five five five, two three four, zero one four seven"
    assert spoken.say_phone("+15552340147") == said
    assert spoken.say_phone("(555) 234-0147") == said
    assert spoken.say_phone("911") == "nine one one"
    assert spoken.say_last_four("+15552340147") == "zero one four seven"


def test_characters_have_pauses() -> None:
    assert spoken.say_reference("K7M4Q2") == "K, seven, M, four, Q, two"
    assert spoken.say_spelling("Ruiz") == "R, U, I, Z"
    assert spoken.say_vin_tail("4S5678") == "four, S as in Sierra, five; six, seven, eight"
    assert spoken.say_zip("02139-1234") == "zero two one three nine"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("DANA", "ruiz", "Dana Ruiz"),
        ("sean", "o'brien", "Sean O'Brien"),
        ("MARY-JANE", "WATSON", "Mary-Jane Watson"),
        ("Ronald", "McDonald", "Ronald McDonald"),
        ("Cher", "", "Cher"),
    ],
)
def test_a_name(first: str, last: str, said: str) -> None:
    assert spoken.say_name(first, last) == said


@pytest.mark.parametrize(
    ("number", "street", "said"),
    [
        ("1245", "Oak St.", "twelve forty-five Oak Street"),
        ("45", "5th Ave", "forty-five Fifth Avenue"),
        ("100", "N Main St", "one hundred North Main Street"),
        ("905", "Elm Dr", "nine oh five Elm Drive"),
        ("12B", "Oak Ln", "twelve B Oak Lane"),
        ("10210", "Hwy 9", "one zero two one zero Highway nine"),
    ],
)
def test_an_address(number: str, street: str, said: str) -> None:
    assert spoken.say_address(number, street) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "one minute"),
        (45, "forty-five minutes"),
        (60, "an hour"),
        (90, "an hour and a half"),
        (75, "an hour and fifteen minutes"),
        (120, "two hours"),
        (150, "two and a half hours"),
    ],
)
def test_a_length_of_time(minutes: int, said: str) -> None:
    assert spoken.say_duration(minutes) == said


def test_a_list() -> None:
    assert (
        spoken.say_list(["brakes", "tires", "an oil change"]) == "brakes, tires and an oil change"
    )
    assert spoken.say_list(["Tuesday", "Friday"], "or") == "Tuesday or Friday"
    assert spoken.say_list(["brakes"]) == "brakes"
    assert spoken.say_list([]) == ""
