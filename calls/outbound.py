"""Calls that we make: each attempt is a row, dialled at most once.

    claimed -> dialling -> placed -> done | failed
       ^          |   \\-> unknown -> placed          (the answer was lost; a callback came)
       |          |           \\-> claimed            (Twilio knows of no such call)
       \\----------/                                  (Twilio surely didn't dial)
    claimed -> skipped                                (with the reason)

Rules: the row exists before Twilio is asked. The step from claimed to dialling is taken
under the lock of the one `OutboundSwitch` row, which also keeps calls apart and counts
those at once, for all workers together. An attempt whose outcome is unknown isn't
dialled again while it may have rung: its callbacks carry its id, and Twilio's own list
of calls is asked before it goes back into the queue. Who may be rung is `decide`'s
business (scheduling's `may_dial`); this module knows no appointments.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import transaction

from calls import lines, log, telephony
from calls.errors import NumberLocked, TelephonyError
from calls.models import (
    Call,
    Direction,
    LineState,
    OutboundCall,
    OutboundSwitch,
)
from calls.telephony.requests import CallRequest
from calls.twiml import Addresses

logger = logging.getLogger(__name__)
State = OutboundCall.State

RINGS_S = 30
LIMIT_S = 600
ASK_AGAIN = timedelta(minutes=10)
RETRY_AFTER = timedelta(minutes=1)
CALL_LASTS = timedelta(minutes=20)
BREAKER_FAILURES = 3
BREAKER_OPEN = timedelta(minutes=5)

IN_FLIGHT = (State.DIALLING, State.UNKNOWN, State.PLACED)
_OVER = (State.SKIPPED, State.FAILED, State.DONE)
_NO_SUCH_NUMBER = frozenset({"21211", "21214", "21217", "21216", "13224", "13223"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """May this attempt be dialled now? With `later`, it is asked about again."""

    ok: bool
    reason: str = ""
    later: bool = False


class Step(Enum):
    """What came of one look at the queue."""

    DIALLED = "dialled"
    SKIPPED = "skipped"
    WAIT = "wait"
    EMPTY = "empty"


Decide = Callable[[OutboundCall, datetime], Verdict]


def claim(
    *,
    kind: str,
    subject_id: int,
    version: int,
    attempt: int,
    number: str,
    customer_id: int | None,
    context: Mapping[str, Any],
    due_on: date,
    now: datetime,
    not_before: datetime | None = None,
    forced: bool = False,
    test: bool = False,
) -> bool:
    """Put an attempt into the queue; False if somebody did already. Never twice."""
    row = OutboundCall(
        kind=kind,
        subject_id=subject_id,
        version=version,
        attempt=attempt,
        number=number,
        customer_id=customer_id,
        context=dict(context),
        due_on=due_on,
        claimed_at=now,
        not_before=not_before or now,
        forced=forced,
        test=test,
    )
    before = OutboundCall.objects.filter(
        kind=kind, subject_id=subject_id, version=version, attempt=attempt
    )
    if before.exists():
        return False
    OutboundCall.objects.bulk_create([row], ignore_conflicts=True)
    return before.filter(claimed_at=now).exists()


def find(task_id: int | None) -> OutboundCall | None:
    """The attempt that a webhook's own address names."""
    if task_id is None:
        return None
    return OutboundCall.objects.filter(pk=task_id).first()


def call_context(task: OutboundCall) -> dict[str, Any]:
    """What the conversation will know: the claim's facts and which attempt this is."""
    return {**task.context, "outbound_id": task.pk}


@transaction.atomic
def start_call(task: OutboundCall, sid: str, now: datetime) -> Call:
    """The row of the call that this attempt became, made if need be and linked to it.

    Both at once: a callback that found the call without its attempt would settle nothing.
    """
    call = log.start_call(
        sid=sid,
        direction=Direction.OUTBOUND,
        from_number=settings.TWILIO_PHONE_NUMBER,
        to_number=task.number,
        purpose=task.kind,
        context=call_context(task),
        now=now,
    )
    link(task_id=task.pk, call=call)
    return call


def link(*, task_id: int, call: Call) -> None:
    """This attempt became this call."""
    OutboundCall.objects.filter(pk=task_id, call__isnull=True).update(call=call, state=State.PLACED)


# ---- placing ---------------------------------------------------------------------
def place_next(*, decide: Decide, now: datetime) -> Step:
    """Take the next attempt from the queue and dial it, skip it or leave it for later."""
    taken = _take(decide, now)
    if isinstance(taken, Step):
        return taken
    _dial(taken, now)
    return Step.DIALLED


@transaction.atomic
def _take(decide: Decide, now: datetime) -> OutboundCall | Step:
    switch = _locked_switch()
    if switch.paused or (switch.open_until is not None and switch.open_until > now):
        return Step.EMPTY
    task = (
        OutboundCall.objects.select_for_update(skip_locked=True)
        .filter(state=State.CLAIMED, not_before__lte=now)
        .order_by("-forced", "not_before", "pk")
        .first()
    )
    if task is None:
        return Step.EMPTY
    if _too_soon(switch, now) or _in_flight(now) >= settings.OUTBOUND_MAX_CALLS:
        return Step.WAIT
    verdict = decide(task, now)
    if not verdict.ok:
        _skip(task, verdict, now)
        return Step.SKIPPED
    task.state, task.dialled_at, task.skip_reason = State.DIALLING, now, ""
    task.save(update_fields=["state", "dialled_at", "skip_reason"])
    switch.last_dialled_at = now
    switch.save(update_fields=["last_dialled_at"])
    return task


def _locked_switch() -> OutboundSwitch:
    OutboundSwitch.objects.bulk_create([OutboundSwitch(pk=1)], ignore_conflicts=True)
    return OutboundSwitch.objects.select_for_update().get(pk=1)


def _too_soon(switch: OutboundSwitch, now: datetime) -> bool:
    gap = timedelta(milliseconds=settings.OUTBOUND_GAP_MS)
    return switch.last_dialled_at is not None and now < switch.last_dialled_at + gap


def _in_flight(now: datetime) -> int:
    return OutboundCall.objects.filter(state__in=IN_FLIGHT, dialled_at__gt=now - CALL_LASTS).count()


def _skip(task: OutboundCall, verdict: Verdict, now: datetime) -> None:
    task.skip_reason = verdict.reason
    if verdict.later:
        task.not_before = now + ASK_AGAIN
    else:
        task.state, task.settled_at = State.SKIPPED, now
    task.save(update_fields=["skip_reason", "not_before", "state", "settled_at"])
    logger.info("outbound_skipped", extra={"task": task.pk, "code": verdict.reason})


def _dial(task: OutboundCall, now: datetime) -> None:
    try:
        sid = telephony.place_call(_request(task))
    except TelephonyError as error:
        _note_failure(task, error, now)
        return
    start_call(task, sid, now)
    _note_health(failed=False, now=now)
    logger.info("outbound_placed", extra={"task": task.pk, "call_sid": sid})


def _request(task: OutboundCall) -> CallRequest:
    addresses, attempt = Addresses(settings.BASE_URL), str(task.pk)
    return CallRequest(
        to=task.number,
        answer_url=addresses.webhook("outbound-reminder", attempt=attempt),
        status_url=addresses.webhook("call-status", attempt=attempt),
        amd_url=addresses.webhook("amd-status", attempt=attempt),
        ring_s=RINGS_S,
        limit_s=LIMIT_S,
    )


def _note_failure(task: OutboundCall, error: TelephonyError, now: datetime) -> None:
    """The request failed: is it certain that nothing rang?"""
    logger.warning("outbound_failed", extra={"task": task.pk, "code": error.code})
    mine = OutboundCall.objects.filter(pk=task.pk, state=State.DIALLING)
    if isinstance(error, NumberLocked):
        mine.update(state=State.SKIPPED, skip_reason=error.code, settled_at=now)
        return
    if error.unknown_outcome:
        mine.update(state=State.UNKNOWN, error=error.code)
    elif error.permanent:
        mine.update(state=State.FAILED, error=error.code, result="refused", settled_at=now)
        if error.code in _NO_SUCH_NUMBER:
            lines.flag_line(number=task.number, state=LineState.State.UNREACHABLE, now=now)
        return
    else:
        mine.update(
            state=State.CLAIMED, error=error.code, dialled_at=None, not_before=now + RETRY_AFTER
        )
    _note_health(failed=True, now=now)


@transaction.atomic
def _note_health(*, failed: bool, now: datetime) -> None:
    """Three failures in a row: Twilio gets five minutes of rest."""
    switch = _locked_switch()
    switch.failures_in_row = switch.failures_in_row + 1 if failed else 0
    if switch.failures_in_row >= BREAKER_FAILURES:
        switch.open_until, switch.failures_in_row = now + BREAKER_OPEN, 0
        logger.error("outbound_breaker_open", extra={"until": switch.open_until.isoformat()})
    switch.save(update_fields=["failures_in_row", "open_until"])


# ---- the staff's switch -----------------------------------------------------------
@transaction.atomic
def set_paused(*, paused: bool, by: str) -> None:
    """Stop or start all automatic calls; those already ringing go on."""
    switch = _locked_switch()
    switch.paused, switch.paused_by = paused, by if paused else ""
    if not paused:
        switch.open_until, switch.failures_in_row = None, 0
    switch.save()


def ring_now(*, task_id: int, now: datetime) -> bool:
    """Staff want this one rung now: first in the queue, still only if it may be.

    An attempt that waits is moved to the front; one that is over gets another after it.
    """
    waiting = OutboundCall.objects.filter(pk=task_id, state=State.CLAIMED)
    if waiting.update(forced=True, not_before=now):
        return True
    old = find(task_id)
    if old is None or old.test:
        return False
    siblings = OutboundCall.objects.filter(
        kind=old.kind, subject_id=old.subject_id, version=old.version, test=False
    )
    last = siblings.order_by("-attempt").first()
    if last is None or last.state not in _OVER:
        return False
    return claim(
        kind=old.kind,
        subject_id=old.subject_id,
        version=old.version,
        attempt=last.attempt + 1,
        number=old.number,
        customer_id=old.customer_id,
        context=old.context,
        due_on=now.date(),
        now=now,
        forced=True,
    )
