"""What became of the calls we made: their callbacks, Twilio's own list, the conversation.

Rules: an attempt is closed by the end of its call and corrected while the conversation's
outcome may still come in. An attempt that nobody reported on is looked for in Twilio's
list before it counts as never dialled: only then does it go back into the queue.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from calls import callbacks, lines, log, telephony
from calls.errors import TelephonyError
from calls.models import (
    TERMINAL_STATUSES,
    Call,
    CallbackTask,
    CallStatus,
    LineState,
    OutboundCall,
    Role,
)
from calls.outbound import CALL_LASTS, IN_FLIGHT, start_call

State = OutboundCall.State

CALLBACKS_WITHIN = timedelta(seconds=60)
SURELY_NOT_DIALLED = timedelta(minutes=3)
RESULT_MAY_CHANGE = timedelta(minutes=15)

_MACHINES = frozenset({"machine_end_beep", "machine_end_silence", "machine_end_other"})
_FLAGS = {
    "wrong_person": LineState.State.WRONG_NUMBER,
    "wrong_number": LineState.State.WRONG_NUMBER,
    "fax": LineState.State.FAX,
}


def settle(*, sid: str, now: datetime) -> bool:
    """Close the attempt of a call that is over; returns whether it did."""
    call = Call.objects.filter(sid=sid, status__in=TERMINAL_STATUSES).first()
    if call is None:
        return False
    result = _result(call)
    closed = OutboundCall.objects.filter(
        Q(state__in=IN_FLIGHT)
        | Q(state__in=(State.DONE, State.FAILED), settled_at__gt=now - RESULT_MAY_CHANGE),
        ~Q(result=result),
        call=call,
    ).update(
        state=State.DONE if call.status == CallStatus.COMPLETED else State.FAILED,
        result=result,
        settled_at=now,
    )
    if closed:
        _draw_conclusions(call, result, now)
    return bool(closed)


def _result(call: Call) -> str:
    """What the conversation came to, else who picked up, else how the ringing ended."""
    if call.status != CallStatus.COMPLETED:
        return call.status
    if call.outcome not in {"", "abandoned"}:
        return call.outcome
    if call.answered_by == "fax":
        return "fax"
    if call.answered_by in _MACHINES:
        return "voicemail"
    return "abandoned" if call.utterances.filter(role=Role.CALLER).exists() else "no_speech"


def _draw_conclusions(call: Call, result: str, now: datetime) -> None:
    if result in _FLAGS:
        lines.flag_line(number=call.to_number, state=_FLAGS[result], now=now)
    if _FLAGS.get(result) == LineState.State.WRONG_NUMBER:
        callbacks.create_callback(
            call_id=call.pk,
            number="",
            reason="wrong_number",
            priority=CallbackTask.Priority.NORMAL,
            due_at=now + timedelta(days=1),
            note="The number on file belongs to somebody else. Find the right one.",
            now=now,
        )


def settle_lost(*, now: datetime) -> int:
    """Find out about attempts nobody reported on; returns how many moved."""
    unheard = OutboundCall.objects.filter(
        state__in=(State.DIALLING, State.UNKNOWN),
        call__isnull=True,
        dialled_at__lt=now - CALLBACKS_WITHIN,
    )
    silent = OutboundCall.objects.filter(
        state=State.PLACED, dialled_at__lt=now - CALL_LASTS
    ).select_related("call")
    moved = sum(_look_for(task, now) for task in unheard[:100])
    moved += sum(_ask_about(task, now) for task in silent[:100])
    recent = Call.objects.filter(
        outbound__settled_at__gt=now - RESULT_MAY_CHANGE, status__in=TERMINAL_STATUSES
    )
    return moved + sum(settle(sid=sid, now=now) for sid in recent.values_list("sid", flat=True))


def _look_for(task: OutboundCall, now: datetime) -> bool:
    """Did Twilio dial this one? Its own list says so; only then is silence an answer."""
    dialled_at = task.dialled_at or now
    try:
        found = telephony.list_calls(to=task.number, since=dialled_at)
    except TelephonyError:
        return False
    for sid, status in found:
        if not OutboundCall.objects.filter(call__sid=sid).exists():
            _adopt(task, sid, status, now)
            return True
    if dialled_at > now - SURELY_NOT_DIALLED:
        return False
    return bool(
        OutboundCall.objects.filter(
            pk=task.pk, call__isnull=True, dialled_at=task.dialled_at, state__in=IN_FLIGHT
        ).update(state=State.CLAIMED, dialled_at=None, not_before=now, error="never_dialled")
    )


def _adopt(task: OutboundCall, sid: str, status: str, now: datetime) -> None:
    start_call(task, sid, now)
    log.record_status(sid=sid, status=status, sequence=-1, now=now)
    settle(sid=sid, now=now)


def _ask_about(task: OutboundCall, now: datetime) -> bool:
    """A call that should have ended long ago: ask Twilio, else call it lost."""
    sid = task.call.sid if task.call else ""
    try:
        status = telephony.fetch_status(sid)
    except TelephonyError:
        return False
    if status is None:
        return bool(
            OutboundCall.objects.filter(pk=task.pk, state=State.PLACED).update(
                state=State.FAILED, result="lost", settled_at=now
            )
        )
    log.record_status(sid=sid, status=status, sequence=-1, now=now)
    return settle(sid=sid, now=now)
