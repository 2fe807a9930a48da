"""Placing: once each, apart, capped, stopped; against a simulated Twilio that misbehaves."""

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from celery.schedules import crontab
from django.db import connection
from django.utils import timezone

from calls import outbound, settling
from calls.models import Call, OutboundCall, OutboundSwitch
from calls.outbound import Step, Verdict
from calls.telephony import twilio as rest
from scheduling import outbound_facts, tasks_outbound
from simulators.twilio import Callee, TwilioServer
from simulators.twilio.threaded import in_thread

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)
TOKEN = "secret"


def _yes(task, now):
    return Verdict(True)


@pytest.fixture
def lines(settings):
    settings.TWILIO_AUTH_TOKEN, settings.TWILIO_ACCOUNT_SID = TOKEN, "AC" + "0" * 32
    settings.TWILIO_PHONE_NUMBER = "+12025550100"
    settings.ENVIRONMENT, settings.OUTBOUND_LIVE_CALLS = "production", True
    settings.OUTBOUND_GAP_MS, settings.OUTBOUND_MAX_CALLS = 0, 1000
    return settings


@pytest.fixture
def twilio(lines, live_server):
    lines.BASE_URL = live_server.url
    server = TwilioServer(live_server.url, auth_token=TOKEN, speed=50)
    server.default_callee = Callee("no-answer")
    with in_thread(server):
        lines.TWILIO_API_BASE_URL = server.url
        yield server


def _queue(count, **facts):
    rows = [
        OutboundCall(
            kind="reminder", subject_id=n, version=1, attempt=1, number=f"+1202555{n:04d}",
            due_on=NOW.date(), claimed_at=NOW, not_before=NOW, **facts,
        )
        for n in range(count)
    ]  # fmt: skip
    OutboundCall.objects.bulk_create(rows)


def _numbers(twilio):
    return Counter(call.to for call in twilio.created)


def _place(decide=_yes, now=NOW):
    return outbound.place_next(decide=decide, now=now)


def _until_settled(count, state=("done", "failed")):
    """Callbacks come by themselves; a generous deadline."""
    deadline = timezone.now() + timedelta(seconds=30)
    while timezone.now() < deadline:
        if OutboundCall.objects.filter(state__in=state).count() >= count:
            return
        threading.Event().wait(0.05)


# ---- one at a time ----------------------------------------------------------------
def test_an_attempt_is_dialled_and_becomes_a_call(twilio):
    _queue(1)
    assert _place() is Step.DIALLED
    assert _place() is Step.EMPTY
    _until_settled(1)
    task = OutboundCall.objects.get()
    assert (task.state, task.result) == ("failed", "no-answer")
    call = Call.objects.get()
    assert (call.direction, call.purpose, call.to_number) == ("outbound", "reminder", task.number)
    assert call.context["outbound_id"] == task.pk


def test_a_call_is_seen_only_together_with_its_attempt(twilio, monkeypatch):
    """A callback that came between the two would find a call, settle nothing and be lost."""
    seen = []
    link = outbound.link

    def look_from_elsewhere():
        seen.append(Call.objects.count())
        connection.close()

    def slowly(**facts):
        other = threading.Thread(target=look_from_elsewhere)
        other.start()
        other.join()
        link(**facts)

    monkeypatch.setattr(outbound, "link", slowly)
    _queue(1)
    assert _place() is Step.DIALLED
    assert seen[0] == 0
    assert OutboundCall.objects.get().call == Call.objects.get()


def test_calls_are_kept_apart_by_the_clock_of_all_workers(twilio, lines):
    lines.OUTBOUND_GAP_MS = 2000
    _queue(2)
    assert _place() is Step.DIALLED
    assert _place(now=NOW + timedelta(seconds=1.999)) is Step.WAIT
    assert _place(now=NOW + timedelta(seconds=2)) is Step.DIALLED


def test_no_more_than_the_cap_ring_at_once(lines):
    lines.OUTBOUND_MAX_CALLS = 2
    _queue(3)
    OutboundCall.objects.filter(subject_id__lt=2).update(state="placed", dialled_at=NOW)
    assert _place() is Step.WAIT
    OutboundCall.objects.filter(subject_id=0).update(state="done")
    lines.TWILIO_API_BASE_URL = "http://127.0.0.1:1"
    assert _place() is Step.DIALLED


def test_what_may_not_be_dialled_is_skipped_with_its_reason(lines):
    _queue(1)
    assert _place(lambda task, now: Verdict(False, "no_consent")) is Step.SKIPPED
    task = OutboundCall.objects.get()
    assert (task.state, task.skip_reason) == ("skipped", "no_consent")


def test_what_may_be_dialled_later_waits_and_holds_nobody_up(lines):
    _queue(2)
    decide = lambda task, now: Verdict(False, "quiet_hours", later=True)  # noqa: E731
    assert [_place(decide), _place(decide), _place(decide)] == [
        Step.SKIPPED,
        Step.SKIPPED,
        Step.EMPTY,
    ]
    assert set(OutboundCall.objects.values_list("state", "skip_reason")) == {
        ("claimed", "quiet_hours")
    }
    assert _place(decide, NOW + outbound.ASK_AGAIN) is Step.SKIPPED


def test_a_pause_stops_everything_until_it_is_lifted(twilio):
    _queue(1)
    outbound.set_paused(paused=True, by="dee")
    assert _place() is Step.EMPTY
    outbound.set_paused(paused=False, by="dee")
    assert _place() is Step.DIALLED


def test_the_lock_is_asked_at_the_door_again(twilio, lines):
    _queue(1)
    lines.OUTBOUND_LIVE_CALLS = False
    assert _place() is Step.DIALLED
    assert not twilio.created
    task = OutboundCall.objects.get()
    assert (task.state, task.skip_reason) == ("skipped", "number_locked")


# ---- failures -----------------------------------------------------------------------
def test_a_twilio_that_surely_did_not_dial_is_asked_again_later(lines):
    lines.TWILIO_API_BASE_URL = "http://127.0.0.1:1"
    _queue(1)
    _place()
    task = OutboundCall.objects.get()
    assert (task.state, task.dialled_at, task.error) == ("claimed", None, "unreachable")
    assert task.not_before == NOW + outbound.RETRY_AFTER


def test_three_failures_in_a_row_give_twilio_a_rest(lines):
    lines.TWILIO_API_BASE_URL = "http://127.0.0.1:1"
    _queue(4)
    for _ in range(outbound.BREAKER_FAILURES):
        assert _place() is Step.DIALLED
    assert _place() is Step.EMPTY
    assert OutboundSwitch.objects.get().open_until == NOW + outbound.BREAKER_OPEN
    assert _place(now=NOW + outbound.BREAKER_OPEN) is Step.DIALLED


def test_a_success_in_between_starts_the_count_anew(twilio, lines):
    _queue(5)
    up, down = lines.TWILIO_API_BASE_URL, "http://127.0.0.1:1"
    for url in (down, down, up, down, down):
        lines.TWILIO_API_BASE_URL = url
        assert _place() is Step.DIALLED
    assert OutboundSwitch.objects.get().open_until is None


def test_a_number_that_does_not_exist_is_remembered(twilio):
    twilio.faults.refuse, twilio.faults.refuse_status, twilio.faults.refuse_code = 1, 400, 21211
    _queue(1)
    _place()
    task = OutboundCall.objects.get()
    assert (task.state, task.result, task.error) == ("failed", "refused", "21211")
    from calls.models import LineState

    assert LineState.objects.get().state == "unreachable"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(rest, "TIMEOUT_S", 0.3)
    rest._client.cache_clear()
    yield
    rest._client.cache_clear()


def test_a_lost_answer_is_settled_by_the_callbacks_and_never_dialled_again(twilio, impatient):
    twilio.faults.lose_reply_every, twilio.faults.lost_reply_s = 1, 2.0
    _queue(1)
    _place()
    _until_settled(1)
    later = NOW + timedelta(hours=1)
    settling.settle_lost(now=later)
    assert _place(now=later) is Step.EMPTY
    assert len(twilio.created) == 1
    assert OutboundCall.objects.get().result == "no-answer"


def test_with_the_callbacks_lost_too_twilios_own_list_tells(twilio, impatient):
    twilio.faults.lose_reply_every, twilio.faults.lost_reply_s = 1, 2.0
    twilio.callback_faults.lose = True
    _queue(1)
    now = timezone.now()
    _place(now=now)
    assert OutboundCall.objects.get().state == "unknown"
    settling.settle_lost(now=now + timedelta(minutes=2))
    task = OutboundCall.objects.get()
    assert task.result == "no-answer"
    assert Call.objects.get(outbound=task).sid == twilio.created[0].sid


def test_a_worker_that_died_before_asking_twilio_leaves_a_call_to_be_made(twilio):
    _queue(1)
    OutboundCall.objects.update(state="dialling", dialled_at=NOW)
    settling.settle_lost(now=NOW + timedelta(minutes=2))
    assert OutboundCall.objects.get().state == "dialling"
    later = NOW + settling.SURELY_NOT_DIALLED
    settling.settle_lost(now=later)
    assert _place(now=later) is Step.DIALLED
    assert len(twilio.created) == 1


def test_a_call_that_never_ends_is_asked_about(twilio):
    twilio.callback_faults.lose = True
    _queue(1)
    _place()
    settling.settle_lost(now=NOW + outbound.CALL_LASTS + timedelta(seconds=1))
    assert OutboundCall.objects.get().result == "no-answer"


def test_a_call_twilio_has_forgotten_is_lost(twilio):
    twilio.callback_faults.lose = True
    _queue(1)
    _place()
    twilio.calls.clear()
    settling.settle_lost(now=NOW + outbound.CALL_LASTS + timedelta(seconds=1))
    assert OutboundCall.objects.get().result == "lost"


# ---- all together -------------------------------------------------------------------
def _in_threads(count, work):
    def one():
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_many_workers_and_lost_answers_ring_every_number_exactly_once(twilio, impatient):
    twilio.faults.lose_reply_every, twilio.faults.lost_reply_s = 7, 1.5
    _queue(24)

    def work():
        while _place(now=timezone.now()) is not Step.EMPTY:
            pass

    _in_threads(4, work)
    assert OutboundSwitch.objects.get().open_until is None
    _until_settled(24)
    assert _numbers(twilio) == {f"+1202555{n:04d}": 1 for n in range(24)}


def test_many_workers_at_one_instant_place_one_call(twilio, lines):
    lines.OUTBOUND_GAP_MS = 2000
    _queue(8)
    OutboundSwitch.objects.create(pk=1)
    together, steps = threading.Barrier(4), []

    def slowly(task, now):
        threading.Event().wait(0.3)  # so that whoever isn't kept out is inside at the same time
        return Verdict(True)

    def work():
        together.wait(30)
        steps.append(_place(slowly))

    _in_threads(4, work)
    assert Counter(steps) == {Step.DIALLED: 1, Step.WAIT: 3}


def test_one_claim_is_made_however_many_sweeps_race_for_it(lines):
    def work():
        outbound.claim(
            kind="reminder", subject_id=1, version=1, attempt=1, number="+12025550147",
            customer_id=None, context={}, due_on=NOW.date(), now=timezone.now(),
        )  # fmt: skip

    _in_threads(6, work)
    assert OutboundCall.objects.count() == 1


def test_the_task_works_until_the_queue_is_empty(twilio, monkeypatch):
    monkeypatch.setattr(outbound_facts, "decide", _yes)
    _queue(3)
    assert tasks_outbound.place_due(works_for_s=30) == 3
    assert tasks_outbound.place_due(works_for_s=30) == 0


def test_every_task_runs_on_an_empty_system(lines):
    assert tasks_outbound.call_due_reminders.delay().get() == 0
    assert tasks_outbound.call_due_follow_ups.delay().get() == 0
    assert tasks_outbound.place_outbound_calls.delay().get() == 0
    assert tasks_outbound.settle_calls.delay().get() == 0


def test_the_task_waits_for_the_gap_and_goes_on(twilio, lines, monkeypatch):
    monkeypatch.setattr(outbound_facts, "decide", _yes)
    lines.OUTBOUND_GAP_MS = 300
    _queue(2)
    assert tasks_outbound.place_due(works_for_s=60) == 2
    first, second = sorted(task.dialled_at or NOW for task in OutboundCall.objects.all())
    assert second - first >= timedelta(milliseconds=300)


# ---- beat ----------------------------------------------------------------------------
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


@pytest.mark.parametrize("zone", ["America/New_York", "America/Los_Angeles", "America/Phoenix"])
@pytest.mark.parametrize("changes_on", [SPRING, AUTUMN])
def test_beat_fires_the_reminders_once_a_day_at_nine_shop_time(settings, zone, changes_on):
    from autoshop.celery import app as ours

    try:
        fired = _simulate(settings, zone, changes_on - timedelta(days=2), days=5)
    finally:
        ours.set_current()
    days = [changes_on + timedelta(days=n) for n in range(-2, 3)]
    assert fired == [f"{day} 09:00" for day in days]


def _simulate(settings, zone, first, *, days):
    """Beat's own scheduler and entry on its own table, minute by minute."""
    from celery import Celery
    from django_celery_beat.schedulers import DatabaseScheduler

    settings.CELERY_TIMEZONE = settings.TIME_ZONE = zone
    app = Celery("shop")  # the current app: schedules ask it for the zone
    app.set_current()
    planned = settings.CELERY_BEAT_SCHEDULE["reminders"]
    nine = planned["schedule"]
    app.conf.update(timezone=zone)
    app.conf.beat_schedule = {
        "reminders": {
            "task": planned["task"],
            "schedule": crontab(hour=nine._orig_hour, minute=nine._orig_minute, app=app),
        }
    }
    start = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    fired = []
    with time_machine.travel(start, tick=False) as clock:
        entry = DatabaseScheduler(app=app).schedule["reminders"]
        for minute in range(days * 24 * 60):
            clock.move_to(start + timedelta(minutes=minute))
            if entry.is_due().is_due:
                entry = next(entry)
                local = timezone.now().astimezone(ZoneInfo(zone))
                fired.append(f"{local:%Y-%m-%d %H:%M}")
    return fired


def test_every_schedule_names_a_task_that_exists(settings):
    from autoshop.celery import app

    app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks
    nine = settings.CELERY_BEAT_SCHEDULE["reminders"]["schedule"]
    assert (nine.hour, nine.minute) == ({9}, {0})
