"""What `may_dial` needs to know, read from the tables at the moment of dialling.

Rules: read only; everything is read afresh for every attempt, because a visit may have
been cancelled, moved or confirmed, and a wish not to be rung expressed, since the
attempt was put into the queue.
"""

from datetime import datetime, timedelta

from django.conf import settings

from calls.models import LineState, OutboundCall
from calls.outbound import Verdict
from calls.telephony import lock
from crm.consent import is_do_not_call, may_contact
from crm.models import Address, ConsentEvent
from crm.phones import to_e164
from scheduling.may_dial import LATER, DialTask, may_dial
from scheduling.models import Appointment

_CHANNEL = ConsentEvent.Channel.VOICE_AI
_PURPOSE = ConsentEvent.Purpose.SERVICE_INFO
MONTH = timedelta(days=30)


def decide(row: OutboundCall, now: datetime) -> Verdict:
    """The verdict on one attempt, as the queue understands it."""
    ok, reason = may_dial(gather(row, now), now)
    return Verdict(ok, str(reason), later=reason in LATER)


def gather(row: OutboundCall, now: datetime) -> DialTask:
    """The facts about one attempt, now."""
    visit = Appointment.objects.filter(pk=row.subject_id).first()
    follows = row.kind == OutboundCall.Kind.FOLLOW_UP
    line = LineState.objects.filter(number=row.number).values_list("state", flat=True).first()
    earlier = _earlier(row)
    return DialTask(
        kind=row.kind,
        number=row.number,
        live=lock.is_live(),
        test_number=to_e164(settings.YOUR_TEST_NUMBER) or "",
        consent=may_contact(row.number, _CHANNEL, _PURPOSE),
        do_not_call=is_do_not_call(row.number),
        line=line or "",
        state=_state(row.customer_id),
        status=visit.status if visit else "",
        version=row.version,
        visit_version=row.version if follows or visit is None else visit.version,
        at=None if visit is None else (visit.completed_at if follows else visit.start),
        attempts=len(earlier),
        last_attempt_at=max(earlier, default=None),
        calls_in_30_days=OutboundCall.objects.filter(
            number=row.number, dialled_at__gt=now - MONTH
        ).count(),
        forced=row.forced,
        test=row.test,
    )


def _earlier(row: OutboundCall) -> list[datetime]:
    """When the attempts before this one were dialled."""
    moments = OutboundCall.objects.filter(
        kind=row.kind,
        subject_id=row.subject_id,
        version=row.version,
        dialled_at__isnull=False,
        test=False,
    ).exclude(pk=row.pk)
    return [moment for moment in moments.values_list("dialled_at", flat=True) if moment]


def _state(customer_id: int | None) -> str:
    if customer_id is None:
        return ""
    found = Address.objects.filter(customer_id=customer_id).values_list("state", flat=True)
    return found.first() or ""
