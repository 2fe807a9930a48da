"""One row for every rule about who may be rung, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import reasons
from scheduling.may_dial import LATER, Decision, DialTask, Reason, may_dial

NOW = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)  # Tuesday, ten in the morning in New York
NUMBER = "+12125550147"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

REMINDER = DialTask(
    kind="reminder",
    number=NUMBER,
    live=True,
    test_number="",
    consent=True,
    do_not_call=False,
    line="",
    state="NY",
    status="booked",
    version=3,
    visit_version=3,
    at=NOW + DAY,
)
FOLLOW_UP = replace(REMINDER, kind="follow_up", status="completed", at=NOW - 30 * HOUR)


def _at(clock: str) -> datetime:
    hour, minute = clock.split(":")
    return NOW.replace(hour=5) + timedelta(hours=int(hour), minutes=int(minute))


def test_a_reminder_and_a_follow_up_with_nothing_against_them_are_dialled():
    assert may_dial(REMINDER, NOW) == Decision(True, Reason.OK)
    assert may_dial(FOLLOW_UP, NOW) == (True, "")


RULES = [
    # a test, asked for by staff: the lock holds, whatever is open, and nobody else is spared
    ("", {"test": True, "test_number": NUMBER, "live": False}),
    ("", {"test": True, "test_number": NUMBER, "consent": False, "calls_in_30_days": 9}),
    ("number_locked", {"test": True, "test_number": "+12125550148"}),
    ("number_locked", {"test": True, "test_number": ""}),
    ("cancelled", {"test": True, "test_number": NUMBER, "status": "cancelled"}),
    ("too_late", {"test": True, "test_number": NUMBER, "at": NOW + HOUR}),
    # the lock
    ("number_locked", {"live": False}),
    ("number_locked", {"live": False, "test_number": "+12125550148"}),
    ("", {"live": False, "test_number": NUMBER}),
    # the line
    ("no_number", {"number": ""}),
    ("wrong_number", {"line": "wrong_number"}),
    ("fax", {"line": "fax"}),
    ("unreachable", {"line": "unreachable"}),
    # wishes and law
    ("do_not_call", {"do_not_call": True}),
    ("no_consent", {"consent": False}),
    ("do_not_call", {"do_not_call": True, "consent": False}),
    ("state_forbids", {"number": "+14155550147"}),
    ("state_forbids", {"state": "CA"}),
    # the visit
    ("gone", {"status": ""}),
    ("gone", {"at": None}),
    ("gone", {"status": "no_show"}),
    ("moved", {"visit_version": 4}),
    ("cancelled", {"status": "cancelled", "visit_version": 4}),
    ("confirmed_already", {"status": "confirmed", "visit_version": 4}),
    ("arrived", {"status": "checked_in"}),
    ("arrived", {"status": "in_service"}),
    ("arrived", {"status": "ready"}),
    ("arrived", {"status": "completed"}),
    ("too_late", {"at": NOW + 2 * HOUR - timedelta(seconds=1)}),
    ("", {"at": NOW + 2 * HOUR}),
    # how often
    ("attempts_used", {"attempts": 2}),
    ("number_rested", {"calls_in_30_days": 3}),
    ("", {"calls_in_30_days": 2}),
    ("too_soon", {"attempts": 1, "last_attempt_at": NOW - 3 * HOUR + timedelta(seconds=1)}),
    ("", {"attempts": 1, "last_attempt_at": NOW - DAY}),
    # the hour where they are
    ("quiet_hours", {"number": "+18085550147"}),
    ("quiet_hours", {"state": "HI"}),
]


@pytest.mark.parametrize(("reason", "facts"), RULES)
def test_the_rule_decides(reason, facts):
    decision = may_dial(replace(REMINDER, **facts), NOW)
    assert decision == (not reason, reason)


FOLLOW_UP_RULES = [
    ("too_early", {"at": NOW - DAY + timedelta(seconds=1)}),
    ("", {"at": NOW - DAY}),
    ("", {"at": NOW - 7 * DAY}),
    ("too_late", {"at": NOW - 7 * DAY - timedelta(seconds=1)}),
    ("gone", {"status": "in_service"}),
    ("gone", {"status": "cancelled"}),
    ("no_consent", {"consent": False}),
]


@pytest.mark.parametrize(("reason", "facts"), FOLLOW_UP_RULES)
def test_the_rule_decides_about_a_follow_up(reason, facts):
    assert may_dial(replace(FOLLOW_UP, **facts), NOW) == (not reason, reason)


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ("9:00", "12:30", ""),
        ("9:00", "11:59", "too_soon"),
        ("12:30", "15:45", "same_day_part"),
        ("12:30", "16:00", ""),
        ("13:30", "16:00", "too_soon"),
    ],
)
def test_a_second_attempt_waits_three_hours_and_for_another_part_of_the_day(first, second, reason):
    task = replace(REMINDER, attempts=1, last_attempt_at=_at(first), at=NOW + 2 * DAY)
    assert may_dial(task, _at(second)).reason == reason


@pytest.mark.parametrize(
    ("clock", "ok"), [("8:59", False), ("9:00", True), ("18:59", True), ("19:00", False)]
)
def test_the_hours_end_on_the_minute(clock, ok):
    assert may_dial(replace(REMINDER, at=NOW + 3 * DAY), _at(clock)).ok is ok


FORCED = [
    ("", {"attempts": 5, "last_attempt_at": NOW - timedelta(minutes=1)}),
    ("", {"status": "confirmed"}),
    ("number_locked", {"live": False}),
    ("do_not_call", {"do_not_call": True}),
    ("no_consent", {"consent": False}),
    ("wrong_number", {"line": "wrong_number"}),
    ("state_forbids", {"state": "CA"}),
    ("cancelled", {"status": "cancelled"}),
    ("moved", {"visit_version": 4}),
    ("number_rested", {"calls_in_30_days": 3}),
    ("quiet_hours", {"state": "HI"}),
]


@pytest.mark.parametrize(("reason", "facts"), FORCED)
def test_staff_can_hurry_a_call_but_not_break_a_rule_for_it(reason, facts):
    assert may_dial(replace(REMINDER, forced=True, **facts), NOW).reason == reason


def test_what_never_changes_is_said_before_what_passes():
    everything = replace(
        REMINDER,
        live=False,
        do_not_call=True,
        consent=False,
        status="cancelled",
        attempts=9,
        calls_in_30_days=9,
    )
    assert may_dial(everything, NOW).reason == "number_locked"
    assert may_dial(replace(everything, live=True), NOW).reason == "do_not_call"


def test_only_what_passes_by_itself_is_asked_about_again():
    assert {str(reason) for reason in LATER} == {
        "too_early",
        "too_soon",
        "same_day_part",
        "quiet_hours",
    }


_TASKS = st.builds(
    DialTask,
    kind=st.sampled_from(["reminder", "follow_up"]),
    number=st.sampled_from([NUMBER, "+14155550147", "+18085550147", "+14015550147", ""]),
    live=st.booleans(),
    test_number=st.sampled_from(["", NUMBER]),
    consent=st.booleans(),
    do_not_call=st.booleans(),
    line=st.sampled_from(["", "", "fax"]),
    state=st.sampled_from(["", "NY", "CA", "RI"]),
    status=st.sampled_from(["booked", "confirmed", "cancelled", "completed", ""]),
    version=st.integers(1, 2),
    visit_version=st.integers(1, 2),
    at=st.none() | st.integers(-200, 200).map(lambda hours: NOW + hours * HOUR),
    attempts=st.integers(0, 3),
    last_attempt_at=st.none() | st.integers(1, 90).map(lambda hours: NOW - hours * HOUR),
    calls_in_30_days=st.integers(0, 4),
    forced=st.booleans(),
)


@given(_TASKS, st.integers(0, 24 * 14).map(lambda hours: NOW + hours * HOUR))
def test_nobody_is_ever_rung_against_the_lock_their_wish_or_the_law(task, now):
    ok, reason = may_dial(task, now)
    assert ok is (reason == "")
    if ok:
        assert task.live or task.number == task.test_number
        assert task.consent
        assert not task.do_not_call
        assert not task.line
        assert task.state != "CA"
        assert not task.number.startswith("+1415")
        assert task.calls_in_30_days < 3
        assert task.attempts < 2 or task.forced
        assert task.status in {"booked", "completed"} or task.forced


def test_staff_read_every_reason_as_a_sentence_of_its_own():
    said = {reason: reasons.NOT_DIALLED[reason] for reason in Reason if reason}
    assert set(said) == set(reasons.NOT_DIALLED)
    assert len(set(said.values())) == len(said)
    for reason, words in said.items():
        assert words[0].isupper() and words.endswith(".") and "_" not in words
        assert words.startswith("Waits") == (reason in LATER)
