"""What a calendar is asked and what it answers, whoever keeps it.

Rules: times are aware UTC. An event of ours is known by its private marks `appt_id`
(the appointment's uid, hex) and `version`; anything else belongs to people. The mark `wrote`
keeps what the event said when we wrote it: where it says something else now, a person was
at it, however many of our own answers got lost on the way. Every function of a provider blocks for at most a few seconds and belongs in a thread, outside
any transaction.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol


class CalendarError(Exception):
    """A calendar did not do what it was asked; `code` says why, `retryable` whether to ask again."""

    def __init__(self, code: str, *, retryable: bool) -> None:
        super().__init__(code)
        self.code = code
        self.retryable = retryable


class CalendarDisconnected(CalendarError):
    """The calendar's owner must connect it again: the grant is revoked or expired."""

    def __init__(self, code: str = "disconnected") -> None:
        super().__init__(code, retryable=True)


class SyncExpired(CalendarError):
    """The sync token is too old: everything has to be read anew."""

    def __init__(self) -> None:
        super().__init__("sync_expired", retryable=True)


class Conflict(CalendarError):
    """The event is not as it was last seen (If-Match failed)."""

    def __init__(self) -> None:
        super().__init__("conflict", retryable=True)


@dataclass(frozen=True, slots=True)
class Draft:
    """An event as it should be. `event_id`: characters 0-9 and a-v only."""

    event_id: str
    start: datetime
    end: datetime
    summary: str
    description: str = ""
    private: Mapping[str, str] = field(default_factory=dict)


def mark(start: datetime, end: datetime, summary: str) -> str:
    """The times and a fingerprint of the title, short enough for a private mark."""
    times = f"{start.astimezone(UTC):%Y%m%dT%H%M}/{end.astimezone(UTC):%Y%m%dT%H%M}"
    return f"{times}#{hashlib.sha256(summary.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Event:
    """An event as the calendar holds it. A cancelled one may have lost everything but its id."""

    event_id: str
    etag: str
    cancelled: bool = False
    start: datetime | None = None
    end: datetime | None = None
    summary: str = ""
    private: Mapping[str, str] = field(default_factory=dict)
    busy: bool = True

    @property
    def edited(self) -> str:
        """What a person did to an event of ours: moved, edited, or nothing that it shows."""
        wrote = self.private.get("wrote", "")
        if self.cancelled or not wrote or self.start is None or self.end is None:
            return ""
        if mark(self.start, self.end, self.summary) == wrote:
            return ""
        same_time = mark(self.start, self.end, "").partition("#")[0] == wrote.partition("#")[0]
        return "edited" if same_time else "moved"

    def is_made_of(self, draft: Draft) -> bool:
        """Whether it is what putting the draft made of it, its version among the marks."""
        return self.says(draft) and dict(self.private) == dict(draft.private)

    def says(self, draft: Draft) -> bool:
        """Whether a reader of the calendar sees what the draft says."""
        seen = (self.start, self.end, self.summary)
        return not self.cancelled and seen == (draft.start, draft.end, draft.summary)


@dataclass(frozen=True, slots=True)
class Busy:
    """A stretch in which the calendar is taken."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a sync token, and the token for the next time. `full`: all there is."""

    events: tuple[Event, ...]
    sync_token: str
    full: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """A push channel: the calendar posts to us when something changes, until it expires."""

    channel_id: str
    resource_id: str
    expires_at: datetime


class CalendarProvider(Protocol):
    """One calendar. Every method raises CalendarError."""

    calendar_id: str

    def put(self, draft: Draft, etag: str = "") -> Event:
        """Make the event say this, whether it is new, was seen before or is cancelled.

        With the `etag` that was seen, Conflict where it changed since; without one, where it is
        there already and was not made of this draft. May be repeated without harm: the same
        draft never becomes two events.
        """

    def remove(self, event_id: str) -> None:
        """Cancel the event; fine where it is gone already."""

    def get(self, event_id: str) -> Event | None:
        """The event, None where there never was one."""

    def busy(self, start: datetime, end: datetime) -> tuple[Busy, ...]:
        """When the calendar is taken between two moments, merged and in order."""

    def changes(self, sync_token: str, since: datetime) -> Changes:
        """What changed; everything from `since` on where there is no token. Raises SyncExpired."""

    def watch(self, address: str, token: str) -> Channel | None:
        """Ask for pushes to this https address; None where the calendar can't push."""

    def stop_watching(self, channel: Channel) -> None:
        """End a channel."""
