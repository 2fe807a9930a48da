"""Deciding a question about the calendar.

Rules: the question's facts are what a person left in the calendar. Taking them over goes
through the booking functions, with all their refusals; putting the calendar right writes
the book's state anew. A decided question stays on record with who decided it.
"""

from datetime import datetime

from scheduling import booking
from scheduling.calendar import connected_calendar
from scheduling.calendar_sync import note, write_over
from scheduling.errors import BadInput
from scheduling.models import Appointment, CalendarReview


def take_over(row: CalendarReview, *, by: str, now: datetime) -> None:
    """Do to the visit what was done to its event. Raises Refusal where the shop can't."""
    visit = _visit(row)
    key = f"review:{row.pk}"
    if row.kind == "deleted":
        booking.cancel(
            appointment_id=visit.pk, customer_id=visit.customer_id, reason="calendar",
            call_sid="", idempotency_key=key, now=now,
        )  # fmt: skip
    elif row.kind == "moved":
        booking.reschedule(
            appointment_id=visit.pk, customer_id=visit.customer_id, version=visit.version,
            start=datetime.fromisoformat(row.facts["start"]), call_sid="",
            idempotency_key=key, now=now,
        )  # fmt: skip
    else:
        raise BadInput(field="kind")
    _decided(row, CalendarReview.State.ACCEPTED, by, now)


def put_calendar_right(row: CalendarReview, *, by: str, now: datetime) -> None:
    """Write the book's state into the calendar. Raises CalendarError."""
    note(write_over(_visit(row), connected_calendar(), now, decided=True), now)
    _decided(row, CalendarReview.State.RESTORED, by, now)


def dismiss(row: CalendarReview, *, by: str, now: datetime) -> None:
    """Nothing is to be done."""
    _decided(row, CalendarReview.State.DISMISSED, by, now)


def _visit(row: CalendarReview) -> Appointment:
    if row.appointment is None:
        raise BadInput(field="appointment")
    return row.appointment


def _decided(row: CalendarReview, state: CalendarReview.State, by: str, now: datetime) -> None:
    CalendarReview.objects.filter(pk=row.pk).update(
        state=state, resolved_at=now, resolved_by=by[:80]
    )
