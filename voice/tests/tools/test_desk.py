"""Handing over: to somebody who is there, or a promise with a time that a task carries."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest

from calls.models import AdvisorLine, Call, CallbackTask
from voice.context import CallContext
from voice.tests.tools.conftest import NOW, STRANGER, Open
from voice.tools import ToolOutcome, run

EVENING = datetime(2026, 11, 23, 19, 30, tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture
def line(shop: None) -> AdvisorLine:
    return AdvisorLine.objects.create(name="Dee", e164="+12025550190")


def hand_over(context: CallContext, reason: str = "asked", now: datetime = NOW) -> ToolOutcome:
    return run(context, "hand_over", orjson.dumps({"reason": reason}).decode(), (), now)


def test_with_a_line_the_caller_is_connected(line: AdvisorLine, open_call: Open) -> None:
    done = hand_over(open_call())
    assert (done.then, done.context.outcome) == ("hand_over", "handed_over")
    assert "connecting" in str(done.say)
    assert not CallbackTask.objects.exists()


def test_without_a_line_a_callback_is_promised_with_its_time(open_call: Open) -> None:
    done = hand_over(open_call())
    assert "connecting" not in str(done.say)
    assert "call you back by today, Monday, November twenty-third at nine thirty-five A M" in str(
        done.say
    )
    task = CallbackTask.objects.get()
    assert (task.number, task.due_at) == (STRANGER, NOW + timedelta(minutes=30))
    assert done.context.callback_promised == task.due_at
    assert done.then == "model"


def test_a_line_that_is_switched_off_is_none(line: AdvisorLine, open_call: Open) -> None:
    AdvisorLine.objects.update(active=False)
    assert hand_over(open_call()).context.callback_promised is not None


def test_after_hours_the_promise_is_for_the_next_opening(
    line: AdvisorLine, open_call: Open
) -> None:
    done = hand_over(open_call(), now=EVENING)
    assert "Tuesday, November twenty-fourth at nine thirty A M" in str(done.say)


def test_a_second_hand_over_writes_nothing_and_repeats_the_promise(open_call: Open) -> None:
    first = hand_over(open_call())
    second = hand_over(first.context, "angry", NOW + timedelta(minutes=2))
    assert second.context == first.context
    assert "nine thirty-five" in str(second.say)
    assert CallbackTask.objects.count() == 1
    assert Call.objects.get().transfer_reason == "asked"


def test_a_second_hand_over_while_connecting_announces_nothing_again(
    line: AdvisorLine, open_call: Open
) -> None:
    first = hand_over(open_call())
    second = hand_over(first.context, "angry")
    assert (second.say, second.then) == (None, "hand_over")
    assert Call.objects.get().transfer_reason == "asked"


def test_a_withheld_number_is_asked_for_before_anything_is_promised(open_call: Open) -> None:
    refused = hand_over(open_call(number=None))
    assert refused.error == "number_missing"
    assert not CallbackTask.objects.exists()


def test_a_spanish_speaker_hears_it_in_spanish_first(open_call: Open) -> None:
    assert str(hand_over(open_call(), "language").say).startswith("Un asesor que habla español")
