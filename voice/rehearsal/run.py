"""Running rehearsals: a task, a trial, a call, a grade."""

import asyncio
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from calls import log
from crm import lookup
from crm.models import Customer
from voice import tools
from voice.context import CallContext, open_context
from voice.dialogue.responder import Responder
from voice.rehearsal import world
from voice.rehearsal.caller import Caller, Move, Persona
from voice.rehearsal.grade import Grade, grade
from voice.rehearsal.tasks import Task
from voice.rehearsal.text_call import TextCall
from voice.tools.identity import recognise
from voice.tools.shop import load_knowledge

NOW = "2026-11-23 09:05"
"""A Monday morning, in the shop's zone; a task may set another."""
MOST_TURNS = 60

MakeResponder = Callable[[CallContext, Any, Callable[[], datetime]], Responder]


def local_responder(
    context: CallContext, knowledge: Any, clock: Callable[[], datetime]
) -> Responder:
    """The keyless mind."""
    return Responder(context, knowledge, clock=clock)


def rehearse(
    tasks: Iterable[Task],
    trials: int,
    *,
    make: MakeResponder = local_responder,
    loop: asyncio.AbstractEventLoop | None = None,
) -> Iterator[Grade]:
    """Run every task as often as asked; grades come as they are made."""
    for task in tasks:
        for trial in range(1, trials + 1):
            yield run_task(task, trial, make=make, loop=loop)


def run_task(
    task: Task,
    trial: int = 1,
    *,
    make: MakeResponder = local_responder,
    loop: asyncio.AbstractEventLoop | None = None,
) -> Grade:
    """One call of one task in a fresh world, graded."""
    call = call_of(task, trial, make=make, loop=loop)
    return grade(task, trial, call, number_of(task, trial), start_of(task))


def call_of(
    task: Task,
    trial: int = 1,
    *,
    make: MakeResponder = local_responder,
    loop: asyncio.AbstractEventLoop | None = None,
) -> TextCall:
    """One call of one task in a fresh world, up to its end."""
    seed, number, now = _seed(task, trial), number_of(task, trial), start_of(task)
    world.clean(number)
    world.build(task.world, number, now)
    call = _call(task, f"CA{seed:08x}{trial:024d}", number, now, make, loop)
    _converse(call, Caller(_persona(task, seed)), task)
    return call


def _seed(task: Task, trial: int) -> int:
    return zlib.crc32(f"{task.id}/{trial}".encode())


def number_of(task: Task, trial: int) -> str:
    """The caller's number: fictional, and another one for every task and trial."""
    return f"+1512555{100 + _seed(task, trial) % 100:04d}"


def start_of(task: Task) -> datetime:
    """When the call begins."""
    return world.local(task.now or NOW, datetime.now(UTC))


def _persona(task: Task, seed: int) -> Persona:
    return Persona(task.opening, task.facts, task.wants, list(task.then), task.manners, seed)


def _call(
    task: Task,
    sid: str,
    number: str,
    now: datetime,
    make: MakeResponder,
    loop: asyncio.AbstractEventLoop | None,
) -> TextCall:
    withheld = task.caller.get("number") == "withheld"
    caller_number = None if withheld else number
    outbound = bool(task.outbound)
    row = log.start_call(
        sid=sid,
        direction="outbound" if outbound else "inbound",
        from_number="+15555550100" if outbound else caller_number or "",
        to_number=number if outbound else "+15555550100",
        purpose=task.outbound.get("purpose", "inbound"),
        attestation=str(task.caller.get("attestation", "A")),
        now=now,
    )
    context = open_context(
        call_sid=sid,
        call_id=row.pk,
        direction="outbound" if outbound else "inbound",
        purpose=task.outbound.get("purpose", "inbound"),
        caller_number=caller_number,
        attestation=str(task.caller.get("attestation", "A")),
    )
    if caller_number:
        context = recognise(context, lookup.find_customers(caller_number))
    if outbound:
        context = _dialled(context)
    holder: dict[str, TextCall] = {}

    def clock() -> datetime:
        from datetime import timedelta

        return now + timedelta(seconds=holder["call"].now if holder else 0)

    responder = make(context, load_knowledge(now), clock)
    holder["call"] = TextCall(responder, tools.run, started=now, loop=loop)
    return holder["call"]


def _dialled(context: CallContext) -> CallContext:
    """What the outbound worker hands to a call: whom, and about which visit."""
    from dataclasses import replace

    customer = Customer.objects.order_by("pk").first()
    assert customer is not None
    visit = customer.appointments.order_by("start").first()
    return replace(
        context,
        party_name=customer.full_name,
        greet_name="",
        candidate_ids=(customer.pk,),
        dialled_appointment_id=visit.pk if visit else None,
        dialled_version=visit.version if visit else None,
    )


def _converse(call: TextCall, caller: Caller, task: Task) -> None:
    """The caller and the agent take turns until somebody hangs up."""
    heard = call.answer()
    move = caller.hear(heard) if task.outbound else caller.open()
    for _ in range(MOST_TURNS):
        heard = _make(call, move)
        if call.closed:
            return
        move = caller.hear(heard)
    call.hang_up()


def _make(call: TextCall, move: Move) -> str:
    if move.hangs_up:
        call.hang_up()
        return ""
    if move.silent_s:
        return call.stay_silent(move.silent_s)
    if move.keys:
        return call.press(move.keys)
    return call.say(move.words)
