"""What beat starts for the schedule itself: expired holds, messages owed, the waitlist.

Rules: every task may run twice at once, be killed anywhere and be missed; the next run
goes on where this one stopped. Times are read here and passed on.
"""

from celery import shared_task
from django.utils import timezone

from scheduling import confirmations, holds, waitlist


@shared_task(acks_late=False, ignore_result=True)
def sweep_holds() -> int:
    """Remove holds that have expired."""
    return holds.sweep(timezone.now())


@shared_task(acks_late=False, ignore_result=True)
def send_notices() -> int:
    """Send the confirmations that are due."""
    return confirmations.send_due(timezone.now())


@shared_task(acks_late=False, ignore_result=True)
def match_waitlist() -> int:
    """Propose openings to those who wait."""
    return waitlist.sweep(timezone.now())
