"""Dates out of speech. Today is Sunday, 22 November 2026 (and a Tuesday where said)."""

from datetime import date

import pytest

from voice.dialogue.heard import parse_date

SUNDAY = date(2026, 11, 22)
TUESDAY = date(2026, 11, 24)

DAYS = {
    "today": "2026-11-22",
    "tomorrow": "2026-11-23",
    "day after tomorrow": "2026-11-24",
    "the day after tomorrow": "2026-11-24",
    "yesterday": "2026-11-21",
    "tonight": "2026-11-22",
    "Tuesday": "2026-11-24",
    "on tuesday please": "2026-11-24",
    "this Tuesday": "2026-11-24",
    "this coming Friday": "2026-11-27",
    "next Tuesday": "2026-11-24",
    "Tuesday next week": "2026-11-24",
    "Tuesday of next week": "2026-11-24",
    "a week from Tuesday": "2026-12-01",
    "Tuesday week": "2026-12-01",
    "a week from Thursday": "2026-12-03",
    "two weeks from Thursday": "2026-12-10",
    "the Tuesday after next": "2026-12-01",
    "a week from today": "2026-11-29",
    "two weeks from today": "2026-12-06",
    "in two weeks": "2026-12-06",
    "in a couple of weeks": "2026-12-06",
    "in ten days": "2026-12-02",
    "in 3 days": "2026-11-25",
    "three days from now": "2026-11-25",
    "a month from now": "2026-12-22",
    "five days ago": "2026-11-17",
    "last Monday": "2026-11-16",
    "the twenty-fourth": "2026-11-24",
    "the 24th": "2026-11-24",
    "twenty fourth": "2026-11-24",
    "the third": "2026-12-03",
    "the first": "2026-12-01",
    "the 24th of this month": "2026-11-24",
    "the fifth of next month": "2026-12-05",
    "November 24": "2026-11-24",
    "november twenty fourth": "2026-11-24",
    "November the twenty-fourth": "2026-11-24",
    "nov. 24th": "2026-11-24",
    "the 24th of november": "2026-11-24",
    "november twenty four": "2026-11-24",
    "january fifth": "2027-01-05",
    "January 5th, 2027": "2027-01-05",
    "january fifth twenty twenty seven": "2027-01-05",
    "december second": "2026-12-02",
    "11/24": "2026-11-24",
    "11/24/26": "2026-11-24",
    "11-24-2026": "2026-11-24",
    "2026-11-24": "2026-11-24",
    "24/11": "2026-11-24",
    "Tuesday the 24th": "2026-11-24",
    "Tuesday the twenty fourth": "2026-11-24",
    "Tuesday November 24th": "2026-11-24",
    "Tuesday, 11/24": "2026-11-24",
    "Friday the fourth of December": "2026-12-04",
    "December fourth which is a Friday": "2026-12-04",
    "the Friday after Thanksgiving": "2026-11-27",
    "thanksgiving": "2026-11-26",
    "christmas eve": "2026-12-24",
    "new year's day": "2027-01-01",
    "how about uh wednesday": "2026-11-25",
    "could we do weds": "2026-11-25",
    "wednsday": None,
    "November thirty first": None,
    "the 45th": None,
    "may I ask something": None,
    "march on": None,
    "the first one": None,
    "the second opening": None,
    "first thing": None,
    "I sat down in the sun": None,
    "hello": None,
    "": None,
}


@pytest.mark.parametrize(("text", "day"), DAYS.items())
def test_a_single_day(text: str, day: str | None) -> None:
    found = parse_date(text, SUNDAY)
    heard = found.day.isoformat() if found and found.day else None
    assert heard == day


@pytest.mark.parametrize(
    ("text", "day"),
    {
        "Tuesday": "2026-12-01",
        "this Tuesday": "2026-11-24",
        "next Tuesday": "2026-12-01",
        "next Friday": "2026-12-04",
        "Friday": "2026-11-27",
        "last Tuesday": "2026-11-17",
        "Tuesday in a week": "2026-12-01",
        "the third of november": "2026-11-03",
        "november 24": "2026-11-24",
    }.items(),
)
def test_the_weekday_of_today_is_the_next_one_unless_it_is_this_one(text: str, day: str) -> None:
    found = parse_date(text, TUESDAY)
    assert found is not None
    assert str(found.day) == day


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("next week", "2026-11-23", "2026-11-29"),
        ("sometime next week", "2026-11-23", "2026-11-29"),
        ("this week", "2026-11-22", "2026-11-22"),
        ("the week after next", "2026-11-30", "2026-12-06"),
        ("early next week", "2026-11-23", "2026-11-24"),
        ("the beginning of next week", "2026-11-23", "2026-11-24"),
        ("late next week", "2026-11-26", "2026-11-27"),
        ("the end of next week", "2026-11-26", "2026-11-27"),
        ("next weekend", "2026-11-28", "2026-11-29"),
        ("the end of the month", "2026-11-28", "2026-11-30"),
        ("next month", "2026-12-01", "2026-12-31"),
        ("the beginning of december", "2026-12-01", "2026-12-10"),
        ("in december", "2026-12-01", "2026-12-31"),
        ("the week of the thirtieth", "2026-11-30", "2026-12-06"),
        ("in the next few days", "2026-11-23", "2026-11-25"),
    ],
)
def test_a_stretch_of_days(text: str, first: str, last: str) -> None:
    found = parse_date(text, SUNDAY)
    assert found is not None
    assert (str(found.first), str(found.last)) == (first, last)


def test_the_end_of_a_month_stands_for_its_last_day() -> None:
    found = parse_date("end of the month", SUNDAY)
    assert found is not None
    assert found.likeliest == date(2026, 11, 30)


def test_several_weekdays_are_one_set() -> None:
    found = parse_date("Tuesday or Thursday", SUNDAY)
    assert found is not None
    assert found.weekdays == {1, 3}
    assert found.days() == (date(2026, 11, 24), date(2026, 11, 26))


def test_weekdays_are_monday_to_friday_of_the_next_two_weeks() -> None:
    found = parse_date("any weekday", SUNDAY)
    assert found is not None
    assert found.allows(date(2026, 11, 23))
    assert not found.allows(date(2026, 11, 28))


@pytest.mark.parametrize("text", ["Friday the 24th", "Friday November 24th", "friday 11/24"])
def test_a_weekday_and_a_date_that_disagree_are_both_kept(text: str) -> None:
    found = parse_date(text, SUNDAY)
    assert found is not None
    assert found.rival == date(2026, 11, 24)
    assert found.first.weekday() == 4
    assert found.first.day == 24


def test_a_day_gone_by_says_so() -> None:
    found = parse_date("november third", TUESDAY)
    assert found is not None
    assert found.past


@pytest.mark.parametrize("today", [date(1, 1, 1), date(9999, 12, 31), date(2028, 2, 29)])
@pytest.mark.parametrize(
    "text",
    [
        "a month from now",
        "in 9999 weeks",
        "last year",
        "next year",
        "next month",
        "the 30th",
        "9000 months ago",
        "the week after next",
        "february 29th",
        "friday the 13th",
        "tomorrow",
    ],
)
def test_the_edges_of_the_calendar_are_no_trouble(today: date, text: str) -> None:
    parse_date(text, today)
