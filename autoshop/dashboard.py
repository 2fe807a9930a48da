"""The back office's first page, and the calls that are going on now.

Rules: staff only, and of each part only what the person may see; every figure leads to
the list it counts; days are shop days. What is being said is read from Redis and from
the turns recorded so far, and the page asks for it anew every few seconds.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.db.models import Avg, Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from calls import live, log
from calls.models import (
    TERMINAL_STATUSES,
    Call,
    CallbackTask,
    OutboundCall,
    OutboundSwitch,
    Utterance,
)
from scheduling.day_sheet import shop_zone
from scheduling.models import Appointment, CalendarOutbox, CalendarReview

SHOWN = 8
MONTH = timedelta(days=30)
LINES = 3
"""How many of a live call's last turns are shown."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it counts, where it leads, and whether somebody should look."""

    name: str
    number: int
    link: str
    note: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call that is going on. `lines` are the last turns: (who, words)."""

    who: str
    number: str
    seconds: int
    flow: str
    link: str
    lines: tuple[tuple[str, str], ...]
    saying: str


def _day(day: date) -> tuple[datetime, datetime]:
    first = datetime.combine(day, time(), shop_zone())
    return first, datetime.combine(day + timedelta(days=1), time(), shop_zone())


def _list(model: str, **filters: str) -> str:
    query = f"?{urlencode(filters)}" if filters else ""
    return reverse(f"admin:{model}_changelist") + query


# ---- figures ---------------------------------------------------------------------------
def figures(request: HttpRequest, now: datetime) -> list[Figure]:
    """The numbers of today that this person may see."""
    today = now.astimezone(shop_zone()).date()
    may = request.user.has_perm
    found: list[Figure] = []
    if may("scheduling.view_appointment"):
        found += _visits(today)
    if may("calls.view_call"):
        found += [_calls(today), _scores(now)]
    if may("calls.view_callbacktask"):
        found.append(_callbacks(now))
    if may("calls.view_outboundcall"):
        found.append(_outbound(today))
    if may("scheduling.view_calendarreview"):
        found += _calendar()
    return found


def _visits(today: date) -> list[Figure]:
    found = []
    for name, day, when in (
        ("Visits today", today, "today"),
        ("Visits tomorrow", today + timedelta(days=1), "tomorrow"),
    ):
        first, last = _day(day)
        counted = Appointment.objects.filter(
            start__gte=first, start__lt=last, status__in=Appointment.ACTIVE
        ).aggregate(all=Count("pk"), sure=Count("pk", filter=~Q(status="booked")))
        link = _list("scheduling_appointment", when=when)
        found.append(Figure(name, counted["all"], link, f"{counted['sure']} confirmed or here"))
    return found


def _calls(today: date) -> Figure:
    first, last = _day(today)
    counted = Call.objects.filter(started_at__gte=first, started_at__lt=last).aggregate(
        all=Count("pk"), booked=Count("pk", filter=~Q(appointment_ref=""))
    )
    note = f"{counted['booked']} booked or changed a visit"
    return Figure("Calls today", counted["all"], _list("calls_call"), note)


def _scores(now: datetime) -> Figure:
    told = Call.objects.filter(score__isnull=False, started_at__gt=now - MONTH).aggregate(
        all=Count("pk"), mean=Avg("score"), low=Count("pk", filter=Q(score__lte=3))
    )
    note = f"average {told['mean']:.1f}, {told['low']} unhappy" if told["all"] else "none yet"
    link = _list("calls_call", score__isnull="False", o="-1")
    return Figure("Visits judged, 30 days", told["all"], link, note)


def _callbacks(now: datetime) -> Figure:
    counted = CallbackTask.objects.filter(state=CallbackTask.State.OPEN).aggregate(
        all=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now))
    )
    link = _list("calls_callbacktask", state__exact="open")
    late = counted["late"]
    return Figure("Callbacks owed", counted["all"], link, f"{late} overdue", urgent=bool(late))


def _outbound(today: date) -> Figure:
    states = dict(
        OutboundCall.objects.filter(due_on=today)
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    )
    waiting = states.get("claimed", 0)
    note = f"{states.get('done', 0)} done, {waiting} waiting, {states.get('skipped', 0)} skipped"
    switch = OutboundSwitch.objects.filter(pk=1).first()
    paused = switch is not None and switch.paused
    link = _list("calls_outboundcall", due_on=today.isoformat())
    return Figure(
        "Calls we make today",
        sum(states.values()),
        link,
        f"paused by {switch.paused_by}" if switch is not None and paused else note,
        urgent=paused,
    )


def _calendar() -> list[Figure]:
    questions = CalendarReview.objects.filter(state=CalendarReview.State.OPEN).count()
    dead = CalendarOutbox.objects.filter(dead=True, done_at=None).count()
    return [
        Figure(
            "Calendar questions",
            questions,
            _list("scheduling_calendarreview"),
            f"{dead} writes failed" if dead else "all writes went through",
            urgent=bool(questions or dead),
        )
    ]


# ---- what is going on ---------------------------------------------------------------------
def live_calls(now: datetime) -> list[LiveCall]:
    """Calls that have begun and not ended, the newest first."""
    turns = Prefetch("utterances", Utterance.objects.order_by("n"))
    going_on = (
        Call.objects.filter(ended_at__isnull=True, started_at__gt=now - log.STUCK_AFTER)
        .exclude(status__in=TERMINAL_STATUSES)
        .select_related("customer")
        .prefetch_related(turns)
    )
    return [_live(call, now) for call in going_on[:50]]


def _live(call: Call, now: datetime) -> LiveCall:
    turns = list(call.utterances.all())
    said = " ".join(turn.text for turn in turns if turn.role == "agent")
    # What is recorded already is not being said any more.
    saying = [words for _, words in live.clauses(call.sid) if words not in said]
    return LiveCall(
        who=str(call.customer) if call.customer else "",
        number=call.caller_number or "withheld",
        seconds=max(0, int((now - call.started_at).total_seconds())),
        flow=(call.flow or call.purpose).replace("_", " "),
        link=reverse("admin:calls_call_change", args=(call.pk,)),
        lines=tuple((turn.get_role_display(), turn.text) for turn in turns[-LINES:]),
        saying=" ".join(saying[-3:]),
    )


@staff_member_required
def live_page(request: HttpRequest) -> HttpResponse:
    """Who is being talked to, and what is said; `?part=1` gives the list alone."""
    from django.contrib import admin

    if not request.user.has_perm("calls.view_call"):
        raise PermissionDenied
    context: dict[str, Any] = {"calls": live_calls(timezone.now())}
    if "part" in request.GET:
        return render(request, "live_calls_list.html", context)
    context |= {**admin.site.each_context(request), "title": "Live calls"}
    return render(request, "live_calls.html", context)


def front_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the back office's first page shows besides the list of everything."""
    now = timezone.now()
    context["figures"] = figures(request, now)
    if request.user.has_perm("calls.view_call"):
        context["calls"] = live_calls(now)
        context["recent"] = Call.objects.select_related("customer").filter(ended_at__isnull=False)[
            :SHOWN
        ]
    if request.user.has_perm("calls.view_callbacktask"):
        context["owed"] = (
            CallbackTask.objects.filter(state=CallbackTask.State.OPEN)
            .select_related("customer")
            .order_by("due_at")[:SHOWN]
        )
    context["now"] = now
    return context
