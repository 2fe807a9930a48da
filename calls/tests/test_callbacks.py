"""What is owed is owed once, by the earliest time that was promised."""

from datetime import timedelta

import pytest

from calls import callbacks
from calls.models import CallbackTask
from calls.tests.conftest import CALLER, NOW

HOUR = timedelta(hours=1)


def _owe(call, *, due=NOW + HOUR, priority="normal", note="brakes", reason="hand_over"):
    return callbacks.create_callback(
        call_id=call.pk if call else None, number=CALLER, reason=reason, priority=priority,
        due_at=due, note=note, now=NOW,
    )  # fmt: skip


def test_one_open_task_per_call_and_reason_hastened_by_the_second_promise(call):
    first = _owe(call)
    again = _owe(call, due=NOW + HOUR / 2, priority="high", note="and oil")
    assert first.pk == again.pk
    task = CallbackTask.objects.get()
    assert (task.due_at, task.priority) == (NOW + HOUR / 2, "high")
    assert task.note == "brakes\nand oil"


def test_a_later_and_lesser_promise_changes_nothing(call):
    _owe(call, priority="high")
    _owe(call, due=NOW + 5 * HOUR)
    task = CallbackTask.objects.get()
    assert (task.due_at, task.priority, task.note) == (NOW + HOUR, "high", "brakes")


def test_another_reason_or_a_closed_one_is_another_task(call):
    first = _owe(call)
    _owe(call, reason="complaint")
    callbacks.close_callback(task_id=first.pk, done=True, now=NOW)
    _owe(call)
    assert CallbackTask.objects.count() == 3


def test_a_task_without_a_call_stands_alone(db):
    _owe(None)
    _owe(None)
    assert CallbackTask.objects.count() == 2


@pytest.mark.parametrize(("hours", "priority"), [(-1, "high"), (1, "normal")])
def test_an_overdue_task_goes_to_the_top(call, hours, priority):
    _owe(call, due=NOW + hours * HOUR)
    assert callbacks.hasten_overdue(now=NOW) == (hours < 0)
    assert callbacks.hasten_overdue(now=NOW) == 0
    assert CallbackTask.objects.get().priority == priority
