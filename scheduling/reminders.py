"""A call the day before a visit: who is due, who was reached.

    claim_due   tomorrow's visits by the shop's calendar become attempts, one each
    settle      visits whose phone rang are marked; failed attempts get another

Rules: an attempt is a unique row (visit, version, number), so that any number of beats
and workers claim it once. A moved visit has another version and is due again. Days on
which nobody may be rung are covered by the calling day before them. `reminder_sent` is
set only when the phone really rang.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, Prefetch
from django.db.models.query import QuerySet

from calls import outbound
from calls.models import OutboundCall
from crm.models import CustomerPhone
from crm.phones import to_e164
from scheduling import quiet_hours
from scheduling.day_sheet import shop_zone
from scheduling.may_dial import ATTEMPTS, BETWEEN_ATTEMPTS
from scheduling.models import Appointment, Status

KIND = OutboundCall.Kind.REMINDER
STARTS_AT = time(9, 0)
FIRST_TEST = 1000
"""Tests have numbers of their own, far above any attempt's."""
RETRIED = frozenset({"busy", "no-answer", "failed", "canceled", "refused", "lost", "no_speech"})
"""Results after which another attempt makes sense."""


def claim_due(*, now: datetime) -> int:
    """Put every visit that is due into the queue; returns how many were new.

    Before nine in the morning, shop time, and on days without calls, nothing is due.
    """
    local = now.astimezone(shop_zone())
    if local.time() < STARTS_AT or not quiet_hours.is_calling_day(local.date()):
        return 0
    return sum(_claim(visit, local.date(), now) for visit in _due(local.date(), now))


def days_covered(today: date) -> tuple[date, ...]:
    """The days whose visits are called about today: tomorrow, and what a quiet tomorrow misses."""
    days = [today + timedelta(days=1)]
    while not quiet_hours.is_calling_day(days[-1]):
        days.append(days[-1] + timedelta(days=1))
    return tuple(days)


def _due(today: date, now: datetime) -> QuerySet[Appointment]:
    days, zone = days_covered(today), shop_zone()
    first = datetime.combine(days[0], time.min, zone)
    last = datetime.combine(days[-1] + timedelta(days=1), time.min, zone)
    phones = CustomerPhone.objects.order_by("-is_primary", "pk")
    return (
        Appointment.objects.filter(
            status__in=(Status.BOOKED, Status.CONFIRMED),
            start__gte=max(first, now),
            start__lt=last,
            reminder_sent=False,
        )
        .select_related("customer")
        .prefetch_related(Prefetch("customer__phones", queryset=phones))
        .order_by("start", "pk")
    )


def _claim(visit: Appointment, today: date, now: datetime) -> bool:
    return outbound.claim(
        kind=KIND,
        subject_id=visit.pk,
        version=visit.version,
        attempt=1,
        number=primary_number(visit.customer.phones.all()),
        customer_id=visit.customer_id,
        context=call_context(visit),
        due_on=today,
        now=now,
    )


def primary_number(phones: Iterable[CustomerPhone]) -> str:
    """The number to ring, "" where there is none."""
    return next((phone.e164 for phone in phones), "")


def ring_test(*, visit_id: int, now: datetime) -> bool:
    """Ring the test number as if it were this visit's customer's; False where there is none.

    What is agreed on the line is done to the visit; nothing else follows from a test.
    """
    number = to_e164(settings.YOUR_TEST_NUMBER) or ""
    visit = Appointment.objects.select_related("customer").filter(pk=visit_id).first()
    if visit is None or not number:
        return False
    tests = OutboundCall.objects.filter(
        kind=KIND, subject_id=visit.pk, version=visit.version, test=True
    )
    last = tests.aggregate(last=Max("attempt"))["last"] or FIRST_TEST - 1
    return outbound.claim(
        kind=KIND,
        subject_id=visit.pk,
        version=visit.version,
        attempt=last + 1,
        number=number,
        customer_id=visit.customer_id,
        context=call_context(visit),
        due_on=now.astimezone(shop_zone()).date(),
        now=now,
        forced=True,
        test=True,
    )


def call_context(visit: Appointment) -> dict[str, Any]:
    """What the conversation will know of its purpose. No date of birth, VIN or address."""
    person = visit.customer
    return {
        "dialled_appointment_id": visit.pk,
        "dialled_version": visit.version,
        "customer_id": visit.customer_id,
        "party_name": f"{person.first_name} {person.last_name}".strip(),
    }


def settle(*, now: datetime) -> int:
    """Mark the visits whose phone rang, and queue another attempt where nobody was reached."""
    rang = OutboundCall.objects.filter(kind=KIND, test=False, call__rang_at__isnull=False)
    visits = Appointment.objects.filter(
        pk__in=rang.values("subject_id"), reminder_sent=False, start__gt=now - timedelta(days=7)
    )
    marked = visits.update(reminder_sent=True)
    return marked + retry(kind=KIND, now=now)


def retry(*, kind: str, now: datetime) -> int:
    """Queue the next attempt of everything that failed, up to the limit."""
    failed = OutboundCall.objects.filter(
        kind=kind,
        test=False,
        state__in=(OutboundCall.State.FAILED, OutboundCall.State.DONE),
        result__in=RETRIED,
        attempt__lt=ATTEMPTS,
        settled_at__gt=now - timedelta(days=2),
    )
    return sum(_again(row, now) for row in failed)


def _again(row: OutboundCall, now: datetime) -> bool:
    siblings = OutboundCall.objects.filter(
        kind=row.kind, subject_id=row.subject_id, version=row.version, test=False
    )
    if siblings.aggregate(last=Max("attempt"))["last"] != row.attempt:
        return False
    return outbound.claim(
        kind=row.kind,
        subject_id=row.subject_id,
        version=row.version,
        attempt=row.attempt + 1,
        number=row.number,
        customer_id=row.customer_id,
        context=row.context,
        due_on=now.astimezone(shop_zone()).date(),
        now=now,
        not_before=(row.dialled_at or now) + BETWEEN_ATTEMPTS,
    )
