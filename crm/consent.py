"""Who may be contacted by which machine, and about what.

Rules: consent belongs to a number, not to a person, because it is the number that gets
called; the latest event of a channel and purpose decides; no event means no; a number
on the do-not-call list is never contacted automatically whatever events say; nothing
is ever edited, a change of mind is a new event.
"""

from datetime import datetime

from django.db import connection, transaction

from crm.errors import BadValue
from crm.models import ConsentEvent, DoNotCall, Origin
from crm.phones import to_e164

# One statement, so that no event can slip in between list and latest event.
_MAY = """
select not exists (select 1 from crm_donotcall where number = %s and lifted_at is null)
   and coalesce((
       select granted from crm_consentevent
       where number = %s and channel = %s and purpose = %s
       order by at desc, id desc limit 1), false)
"""


def may_contact(number: str, channel: str, purpose: str) -> bool:
    """True when the latest word of this number on `channel` and `purpose` is yes."""
    e164 = to_e164(number)
    if e164 is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_MAY, [e164, e164, channel, purpose])
        row = cursor.fetchone()
    return bool(row and row[0])


def is_do_not_call(number: str) -> bool:
    """True when this number asked never to be rung by a machine."""
    e164 = to_e164(number)
    return DoNotCall.objects.filter(number=e164, lifted_at=None).exists() if e164 else False


@transaction.atomic
def record_consent(
    *,
    number: str,
    channel: str,
    purpose: str,
    granted: bool,
    wording: str,
    call_sid: str = "",
    origin: str = Origin.PHONE,
    now: datetime,
) -> ConsentEvent:
    """Keep what was agreed or revoked, in the words that were used.

    An explicit yes lifts an earlier do-not-call entry of the same number. Raises
    `BadValue` for a number, channel or purpose that is none.
    """
    e164 = _number(number)
    _known(channel, purpose)
    if granted:
        DoNotCall.objects.filter(number=e164, lifted_at=None).update(lifted_at=now)
    return ConsentEvent.objects.create(
        number=e164,
        channel=channel,
        purpose=purpose,
        granted=granted,
        wording=wording[:1000],
        call_sid=call_sid,
        origin=origin,
        at=now,
    )


@transaction.atomic
def opt_out(
    *, number: str, call_sid: str, wording: str, now: datetime, origin: str = Origin.PHONE
) -> DoNotCall:
    """No machine contacts this number from now on, by voice or by text, about anything.

    Idempotent. Raises `BadValue` for what is no number.
    """
    e164 = _number(number)
    entry, _ = DoNotCall.objects.update_or_create(
        number=e164,
        defaults={"lifted_at": None},
        create_defaults={
            "at": now,
            "reason": wording[:200],
            "call_sid": call_sid,
            "origin": origin,
        },
    )
    ConsentEvent.objects.bulk_create(
        ConsentEvent(
            number=e164,
            channel=channel,
            purpose=purpose,
            granted=False,
            wording=wording[:1000],
            call_sid=call_sid,
            origin=origin,
            at=now,
        )
        for channel in (ConsentEvent.Channel.VOICE_AI, ConsentEvent.Channel.SMS)
        for purpose in ConsentEvent.Purpose
    )
    return entry


def _number(text: str) -> str:
    e164 = to_e164(text)
    if e164 is None:
        raise BadValue("number", "not_a_number")
    return e164


def _known(channel: str, purpose: str) -> None:
    if channel not in ConsentEvent.Channel.values:
        raise BadValue("channel", "unknown")
    if purpose not in ConsentEvent.Purpose.values:
        raise BadValue("purpose", "unknown")
