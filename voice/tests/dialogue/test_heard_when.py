"""Whole answers to "what day works?": alternatives, exclusions, corrections."""

from datetime import UTC, datetime, time

import pytest

from voice.dialogue.heard import Moment, WhenHeard, parse_when

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def _show(moments: tuple[Moment, ...]) -> list[str]:
    shown = []
    for moment in moments:
        date = moment.date
        day = "" if date is None else str(date.day or f"{date.first}..{date.last}")
        clock = moment.time
        at = "" if clock is None else str(clock.part or "") or _bounds(clock.earliest, clock.latest)
        if clock and clock.at:
            at = clock.at.strftime("%H:%M")
        shown.append(" ".join(part for part in (day, at) if part))
    return shown


def _bounds(earliest: time | None, latest: time | None) -> str:
    return f"{earliest:%H:%M}-" if earliest else f"-{latest:%H:%M}" if latest else "any"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("Tuesday at nine thirty", ["2026-11-24 09:30"]),
        ("Tuesday nine thirty", ["2026-11-24 09:30"]),
        ("tuesday at 9 30", ["2026-11-24 09:30"]),
        ("nine thirty on Tuesday", ["2026-11-24 09:30"]),
        ("Tuesday the 24th at 9:30 AM", ["2026-11-24 09:30"]),
        ("tomorrow morning", ["2026-11-23 morning"]),
        ("Tuesday afternoon around two", ["2026-11-24 14:00"]),
        ("in the afternoon on Friday", ["2026-11-27 afternoon"]),
        ("Tuesday or Thursday", ["2026-11-24", "2026-11-26"]),
        ("Tuesday or Wednesday morning", ["2026-11-24 morning", "2026-11-25 morning"]),
        ("Tuesday at nine or Thursday at two", ["2026-11-24 09:00", "2026-11-26 02:00"]),
        ("Tuesday at nine or ten", ["2026-11-24 09:00", "2026-11-24 10:00"]),
        ("after three on Friday", ["2026-11-27 03:00-"]),
        ("Friday before noon", ["2026-11-27 -12:00"]),
        ("next week, maybe Wednesday", ["2026-11-25"]),
        ("next week in the morning", ["2026-11-23..2026-11-29 morning"]),
        ("Tuesday no wait Wednesday", ["2026-11-25"]),
        ("Tuesday, I mean Wednesday at ten", ["2026-11-25 10:00"]),
        ("Tuesday at nine, no, ten", ["2026-11-24 10:00"]),
        ("Tuesday actually make it Thursday", ["2026-11-26"]),
        ("not Tuesday, Wednesday", ["2026-11-25"]),
        ("anything but Monday, how about Friday", ["2026-11-27"]),
        ("Tuesday doesn't work, Thursday does", ["2026-11-26"]),
        ("I can't do Tuesday but Thursday is fine", ["2026-11-26"]),
        ("no, Thursday", ["2026-11-26"]),
        ("yes Thursday at ten works", ["2026-11-26 10:00"]),
        ("the 24th at noon", ["2026-11-24 12:00"]),
        ("half past nine tomorrow", ["2026-11-23 09:30"]),
        ("this afternoon", ["2026-11-22 afternoon"]),
        ("the first one", []),
        ("nine thirty works", ["09:30"]),
        ("I need four new tires on Friday", ["2026-11-27"]),
        ("my 2018 Civic on Tuesday at ten", ["2026-11-24 10:00"]),
        ("today Monday", ["2026-11-23"]),
    ],
)
def test_what_is_wished_for(text: str, options: list[str]) -> None:
    found = parse_when(text, NOW) or WhenHeard()
    assert _show(found.options) == options


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("not Tuesday", ["2026-11-24"]),
        ("any day but not Monday", ["2026-11-23"]),
        ("not Monday or Tuesday", ["2026-11-23", "2026-11-24"]),
        ("next week except Wednesday", ["2026-11-25"]),
        ("I can't do Tuesday", ["2026-11-24"]),
        ("Tuesday doesn't work", ["2026-11-24"]),
        ("Tuesday is no good for me", ["2026-11-24"]),
        ("anything but Friday", ["2026-11-27"]),
        ("not in the morning", ["morning"]),
        ("Tuesday is fine", []),
        ("no, Tuesday", []),
        ("not sure, maybe Tuesday", []),
    ],
)
def test_what_is_ruled_out(text: str, excluded: list[str]) -> None:
    found = parse_when(text, NOW)
    assert found is not None
    assert _show(found.excluded) == excluded


def test_as_soon_as_possible_and_whenever() -> None:
    for text in ("as soon as possible", "the earliest you have", "ASAP", "first available please"):
        found = parse_when(text, NOW)
        assert found is not None, text
        assert found.soonest, text
    for text in ("any time is fine", "whenever", "it doesn't matter", "I'm flexible"):
        found = parse_when(text, NOW)
        assert found is not None, text
        assert found.whenever, text


def test_two_days_said_as_one_that_disagree_keep_both() -> None:
    found = parse_when("tomorrow, Friday", NOW)
    assert found is not None
    assert found.date is not None
    assert str(found.date.first) == "2026-11-27"
    assert str(found.date.rival) == "2026-11-23"


@pytest.mark.parametrize("text", ["", "I need an oil change", "yes please", "my name is Dana Ruiz"])
def test_nothing_about_when_is_none(text: str) -> None:
    assert parse_when(text, NOW) is None
