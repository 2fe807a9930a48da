"""A hand-over's life: asked for, rung, accepted or not, and what follows.

    "" -> requested -> accepted -> answered
                  \\-> no_answer -> returned   (a task is owed; the caller comes back)
                  \\-> no_advisor              (there was nobody to ring)

Rules: a target is a row of the allow-list (`AdvisorLine`), never a number out of
somebody's mouth. Whether an advisor took the call is known from their key, not from
the leg's status: a voicemail box answers too.
"""

from datetime import datetime

from django.db.models import Q

from calls import callbacks, due
from calls.errors import TelephonyError
from calls.models import AdvisorLine, Call, CallbackTask

REASON = "hand_over"
CALLBACK_MIN = 30


def prepare(
    *, sid: str, brief: str, language: str, reason: str, callback_due_at: datetime | None
) -> str:
    """Note what the hand-over is about and return the number to ring.

    Raises `TelephonyError` with code `no_advisor` where the allow-list is empty.
    """
    Call.objects.filter(sid=sid).update(
        transfer_brief=brief,
        transfer_reason=reason[:40],
        transfer_result="requested",
    )
    if callback_due_at is not None:
        _note_due(sid, callback_due_at)
    line = pick_line(language)
    if line is None:
        Call.objects.filter(sid=sid).update(transfer_result="no_advisor")
        raise TelephonyError("no_advisor", permanent=True)
    return line.e164


def _note_due(sid: str, due_at: datetime) -> None:
    call = Call.objects.filter(sid=sid).only("context").first()
    if call is not None:
        call.context = {**call.context, "callback_due_at": due_at.isoformat()}
        call.save(update_fields=["context"])


def pick_line(language: str = "en") -> AdvisorLine | None:
    """The first active line that speaks the caller's language, else the first active one."""
    lines = list(AdvisorLine.objects.filter(active=True))
    fitting = [line for line in lines if language in line.languages.split()]
    return next(iter(fitting or lines), None)


def has_line() -> bool:
    """Whether there is anybody to ring at all."""
    return AdvisorLine.objects.filter(active=True).exists()


def accept(sid: str) -> bool:
    """An advisor pressed the key; False if this hand-over isn't waiting for one."""
    return bool(
        Call.objects.filter(sid=sid, transfer_result="requested").update(transfer_result="accepted")
    )


def settle(call: Call, *, now: datetime) -> bool:
    """The advisor's leg is over: True if they had taken the call, else a task is owed."""
    took_it = Call.objects.filter(
        Q(transfer_result="accepted") | Q(transfer_result="answered"), pk=call.pk
    ).update(transfer_result="answered")
    if took_it:
        return True
    Call.objects.filter(pk=call.pk).update(transfer_result="no_answer")
    owe_callback(call, now=now)
    return False


def promised(call: Call) -> datetime | None:
    """When a caller who just came back from a hand-over will be rung back, told once; else None."""
    if call.transfer_result != "no_answer":  # nearly every call; its first words wait for this
        return None
    came_back = Call.objects.filter(pk=call.pk, transfer_result="no_answer").update(
        transfer_result="returned"
    )
    if not came_back:
        return None
    return owed(call)


def owed(call: Call) -> datetime | None:
    """When this caller will be rung back; None where nobody owes them a call."""
    tasks = CallbackTask.objects.filter(call=call, reason=REASON, state=CallbackTask.State.OPEN)
    return tasks.values_list("due_at", flat=True).first()


def owe_callback(call: Call, *, now: datetime) -> CallbackTask:
    """A person will ring this caller back: by the time they were promised, else within half an
    hour in which the desk is open."""
    promised = call.context.get("callback_due_at")
    due_at = datetime.fromisoformat(promised) if promised else _due(now)
    return callbacks.create_callback(
        call_id=call.pk,
        number=call.caller_number,
        reason=REASON,
        priority=CallbackTask.Priority.HIGH,
        due_at=due_at,
        note=call.transfer_brief,
        now=now,
    )


def _due(now: datetime) -> datetime:
    return due.callback_due(now, CALLBACK_MIN, due.desk(now))
