"""What is wrong with the calendar, for staff: it must be connected again, or writes were given up.

Rules of this module: one look at two small indexes, because every page of the back office asks.
The reason is shown in words; a code that has none is shown as it is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scheduling.models import CalendarOutbox, CalendarState

_WORDS: Final = {
    "disconnected": "Google no longer accepts the connection",
    "unauthorised": "Google refuses the connection",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """`broken_since` None where the connection stands; `given_up`: writes nobody tries any more."""

    broken_since: datetime | None
    reason: str
    given_up: int


def calendar_trouble() -> Trouble | None:
    """What staff must see to; None where all is well."""
    broken = CalendarState.objects.exclude(broken_since=None).order_by("broken_since").first()
    given_up = CalendarOutbox.objects.filter(dead=True, done_at=None).count()
    if broken is None and not given_up:
        return None
    reason = broken.broken_reason if broken else ""
    return Trouble(broken.broken_since if broken else None, _WORDS.get(reason, reason), given_up)
