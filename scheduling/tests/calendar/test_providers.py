"""What every calendar must do: the built-in one, and Google's through its real client."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduling.calendar import (
    CalendarDisconnected,
    CalendarError,
    CalendarProvider,
    Conflict,
    Draft,
    SyncExpired,
    connected_calendar,
)
from scheduling.calendar.local import LocalCalendar
from simulators.google import GoogleSimulator

NINE = datetime(2030, 3, 5, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


def draft(
    event_id: str = "0123456789abcdef", *, at: datetime = NINE, summary: str = "Oil"
) -> Draft:
    return Draft(event_id, at, at + HOUR, summary, "Reference K7M4Q2.", {"version": "1"})


@pytest.fixture(params=["built-in", "google"])
def calendar(request: pytest.FixtureRequest, db: None) -> CalendarProvider:
    if request.param == "google":
        request.getfixturevalue("google")
        return connected_calendar()
    return LocalCalendar()


def test_an_event_is_made_once_however_often_it_is_put(calendar: CalendarProvider) -> None:
    first = calendar.put(draft())
    again = calendar.put(draft())
    assert first.event_id == again.event_id == "0123456789abcdef"
    assert len(calendar.changes("", NINE - HOUR).events) == 1
    assert again.says(draft())


def test_a_change_gets_a_new_etag_and_is_seen_from_the_sync_token_on(
    calendar: CalendarProvider,
) -> None:
    made = calendar.put(draft())
    token = calendar.changes("", NINE - HOUR).sync_token
    assert calendar.changes(token, NINE).events == ()
    moved = calendar.put(draft(at=NINE + HOUR), made.etag)
    assert moved.etag != made.etag
    assert [event.start for event in calendar.changes(token, NINE).events] == [NINE + HOUR]


def test_an_event_that_changed_meanwhile_is_not_written_over_unseen(
    calendar: CalendarProvider,
) -> None:
    made = calendar.put(draft())
    calendar.put(draft(summary="Somebody else's"), made.etag)
    with pytest.raises(Conflict):
        calendar.put(draft(at=NINE + HOUR), made.etag)


def test_a_removed_event_is_cancelled_and_can_come_back_under_its_id(
    calendar: CalendarProvider,
) -> None:
    calendar.put(draft())
    calendar.remove("0123456789abcdef")
    calendar.remove("0123456789abcdef")
    calendar.remove("fedcba9876543210")
    gone = calendar.get("0123456789abcdef")
    assert gone is not None
    assert gone.cancelled
    assert calendar.get("00000000") is None
    back = calendar.put(draft(), gone.etag)
    assert not back.cancelled


def test_an_event_that_is_there_and_was_never_seen_is_not_written_over(
    calendar: CalendarProvider,
) -> None:
    calendar.put(draft())
    for other in (draft(at=NINE + HOUR), replace(draft(), private={"version": "2"})):
        with pytest.raises(Conflict):
            calendar.put(other)
    calendar.remove("0123456789abcdef")
    with pytest.raises(Conflict):
        calendar.put(draft())


def test_busy_time_is_merged(calendar: CalendarProvider) -> None:
    for n, at in enumerate((NINE, NINE + HOUR, NINE + 3 * HOUR)):
        calendar.put(draft(f"aaaaaa{n}", at=at))
    busy = calendar.busy(NINE - HOUR, NINE + 9 * HOUR)
    assert [(one.start, one.end) for one in busy] == [
        (NINE, NINE + 2 * HOUR),
        (NINE + 3 * HOUR, NINE + 4 * HOUR),
    ]


@pytest.mark.django_db
def test_a_revoked_grant_means_that_a_person_must_act(google: GoogleSimulator) -> None:
    google.faults.revoked = True
    with pytest.raises(CalendarDisconnected):
        connected_calendar().put(draft())


@pytest.mark.django_db
def test_a_token_that_dies_in_use_is_renewed_without_a_word(google: GoogleSimulator) -> None:
    calendar = connected_calendar()
    calendar.put(draft())
    google.tokens.clear()
    assert calendar.get("0123456789abcdef") is not None


@pytest.mark.django_db
def test_a_failing_service_is_worth_another_try(google: GoogleSimulator) -> None:
    google.faults.errors = 1.0
    with pytest.raises(CalendarError) as caught:
        connected_calendar().put(draft())
    assert caught.value.retryable


@pytest.mark.django_db
def test_an_answer_with_errors_is_never_read_as_all_free(google: GoogleSimulator) -> None:
    calendar = connected_calendar()
    calendar.calendar_id = "nobody@example.com"
    with pytest.raises(CalendarError):
        calendar.busy(NINE, NINE + HOUR)


@pytest.mark.django_db
def test_an_expired_sync_token_is_told_from_a_failure(google: GoogleSimulator) -> None:
    calendar = connected_calendar()
    token = calendar.changes("", NINE).sync_token
    google.faults.expired_syncs = 1.0
    with pytest.raises(SyncExpired):
        calendar.changes(token, NINE)


@pytest.mark.django_db
def test_a_long_list_is_read_to_its_end(google: GoogleSimulator) -> None:
    for n in range(600):
        start = NINE + n * HOUR
        google.calendars.person_adds(start, start + HOUR)
    assert len(connected_calendar().changes("", NINE - HOUR).events) == 600


@pytest.mark.django_db
def test_a_whole_day_begins_at_midnight_in_the_shop(google: GoogleSimulator) -> None:
    google.calendars.insert(
        "primary", {"start": {"date": "2030-03-05"}, "end": {"date": "2030-03-06"}}
    )
    (event,) = connected_calendar().changes("", NINE - 48 * HOUR).events
    assert event.start is not None
    assert event.start.isoformat() == "2030-03-05T05:00:00+00:00"
