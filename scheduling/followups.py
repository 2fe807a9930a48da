"""A call a day or two after a visit: how was it?

Rules: due once a visit has been completed for 24 hours, and put into the queue only
within 48, so that switching the system on rings nobody about the past; what is in the
queue may be dialled until the seventh day. One visit, one follow-up.
"""

from datetime import datetime, timedelta

from django.db.models import Prefetch

from calls import outbound
from calls.models import OutboundCall
from crm.models import CustomerPhone
from scheduling import quiet_hours
from scheduling.day_sheet import shop_zone
from scheduling.models import Appointment, Status
from scheduling.reminders import STARTS_AT, call_context, primary_number, retry

KIND = OutboundCall.Kind.FOLLOW_UP
FROM, UNTIL = timedelta(hours=24), timedelta(hours=48)
VERSION = 1  # a completed visit isn't moved: its follow-up is one thing whatever is edited


def claim_due(*, now: datetime) -> int:
    """Put every completed visit that is due into the queue; returns how many were new."""
    local = now.astimezone(shop_zone())
    if local.time() < STARTS_AT or not quiet_hours.is_calling_day(local.date()):
        return 0
    phones = CustomerPhone.objects.order_by("-is_primary", "pk")
    due = (
        Appointment.objects.filter(
            status=Status.COMPLETED,
            completed_at__gt=now - UNTIL,
            completed_at__lte=now - FROM,
        )
        .select_related("customer")
        .prefetch_related(Prefetch("customer__phones", queryset=phones))
    )
    return sum(
        outbound.claim(
            kind=KIND,
            subject_id=visit.pk,
            version=VERSION,
            attempt=1,
            number=primary_number(visit.customer.phones.all()),
            customer_id=visit.customer_id,
            context=call_context(visit),
            due_on=local.date(),
            now=now,
        )
        for visit in due
    )


def settle(*, now: datetime) -> int:
    """Queue another attempt where nobody was reached."""
    return retry(kind=KIND, now=now)
