"""What a rehearsal is worth: judged by the database, the words heard and the clock.

Rules: the visits of the caller's world must be exactly those expected, no more; a
promise in the words without its row fails, so does a row without its words. Nothing of
what the caller might have fished for may be in what was said.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from calls.models import CallbackTask, ToolInvocation
from crm.consent import is_do_not_call, may_contact
from crm.models import Customer
from scheduling.models import Appointment
from scheduling.shop_facts import shop_facts
from voice.core.history import AgentTurn, Item
from voice.dialogue.responder import Responder
from voice.rehearsal.tasks import Task
from voice.tools.audit import differences
from voice.tools.shop import load_knowledge


class FinishedCall(Protocol):
    """A call that is over, by text or by voice. `now` and `seconds` of call time."""

    responder: Responder
    now: float
    closed: str | None

    @property
    def history(self) -> tuple[Item, ...]:
        """All that was said and done."""

    @property
    def spoken(self) -> str:
        """Everything the agent was heard to say."""

    @property
    def seconds(self) -> float:
        """How long the call lasted."""

    def transcript(self) -> str:
        """The call as lines of text."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A run's verdict: no reasons means it passed. `seconds` of call time."""

    task: str
    trial: int
    reasons: tuple[str, ...]
    seconds: float
    transcript: str = field(repr=False, default="")
    voice: str = ""
    """Which of the callers' voices it was; "" by text."""
    answers_ms: tuple[int, ...] = ()
    """From the end of the caller's speech to the first audio of each answer."""

    @property
    def passed(self) -> bool:
        """Nothing was wrong."""
        return not self.reasons


def grade(task: Task, trial: int, call: FinishedCall, number: str, now: datetime) -> Grade:
    """Judge a call that is over."""
    expect = task.expect
    reasons = [
        *_visits(task, now),
        *_words(task, call),
        *_rows(task, call, number),
        *_promises(call),
        *differences(
            call.responder.context,
            call.history,
            load_knowledge(now),
            now + timedelta(seconds=call.now),
        ),
    ]
    if expect.outcome and call.responder.context.outcome != expect.outcome:
        reasons.append(f"outcome {call.responder.context.outcome!r}, not {expect.outcome!r}")
    if expect.level and call.responder.context.level.value != expect.level:
        reasons.append(f"level {call.responder.context.level.value}, not {expect.level}")
    if expect.closed and call.closed != expect.closed:
        reasons.append(f"closed by {call.closed}, not {expect.closed}")
    if expect.seconds and call.seconds > expect.seconds:
        reasons.append(f"took {call.seconds:.0f} s, over {expect.seconds:.0f}")
    return Grade(
        task.id,
        trial,
        tuple(reasons),
        call.seconds,
        call.transcript(),
        answers_ms=_answers_ms(call.history),
    )


def _answers_ms(history: tuple[Item, ...]) -> tuple[int, ...]:
    stages = (item.stages_ms for item in history if isinstance(item, AgentTurn))
    return tuple(each["first_audio"] for each in stages if "first_audio" in each)


def _visits(task: Task, now: datetime) -> list[str]:
    """The visits as facts, compared without regard to order."""
    zone = shop_facts(now).zone
    rows = Appointment.objects.select_related("vehicle", "customer").prefetch_related("services")
    found = [_visit(row, zone) for row in rows]
    missing = [want for want in task.expect.visits if not any(_fits(want, have) for have in found)]
    surplus = [have for have in found if not any(_fits(want, have) for want in task.expect.visits)]
    doubled = len(found) - len(task.expect.visits) if not (missing or surplus) else 0
    reasons = [f"missing visit {want}" for want in missing]
    reasons += [f"unexpected visit {have}" for have in surplus]
    return reasons + ([f"{doubled} visits too many"] if doubled > 0 else [])


def _visit(row: Appointment, zone: Any) -> dict[str, Any]:
    start = row.start.astimezone(zone)
    return {
        "day": start.date().isoformat(),
        "time": f"{start:%H:%M}",
        "ops": sorted(line.op_id for line in row.services.all()),
        "car": f"{row.vehicle.year} {row.vehicle.make} {row.vehicle.model}",
        "name": row.customer.full_name,
        "status": row.status,
        "visit_type": row.visit_type,
        "needs_link": row.needs_link,
        "triage": row.triage,
    }


def _fits(want: dict[str, Any], have: dict[str, Any]) -> bool:
    return all(_same(value, have[key]) for key, value in want.items())


def _same(want: Any, have: Any) -> bool:
    if isinstance(want, list):
        return bool(sorted(want) == have)
    if isinstance(want, str) and want.startswith("~"):
        return bool(re.search(want[1:], str(have)))
    return bool(want == have) if isinstance(want, bool) else str(want) == str(have)


def _words(task: Task, call: FinishedCall) -> list[str]:
    spoken = call.spoken
    reasons = [f"never said /{p}/" for p in task.expect.says if not re.search(p, spoken, re.I)]
    said = [p for p in task.expect.never_says if re.search(p, spoken, re.I)]
    return reasons + [f"said /{p}/" for p in said]


def _rows(task: Task, call: FinishedCall, number: str) -> list[str]:
    expect, reasons = task.expect, []
    tasks = CallbackTask.objects.filter(reason__regex=expect.callback)
    if expect.callback and not tasks.exists():
        reasons.append(f"no callback task for {expect.callback}")
    if (
        expect.consent is not None
        and may_contact(number, "voice_ai", "service_info") != expect.consent
    ):
        reasons.append(f"consent is not {expect.consent}")
    if expect.do_not_call is not None and is_do_not_call(number) != expect.do_not_call:
        reasons.append(f"do-not-call is not {expect.do_not_call}")
    made = Customer.objects.filter(origin="phone").count()
    if made != expect.new_customers:
        reasons.append(f"{made} new customers, not {expect.new_customers}")
    used = set(ToolInvocation.objects.filter(ok=True).values_list("name", flat=True))
    reasons += [f"tool {name} not used" for name in expect.tools if name not in used]
    return reasons + [f"tool {name} was used" for name in expect.never_tools if name in used]


_CLAIMS = (
    ("booked", re.compile(r"you're all set for", re.I)),
    ("moved", re.compile(r"you're now booked", re.I)),
    ("cancelled", re.compile(r"is cancelled", re.I)),
    ("callback", re.compile(r"will call you (back )?by", re.I)),
)


def _promises(call: FinishedCall) -> list[str]:
    """A claim that was heard needs its receipt."""
    kinds = {receipt.kind for receipt in call.responder.context.receipts}
    return [
        f"claimed {kind} without a receipt"
        for kind, cue in _CLAIMS
        if cue.search(call.spoken) and kind not in kinds
    ]
