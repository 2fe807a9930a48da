"""Calls that a person owes somebody.

Rules: one open task per call and reason, however often it is asked for; the earlier
due time and the higher priority win. A task is never deleted, it is done or dropped.
"""

import logging
from datetime import datetime

from django.db import transaction

from calls.models import Call, CallbackTask

logger = logging.getLogger(__name__)


def create_callback(
    *,
    call_id: int | None,
    number: str,
    reason: str,
    priority: str,
    due_at: datetime,
    note: str,
    now: datetime,
    customer_id: int | None = None,
    advisor: str = "",
) -> CallbackTask:
    """The open task for this call and reason, made or hastened."""
    facts = {
        "number": number,
        "priority": priority,
        "due_at": due_at,
        "note": note,
        "created_at": now,
        "customer_id": customer_id,
        "advisor": advisor,
    }
    if call_id is None:
        return CallbackTask.objects.create(call=None, reason=reason, **facts)
    if customer_id is None:
        facts["customer_id"] = (
            Call.objects.filter(pk=call_id).values_list("customer_id", flat=True).first()
        )
    task, made = CallbackTask.objects.get_or_create(
        call_id=call_id, reason=reason, state=CallbackTask.State.OPEN, defaults=facts
    )
    return task if made else _hasten(task.pk, priority=priority, due_at=due_at, note=note)


def _hasten(task_id: int, *, priority: str, due_at: datetime, note: str) -> CallbackTask:
    with transaction.atomic():
        task = CallbackTask.objects.select_for_update().get(pk=task_id)
        task.due_at = min(task.due_at, due_at)
        if priority == CallbackTask.Priority.HIGH:
            task.priority = priority
        if note and note not in task.note:
            task.note = f"{task.note}\n{note}".strip()
        task.save(update_fields=["due_at", "priority", "note"])
    return task


def close_callback(*, task_id: int, done: bool, now: datetime) -> bool:
    """Mark an open task done or dropped; False if it was closed already."""
    state = CallbackTask.State.DONE if done else CallbackTask.State.DROPPED
    return bool(
        CallbackTask.objects.filter(pk=task_id, state=CallbackTask.State.OPEN).update(
            state=state, done_at=now
        )
    )


def hasten_overdue(*, now: datetime) -> int:
    """Tasks past their promised time go to the top of everybody's list; returns how many did."""
    overdue = CallbackTask.objects.filter(
        state=CallbackTask.State.OPEN, due_at__lt=now, priority=CallbackTask.Priority.NORMAL
    )
    found = overdue.update(priority=CallbackTask.Priority.HIGH)
    if found:
        logger.warning("callbacks_overdue", extra={"count": found})
    return found
