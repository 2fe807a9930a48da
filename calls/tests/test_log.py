"""What is written of a call, in whatever order it comes."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from calls import log
from calls.models import TERMINAL_STATUSES, Call, CallStatus, ToolInvocation, Utterance
from calls.tests.conftest import CALLER, NOW, SHOP


def _start(sid="CA9", direction="inbound"):
    return log.start_call(sid=sid, direction=direction, from_number=CALLER, to_number=SHOP, now=NOW)


def _say(call, n=1, text="hello", **more):
    facts = {"role": "agent", "heard_text": text, "interrupted": False, "t0_ms": 0, "t1_ms": 900}
    log.record_utterance(call_id=call.pk, n=n, text=text, stages={}, **{**facts, **more})


def _tool(call, name="lookup"):
    log.record_tool(
        call_id=call.pk, name=name, arguments={"n": 1}, ok=True, error="",
        level_required="L0", level_held="L0", ms=3, now=NOW,
    )  # fmt: skip


def test_a_call_starts_once_however_often_it_is_announced(db):
    assert _start().pk == _start().pk
    assert Call.objects.count() == 1


def test_a_call_we_make_starts_in_the_queue(db):
    assert _start(direction="outbound").status == CallStatus.QUEUED


def test_statuses_move_forward_only(call):
    moves = [("ringing", False), ("completed", True), ("busy", False), ("in-progress", False)]
    for n, (status, moved) in enumerate(moves):
        assert log.record_status(sid="CA1", status=status, sequence=n, now=NOW) is moved
    call.refresh_from_db()
    assert call.status == "completed"


def test_a_status_nobody_knows_is_ignored(call):
    assert not log.record_status(sid="CA1", status="levitating", sequence=5, now=NOW)
    assert not log.record_status(sid="CA-unknown", status="completed", sequence=5, now=NOW)


class AnyOrder(TestCase):
    """Callbacks repeated and shuffled in every way leave the same call."""

    @given(st.lists(st.sampled_from(["initiated", "ringing", "in-progress", "no-answer"])))
    def test_a_call_that_has_ended_stays_as_it_ended(self, later):
        call = _start(direction="outbound")
        log.record_status(sid=call.sid, status="completed", sequence=3, now=NOW)
        for status in later:
            log.record_status(sid=call.sid, status=status, sequence=9, now=NOW + timedelta(hours=1))
        call.refresh_from_db()
        assert (call.status, call.ended_at) == ("completed", NOW)

    def test_every_order_of_the_same_callbacks_ends_the_same(self):
        happened = ["initiated", "ringing", "in-progress", "completed"]
        for order in itertools.permutations(enumerate(happened)):
            call = _start(direction="outbound")
            for sequence, status in order:
                log.record_status(sid=call.sid, status=status, sequence=sequence, now=NOW)
            call.refresh_from_db()
            assert call.status == "completed"
            assert call.rang_at == NOW
            assert call.status_sequence == 3
            call.delete()


@pytest.mark.parametrize(
    ("status", "rang"),
    [
        ("busy", False),
        ("failed", False),
        ("canceled", False),
        ("no-answer", True),
        ("ringing", True),
    ],
)
def test_a_phone_rang_only_if_it_really_rang(db, status, rang):
    call = _start(direction="outbound")
    log.record_status(sid=call.sid, status=status, sequence=0, now=NOW)
    call.refresh_from_db()
    assert (call.rang_at is not None) is rang


def test_every_terminal_status_closes_the_call(db):
    for n, status in enumerate(TERMINAL_STATUSES):
        call = _start(sid=f"CA{n}", direction="outbound")
        log.record_status(sid=call.sid, status=status, sequence=0, now=NOW)
        call.refresh_from_db()
        assert call.is_over
        assert call.ended_at == NOW


def test_a_turn_is_corrected_to_what_was_heard(call):
    _say(call, text="You are booked for Tuesday.")
    _say(call, text="You are booked for Tuesday.", heard_text="You are", interrupted=True)
    turn = Utterance.objects.get()
    assert (turn.heard_text, turn.interrupted) == ("You are", True)


def test_tools_are_numbered_in_the_order_they_came(call):
    _tool(call, "first")
    _tool(call, "second")
    assert list(ToolInvocation.objects.values_list("n", "name")) == [(1, "first"), (2, "second")]


@pytest.mark.django_db(transaction=True)
def test_tools_of_one_call_at_the_same_instant_are_all_kept():
    call = _start()

    def one(n):
        try:
            _tool(call, f"tool{n}")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(12)))
    numbers = sorted(ToolInvocation.objects.values_list("n", flat=True))
    assert numbers == list(range(1, 13))


def test_the_first_end_is_the_one_that_counts(call):
    log.finish_call(call_id=call.pk, end_reason="agent", outcome="booked", now=NOW)
    later = NOW + timedelta(minutes=1)
    log.finish_call(call_id=call.pk, end_reason="caller", outcome="lost", now=later, summary="late")
    call.refresh_from_db()
    assert (call.end_reason, call.outcome, call.ended_at) == ("agent", "booked", NOW)
    assert call.summary == "late"


@pytest.mark.parametrize("reason", ["socket_closed", "stream_stopped", "broke"])
def test_an_end_by_a_lost_socket_gives_way_to_a_real_one(call, reason):
    log.finish_call(call_id=call.pk, end_reason=reason, outcome="abandoned", now=NOW)
    log.finish_call(call_id=call.pk, end_reason="agent_hung_up", outcome="booked", now=NOW)
    call.refresh_from_db()
    assert (call.end_reason, call.outcome) == ("agent_hung_up", "booked")


def test_an_outcome_noted_before_survives_an_end_without_one(call):
    log.update_call(call_id=call.pk, outcome="booked")
    log.finish_call(call_id=call.pk, end_reason="caller_hung_up", outcome="", now=NOW)
    call.refresh_from_db()
    assert call.outcome == "booked"


def test_an_end_before_the_start_by_a_clock_that_lags_is_the_start(call):
    log.finish_call(call_id=call.pk, end_reason="x", outcome="", now=NOW - timedelta(seconds=2))
    call.refresh_from_db()
    assert call.ended_at == NOW


def test_a_fact_no_call_has_is_a_bug(call):
    with pytest.raises(ValueError, match="sid"):
        log.update_call(call_id=call.pk, sid="CA2")


def test_a_factor_is_written_down_without_its_value(call):
    log.record_verification(call_id=call.pk, customer_id=None, factor="dob", ok=False, now=NOW)
    attempt = call.verifications.get()
    assert (attempt.factor, attempt.ok) == ("dob", False)


def test_a_call_nobody_reported_on_any_more_is_ended(call):
    assert log.finish_stuck(now=NOW + log.STUCK_AFTER) == 0
    assert log.finish_stuck(now=NOW + log.STUCK_AFTER + timedelta(seconds=1)) == 1
    call.refresh_from_db()
    assert (call.end_reason, call.status) == ("lost", "failed")
