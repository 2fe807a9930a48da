"""Times out of speech, and the half of the day that a shop's hours settle."""

from datetime import UTC, datetime, time

import pytest

from voice.dialogue.heard import Part, TimeHeard, business_bounds, business_time, parse_time

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OPENS, CLOSES = time(9), time(17)

EXACT = {
    "9:30 AM": "09:30",
    "9:30": "09:30",
    "nine thirty": "09:30",
    "nine thirty a m": "09:30",
    "nine thirty in the morning": "09:30",
    "half past nine": "09:30",
    "half past nine a.m.": "09:30",
    "quarter to two": "01:45",
    "a quarter to two": "01:45",
    "quarter of two": "01:45",
    "quarter past ten": "10:15",
    "quarter after ten": "10:15",
    "ten to four": "03:50",
    "twenty past one": "01:20",
    "five minutes to three": "02:55",
    "ten minutes after eleven": "11:10",
    "noon": "12:00",
    "midday": "12:00",
    "twelve noon": "12:00",
    "midnight": "00:00",
    "at noon": "12:00",
    "2pm": "14:00",
    "2 p.m.": "14:00",
    "two o'clock": "02:00",
    "two oclock in the afternoon": "14:00",
    "nine oh five": "09:05",
    "930": "09:30",
    "14:30": "14:30",
    "at ten": "10:00",
    "ten": "10:00",
    "10": "10:00",
    "nine-ish": "09:00",
    "around nine": "09:00",
    "about ten thirty": "10:30",
    "eleven fifteen": "11:15",
    "let's say three": "03:00",
    "how about one thirty": "01:30",
    "twelve thirty p m": "12:30",
    "twelve fifteen a m": "00:15",
    "eight at night": "20:00",
    "in two hours": "11:00",
    "in half an hour": "09:30",
    "in an hour": "10:00",
    "now": "09:00",
    "25:00": None,
    "9:75": None,
    "I have two cars": None,
    "it takes three days": None,
    "four new tires": None,
    "": None,
}


@pytest.mark.parametrize(("text", "at"), EXACT.items())
def test_a_time(text: str, at: str | None) -> None:
    found = parse_time(text, NOW)
    assert (found.at.strftime("%H:%M") if found and found.at else None) == at


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("after three", "15:00", None),
        ("any time after two thirty", "14:30", None),
        ("before noon", None, "12:00"),
        ("before eleven", None, "11:00"),
        ("by ten", None, "10:00"),
        ("no later than four", None, "16:00"),
        ("between nine and eleven", "09:00", "11:00"),
        ("between one and three", "13:00", "15:00"),
        ("between eleven and two", "11:00", "14:00"),
        ("from one to three", "13:00", "15:00"),
        ("between two and four p m", "14:00", "16:00"),
        ("after ten but before two", "10:00", "14:00"),
        ("in the morning", "00:00", "12:00"),
        ("afternoon", "12:00", "17:00"),
        ("after lunch", "13:00", None),
        ("early afternoon", "12:00", "14:00"),
        ("late morning", "10:30", "12:00"),
        ("not before ten", "10:00", None),
    ],
)
def test_bounds(text: str, earliest: str | None, latest: str | None) -> None:
    found = parse_time(text, NOW)
    assert found is not None
    low, high = business_bounds(found, OPENS, CLOSES)
    assert (low and low.strftime("%H:%M"), high and high.strftime("%H:%M")) == (earliest, latest)


def test_words_for_the_ends_of_a_day() -> None:
    first, last = parse_time("first thing in the morning"), parse_time("the end of the day")
    assert first is not None
    assert first.soonest
    assert first.part is Part.MORNING
    assert last is not None
    assert last.last


def test_roughly_is_kept() -> None:
    for text in ("nine-ish", "around nine", "nineish", "9ish", "about nine"):
        found = parse_time(text)
        assert found is not None, text
        assert found.approximate, text


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("nine", 9),
        ("ten", 10),
        ("twelve", 12),
        ("one", 13),
        ("two", 14),
        ("four", 16),
        ("five", 17),
        ("six", 18),
        ("seven", 7),
        ("eight", 8),
        ("3 am", 3),
        ("nine p m", 21),
    ],
)
def test_the_shops_hours_settle_the_half_of_the_day(said: str, meant: int) -> None:
    found = parse_time(said)
    assert found is not None
    settled = business_time(found, OPENS, CLOSES)
    assert settled == time(meant)


def test_a_part_of_the_day_is_no_exact_time() -> None:
    assert business_time(TimeHeard(part=Part.MORNING), OPENS, CLOSES) is None
