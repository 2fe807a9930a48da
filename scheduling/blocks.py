"""Bay time that is gone for another reason than a visit: what people put in the calendar.

Rules of this module:
- A block has the id of what it came from (`external_id`); placing it again replaces it, so
  that a calendar read twice changes nothing.
- A block never pushes a visit aside. It takes the time around visits and holds, and the
  visits it met are returned, for a person to decide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from psycopg.types.range import Range

from scheduling import day_sheet, inputs, writes
from scheduling.errors import BadInput
from scheduling.models import Bay, Reservation
from scheduling.statements import send

LONGEST: Final = timedelta(days=120)
"""A longer stretch is cut: it is beyond what can be booked, and is seen again in time."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """What came of a block: how many pieces of bay time, and the visits in its way."""

    pieces: int
    appointment_ids: tuple[int, ...]


def place_block(
    *,
    external_id: str,
    start: datetime,
    end: datetime,
    now: datetime,
    bay_ids: Sequence[int] | None = None,
    reason: str = "",
) -> Blocked:
    """Take this time of these bays (all of them when not named), around what stands there.

    Replaces whatever `external_id` had taken before. BadInput when the time makes no sense.
    """
    _check(external_id, start, end)
    until = min(end, start + LONGEST)
    why = inputs.words(reason, "reason", 120)

    def write() -> Blocked:
        send(writes.lock(_days(start, until)))
        _lift(external_id)
        met = _standing(Range(start, until), now)
        rows = [
            Reservation(
                bay_id=bay_id,
                span=piece,
                kind=Reservation.Kind.BLOCK,
                external_id=external_id,
                reason=why,
                created_at=now,
            )
            for bay_id in _bays(bay_ids)
            for piece in _free(start, until, [row for row in met if row.bay_id == bay_id])
        ]
        Reservation.objects.bulk_create(rows)
        return Blocked(len(rows), tuple(row.appointment_id for row in met if row.appointment_id))

    return writes.run_write(write)


def _check(external_id: str, start: datetime, end: datetime) -> None:
    inputs.start(start)
    inputs.start(end)
    if not external_id or len(external_id) > 256 or "\x00" in external_id:
        raise BadInput(field="external_id")
    if end <= start:
        raise BadInput(field="end")


def _standing(span: Range[datetime], now: datetime) -> list[Reservation]:
    """What stands in this time, once the holds that ran out are gone."""
    here = Reservation.objects.filter(span__overlap=span)
    here.filter(kind=Reservation.Kind.HOLD, expires_at__lte=now).delete()
    return list(here.order_by("span"))


def lift_block(*, external_id: str) -> int:
    """Give the time back; returns how many pieces that were."""
    return _lift(external_id) if external_id else 0


def blocks_from(prefix: str) -> set[str]:
    """The ids of every block whose id begins so."""
    return set(
        Reservation.objects.filter(
            kind=Reservation.Kind.BLOCK, external_id__startswith=prefix
        ).values_list("external_id", flat=True)
    )


def _lift(external_id: str) -> int:
    """Delete a block's rows."""
    rows = Reservation.objects.filter(kind=Reservation.Kind.BLOCK, external_id=external_id)
    return rows.delete()[0]


def _days(start: datetime, end: datetime) -> list[date]:
    """The shop days between two moments."""
    zone = day_sheet.shop_zone()
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _bays(bay_ids: Sequence[int] | None) -> list[int]:
    """The named bays, or every active one."""
    rows = Bay.objects.filter(active=True)
    if bay_ids is not None:
        rows = rows.filter(pk__in=bay_ids)
    return list(rows.values_list("pk", flat=True))


def _free(start: datetime, end: datetime, met: Iterable[Reservation]) -> list[Range[datetime]]:
    """What is left of a stretch of one bay around what stands there, in order of time."""
    pieces, since = [], start
    for row in met:
        if row.span.lower > since:
            pieces.append(Range(since, row.span.lower))
        since = max(since, row.span.upper)
    if since < end:
        pieces.append(Range(since, end))
    return pieces
