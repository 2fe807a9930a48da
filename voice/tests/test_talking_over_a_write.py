"""Talked over, hung up on or told everything twice at any point: one visit or none, and it says which.

One booking call is counted in events; then it is
run again with one disturbance at one of them, until every event has had one.
"""

import pytest

from calls.models import Call, ToolInvocation, Utterance
from scheduling.models import Appointment, AppointmentEvent, CalendarOutbox
from voice.core.history import AgentTurn, ToolUse
from voice.dialogue.proof import unagreed_writes
from voice.rehearsal import world
from voice.rehearsal.voice_call import VoiceCall
from voice.tests import shipped
from voice.tests.disturbed import (
    NUMBER,
    TASK,
    Disturbance,
    barge_in,
    hang_up,
    is_done,
    monday,
    nothing,
    ring,
    twice,
)

DISTURBANCES: tuple[Disturbance, ...] = (barge_in, hang_up, twice)


def forget_visits() -> None:
    """The shop's book as it was; quicker than a new world."""
    Appointment.objects.all().delete()
    CalendarOutbox.objects.all().delete()
    Call.objects.all().delete()


@pytest.fixture
def dana(transactional_db: None) -> None:
    """The shop, and one customer with one car."""
    shipped.open_shop()
    world.build(TASK.world, NUMBER, monday())


def wrongs(call: VoiceCall) -> list[str]:
    """What a booking call may not leave behind."""
    visits = Appointment.objects.count()
    made = [
        i
        for i in call.history
        if isinstance(i, ToolUse) and i.name == "book_appointment" and is_done(i)
    ]
    heard = " ".join(i.heard for i in call.history if isinstance(i, AgentTurn))
    stored = " ".join(Utterance.objects.filter(role="agent").values_list("heard_text", flat=True))
    kept = ToolInvocation.objects.filter(name="book_appointment", ok=True)
    facts = {
        "more than one visit": visits > 1,
        "an event of a visit that isn't there, or too many": AppointmentEvent.objects.count()
        != visits,
        "no calendar entry for a visit, or one too many": CalendarOutbox.objects.count() != visits,
        "the call's history does not say which": len(made) != visits,
        "the stored tool calls do not say which": bool(visits) > kept.exists(),
        "said that it is booked, and it is not": "all set" in heard and not visits,
        "stored that it was said, and it was not": "all set" in stored and "all set" not in heard,
        "written without a yes": bool(unagreed_writes(call.history, call.zone)),
    }
    return [what for what, wrong in facts.items() if wrong]


def test_left_alone_the_call_books(dana: None) -> None:
    outcome = ring(0, nothing)
    assert Appointment.objects.count() == 1
    assert wrongs(outcome.call) == []


@pytest.mark.unmeasured
@pytest.mark.parametrize("nth", range(len(DISTURBANCES)))
def test_whatever_happens_there_is_one_visit_or_none_and_it_says_which(
    dana: None, nth: int
) -> None:
    """Every event of the call has one disturbance; the three take turns."""
    found = {}
    for at in range(1 + nth, ring(0, nothing).events + 1, len(DISTURBANCES)):
        forget_visits()
        if wrong := wrongs(ring(at, DISTURBANCES[nth]).call):
            found[at] = wrong
    assert found == {}
