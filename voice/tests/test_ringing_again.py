"""Who rings again while the first call is at it, or was cut off: one write or none, and both calls say which.

A booking, a move and a cancellation are each rung a second time from the same number at the
events around the write: beside the first call, after it was cut off there, and both writing in
the same moment. The calendar is the simulated Google, told by the shipped sweep.
"""

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from calls.models import ToolInvocation
from scheduling import calendar_sync
from scheduling.models import Appointment, AppointmentEvent
from scheduling.tests.calendar.conftest import google  # noqa: F401 - a fixture
from simulators.google import GoogleSimulator
from simulators.google.book import Calendars
from voice import tools
from voice.context import CallContext
from voice.core import events as ev
from voice.core.history import AgentTurn, Item, ToolUse
from voice.dialogue.agreement import agreed_to
from voice.dialogue.proof import unagreed_writes
from voice.rehearsal import world
from voice.rehearsal.tasks import Task
from voice.session import CallSession
from voice.tests import shipped
from voice.tests.disturbed import (
    NUMBER,
    TASK,
    Disturbance,
    Disturbed,
    Outcome,
    is_done,
    monday,
    nothing,
    ring,
)
from voice.tools import ToolOutcome

pytestmark = pytest.mark.unmeasured
VISIT = {"car": "2019 Honda CR-V", "visits": [{"at": "2026-11-24 09:30", "ops": ["ROT"]}]}
WITH_VISIT = {"customers": [{"name": "Dana Ruiz", "dob": "1981-04-02", "cars": [VISIT]}]}
FRIDAY = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Errand:
    """What is rung for: the tool that writes it, what the receipt says, when the visit then is."""

    task: Task
    tool: str
    claim: str
    event: str
    after: datetime | None
    before: datetime | None


def errand(opening: str, **facts: str) -> Task:
    known = {"name": "Dana Ruiz", "dob": "4/2/1981", "goal": opening, **facts}
    return replace(TASK, opening=opening, facts=known, world=WITH_VISIT)


ERRANDS = {
    "book": Errand(TASK, "book_appointment", "all set for", "booked", TUESDAY, None),
    "move": Errand(
        errand("Please move my visit on Tuesday to Friday at ten.", when="Friday at ten"),
        "reschedule_appointment", "now booked", "moved", FRIDAY, TUESDAY,
    ),
    "cancel": Errand(
        errand("I want to cancel my appointment.", move_or_cancel="Just cancel it."),
        "cancel_appointment", "is cancelled", "cancelled", None, TUESDAY,
    ),
}  # fmt: skip


class SecondCall(threading.Thread):
    """The same number, the same errand, in a thread of its own; `outcome` once it is over."""

    def __init__(self, what: Errand, run_tool=tools.run) -> None:
        super().__init__(daemon=True)
        self.what, self.run_tool = what, run_tool
        self.outcome: Outcome | None = None

    def run(self) -> None:
        try:
            self.outcome = ring(0, nothing, self.what.task, f"CA{2:032x}", self.run_tool)
        finally:
            connections.close_all()


@pytest.fixture
def shop(transactional_db: None, google: GoogleSimulator) -> GoogleSimulator:  # noqa: F811
    shipped.open_shop()
    return google


def start_anew(what: Errand) -> None:
    world.clean(NUMBER)
    world.build(what.task.world, NUMBER, monday())


def wrongs(what: Errand, calls: list[Outcome], google: GoogleSimulator) -> list[str]:  # noqa: F811
    """What two calls for one errand may not leave behind."""
    calendar_sync.deliver_due(now=monday() + timedelta(hours=1))
    done = [c for c in calls if any(_writes(what, item) for item in c.call.history)]
    visits = list(Appointment.objects.exclude(status="cancelled"))
    starts = [visit.start for visit in visits]
    expected = [what.after if done else what.before]
    events = [datetime.fromisoformat(e["start"]["dateTime"]) for e in google.calendars.live()]
    kept = ToolInvocation.objects.filter(name=what.tool, ok=True)
    facts = {
        "not the one visit that was asked for": starts != [s for s in expected if s],
        "more rows than one": Appointment.objects.count() > 1,
        "written twice": len(done) > 1
        or AppointmentEvent.objects.filter(kind=what.event).count() != len(done),
        "the calendar shows something else": events != starts,
        "the stored tool calls do not say which": bool(done) > kept.exists(),
    }
    for outcome in calls:
        heard = " ".join(i.heard for i in outcome.call.history if isinstance(i, AgentTurn))
        claimed = what.claim in heard.lower()
        facts["said that it is done, and it is not"] = claimed and outcome not in done
        facts["written without a yes"] = bool(
            unagreed_writes(outcome.call.history, outcome.call.zone)
        )
    return [wrong for wrong, so in facts.items() if so]


def _writes(what: Errand, item: Item) -> bool:
    return isinstance(item, ToolUse) and item.name == what.tool and is_done(item)


def around_the_write(what: Errand) -> range:
    """The events of an undisturbed call from its read-back until the receipt is being said."""
    start_anew(what)
    sessions: list[Disturbed] = []
    used: list[int] = []

    def remember(session: CallSession, event: ev.Event) -> tuple[ev.Event, ...]:
        assert isinstance(session, Disturbed)
        sessions.append(session)
        return (event,)

    def run_tool(context: CallContext, name: str, *rest) -> ToolOutcome:
        used.extend(session.count for session in sessions if name == what.tool)
        return tools.run(context, name, *rest)

    ring(1, remember, what.task, run_tool=run_tool)
    return range(used[0], used[-1] + 8)


def in_second_call(second: SecondCall, *, cut_off: bool) -> Disturbance:
    """Somebody rings a second time here: the first goes on after it, or is hung up on."""

    def ring_again(session: CallSession, event: ev.Event) -> tuple[ev.Event, ...]:
        if cut_off:
            session.hang_up("caller_hung_up")
        second.start()
        if not cut_off:
            second.join()
        return (event,)

    return ring_again


@pytest.mark.parametrize("name", ERRANDS)
@pytest.mark.parametrize("cut_off", [False, True], ids=["beside", "cut-off"])
def test_a_second_call_at_any_point_of_a_write_leaves_one_write_or_none(
    shop: GoogleSimulator, name: str, cut_off: bool
) -> None:
    """Both kinds of second call take turns at the events around the write."""
    what, found = ERRANDS[name], {}
    for at in around_the_write(what)[2 * cut_off :: 4]:
        start_anew(what)
        shop.calendars = Calendars()
        second = SecondCall(what)
        first = ring(at, in_second_call(second, cut_off=cut_off), what.task)
        second.join()
        assert second.outcome is not None
        if wrong := wrongs(what, [first, second.outcome], shop):
            found[at] = wrong
    assert found == {}


@pytest.mark.parametrize("name", ERRANDS)
def test_two_calls_that_write_in_the_same_moment_leave_one_write(
    shop: GoogleSimulator, name: str
) -> None:
    what, meet = ERRANDS[name], threading.Barrier(2)
    start_anew(what)

    def together(context: CallContext, tool: str, arguments: str, history, now) -> ToolOutcome:
        proposal = context.proposal
        if tool == what.tool and proposal and agreed_to(proposal.must_hear, history):
            meet.wait(timeout=20)
        return tools.run(context, tool, arguments, history, now)

    second = SecondCall(what, together)
    second.start()
    first = ring(0, nothing, what.task, f"CA{1:032x}", together)
    second.join()
    assert second.outcome is not None
    assert wrongs(what, [first, second.outcome], shop) == []
    assert sum(_writes(what, i) for o in (first, second.outcome) for i in o.call.history) == 1
