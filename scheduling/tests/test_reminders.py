"""Who is due, once each; and what is noted when a phone rang."""

from datetime import date, timedelta
from typing import Any

import pytest

from calls import lines, log, outbound, settling
from calls.models import Call, LineState, OutboundCall
from crm.consent import opt_out, record_consent
from crm.models import Address, CustomerPhone
from scheduling import booking, followups, outbound_facts, reminders
from scheduling.models import Appointment
from scheduling.tests import cast
from scheduling.tests.cast import at

pytestmark = pytest.mark.django_db
NINE = at("09:00", 1)  # Tuesday
PHONE = "+12125550101"
OTHERS = 900_000_000  # subjects from here on belong to nobody: no row id gets so high


@pytest.fixture
def visit(crv):
    record_consent(
        number=PHONE, channel="voice_ai", purpose="service_info", granted=True,
        wording="yes", now=cast.NOW,
    )  # fmt: skip
    return cast.book(crv, at("10:00", 2))


@pytest.fixture
def open_lock(settings):
    settings.ENVIRONMENT, settings.OUTBOUND_LIVE_CALLS = "production", True


def _only() -> OutboundCall:
    return OutboundCall.objects.get(subject_id__lt=OTHERS)


# ---- due -----------------------------------------------------------------------
def test_tomorrows_visit_is_due_at_nine_and_once(visit):
    assert reminders.claim_due(now=NINE) == 1
    assert reminders.claim_due(now=NINE + timedelta(minutes=1)) == 0
    task = _only()
    assert (task.subject_id, task.version, task.attempt) == (visit.pk, visit.version, 1)
    assert (task.number, task.due_on) == (PHONE, date(2026, 11, 17))
    assert task.context == {
        "dialled_appointment_id": visit.pk,
        "dialled_version": visit.version,
        "customer_id": visit.customer_id,
        "party_name": "Ana Ruiz",
    }


@pytest.mark.parametrize(("clock", "day"), [("08:59", 1), ("10:00", 2), ("10:00", 0)])
def test_before_nine_or_on_another_day_it_is_not(visit, clock, day):
    assert reminders.claim_due(now=at(clock, day)) == 0


def test_a_nine_oclock_that_was_missed_is_caught_up_on(visit):
    assert reminders.claim_due(now=at("14:37", 1)) == 1


def test_a_visit_already_reminded_of_is_not_due(visit):
    Appointment.objects.update(reminder_sent=True)
    assert reminders.claim_due(now=NINE) == 0


def test_a_cancelled_visit_is_not_due(visit):
    booking.cancel(
        appointment_id=visit.pk, customer_id=visit.customer_id, reason="", call_sid="",
        idempotency_key=cast.key(), now=cast.NOW,
    )  # fmt: skip
    assert reminders.claim_due(now=NINE) == 0


@pytest.mark.parametrize(
    ("today", "days"),
    [
        (date(2026, 11, 17), ["2026-11-18"]),
        (date(2026, 11, 20), ["2026-11-21"]),
        (date(2026, 11, 21), ["2026-11-22", "2026-11-23"]),
        (date(2026, 11, 25), ["2026-11-26", "2026-11-27"]),
        (date(2026, 12, 24), ["2026-12-25", "2026-12-26"]),
        (date(2026, 9, 5), ["2026-09-06", "2026-09-07", "2026-09-08"]),
    ],
)
def test_a_day_without_calls_is_covered_by_the_one_before(today, days):
    assert [day.isoformat() for day in reminders.days_covered(today)] == days


def test_on_a_sunday_nothing_is_claimed(visit):
    assert reminders.claim_due(now=at("10:00", 6)) == 0


def test_the_primary_number_is_rung_and_none_is_a_reason(visit, open_lock):
    CustomerPhone.objects.all().delete()
    reminders.claim_due(now=NINE)
    assert _only().number == ""
    assert outbound_facts.decide(_only(), NINE).reason == "no_number"


# ---- the facts of the moment -----------------------------------------------------
def _reason(now=NINE) -> str:
    return outbound_facts.decide(_only(), now).reason


@pytest.fixture
def due(visit, open_lock):
    reminders.claim_due(now=NINE)
    return visit


def test_with_nothing_against_it_a_reminder_may_be_dialled(due):
    assert outbound_facts.decide(_only(), NINE) == outbound.Verdict(True, "", later=False)


def test_what_happened_since_the_claim_counts(due):
    moved: dict[str, Any] = {"call_sid": "", "idempotency_key": cast.key(), "now": NINE}
    who: dict[str, Any] = {"appointment_id": due.pk, "customer_id": due.customer_id}
    booking.reschedule(**who, start=at("11:00", 3), version=due.version, **moved)
    assert _reason() == "moved"
    booking.cancel(**who, reason="", **{**moved, "idempotency_key": cast.key()})
    assert _reason() == "cancelled"


def test_a_moved_visit_is_due_again_on_its_own_day(due):
    booking.reschedule(
        appointment_id=due.pk, customer_id=due.customer_id, start=at("11:00", 3),
        version=due.version, call_sid="", idempotency_key=cast.key(), now=NINE,
    )  # fmt: skip
    assert reminders.claim_due(now=at("09:00", 2)) == 1
    assert sorted(OutboundCall.objects.values_list("version", flat=True)) == [1, 2]


def test_an_opt_out_since_the_claim_counts(due):
    opt_out(number=PHONE, call_sid="", wording="stop", now=NINE)
    assert _reason() == "do_not_call"


def test_the_address_counts(due):
    Address.objects.create(
        customer_id=due.customer_id,
        street_number="1",
        street="A",
        city="B",
        state="CA",
        zip="90001",
    )
    assert _reason() == "state_forbids"


def test_a_flagged_line_counts(due):
    lines.flag_line(number=PHONE, state=LineState.State.FAX, now=NINE)
    assert _reason() == "fax"


def test_calls_to_the_number_about_anything_count(due):
    for n in range(3):
        OutboundCall.objects.create(
            kind="follow_up", subject_id=OTHERS + n, version=1, attempt=1, number=PHONE,
            due_on=NINE.date(), claimed_at=NINE, not_before=NINE,
            dialled_at=NINE - timedelta(days=n + 1),
        )  # fmt: skip
    assert _reason() == "number_rested"


def test_with_the_lock_closed_only_the_test_number_is_rung(due, settings):
    settings.OUTBOUND_LIVE_CALLS = False
    assert _reason() == "number_locked"
    settings.YOUR_TEST_NUMBER = "(212) 555-0101"
    assert _reason() == ""


def test_a_visit_that_is_gone_is_a_reason(due):
    OutboundCall.objects.update(subject_id=OTHERS - 1)
    assert _reason() == "gone"


# ---- what became of it -----------------------------------------------------------
def _rang(status="no-answer", outcome="", answered_by="") -> None:
    task = _only()
    OutboundCall.objects.update(state="dialling", dialled_at=NINE)
    call = log.start_call(
        sid="CA1", direction="outbound", from_number="", to_number=PHONE,
        purpose="reminder", now=NINE,
    )  # fmt: skip
    outbound.link(task_id=task.pk, call=call)
    if outcome or answered_by:
        log.update_call(call_id=call.pk, outcome=outcome, answered_by=answered_by)
    log.record_status(sid="CA1", status=status, sequence=1, now=NINE)
    settling.settle(sid="CA1", now=NINE)


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        ("busy", False),
        ("failed", False),
        ("canceled", False),
        ("no-answer", True),
        ("completed", True),
    ],
)
def test_reminder_sent_only_if_the_phone_really_rang(due, status, sent):
    _rang(status)
    reminders.settle(now=NINE)
    due.refresh_from_db()
    assert due.reminder_sent is sent


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_where_nobody_was_reached_there_is_one_more_attempt_later(due, status):
    _rang(status)
    assert reminders.settle(now=NINE) >= 1
    reminders.settle(now=NINE)
    second = OutboundCall.objects.get(attempt=2)
    assert second.not_before == NINE + timedelta(hours=3)
    OutboundCall.objects.filter(pk=second.pk).update(state="failed", result=status, settled_at=NINE)
    reminders.settle(now=NINE)
    assert OutboundCall.objects.count() == 2


@pytest.mark.parametrize(
    ("outcome", "answered_by", "result"),
    [
        ("confirmed", "human", "confirmed"),
        ("moved", "human", "moved"),
        ("opted_out", "human", "opted_out"),
        ("third_party", "unknown", "third_party"),
        ("wrong_person", "human", "wrong_person"),
        ("voicemail", "machine_end_beep", "voicemail"),
        ("", "machine_end_silence", "voicemail"),
        ("abandoned", "machine_end_beep", "voicemail"),
        ("", "fax", "fax"),
    ],
)
def test_somebody_or_something_that_was_reached_is_not_rung_again(
    due, outcome, answered_by, result
):
    _rang("completed", outcome, answered_by)
    reminders.settle(now=NINE)
    assert (_only().state, _only().result) == ("done", result)


@pytest.mark.parametrize("outcome", ["", "abandoned"])
def test_silence_is_nobody(due, outcome):
    _rang("completed", outcome)
    reminders.settle(now=NINE)
    assert OutboundCall.objects.filter(attempt=2).exists()


@pytest.mark.parametrize(
    ("outcome", "answered_by", "state"),
    [("wrong_person", "human", "wrong_number"), ("", "fax", "fax")],
)
def test_a_bad_line_is_never_rung_again(due, outcome, answered_by, state):
    _rang("completed", outcome, answered_by)
    assert LineState.objects.get().state == state


def test_somebody_who_spoke_and_hung_up_is_left_in_peace(due):
    _rang("completed", "abandoned")
    log.record_utterance(
        call_id=Call.objects.get().pk, n=1, role="caller", text="Not now.", heard_text="",
        interrupted=False, t0_ms=0, t1_ms=1, stages={},
    )  # fmt: skip
    settling.settle_lost(now=NINE + timedelta(minutes=1))
    reminders.settle(now=NINE + timedelta(minutes=1))
    assert _only().result == "abandoned"


def test_a_wrong_number_is_somebodys_task(due):
    _rang("completed", "wrong_person", "human")
    assert Call.objects.get().callbacks.get().reason == "wrong_number"


def test_an_outcome_that_comes_after_the_callback_corrects_the_result(due):
    _rang("completed")
    log.update_call(call_id=Call.objects.get().pk, outcome="confirmed")
    settling.settle_lost(now=NINE + timedelta(minutes=1))
    assert _only().result == "confirmed"


# ---- follow-ups ------------------------------------------------------------------
# ---- the test number ----------------------------------------------------------------
@pytest.fixture
def our_phone(settings):
    settings.YOUR_TEST_NUMBER = "+1 (212) 555-0199"
    return "+12125550199"


def test_a_test_rings_the_test_number_and_nobody_else(visit, our_phone):
    assert reminders.ring_test(visit_id=visit.pk, now=NINE)
    task = _only()
    assert (task.number, task.test, task.forced) == (our_phone, True, True)
    assert task.context["dialled_appointment_id"] == visit.pk
    assert outbound_facts.decide(task, NINE).ok
    task.number = PHONE  # however it may have come there
    assert outbound_facts.decide(task, NINE).reason == "number_locked"


def test_a_test_counts_for_nothing(visit, our_phone, open_lock):
    for minute in range(3):
        assert reminders.ring_test(visit_id=visit.pk, now=NINE + timedelta(minutes=minute))
    OutboundCall.objects.update(dialled_at=NINE, state="done", result="no-answer", settled_at=NINE)
    now = NINE + timedelta(hours=1)
    for task in OutboundCall.objects.all():
        log.start_call(
            sid=f"CA{task.attempt}", direction="outbound", from_number="", to_number=our_phone,
            now=now,
        )  # fmt: skip
        outbound.link(task_id=task.pk, call=Call.objects.get(sid=f"CA{task.attempt}"))
    Call.objects.update(rang_at=now)
    assert reminders.settle(now=now) == 0
    visit.refresh_from_db()
    assert not visit.reminder_sent
    assert reminders.claim_due(now=now) == 1
    real = OutboundCall.objects.get(test=False)
    assert (real.attempt, outbound_facts.gather(real, now).attempts) == (1, 0)


def test_without_a_test_number_there_is_no_test(visit, settings):
    settings.YOUR_TEST_NUMBER = ""
    assert not reminders.ring_test(visit_id=visit.pk, now=NINE)
    assert not OutboundCall.objects.exists()


def test_a_test_is_not_rung_again_by_the_button_for_customers(visit, our_phone):
    reminders.ring_test(visit_id=visit.pk, now=NINE)
    OutboundCall.objects.update(state="done")
    assert not outbound.ring_now(task_id=_only().pk, now=NINE)


@pytest.fixture
def done(visit):
    Appointment.objects.update(status="completed", completed_at=at("16:00", 1))
    return visit


@pytest.mark.parametrize(
    ("clock", "day", "due"),
    [("15:59", 2, 0), ("16:00", 2, 1), ("15:59", 3, 1), ("16:00", 3, 0), ("09:00", 3, 1)],
)
def test_a_follow_up_is_due_a_day_after_and_not_two(done, clock, day, due):
    assert followups.claim_due(now=at(clock, day)) == due


def test_a_visit_is_followed_up_once(done, open_lock):
    now = at("09:00", 3)
    assert followups.claim_due(now=now) == 1
    assert followups.claim_due(now=now) == 0
    assert outbound_facts.decide(_only(), now).ok


def test_an_unreached_follow_up_gets_another_attempt(done, open_lock):
    now = at("09:00", 3)
    followups.claim_due(now=now)
    OutboundCall.objects.update(state="failed", result="no-answer", settled_at=now, dialled_at=now)
    assert followups.settle(now=now) == 1
    assert reminders.settle(now=now) == 0
