"""One shop day as staff look at it: who is in which bay when, and how much is left.

Rules of this module: reads only; places are given in minutes from opening, so that a
template has nothing to compute; customers are named because staff are looking.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from scheduling import day_sheet
from scheduling.models import AppointmentService, Bay, Reservation
from scheduling.planning import DaySheet, Limits


@dataclass(frozen=True, slots=True)
class Entry:
    """A stretch of a bay's time; `top` and `height` in minutes from opening."""

    bay_id: int
    kind: str
    top: int
    height: int
    starts: time
    ends: time
    title: str
    detail: str
    status: str
    appointment_id: int | None


@dataclass(frozen=True, slots=True)
class Used:
    """A limit of the day and what of it is used."""

    name: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Column:
    """A bay with its entries, in order of time."""

    bay_id: int
    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class DayBoard:
    """A day. `minutes` is its length; 0 when the shop is closed."""

    day: date
    opens: time | None
    minutes: int
    lunch: tuple[int, int] | None
    hours: tuple[tuple[int, str], ...]
    columns: tuple[Column, ...]
    used: tuple[Used, ...]


def day_board(day: date, now: datetime) -> DayBoard:
    """The board of a shop day."""
    sheet = day_sheet.load(first_day=day, last_day=day, op_codes=(), now=now).sheets[0]
    if sheet.hours is None:
        return DayBoard(day, None, 0, None, (), (), ())
    opens, closes = sheet.hours.opens, sheet.hours.closes
    entries = _entries(day, opens, closes, now)
    lunch = sheet.hours.lunch
    return DayBoard(
        day=day,
        opens=_local(opens),
        minutes=_minutes(opens, closes),
        lunch=(_minutes(opens, lunch[0]), _minutes(*lunch)) if lunch else None,
        hours=tuple(
            (minute, f"{_local(opens + timedelta(minutes=minute)):%H:%M}")
            for minute in range(0, _minutes(opens, closes), 60)
        ),
        columns=tuple(
            Column(bay.pk, bay.name, tuple(e for e in entries if e.bay_id == bay.pk))
            for bay in Bay.objects.filter(active=True)
        ),
        used=_used(sheet),
    )


def _entries(day: date, opens: datetime, closes: datetime, now: datetime) -> list[Entry]:
    """Everything that takes bay time between opening and closing."""
    rows = (
        Reservation.objects.filter(span__overlap=(opens, closes))
        .exclude(kind=Reservation.Kind.HOLD, expires_at__lte=now)
        .select_related("appointment__customer", "appointment__vehicle")
        .order_by("span")
    )
    services: dict[int, list[str]] = {}
    for line in AppointmentService.objects.filter(
        appointment__reservation__in=[row.pk for row in rows]
    ).values_list("appointment_id", "op__name"):
        services.setdefault(line[0], []).append(line[1])
    return [_entry(row, opens, closes, services) for row in rows]


def _entry(
    row: Reservation, opens: datetime, closes: datetime, services: dict[int, list[str]]
) -> Entry:
    """A reservation as it is drawn."""
    start, end = max(row.span.lower, opens), min(row.span.upper, closes)
    visit = row.appointment
    if visit is not None:
        title = f"{visit.customer.full_name} · {visit.vehicle.spoken_name}"
        detail = ", ".join(services.get(visit.pk, ()))
    elif row.kind == Reservation.Kind.HOLD:
        title, detail = "On hold", ", ".join(row.op_codes)
    else:
        title, detail = "Blocked", row.reason
    return Entry(
        bay_id=row.bay_id,
        kind=row.kind,
        top=_minutes(opens, start),
        height=max(1, _minutes(start, end)),
        starts=_local(row.span.lower),
        ends=_local(visit.end if visit else row.span.upper),
        title=title,
        detail=detail,
        status=visit.status if visit else "",
        appointment_id=row.appointment_id,
    )


def _used(sheet: DaySheet) -> tuple[Used, ...]:
    """The day's limits and what is used of them."""
    visits = [taken for taken in sheet.taken if taken.kind != "block"]
    limits: Limits = sheet.limits
    return (
        Used("Visits", len(visits), limits.appointments),
        Used("Labour hours", sum(v.work_min for v in visits) // 60, limits.work_min // 60),
        Used("Shuttle rides", sum(v.visit_type == "shuttle" for v in visits), limits.shuttle),
        Used("Loaner cars", sum(v.visit_type == "loaner" for v in visits), limits.loaners),
    )


def _local(moment: datetime) -> time:
    """A moment on the shop's clock."""
    return moment.astimezone(day_sheet.shop_zone()).time()


def _minutes(since: datetime, until: datetime) -> int:
    """Minutes between two moments."""
    return int((until - since).total_seconds() // 60)
