"""Staff's pages: they open, they escape, and what happened can't be edited."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from calls import callbacks, log, outbound
from calls.models import (
    AdvisorLine,
    Call,
    CallbackTask,
    LineState,
    OutboundCall,
    OutboundSwitch,
    OutboxMessage,
)
from calls.tests.conftest import CALLER, NOW

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def talked(call):
    log.record_utterance(
        call_id=call.pk, n=1, role="caller", text=f"I need brakes {EVIL}", heard_text="",
        interrupted=False, t0_ms=1000, t1_ms=2000, stages={},
    )  # fmt: skip
    log.record_utterance(
        call_id=call.pk, n=2, role="agent", text="Sure, Tuesday.", heard_text=EVIL,
        interrupted=True, t0_ms=65000, t1_ms=66000, stages={},
    )  # fmt: skip
    log.record_tool(
        call_id=call.pk, name="book_appointment", arguments={"note": EVIL}, ok=False,
        error="denied", level_required="L2", level_held="L0", ms=4, now=NOW,
    )  # fmt: skip
    log.record_verification(call_id=call.pk, customer_id=None, factor="dob", ok=False, now=NOW)
    log.update_call(
        call_id=call.pk, summary=EVIL, transfer_brief=EVIL, latency={"first_audio_p50": 420}
    )
    return call


def _task(**facts):
    made = OutboundCall(
        kind="reminder", subject_id=1, version=1, attempt=1, number=CALLER,
        due_on=NOW.date(), claimed_at=NOW, not_before=NOW,
    )  # fmt: skip
    for name, value in facts.items():
        setattr(made, name, value)
    made.save()
    return made


def _page(admin_client, model, pk=None):
    name = f"admin:calls_{model}_changelist" if pk is None else f"admin:calls_{model}_change"
    answer = admin_client.get(reverse(name, args=[] if pk is None else [pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_call_shows_both_sides_the_tools_and_the_tries(admin_client, talked):
    page = _page(admin_client, "call", talked.pk)
    assert "I need brakes" in page
    assert "Sure, Tuesday." in page
    assert "1:05" in page
    assert "book_appointment" in page
    assert "dob ✗" in page


def test_how_fast_it_answered_and_how_the_line_sounded_are_shown(admin_client, talked):
    assert "420 ms" in _page(admin_client, "call")
    assert "Too short to say." in _page(admin_client, "call", talked.pk)
    sound = {"verdict": "faint", "speech_dbfs": -47, "noise_dbfs": -70, "clipped_percent": 0.0}
    log.update_call(call_id=talked.pk, line=sound)
    page = _page(admin_client, "call", talked.pk)
    assert "faint: speech -47 dBFS, noise -70 dBFS, 0.0 % clipped" in page


def test_how_a_visit_went_is_shown_with_the_callers_own_words(admin_client, talked):
    log.update_call(call_id=talked.pk, score=2, comment=f"They scratched it {EVIL}")
    page = _page(admin_client, "call", talked.pk)
    assert "How their visit went" in page
    assert "They scratched it &lt;script&gt;" in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("score", [0, 6])
def test_a_score_is_one_to_five(call, score):
    with pytest.raises(IntegrityError):
        log.update_call(call_id=call.pk, score=score)


def test_nothing_a_caller_said_is_ever_markup(admin_client, talked):
    page = _page(admin_client, "call", talked.pk)
    assert EVIL not in page
    assert page.count("&lt;script&gt;") >= 5


def test_calls_are_listed_with_their_figures(admin_client, talked):
    page = _page(admin_client, "call")
    assert "420 ms" in page
    assert "in progress" in page


def test_a_call_cannot_be_edited_added_or_deleted(admin_client, talked):
    url = reverse("admin:calls_call_change", args=[talked.pk])
    assert admin_client.post(url, {"outcome": "booked"}).status_code == 403
    assert admin_client.get(reverse("admin:calls_call_add")).status_code == 403
    assert admin_client.get(reverse("admin:calls_call_delete", args=[talked.pk])).status_code == 403


def test_a_call_list_costs_the_same_queries_however_long(
    admin_client, talked, django_assert_max_num_queries
):
    for n in range(30):
        log.start_call(sid=f"CB{n}", direction="inbound", from_number="", to_number="", now=NOW)
    with django_assert_max_num_queries(16):
        _page(admin_client, "call")


def test_every_list_opens(admin_client, call):
    now = timezone.now()
    _task()
    AdvisorLine.objects.create(name="Dee", e164="+12025550199")
    LineState.objects.create(number=CALLER, state="fax", at=now)
    OutboxMessage.objects.create(kind="text", body=EVIL, sid="SM1", at=now)
    for model in ("outboundcall", "outboundswitch", "advisorline", "linestate", "outboxmessage"):
        assert EVIL not in _page(admin_client, model)


# ---- callbacks -----------------------------------------------------------------
def _owe(reason, hours):
    now = timezone.now()
    return callbacks.create_callback(
        call_id=None, number=CALLER, reason=reason, priority="normal",
        due_at=now + timedelta(hours=hours), note="", now=now,
    )  # fmt: skip


def test_the_longest_overdue_is_on_top_and_the_closed_at_the_bottom(admin_client):
    _owe("waits", 5)
    done = _owe("is_done", -50)
    callbacks.close_callback(task_id=done.pk, done=True, now=timezone.now())
    _owe("is_late", -5)
    page = _page(admin_client, "callbacktask")
    rows = page[page.index("<tbody") :]
    assert rows.index("is_late") < rows.index("waits") < rows.index("is_done")


def _act(admin_client, model, action, *rows):
    url = reverse(f"admin:calls_{model}_changelist")
    form = {"action": action, "_selected_action": [row.pk for row in rows]}
    return admin_client.post(url, form, follow=True)


def test_a_callback_is_closed_once(admin_client):
    task = _owe("hand_over", 1)
    assert "1 closed." in _act(admin_client, "callbacktask", "mark_done", task).content.decode()
    assert "0 closed." in _act(admin_client, "callbacktask", "mark_dropped", task).content.decode()
    task.refresh_from_db()
    assert task.state == CallbackTask.State.DONE


def test_a_callback_can_be_made_by_hand(admin_client):
    form = {
        "number": CALLER, "reason": "walk_in", "priority": "normal", "advisor": "", "note": "",
        "due_at_0": "2026-12-01", "due_at_1": "10:00:00",
    }  # fmt: skip
    answer = admin_client.post(reverse("admin:calls_callbacktask_add"), form, follow=True)
    assert answer.status_code == 200
    assert CallbackTask.objects.get().reason == "walk_in"


# ---- calls we make -------------------------------------------------------------
def test_a_skip_shows_its_reason(admin_client):
    _task(state="skipped", skip_reason="no_consent")
    page = _page(admin_client, "outboundcall")
    assert "The customer has not agreed to calls by the agent." in page


def test_what_came_of_a_call_or_went_wrong_with_it_is_a_sentence_too(admin_client):
    _task(attempt=1, state="failed", result="no-answer")
    _task(attempt=2, state="unknown", error="timeout")
    _task(attempt=3, state="failed", error="21211")
    _task(attempt=4, state="done", result="came_by_boat")
    page = _page(admin_client, "outboundcall")
    for words in (
        "Nobody picked up.",
        "Twilio did not answer in time.",
        "error 21211",
        "came by boat",
    ):
        assert words in page


def test_the_list_shows_one_reason_alone(admin_client):
    _task(attempt=1, state="skipped", skip_reason="no_consent", number="+12025550111")
    _task(attempt=2, state="failed", result="busy", number="+12025550112")
    url = reverse("admin:calls_outboundcall_changelist")
    page = admin_client.get(url, {"skip_reason": "no_consent"}).content.decode()
    assert "The line was busy." not in page
    assert page.count("The customer has not agreed to calls by the agent.") >= 2  # filter and row


def test_a_waiting_one_is_put_first(admin_client):
    task = _task(not_before=NOW + timedelta(days=900))
    _act(admin_client, "outboundcall", "ring_now", task)
    task.refresh_from_db()
    assert task.forced
    assert task.not_before <= timezone.now()


def test_one_that_is_over_gets_another_attempt_and_only_one(admin_client):
    task = _task(state="failed", result="no-answer")
    _act(admin_client, "outboundcall", "ring_now", task)
    _act(admin_client, "outboundcall", "ring_now", task)
    attempts = OutboundCall.objects.order_by("attempt").values_list("attempt", "forced")
    assert list(attempts) == [(1, False), (2, True)]


def test_one_that_is_ringing_is_left_alone(admin_client):
    task = _task(state="placed")
    assert not outbound.ring_now(task_id=task.pk, now=NOW)
    assert OutboundCall.objects.count() == 1


def test_staff_can_pause_and_start_all_calls(admin_client):
    _page(admin_client, "outboundswitch")
    url = reverse("admin:calls_outboundswitch_change", args=[1])
    admin_client.post(url, {"paused": "on"})
    assert (OutboundSwitch.objects.get().paused, OutboundSwitch.objects.get().paused_by) == (
        True,
        "admin",
    )
    admin_client.post(url, {})
    assert not OutboundSwitch.objects.get().paused


def test_a_page_of_staff_is_closed_to_others(client, call):
    answer = client.get(reverse("admin:calls_call_change", args=[call.pk]))
    assert answer.status_code == 302
    assert Call.objects.count() == 1
