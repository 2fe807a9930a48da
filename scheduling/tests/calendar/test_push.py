"""Being told at once: the channel, and what comes over it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from autoshop.celery import app
from scheduling import calendar_push, tasks_calendar
from scheduling.calendar import CalendarDisconnected
from scheduling.calendar_push import keep_channel, push_address
from scheduling.models import CalendarState, Reservation
from simulators.google import GoogleSimulator

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def public(settings: Settings) -> None:
    """A server that can be reached from outside."""
    settings.BASE_URL = "https://shop.example.com"


@pytest.fixture
def now() -> datetime:
    """The simulator's channels expire by the real clock."""
    return datetime.now(UTC)


def push(client: Client, state: str = "exists", **headers: str) -> int:
    row = CalendarState.objects.get()
    sent = {
        "X-Goog-Channel-ID": row.channel_id,
        "X-Goog-Channel-Token": row.channel_token,
        "X-Goog-Resource-State": state,
        **headers,
    }
    return client.post("/calendar-push", headers=sent).status_code


def blocked() -> int:
    return Reservation.objects.filter(kind="block").count()


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com", "https://localhost:5050", "https://127.0.0.1",
        "https://10.1.2.3", "https://192.168.1.9:8443", "https://server.local", "",
    ],
)  # fmt: skip
def test_a_server_that_cannot_be_reached_opens_no_channel(
    settings: Settings, google: GoogleSimulator, now: datetime, url: str
) -> None:
    settings.BASE_URL = url
    assert push_address() == ""
    assert not keep_channel(now=now)
    assert not google.channels


@pytest.mark.usefixtures("public")
def test_a_channel_is_opened_once_and_remembered_with_its_end(
    google: GoogleSimulator, now: datetime
) -> None:
    assert keep_channel(now=now)
    assert not keep_channel(now=now)
    (channel,) = google.channels.values()
    row = CalendarState.objects.get()
    assert channel["address"] == row.channel_address == "https://shop.example.com/calendar-push"
    assert (channel["id"], channel["token"]) == (row.channel_id, row.channel_token)
    assert row.channel_expires_at is not None
    assert row.channel_expires_at > now + timedelta(days=6)


@pytest.mark.usefixtures("public")
def test_a_channel_is_renewed_before_it_ends_and_the_old_one_stopped(
    google: GoogleSimulator, now: datetime
) -> None:
    keep_channel(now=now)
    (old,) = google.channels
    assert not keep_channel(now=now + timedelta(days=5))
    assert keep_channel(now=now + timedelta(days=6, hours=1))
    (new,) = google.channels
    assert new == CalendarState.objects.get().channel_id != old


@pytest.mark.usefixtures("public")
def test_a_server_that_moved_opens_a_channel_to_its_new_address(
    settings: Settings, google: GoogleSimulator, now: datetime
) -> None:
    keep_channel(now=now)
    settings.BASE_URL = "https://tunnel.example.com/"
    assert keep_channel(now=now)
    (channel,) = google.channels.values()
    assert channel["address"] == "https://tunnel.example.com/calendar-push"


@pytest.mark.usefixtures("public")
def test_a_channel_that_cannot_be_stopped_does_not_hold_up_the_new_one(
    google: GoogleSimulator, now: datetime
) -> None:
    keep_channel(now=now)
    google.channels.clear()  # the calendar knows nothing of it any more
    assert keep_channel(now=now + timedelta(days=7))
    assert CalendarState.objects.get().channel_id in google.channels


@pytest.mark.usefixtures("public")
def test_a_revoked_grant_is_noted_and_the_task_goes_on(
    google: GoogleSimulator, now: datetime
) -> None:
    google.faults.revoked = True
    with pytest.raises(CalendarDisconnected):
        keep_channel(now=now)
    assert CalendarState.objects.get().broken_reason == "disconnected"
    assert tasks_calendar.keep_calendar_channel() is False
    google.faults.revoked = False
    assert tasks_calendar.keep_calendar_channel() is True


@pytest.mark.usefixtures("public")
def test_the_built_in_calendar_needs_no_channel(now: datetime) -> None:
    assert not keep_channel(now=now)


# ---- what comes over it -------------------------------------------------------------
@pytest.mark.usefixtures("public", "shop")
def test_a_push_brings_in_what_was_entered(
    client: Client, google: GoogleSimulator, now: datetime
) -> None:
    keep_channel(now=now)
    google.calendars.person_adds(now + DAY, now + DAY + HOUR, summary="Fire drill")
    assert push(client) == 204
    assert blocked()


@pytest.mark.usefixtures("public", "shop")
def test_pushes_in_a_burst_start_one_pull(
    client: Client, google: GoogleSimulator, now: datetime
) -> None:
    keep_channel(now=now)
    before = len(google.requests)
    assert push(client) == 204
    assert sum("/events" in line for line in google.requests[before:]) == 1
    cache.set("calendar-push", 1, 3600)  # that moment, for as long as a slow machine needs
    assert [push(client) for _ in range(5)] == [204] * 5
    assert sum("/events" in line for line in google.requests[before:]) == 1
    cache.delete("calendar-push")  # the burst is over
    assert push(client) == 204
    assert sum("/events" in line for line in google.requests[before:]) == 2


@pytest.mark.usefixtures("public")
def test_the_first_message_of_a_channel_starts_nothing(
    client: Client, google: GoogleSimulator, now: datetime
) -> None:
    keep_channel(now=now)
    before = len(google.requests)
    assert push(client, "sync") == 204
    assert len(google.requests) == before


@pytest.mark.usefixtures("public")
@pytest.mark.parametrize(
    "wrong",
    [
        {"X-Goog-Channel-ID": "another"},
        {"X-Goog-Channel-ID": ""},
        {"X-Goog-Channel-ID": "x" * 5000},
        {"X-Goog-Channel-Token": "guessed"},
        {"X-Goog-Channel-Token": ""},
        {"X-Goog-Channel-Token": "ü" * 40},
    ],
)
def test_a_push_that_is_not_ours_is_not_found_and_starts_nothing(
    client: Client, google: GoogleSimulator, now: datetime, wrong: dict[str, str]
) -> None:
    keep_channel(now=now)
    before = len(google.requests)
    assert push(client, **wrong) == 404
    assert len(google.requests) == before


def test_without_a_channel_nobody_gets_in(client: Client) -> None:
    CalendarState.objects.create(calendar_id="primary")
    assert client.post("/calendar-push").status_code == 404
    assert push(client) == 404
    assert not calendar_push.is_our_channel("\x00", "")


def test_looking_at_the_address_does_nothing(client: Client) -> None:
    assert client.get("/calendar-push").status_code == 405


@pytest.mark.usefixtures("public")
def test_a_broker_that_is_down_does_not_fail_the_push(
    client: Client, google: GoogleSimulator, now: datetime, settings: Settings
) -> None:
    keep_channel(now=now)
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": "unix:///nowhere/at/all",
        }
    }
    assert push(client) == 204


@pytest.fixture
def queued() -> Iterator[None]:
    """Tasks go to the broker, as they do outside of tests."""
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = True


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("public", "queued")
def test_a_calendar_that_pushes_is_heard(
    live_server: LiveServer, google: GoogleSimulator, now: datetime
) -> None:
    google.push_via = live_server.url
    keep_channel(now=now)
    google.push_answers.clear()  # the first message comes before we know the channel's id
    google.tell_watchers()
    assert google.push_answers == [204]
    with app.connection_for_read() as broker:
        assert broker.SimpleQueue("celery").qsize() == 1
