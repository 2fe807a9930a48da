"""Running rehearsals: a task, a trial, a call, a grade."""

import asyncio
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from calls import log
from crm import lookup
from crm.models import Customer
from voice import records, store, tools
from voice.context import CallContext, open_context
from voice.core.history import AgentTurn, CallerTurn
from voice.dialogue.responder import Responder
from voice.rehearsal import world
from voice.rehearsal.caller import Caller, Move, Persona
from voice.rehearsal.grade import Grade, grade
from voice.rehearsal.privacy import log_kept, without_leaks
from voice.rehearsal.tasks import Task
from voice.rehearsal.text_call import TextCall
from voice.tools.identity import recognise
from voice.tools.shop import load_knowledge

NOW = "2026-11-23 09:05"
"""A Monday morning, in the shop's zone; a task may set another."""
MOST_TURNS = 60
SHOP_NUMBER = "+15555550100"

MakeResponder = Callable[[CallContext, Any, Callable[[], datetime]], Responder]


def local_responder(
    context: CallContext, knowledge: Any, clock: Callable[[], datetime]
) -> Responder:
    """The keyless mind."""
    return Responder(context, knowledge, clock=clock)


def run_task(
    task: Task,
    trial: int = 1,
    *,
    make: MakeResponder = local_responder,
    loop: asyncio.AbstractEventLoop | None = None,
) -> Grade:
    """One call of one task in a fresh world, graded; a private value left behind fails it."""
    with log_kept() as lines:
        call = call_of(task, trial, make=make, loop=loop)
        write_down(call)
    judged = grade(task, trial, call, number_of(task, trial), start_of(task))
    return without_leaks(judged, task.world, call.responder.context, lines)


def write_down(call: TextCall) -> None:
    """What a live call leaves: its transcript and its session."""
    context = call.responder.context
    turns = [item for item in call.history if isinstance(item, CallerTurn | AgentTurn)]
    for n, item in enumerate(turns, start=1):
        records.write_turn(context.call_id, records.Numbered(n, item))
    packed = store.pack(store.LiveSession(call.history, context.to_json(), "listening", 0))
    records.save_session(context.call_sid, packed)


def call_of(
    task: Task,
    trial: int = 1,
    *,
    make: MakeResponder = local_responder,
    loop: asyncio.AbstractEventLoop | None = None,
) -> TextCall:
    """One call of one task in a fresh world, up to its end."""
    seed, number, now = seed_of(task, trial), number_of(task, trial), start_of(task)
    world.clean(number)
    world.build(task.world, number, now)
    call = _call(task, sid_of(seed, trial), number, now, make, loop)
    _converse(call, Caller(persona_of(task, seed)), task)
    return call


def sid_of(seed: int, trial: int) -> str:
    """A call's id."""
    return f"CA{seed:08x}{trial:024d}"


def seed_of(task: Task, trial: int) -> int:
    """What a run's chances hang on."""
    return zlib.crc32(f"{task.id}/{trial}".encode())


def number_of(task: Task, trial: int) -> str:
    """The caller's number: fictional, and another one for every task and trial."""
    return f"+1512555{100 + seed_of(task, trial) % 100:04d}"


def start_of(task: Task) -> datetime:
    """When the call begins."""
    return world.local(task.now or NOW, datetime.now(UTC))


def persona_of(task: Task, seed: int) -> Persona:
    """Who rings."""
    return Persona(task.opening, task.facts, task.wants, list(task.then), task.manners, seed)


def _call(
    task: Task,
    sid: str,
    number: str,
    now: datetime,
    make: MakeResponder,
    loop: asyncio.AbstractEventLoop | None,
) -> TextCall:
    context, holder = context_of(task, sid, number, now), dict[str, TextCall]()

    def clock() -> datetime:
        return now + timedelta(seconds=holder["call"].now if holder else 0)

    responder = make(context, load_knowledge(now), clock)
    holder["call"] = TextCall(responder, tools.run, started=now, loop=loop)
    return holder["call"]


def context_of(task: Task, sid: str, number: str, now: datetime) -> CallContext:
    """The call's row, and what is known of the call when it is answered."""
    withheld = task.caller.get("number") == "withheld"
    caller_number = None if withheld else number
    direction = "outbound" if task.outbound else "inbound"
    purpose = task.outbound.get("purpose", "inbound")
    attestation = str(task.caller.get("attestation", "A"))
    row = log.start_call(
        sid=sid,
        direction=direction,
        from_number=SHOP_NUMBER if task.outbound else caller_number or "",
        to_number=number if task.outbound else SHOP_NUMBER,
        purpose=purpose,
        attestation=attestation,
        now=now,
    )
    context = open_context(
        call_sid=sid,
        call_id=row.pk,
        direction=direction,
        purpose=purpose,
        caller_number=caller_number,
        attestation=attestation,
    )
    if caller_number:
        context = recognise(context, lookup.find_customers(caller_number))
    return _dialled(context) if task.outbound else context


def _dialled(context: CallContext) -> CallContext:
    """What the outbound worker hands to a call: whom, and about which visit."""
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
