"""Those for whom nothing fitted: asked for once, and looked after by a sweep.

Rules of this module: who asked first is proposed to first, and one opening is proposed to
one entry at a time; a proposal is for staff (or a call that the consent rules allow) to
offer and reserves nothing; one whose opening has gone goes back to waiting; what can no
longer be fulfilled is closed.
"""

import logging
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction

from crm.errors import Refusal
from crm.models import Vehicle
from crm.phones import to_e164
from scheduling import booking, day_sheet, inputs, visits
from scheduling.errors import BadInput, NotYours, TooLate, UnknownService
from scheduling.models import Appointment, ServiceOp, WaitlistEntry
from scheduling.openings import Wish, fits

log = logging.getLogger(__name__)

State = WaitlistEntry.State
OPEN: Final = (State.WAITING, State.PROPOSED)
LONGEST_DAYS: Final = 60


def join(
    *,
    customer_id: int,
    vehicle_id: int,
    op_codes: Sequence[str],
    first_day: date,
    last_day: date,
    part: str = "",
    visit_type: str = "drop_off",
    number: str,
    call_sid: str = "",
    idempotency_key: str,
    now: datetime,
) -> WaitlistEntry:
    """Put somebody on the list; asked again with the same key, the same entry.

    `number` is where they want to hear of it, `part` "morning", "afternoon" or empty.
    Refusals: NotYours, UnknownService, BadInput.
    """
    codes, key = inputs.op_codes(op_codes), inputs.idempotency_key(idempotency_key)
    facts = {
        "customer_id": customer_id,
        "vehicle_id": vehicle_id,
        "op_codes": list(codes),
        "first_day": first_day,
        "last_day": last_day,
        "part": _part(part),
        "visit_type": inputs.visit_type(visit_type),
        "number": _number(number),
        "call_sid": inputs.call_sid(call_sid),
        "created_at": now,
    }
    _check_days(first_day, last_day, now)
    _check_known(customer_id, vehicle_id, codes)
    try:
        with transaction.atomic():
            return WaitlistEntry.objects.create(idempotency_key=key, **facts)
    except IntegrityError:
        return WaitlistEntry.objects.get(idempotency_key=key)


def _number(text: str) -> str:
    e164 = to_e164(text) if len(text) <= 40 else None
    if e164 is None:
        raise BadInput(field="number")
    return e164


def _part(text: str) -> str:
    if text not in ("", "morning", "afternoon"):
        raise BadInput(field="part")
    return text


def _check_days(first: date, last: date, now: datetime) -> None:
    today = now.astimezone(day_sheet.shop_zone()).date()
    if not first <= last or last < today or (last - today).days > LONGEST_DAYS:
        raise BadInput(field="last_day")


def _check_known(customer_id: int, vehicle_id: int, codes: Sequence[str]) -> None:
    if not Vehicle.objects.filter(pk=vehicle_id, owner_id=customer_id, active=True).exists():
        raise NotYours
    if ServiceOp.objects.filter(op_code__in=codes, active=True).count() != len(codes):
        raise UnknownService


def close(*, entry_id: int, by: str) -> bool:
    """Take an entry off the list; False when it was off already. `by` is who decided."""
    closed = WaitlistEntry.objects.filter(pk=entry_id, state__in=OPEN).update(
        state=State.CLOSED, proposed_start=None
    )
    log.info("waitlist_closed", extra={"entry": entry_id, "by": by, "closed": closed})
    return bool(closed)


def sweep(now: datetime, limit: int = 100) -> int:
    """Close what is over, take back proposals that have gone, propose; returns new proposals."""
    today = now.astimezone(day_sheet.shop_zone()).date()
    WaitlistEntry.objects.filter(state__in=OPEN, last_day__lt=today).update(state=State.CLOSED)
    for entry in WaitlistEntry.objects.filter(state=State.PROPOSED):
        if not _still_open(entry, now):
            _set(entry, State.PROPOSED, State.WAITING, None, now)
    waiting = WaitlistEntry.objects.filter(state=State.WAITING)
    return sum(_propose(entry, now) for entry in waiting.order_by("created_at")[:limit])


def propose_for(*, entry_ids: Sequence[int], now: datetime) -> int:
    """Look for openings for these entries now; returns for how many there is one."""
    entries = WaitlistEntry.objects.filter(pk__in=entry_ids, state=State.WAITING)
    return sum(_propose(entry, now) for entry in entries.order_by("created_at"))


def fulfil(*, entry_id: int, idempotency_key: str, by: str, now: datetime) -> Appointment:
    """Book what was proposed; the entry is done with it.

    Refusals: NotYours for no such entry, TooLate when nothing is proposed, those of
    `booking.book`.
    """
    entry = WaitlistEntry.objects.filter(pk=entry_id).first()
    if entry is None:
        raise NotYours
    if entry.proposed_start is None or entry.state not in (State.PROPOSED, State.BOOKED):
        raise TooLate(status=entry.state)
    row = booking.book(
        customer_id=entry.customer_id,
        vehicle_id=entry.vehicle_id,
        op_codes=entry.op_codes,
        start=entry.proposed_start,
        visit_type=entry.visit_type,
        source="waitlist",
        call_sid=entry.call_sid,
        idempotency_key=idempotency_key,
        now=now,
        by=by,
    )
    WaitlistEntry.objects.filter(pk=entry.pk).update(state=State.BOOKED)
    return row


def _propose(entry: WaitlistEntry, now: datetime) -> bool:
    """Find the entry an opening that nobody else was proposed."""
    zone = day_sheet.shop_zone()
    today = now.astimezone(zone).date()
    wish = Wish(
        day=max(entry.first_day, today),
        last_day=entry.last_day,
        part=entry.part or None,
        visit_type=entry.visit_type,
    )
    try:
        found = visits.find_openings(op_codes=entry.op_codes, wish=wish, now=now)
    except Refusal:
        return False  # the menu or the shop has changed under it: staff see it waiting
    for opening in found:
        if fits(opening, wish, zone) and not _proposed_to_another(entry, opening.start):
            return _set(entry, State.WAITING, State.PROPOSED, opening.start, now)
    return False


def _proposed_to_another(entry: WaitlistEntry, start: datetime) -> bool:
    """Whether somebody else is being asked about this time."""
    return (
        WaitlistEntry.objects.filter(state=State.PROPOSED, proposed_start=start)
        .exclude(pk=entry.pk)
        .exists()
    )


def _still_open(entry: WaitlistEntry, now: datetime) -> bool:
    """Whether the proposed time can still be booked."""
    if entry.proposed_start is None:
        return False
    local = entry.proposed_start.astimezone(day_sheet.shop_zone())
    wish = Wish(day=local.date(), at=local.time(), visit_type=entry.visit_type)
    try:
        found = visits.find_openings(op_codes=entry.op_codes, wish=wish, now=now)
    except Refusal:
        return False
    return bool(found) and found[0].start == entry.proposed_start


def _set(entry: WaitlistEntry, was: str, state: str, start: datetime | None, now: datetime) -> bool:
    """Change an entry's state unless somebody else has done so."""
    return bool(
        WaitlistEntry.objects.filter(pk=entry.pk, state=was).update(
            state=state, proposed_start=start, proposed_at=now if start else None
        )
    )
