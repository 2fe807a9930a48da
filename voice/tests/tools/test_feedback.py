"""How a visit went: kept with the call, and an unhappy customer's call is owed today."""

from dataclasses import replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from calls.due import complaint_due
from calls.models import Call, CallbackTask
from voice.context import CallContext
from voice.dialogue.knowledge import DayHours, Knowledge
from voice.gate import Flow, Level
from voice.tests.tools.conftest import Open
from voice.tools import ToolOutcome, run

ZONE = ZoneInfo("America/New_York")
SHOP = Knowledge(hours={day: DayHours(time(9), time(17)) for day in range(5)}, zone=ZONE)
MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)


def _tell(context: CallContext, now: datetime = MORNING, **said: Any) -> ToolOutcome:
    asked = {"score": 5, "comment": "", "key": context.code_key, **said}
    return run(context, "record_feedback", orjson.dumps(asked).decode(), (), now)


@pytest.fixture
def follow_up(open_call: Open) -> CallContext:
    return replace(
        open_call(), direction="outbound", purpose="follow_up", flow=Flow.FOLLOW_UP,
        level=Level.DIALLED,
    )  # fmt: skip


def test_a_score_and_what_was_said_of_it_are_kept_apart(follow_up: CallContext) -> None:
    done = _tell(follow_up, score=5, comment="Quick and friendly.")
    assert done.context.outcome == "score_5"
    call = Call.objects.get()
    assert (call.score, call.comment) == (5, "Quick and friendly.")
    assert not CallbackTask.objects.exists()


@pytest.mark.parametrize("score", [1, 2, 3])
def test_an_unhappy_customer_is_the_managers_task_today(follow_up: CallContext, score: int) -> None:
    done = _tell(follow_up, score=score, comment="They scratched the door.")
    task = CallbackTask.objects.get()
    assert (task.reason, task.priority) == ("complaint", "high")
    assert task.due_at.astimezone(ZONE).date() == MORNING.date()
    assert "They scratched the door." in task.note
    assert "service manager will call you by today" in str(done.say)


def test_a_complaint_without_a_score_is_a_complaint(follow_up: CallContext) -> None:
    done = _tell(follow_up, score=None, comment="I want to talk to the manager.")
    assert Call.objects.get().score is None
    assert done.context.outcome == "no_score"
    assert CallbackTask.objects.get().reason == "complaint"


@pytest.mark.parametrize(
    ("hour", "minute", "due"),
    [
        (10, 0, "Tue 12:00"),
        (16, 0, "Tue 17:00"),  # not two hours of opening time later, which were tomorrow
        (16, 50, "Wed 10:50"),  # ten minutes of today are no promise
        (18, 30, "Wed 11:00"),
    ],
)
def test_somebody_unhappy_is_rung_back_on_the_day_while_there_is_one(
    hour: int, minute: int, due: str
) -> None:
    now = datetime(2026, 11, 24, hour, minute, tzinfo=ZONE)
    assert f"{complaint_due(now, 120, SHOP):%a %H:%M}" == due
