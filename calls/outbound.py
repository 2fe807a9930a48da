"""Calls that we make: each attempt is a row, dialled at most once.

    claimed -> dialling -> placed -> done | failed
                        \\-> unknown (the answer was lost) -> settled by a callback
    claimed -> skipped                                (with the reason)

Rules: the row exists before Twilio is asked, and the step from claimed to dialling is
a conditional update: a task delivered twice dials once. An attempt whose outcome is
unknown is never dialled again; the callbacks carry its id and settle it.
"""

from datetime import datetime

from calls.models import TERMINAL_STATUSES, Call, CallStatus, OutboundCall

State = OutboundCall.State
_OPEN = (State.DIALLING, State.UNKNOWN, State.PLACED)


def find(task_id: int | None) -> OutboundCall | None:
    """The attempt that a webhook's own address names."""
    if task_id is None:
        return None
    return OutboundCall.objects.filter(pk=task_id).first()


def link(*, task_id: int, call: Call) -> None:
    """This attempt became this call."""
    OutboundCall.objects.filter(pk=task_id, call__isnull=True).update(call=call, state=State.PLACED)


def settle(*, sid: str, now: datetime) -> bool:
    """Close the attempt of a call that is over; returns whether it did."""
    call = Call.objects.filter(sid=sid, status__in=TERMINAL_STATUSES).first()
    if call is None:
        return False
    done = call.status == CallStatus.COMPLETED
    return bool(
        OutboundCall.objects.filter(call=call, state__in=_OPEN).update(
            state=State.DONE if done else State.FAILED, result=call.status, settled_at=now
        )
    )
