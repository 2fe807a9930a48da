"""The day board: what every bay does today, for the people at the desk.

Rules: staff only; one day at a time, in shop time; read from the reservations, which are
the truth about a bay's time (visits, holds of calls that are going on, blocks). Expired
holds are not shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from calls.models import CallbackTask
from scheduling.day_sheet import shop_zone
from scheduling.models import Appointment, Bay, BusinessHours, CalendarReview, Reservation

FIRST_HOUR, LAST_HOUR = 8, 18


@dataclass(frozen=True, slots=True)
class Entry:
    """One stretch of a bay's time. `top` and `height` are percent of the board's day."""

    starts: str
    ends: str
    top: float
    height: float
    kind: str
    title: str
    lines: tuple[str, ...]
    link: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One bay."""

    name: str
    lanes: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of the day that the board shows, aware and in shop time."""

    first: datetime
    last: datetime

    def place(self, start: datetime, end: datetime) -> tuple[float, float]:
        """Where a span stands: (top, height) in percent, cut to the window."""
        length = (self.last - self.first).total_seconds()
        top = max(0.0, (max(start, self.first) - self.first).total_seconds())
        bottom = (min(end, self.last) - self.first).total_seconds()
        return round(100 * top / length, 2), round(100 * max(0.0, bottom - top) / length, 2)

    def hours(self) -> list[str]:
        """The full hours, as they label the board."""
        return [f"{hour:02d}:00" for hour in range(self.first.hour, self.last.hour)]


def window(day: date) -> Window:
    """The day from one hour before opening to one after closing."""
    hours = BusinessHours.objects.filter(weekday=day.weekday()).first()
    first = max(0, hours.opens.hour - 1) if hours else FIRST_HOUR
    last = min(23, hours.closes.hour + 1) if hours else LAST_HOUR
    zone = shop_zone()
    return Window(datetime.combine(day, time(first), zone), datetime.combine(day, time(last), zone))


def columns(day: date, now: datetime) -> list[Column]:
    """All active bays with what they do on this day."""
    shown = window(day)
    taken = (
        Reservation.objects.filter(span__overlap=(shown.first, shown.last))
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .select_related("appointment__customer", "appointment__vehicle")
        .prefetch_related("appointment__services__op")
        .order_by("span")
    )
    by_bay: dict[int, list[Reservation]] = {}
    for each in taken:
        by_bay.setdefault(each.bay_id, []).append(each)
    return [
        Column(bay.name, "".join(bay.lanes), tuple(_entries(by_bay.get(bay.pk, ()), shown)))
        for bay in Bay.objects.filter(active=True)
    ]


def _entries(taken: Iterable[Reservation], shown: Window) -> Iterable[Entry]:
    zone = shop_zone()
    for each in taken:
        start, end = each.span.lower.astimezone(zone), each.span.upper.astimezone(zone)
        top, height = shown.place(start, end)
        kind, title, lines, link = _words(each)
        yield Entry(f"{start:%H:%M}", f"{end:%H:%M}", top, height, kind, title, lines, link)


def _words(taken: Reservation) -> tuple[str, str, tuple[str, ...], str]:
    """Kind, title, further lines and a link."""
    visit = taken.appointment
    if visit is None:
        title = "Held for a call" if taken.kind == Reservation.Kind.HOLD else "Blocked"
        return taken.kind, title, (taken.reason or ", ".join(taken.op_codes),), ""
    car = visit.vehicle
    services = ", ".join(line.op.name for line in visit.services.all())
    lines = (f"{car.year} {car.make} {car.model}", services, visit.get_visit_type_display())
    link = reverse("admin:scheduling_appointment_change", args=(visit.pk,)) if _has_page() else ""
    return visit.status, visit.customer.full_name, lines, link


def _has_page() -> bool:
    return admin.site.is_registered(Appointment)


def _figures(day: date) -> dict[str, int]:
    """The numbers above the board."""
    zone = shop_zone()
    first = datetime.combine(day, time(0), zone)
    visits = Appointment.objects.filter(
        start__gte=first, start__lt=first + timedelta(days=1), status__in=Appointment.ACTIVE
    )
    return {
        "Visits": visits.count(),
        "Waiting here": visits.filter(visit_type="waiter").count(),
        "Confirmed": visits.filter(status="confirmed").count(),
        "Callbacks owed": CallbackTask.objects.filter(state=CallbackTask.State.OPEN).count(),
        "Calendar questions": CalendarReview.objects.filter(
            state=CalendarReview.State.OPEN
        ).count(),
    }


@staff_member_required
def board(request: HttpRequest) -> HttpResponse:
    """The page; `?day=2026-11-20` shows another day."""
    now = timezone.now()
    today = now.astimezone(shop_zone()).date()
    asked = request.GET.get("day", "")
    try:
        day = parse_date(asked) or today
    except ValueError:  # 2026-02-31
        day = today
    shown = window(day)
    top, _ = shown.place(now, now)
    context = {
        **admin.site.each_context(request),
        "title": f"{day:%A}, {day:%B} {day.day}",
        "day": day,
        "today": today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "hours": shown.hours(),
        "columns": columns(day, now),
        "figures": _figures(day),
        "now_top": top if shown.first <= now <= shown.last else None,
    }
    return render(request, "board.html", context)
