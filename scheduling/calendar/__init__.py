"""The calendar that shows the shop's visits: Google's, or the built-in one.

Rules: PostgreSQL is the book of record and the calendar a copy (docs/adr/0006). Which
one it is, is a setting; the rest of the product never asks.
"""

from django.conf import settings

from scheduling.calendar.facts import (
    Busy,
    CalendarDisconnected,
    CalendarError,
    CalendarProvider,
    Changes,
    Channel,
    Conflict,
    Draft,
    Event,
    SyncExpired,
    mark,
)

__all__ = [
    "Busy",
    "CalendarDisconnected",
    "CalendarError",
    "CalendarProvider",
    "Changes",
    "Channel",
    "Conflict",
    "Draft",
    "Event",
    "SyncExpired",
    "connected_calendar",
    "mark",
]


def connected_calendar() -> CalendarProvider:
    """The configured calendar, for use in this thread."""
    if settings.CALENDAR_PROVIDER == "google":
        from scheduling.calendar.google import google_calendar

        return google_calendar()
    from scheduling.calendar.local import LocalCalendar

    return LocalCalendar()
