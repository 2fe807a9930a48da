"""The built-in calendar: real events in PostgreSQL, for a shop that has connected none.

Rules: it behaves as a calendar service does. Ids are the client's, a cancelled event
keeps its id, every change gets a new etag and the next sequence number, and the highest
number seen is the sync token. Staff see it in the admin; nobody else writes to it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from scheduling.calendar.facts import Busy, Changes, Channel, Conflict, Draft, Event
from scheduling.models import LocalEvent

CALENDAR_ID = "built-in"
_LOCK = 0x10CA1


class LocalCalendar:
    """The one built-in calendar."""

    calendar_id = CALENDAR_ID

    @transaction.atomic
    def put(self, draft: Draft, etag: str = "") -> Event:
        """See `CalendarProvider.put`."""
        sequence = _next_sequence()
        row = LocalEvent.objects.filter(calendar_id=CALENDAR_ID, event_id=draft.event_id).first()
        if row is not None and row.etag != etag:
            if not etag and (event := _event(row)).is_made_of(draft):
                return event
            raise Conflict
        row = row or LocalEvent(calendar_id=CALENDAR_ID, event_id=draft.event_id)
        row.start, row.end = draft.start, draft.end
        row.summary, row.description = draft.summary[:200], draft.description
        row.private, row.cancelled = dict(draft.private), False
        return _store(row, sequence)

    @transaction.atomic
    def remove(self, event_id: str) -> None:
        """See `CalendarProvider.remove`."""
        sequence = _next_sequence()
        rows = LocalEvent.objects.filter(calendar_id=CALENDAR_ID, event_id=event_id)
        for row in rows.filter(cancelled=False):
            row.cancelled = True
            _store(row, sequence)

    def get(self, event_id: str) -> Event | None:
        """See `CalendarProvider.get`."""
        row = LocalEvent.objects.filter(calendar_id=CALENDAR_ID, event_id=event_id).first()
        return _event(row) if row else None

    def busy(self, start: datetime, end: datetime) -> tuple[Busy, ...]:
        """See `CalendarProvider.busy`."""
        rows = LocalEvent.objects.filter(
            calendar_id=CALENDAR_ID, cancelled=False, start__lt=end, end__gt=start
        ).order_by("start")
        return merge(Busy(row.start, row.end) for row in rows)

    def changes(self, sync_token: str, since: datetime) -> Changes:
        """See `CalendarProvider.changes`."""
        rows = LocalEvent.objects.filter(calendar_id=CALENDAR_ID).order_by("sequence")
        rows = (
            rows.filter(sequence__gt=int(sync_token)) if sync_token else rows.filter(end__gt=since)
        )
        events = tuple(_event(row) for row in rows)
        newest = LocalEvent.objects.aggregate(newest=Max("sequence"))["newest"] or 0
        return Changes(events, str(newest), full=not sync_token)

    def watch(self, address: str, token: str) -> Channel | None:
        """Nobody but us changes it."""
        return None

    def stop_watching(self, channel: Channel) -> None:
        """There are no channels."""


def _next_sequence() -> int:
    """The number of the next change; changes come one at a time."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
    return int(LocalEvent.objects.aggregate(newest=Max("sequence"))["newest"] or 0) + 1


def _store(row: LocalEvent, sequence: int) -> Event:
    row.sequence, row.etag, row.updated_at = sequence, f'"{sequence}"', timezone.now()
    row.save()
    return _event(row)


def _event(row: LocalEvent) -> Event:
    return Event(
        event_id=row.event_id,
        etag=row.etag,
        cancelled=row.cancelled,
        start=row.start,
        end=row.end,
        summary=row.summary,
        private=row.private,
    )


def merge(stretches: Iterable[Busy]) -> tuple[Busy, ...]:
    """Overlapping and touching stretches, ordered by start, become one."""
    merged: list[Busy] = []
    for stretch in stretches:
        if merged and stretch.start <= merged[-1].end:
            merged[-1] = Busy(merged[-1].start, max(merged[-1].end, stretch.end))
        else:
            merged.append(stretch)
    return tuple(merged)
