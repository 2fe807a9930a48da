"""What beat starts for the outbound half. The sweep is the retry: no ETA, no countdown.

Rules: every task may run twice at once, be killed anywhere and be missed: claims are
unique rows, dialling is a conditional step under one lock, and the next minute's sweep
goes on where this one stopped. Times are read here and passed on.
"""

import time

from celery import shared_task
from django.utils import timezone

from calls import callbacks, log, outbound, settling
from calls.outbound import Step
from scheduling import followups, outbound_facts, reminders

WORKS_FOR_S = 50.0
WAITS_S = 0.25


@shared_task(acks_late=False, ignore_result=True)
def call_due_reminders() -> int:
    """Nine in the morning: tomorrow's visits into the queue."""
    return reminders.claim_due(now=timezone.now())


@shared_task(acks_late=False, ignore_result=True)
def call_due_follow_ups() -> int:
    """Visits completed a day ago into the queue."""
    return followups.claim_due(now=timezone.now())


@shared_task(acks_late=False, ignore_result=True)
def place_outbound_calls() -> int:
    """Catch up on a nine o'clock that was missed, then dial for most of a minute."""
    reminders.claim_due(now=timezone.now())
    return place_due(works_for_s=WORKS_FOR_S)


def place_due(*, works_for_s: float) -> int:
    """Dial what may be dialled, until the queue is empty or the time is up."""
    ends, dialled = time.monotonic() + works_for_s, 0
    while time.monotonic() < ends:
        step = outbound.place_next(decide=outbound_facts.decide, now=timezone.now())
        if step is Step.EMPTY:
            break
        if step is Step.WAIT:
            time.sleep(WAITS_S)
        dialled += step is Step.DIALLED
    return dialled


@shared_task(acks_late=False, ignore_result=True)
def settle_calls() -> int:
    """Find out what became of calls, mark who was reminded, queue second attempts."""
    now = timezone.now()
    moved = settling.settle_lost(now=now)
    moved += reminders.settle(now=now) + followups.settle(now=now)
    return moved + log.finish_stuck(now=now) + callbacks.hasten_overdue(now=now)
