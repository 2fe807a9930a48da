"""Write what happens in a call, as it happens.

Rules: every function is one short transaction and may be repeated without harm;
texts and arguments come in redacted. A status never goes backwards, whatever order
Twilio's callbacks arrive in (they carry a sequence number, and are repeated and
reordered in practice). The first end wins.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Greatest

from calls.models import (
    STATUS_ORDER,
    TERMINAL_STATUSES,
    Call,
    CallStatus,
    Direction,
    ToolInvocation,
    VerificationAttempt,
)
from crm import lookup

logger = logging.getLogger(__name__)

PROVISIONAL_ENDS = ("", "socket_closed", "stream_stopped", "broke")
STUCK_AFTER = timedelta(hours=2)
RECONNECTS = 3
"""How often a lost line is joined to the agent again before a person is looked for."""

# A phone that was busy, or that no network found, didn't ring.
_RANG = frozenset({"ringing", "in-progress", "completed", "no-answer"})
_FIRST_STATUS = {Direction.INBOUND: CallStatus.RINGING, Direction.OUTBOUND: CallStatus.QUEUED}
_WRITE_TURN = """
    insert into calls_utterance
        (call_id, n, role, text, heard_text, interrupted, t0_ms, t1_ms, stages)
    values (%(call_id)s, %(n)s, %(role)s, %(text)s, %(heard_text)s, %(interrupted)s,
        %(t0_ms)s, %(t1_ms)s, %(stages)s::jsonb)
    on conflict (call_id, n) do update set text = excluded.text, heard_text = excluded.heard_text,
        interrupted = excluded.interrupted, t0_ms = excluded.t0_ms, t1_ms = excluded.t1_ms,
        stages = excluded.stages
"""  # a turn is written every two or three seconds of every call: the ORM's upsert takes three times as long
_UPDATABLE = frozenset(
    {
        "flow",
        "verification_level",
        "customer_id",
        "outcome",
        "appointment_ref",
        "summary",
        "score",
        "comment",
        "transfer_reason",
        "transfer_brief",
        "transfer_result",
        "prompt_tokens",
        "cached_tokens",
        "completion_tokens",
        "cost_microusd",
        "latency",
        "line",
        "stream_sid",
        "answered_at",
        "answered_by",
        "purpose",
        "context",
    }
)


def start_call(
    *,
    sid: str,
    direction: str,
    from_number: str,
    to_number: str,
    purpose: str = "inbound",
    context: Mapping[str, Any] | None = None,
    attestation: str = "",
    now: datetime,
) -> Call:
    """The row of this call, made if it isn't there yet.

    Who may be on the line is looked up now, so that it is at hand when the call is answered.
    """
    call, made = Call.objects.get_or_create(
        sid=sid,
        defaults={
            "direction": direction,
            "from_number": from_number,
            "to_number": to_number,
            "purpose": purpose,
            "context": dict(context or {}),
            "attestation": attestation,
            "status": _FIRST_STATUS[Direction(direction)],
            "started_at": now,
        },
    )
    if made:
        transaction.on_commit(lambda: lookup.warm(call.caller_number))
    return call


def find_call(sid: str) -> Call | None:
    """The row of this call, if we know it."""
    return Call.objects.filter(sid=sid).first()


def update_call(*, call_id: int, **facts: object) -> None:
    """Note facts of a running call: flow, level, customer, tokens and so on."""
    unknown = facts.keys() - _UPDATABLE
    if unknown:
        raise ValueError(f"not facts of a call: {sorted(unknown)}")
    Call.objects.filter(pk=call_id).update(**facts)


def record_utterance(
    *,
    call_id: int,
    n: int,
    role: str,
    text: str,
    heard_text: str,
    interrupted: bool,
    t0_ms: int,
    t1_ms: int,
    stages: Mapping[str, Any],
) -> None:
    """Write turn `n`, or correct it (an agent's turn that was cut short): one statement, one round trip."""
    values: dict[str, int | str] = {
        "call_id": call_id,
        "n": n,
        "role": role,
        "text": text.replace("\x00", ""),  # what PostgreSQL can't hold, nobody said
        "heard_text": heard_text.replace("\x00", ""),
        "interrupted": interrupted,
        "t0_ms": max(0, t0_ms),
        "t1_ms": max(0, t1_ms),
        "stages": orjson.dumps(dict(stages)).decode(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_TURN, values)


def record_tool(
    *,
    call_id: int,
    name: str,
    arguments: Mapping[str, Any],
    ok: bool,
    error: str,
    level_required: str,
    level_held: str,
    ms: int,
    now: datetime,
) -> None:
    """Write that a tool was asked for, denials too."""
    with transaction.atomic():
        # The call's row is the lock that keeps the numbers of two tools apart.
        Call.objects.select_for_update().only("id").get(pk=call_id)
        ToolInvocation.objects.create(
            call_id=call_id,
            n=ToolInvocation.objects.filter(call_id=call_id).count() + 1,
            name=name[:48],
            arguments=dict(arguments),
            ok=ok,
            error=error[:64],
            level_required=level_required,
            level_held=level_held,
            ms=max(0, ms),
            at=now,
        )


def record_verification(
    *, call_id: int, customer_id: int | None, factor: str, ok: bool, now: datetime
) -> None:
    """Write that a factor was tried; its value never comes here."""
    VerificationAttempt.objects.create(
        call_id=call_id, customer_id=customer_id, factor=factor, ok=ok, at=now
    )


def record_status(*, sid: str, status: str, sequence: int, now: datetime) -> bool:
    """Move a call's status forward; returns whether it moved.

    Late, repeated and unknown statuses are ignored. An end stays what it first was.
    """
    if status not in CallStatus.values:
        return False
    facts: dict[str, Any] = {"status": status}
    if status in _RANG:
        facts["rang_at"] = Coalesce(F("rang_at"), now)
    if status == CallStatus.IN_PROGRESS:
        facts["answered_at"] = Coalesce(F("answered_at"), now)
    if status in TERMINAL_STATUSES:
        facts["ended_at"] = Coalesce(F("ended_at"), Greatest(F("started_at"), now))
    moved = Call.objects.filter(sid=sid, status__in=_before(status)).update(**facts)
    Call.objects.filter(sid=sid).update(status_sequence=Greatest(F("status_sequence"), sequence))
    return bool(moved)


def _before(status: str) -> tuple[str, ...]:
    """The statuses from which a call may move to this one."""
    if status in TERMINAL_STATUSES:
        return STATUS_ORDER
    return STATUS_ORDER[: STATUS_ORDER.index(CallStatus(status))]


def finish_stuck(*, now: datetime) -> int:
    """End calls that nobody reported on any more: longer open than any call may last."""
    return Call.objects.filter(ended_at__isnull=True, started_at__lt=now - STUCK_AFTER).update(
        ended_at=now, end_reason="lost", status=CallStatus.FAILED
    )


def take_up(*, call_id: int) -> int:
    """The line was lost but not the caller: the call is open again. Returns how often that was."""
    lost = Call.objects.filter(pk=call_id)
    lost.update(reconnects=F("reconnects") + 1, end_reason="", ended_at=None)
    times = lost.values_list("reconnects", flat=True).get()
    logger.warning("call_taken_up", extra={"call": call_id, "times": times})
    return times


def finish_call(
    *, call_id: int, end_reason: str, outcome: str, now: datetime, **facts: object
) -> None:
    """Note how the conversation ended. A later finish adds facts but changes no reason.

    Only an end by a lost socket is provisional: the caller may be on the line still, and
    another worker goes on with the call.
    """
    if facts:
        update_call(call_id=call_id, **facts)
    known = {"outcome": outcome} if outcome else {}
    Call.objects.filter(pk=call_id, end_reason__in=PROVISIONAL_ENDS).update(
        end_reason=end_reason,
        ended_at=Coalesce(F("ended_at"), Greatest(F("started_at"), now)),
        **known,
    )
