"""A hand-over from the asking to the coming back."""

from datetime import timedelta

import pytest

from calls import handover
from calls.errors import TelephonyError
from calls.models import AdvisorLine, CallbackTask
from calls.tests.conftest import NOW

DUE = NOW + timedelta(hours=2)


def _prepare(call, due=None):
    return handover.prepare(
        sid=call.sid, brief="Ana, brakes.", language="en", reason="asked", callback_due_at=due
    )


@pytest.fixture
def dee(db):
    return AdvisorLine.objects.create(name="Dee", e164="+12025550199")


def test_a_promise_made_at_the_asking_is_the_one_that_is_kept(call, dee):
    assert _prepare(call, DUE) == dee.e164
    call.refresh_from_db()
    assert not handover.settle(call, now=NOW)
    assert CallbackTask.objects.get().due_at == DUE


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (NOW, NOW + timedelta(minutes=30)),
        (NOW.replace(hour=21, minute=45), NOW.replace(hour=14, minute=15) + timedelta(days=1)),
        (NOW.replace(hour=4), NOW.replace(hour=14, minute=30)),
    ],
)
def test_without_a_promise_it_is_half_an_hour_of_the_desks_time(call, dee, open_desk, now, due):
    _prepare(call)
    call.refresh_from_db()
    handover.settle(call, now=now)
    assert CallbackTask.objects.get().due_at == due
    assert handover.owed(call) == due


def test_nobody_who_is_owed_nothing_is_told_a_time(call):
    assert handover.owed(call) is None


def test_a_caller_who_comes_back_is_told_once(call, dee):
    _prepare(call, DUE)
    call.refresh_from_db()
    handover.settle(call, now=NOW)
    call.refresh_from_db()
    assert handover.promised(call) == DUE
    assert handover.promised(call) is None


def test_a_caller_who_never_left_is_told_nothing(call, dee):
    assert handover.promised(call) is None
    _prepare(call, DUE)
    call.refresh_from_db()
    assert handover.promised(call) is None


def test_the_first_words_of_an_ordinary_call_wait_for_no_look_at_hand_overs(
    call, django_assert_num_queries
):
    with django_assert_num_queries(0):
        assert handover.promised(call) is None


def test_an_accepted_hand_over_owes_nothing(call, dee):
    _prepare(call, DUE)
    assert handover.accept(call.sid)
    assert not handover.accept(call.sid)
    call.refresh_from_db()
    assert handover.settle(call, now=NOW)
    assert not CallbackTask.objects.exists()


def test_with_nobody_on_the_list_it_says_so(call):
    with pytest.raises(TelephonyError, match="no_advisor"):
        _prepare(call)
    call.refresh_from_db()
    assert call.transfer_result == "no_advisor"


def test_a_line_that_speaks_the_language_comes_before_the_first(dee):
    eva = AdvisorLine.objects.create(name="Eva", e164="+12025550188", languages="en es", position=2)
    assert handover.pick_line("es") == eva
    assert handover.pick_line("en") == dee
    assert handover.pick_line("fr") == dee
