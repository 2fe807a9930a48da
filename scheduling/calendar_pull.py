"""What people do in the calendar, into the book.

Rules: somebody else's busy event takes bay time (`blocks`), a free or cancelled one gives
it back. A person's edit or deletion of an event of ours changes nothing here; it becomes
a review item that staff decide, even while a write of ours is under way. What we wrote ourselves
is known by its etag, or by its mark where our answer got lost, and skipped.
An expired sync token means reading everything anew; blocks that are then no longer
in the calendar are lifted.
"""

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from scheduling import blocks
from scheduling.calendar import (
    CalendarDisconnected,
    CalendarProvider,
    Changes,
    Event,
    SyncExpired,
    connected_calendar,
)
from scheduling.calendar_sync import by_a_person, mark_broken, review
from scheduling.errors import BadInput
from scheduling.models import Appointment, CalendarOutbox, CalendarState, Status

log = logging.getLogger(__name__)

LOOK_BACK: Final = timedelta(days=1)
_UID: Final = re.compile(r"^[0-9a-f]{32}$")
_GONE = frozenset({Status.CANCELLED, Status.NO_SHOW})


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull found: changed events, pieces of bay time taken, items for staff."""

    events: int = 0
    blocked: int = 0
    reviews: int = 0


def pull_changes(*, now: datetime, calendar: CalendarProvider | None = None) -> Pulled:
    """Read what changed since the last time. Raises CalendarError; nothing is half-read."""
    calendar = calendar or connected_calendar()
    state, _ = CalendarState.objects.get_or_create(calendar_id=calendar.calendar_id)
    try:
        changes = _read(calendar, state.sync_token, now)
    except CalendarDisconnected as error:
        mark_broken(calendar.calendar_id, error.code, now)
        raise
    found = [_take(event, calendar, now) for event in changes.events]
    if changes.full:
        _lift_unseen(changes, calendar)
    CalendarState.objects.filter(pk=state.pk).update(
        sync_token=changes.sync_token, pulled_at=now, broken_since=None, broken_reason=""
    )
    blocked = sum(one.blocked for one in found)
    return Pulled(len(found), blocked, sum(one.reviews for one in found))


def _read(calendar: CalendarProvider, sync_token: str, now: datetime) -> Changes:
    try:
        return calendar.changes(sync_token, now - LOOK_BACK)
    except SyncExpired:
        log.info("calendar_resync")
        return calendar.changes("", now - LOOK_BACK)


def _take(event: Event, calendar: CalendarProvider, now: datetime) -> Pulled:
    appointment = _ours(event)
    if appointment is not None:
        return Pulled(reviews=int(_look_at_ours(appointment, event, calendar, now)))
    return _take_theirs(event, calendar, now)


def _ours(event: Event) -> Appointment | None:
    """The visit behind an event: by its id, which a deleted event keeps when its marks are gone,
    and which is known before the calendar has ever answered."""
    if not _UID.match(event.event_id):
        return None
    return Appointment.objects.filter(uid=event.event_id).first()


# ---- an event of ours -----------------------------------------------------------------
def _look_at_ours(
    appointment: Appointment, event: Event, calendar: CalendarProvider, now: datetime
) -> bool:
    """Whether a person changed it in a way that they must be asked about."""
    if event.etag and event.etag == appointment.calendar_etag:
        return False
    kind = _difference(appointment, event, calendar)
    if kind:
        review(appointment, kind, event, now)
    return bool(kind)


def _difference(appointment: Appointment, event: Event, calendar: CalendarProvider) -> str:
    """What a person did. An event as we left it may be behind the book: its write is owed."""
    if appointment.status not in _GONE:
        return by_a_person(event)
    owed = CalendarOutbox.objects.filter(appointment=appointment, done_at=None, dead=False)
    if event.cancelled or owed.exists():
        return ""
    present = calendar.get(event.event_id)  # the list may be older than our deletion
    return "" if present is None or present.cancelled else "restored"


# ---- somebody else's event --------------------------------------------------------------
def block_id(calendar: CalendarProvider, event_id: str) -> str:
    """The block's id: it names the calendar and the event."""
    return f"{_prefix(calendar)}{event_id}"[:256]


def _prefix(calendar: CalendarProvider) -> str:
    return f"calendar:{calendar.calendar_id}:"


def _take_theirs(event: Event, calendar: CalendarProvider, now: datetime) -> Pulled:
    external_id = block_id(calendar, event.event_id)
    if event.cancelled or not event.busy or event.start is None or event.end is None:
        blocks.lift_block(external_id=external_id)
        return Pulled()
    try:
        taken = blocks.place_block(
            external_id=external_id, start=event.start, end=event.end, now=now, reason="calendar"
        )
    except BadInput:
        log.warning("calendar_event_unusable", extra={"code": "bad_times"})
        return Pulled()
    for appointment_id in taken.appointment_ids:
        review(Appointment.objects.get(pk=appointment_id), "overlap", event, now)
    return Pulled(blocked=taken.pieces, reviews=len(taken.appointment_ids))


def _lift_unseen(changes: Changes, calendar: CalendarProvider) -> None:
    """After a full reading: what is no longer in the calendar takes no time any more."""
    seen = {block_id(calendar, event.event_id) for event in changes.events}
    for external_id in blocks.blocks_from(_prefix(calendar)) - seen:
        blocks.lift_block(external_id=external_id)
