"""What beat starts for the calendar. The sweep is the retry.

Rules: every task may run twice at once and be killed anywhere (see `calendar_sync`).
A calendar that fails is not a failed task: it is noted and seen in `/health`.
"""

import logging

from celery import shared_task
from django.utils import timezone

from scheduling import calendar_pull, calendar_push, calendar_sync
from scheduling.calendar import CalendarError

log = logging.getLogger(__name__)

ROUNDS = 20


@shared_task(acks_late=False, ignore_result=True)
def deliver_calendar_writes() -> int:
    """Write what is owed to the calendar, oldest first."""
    done = 0
    for _ in range(ROUNDS):
        found = calendar_sync.deliver_due(now=timezone.now())
        done += found.done
        if not found.done:
            break
    return done


@shared_task(acks_late=False, ignore_result=True)
def keep_calendar_channel() -> bool:
    """Open or renew the channel over which the calendar tells us of changes."""
    try:
        return calendar_push.keep_channel(now=timezone.now())
    except CalendarError as error:
        log.warning("calendar_channel_failed", extra={"code": error.code})
        return False


@shared_task(acks_late=False, ignore_result=True)
def pull_calendar_changes() -> int:
    """Read what people changed in the calendar."""
    try:
        return calendar_pull.pull_changes(now=timezone.now()).events
    except CalendarError as error:
        log.warning("calendar_pull_failed", extra={"code": error.code})
        return 0
