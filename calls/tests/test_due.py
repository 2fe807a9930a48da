"""When a promised callback is due, and how that is said. The desk: weekdays, nine to five."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import due
from calls.tests.conftest import OpenDesk

DESK = OpenDesk()
ZONE = ZoneInfo("America/New_York")


def local(text: str) -> datetime:
    """A shop-local moment of November 2026: "24 10:30" (the 24th is a Tuesday)."""
    day, clock = text.split()
    return datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "minutes", "expected", "said"),
    [
        ("24 10:00", 30, "24 10:30", "by 10:30 AM today"),
        ("24 12:30", 30, "24 13:00", "by 1:00 PM today"),
        ("24 07:00", 30, "24 09:30", "by 9:30 AM today"),
        ("24 16:45", 30, "25 09:15", "by 9:15 AM tomorrow"),
        ("24 22:00", 30, "25 09:30", "by 9:30 AM tomorrow"),
        ("25 16:45", 30, "27 09:15", "by 9:15 AM on Friday, November 27"),
        ("27 18:00", 120, "30 11:00", "by 11:00 AM on Monday, November 30"),
        ("24 10:00", 600, "25 12:00", "by 12:00 PM tomorrow"),
    ],
)
def test_a_callback_is_due_in_the_desks_time(
    now: str, minutes: int, expected: str, said: str
) -> None:
    found = due.callback_due(local(now), minutes, DESK)
    assert found == local(expected)
    assert due.in_words(found, local(now), DESK) == said


@given(
    st.integers(0, 2 * 365 * 24 * 60),
    st.integers(1, 600),
)
def test_somebody_is_there_when_it_is_due_and_no_time_is_promised_that_has_passed(
    minute: int, minutes: int
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    found = due.callback_due(now, minutes, DESK)
    assert found > now
    assert due.is_open(found - timedelta(seconds=1), DESK)


def test_a_desk_that_never_opens_still_has_a_day_to_be_asked_about() -> None:
    now = local("24 10:00")
    assert due.callback_due(now, 30, OpenDesk(hours={})) == now + timedelta(days=1)
