"""A code by text: where it goes, how long it is good for, and what only it opens."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from pytest_django.fixtures import Settings

from calls.models import CallbackTask
from crm import consent
from crm.models import AuthorizedContact, Customer, CustomerPhone
from simulators.twilio import TwilioServer
from simulators.twilio.threaded import in_thread
from voice.context import CallContext
from voice.core.history import AgentTurn, CallerTurn
from voice.dialogue.responder import Responder
from voice.gate import Level
from voice.rehearsal.text_call import TextCall
from voice.tests.tools.conftest import DANA, NOW, Open
from voice.tools import ToolOutcome, run
from voice.tools.shop import load_knowledge

TOKEN = "12345"
LONG_AGO = NOW - timedelta(days=400)
NEW_NUMBER = "+15125550166"


@pytest.fixture
def twilio(settings: Settings) -> Iterator[TwilioServer]:
    """Twilio's REST API, simulated; texts may go to Dana."""
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = f"AC{'0' * 32}", TOKEN
    settings.TWILIO_PHONE_NUMBER, settings.YOUR_TEST_NUMBER = "+15555550100", DANA
    server = TwilioServer("http://127.0.0.1:9", auth_token=TOKEN, speed=20)
    with in_thread(server):
        settings.TWILIO_API_BASE_URL = server.url
        yield server


@pytest.fixture
def verified(dana: Customer, open_call: Open) -> CallContext:
    """Dana, fully proven, who agreed to texts and has had her number for long."""
    CustomerPhone.objects.update(since=LONG_AGO)
    consent.record_consent(
        number=DANA, channel="sms", purpose="service_info", granted=True, wording="yes", now=NOW
    )
    return replace(
        open_call(number=DANA), level=Level.VERIFIED, customer_id=dana.pk, first_name="Dana"
    )


def use(context: CallContext, tool: str, *, later: int = 0, **arguments: Any) -> ToolOutcome:
    """By code, `later` seconds after the call began."""
    text = orjson.dumps({"key": context.code_key, **arguments}).decode()
    return run(context, tool, text, (), NOW + timedelta(seconds=later))


def ask(
    context: CallContext, tool: str, *history: Any, later: int = 0, **arguments: Any
) -> ToolOutcome:
    """As a model would."""
    at = NOW + timedelta(seconds=later)
    return run(context, tool, orjson.dumps(arguments).decode(), history, at)


def code_in(server: TwilioServer) -> str:
    body = server.messages[-1].body
    return "".join(c for c in body.split("code is ")[1][:6])


def stepped_up(context: CallContext, server: TwilioServer) -> CallContext:
    sent = use(context, "send_code").context
    return use(sent, "check_code", later=30, code=code_in(server)).context


def test_the_code_raises_the_level_for_ten_minutes(
    verified: CallContext, twilio: TwilioServer
) -> None:
    high = stepped_up(verified, twilio)
    assert high.level is Level.STEPPED_UP
    assert ask(high, "text_history", later=60).ok
    late = ask(high, "text_history", later=700)
    assert late.error == "needs_verification"
    assert late.context.level is Level.VERIFIED


def test_the_code_is_kept_nowhere(verified: CallContext, twilio: TwilioServer) -> None:
    sent = use(verified, "send_code")
    assert code_in(twilio) not in sent.context.to_json().decode() + sent.result_json
    assert twilio.messages[-1].to == DANA


def test_three_wrong_codes_close_the_door(verified: CallContext, twilio: TwilioServer) -> None:
    context = use(verified, "send_code").context
    right = code_in(twilio)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for left in (2, 1, 0):
        outcome = use(context, "check_code", later=10, code=wrong)
        context = outcome.context
        assert orjson.loads(outcome.result_json)["tries_left"] == left
    assert use(context, "check_code", later=20, code=right).error == "code_expired"
    assert context.code_refused


def test_a_code_is_good_for_five_minutes(verified: CallContext, twilio: TwilioServer) -> None:
    context = use(verified, "send_code").context
    late = use(context, "check_code", later=301, code=code_in(twilio))
    assert late.error == "code_expired"


def test_codes_are_not_collected(verified: CallContext, twilio: TwilioServer) -> None:
    context = verified
    for _ in range(2):
        context = use(context, "send_code").context
    assert use(context, "send_code").error == "cannot_text"


@pytest.mark.parametrize("why", ["fresh number", "no consent", "no twilio", "locked"])
def test_no_code_goes_where_none_may(
    why: str, verified: CallContext, twilio: TwilioServer, settings: Settings
) -> None:
    if why == "fresh number":
        CustomerPhone.objects.update(since=NOW - timedelta(days=29))
    if why == "no consent":
        consent.opt_out(number=DANA, call_sid="SM1", wording="stop", now=NOW)
    if why == "no twilio":
        settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = ""
    if why == "locked":
        settings.YOUR_TEST_NUMBER = ""
    assert use(verified, "send_code").error == "cannot_text"
    assert not twilio.messages


def test_what_it_opens_is_shut_to_who_is_only_verified(
    verified: CallContext, twilio: TwilioServer
) -> None:
    wants: dict[str, dict[str, Any]] = {
        "change_phone": {"ending": "0166"},
        "add_contact": {"first_name": "Kim", "last_name": "Ruiz"},
        "text_history": {},
    }
    for tool, arguments in wants.items():
        denied = ask(verified, tool, **arguments)
        assert denied.error == "needs_verification"
        assert denied.context.dialogue.identity == Level.STEPPED_UP.value


def test_a_number_is_read_back_and_then_changed(
    verified: CallContext, twilio: TwilioServer
) -> None:
    high = stepped_up(verified, twilio)
    person = replace(high.dialogue.person, phone=NEW_NUMBER)
    high = replace(high, dialogue=replace(high.dialogue, person=person))
    first = ask(high, "change_phone", later=60, ending="0166")
    assert "five one two" in str(first.say)
    heard = (AgentTurn(str(first.say), str(first.say)), CallerTurn("Yes."))
    done = ask(first.context, "change_phone", *heard, later=70, ending="0166")
    assert orjson.loads(done.result_json)["done"]
    assert CustomerPhone.objects.get(is_primary=True).e164 == NEW_NUMBER


def test_a_fresh_number_gets_no_code_however_it_came_there(
    verified: CallContext, twilio: TwilioServer
) -> None:
    assert ask(stepped_up(verified, twilio), "change_phone", ending="9999").error == (
        "number_missing"
    )
    CustomerPhone.objects.update(e164=NEW_NUMBER, since=NOW)
    assert use(verified, "send_code").error == "cannot_text"


def test_a_contact_is_read_back_and_then_added(verified: CallContext, twilio: TwilioServer) -> None:
    high = stepped_up(verified, twilio)
    kim: dict[str, Any] = {"first_name": "Kim", "last_name": "Ruiz"}
    first = ask(high, "add_contact", later=60, **kim)
    heard = (AgentTurn(str(first.say), str(first.say)), CallerTurn("Yes."))
    ask(first.context, "add_contact", *heard, later=70, **kim)
    assert AuthorizedContact.objects.get().name == "Kim Ruiz"


def test_a_code_is_for_code_alone(verified: CallContext, twilio: TwilioServer) -> None:
    assert ask(verified, "send_code", key="guessed").error == "unknown_tool"
    assert not twilio.messages


# ---- the same as a conversation ---------------------------------------------------------
@pytest.fixture
def talking(verified: CallContext) -> TextCall:
    """A call of Dana's, already verified, answered by the local dialogue."""
    calls: list[TextCall] = []

    def clock() -> datetime:
        return NOW + timedelta(seconds=calls[0].now if calls else 0)

    calls.append(TextCall(Responder(verified, load_knowledge(NOW), clock=clock), run, started=NOW))
    calls[0].answer()
    return calls[0]


def test_a_caller_changes_the_number_with_a_code(talking: TextCall, twilio: TwilioServer) -> None:
    assert "ending zero one zero seven" in talking.say("I need to change my phone number.")
    assert "new number" in talking.say(" ".join(code_in(twilio)))
    assert "Is that right" in talking.say("Five one two, five five five, zero one six six.")
    assert "Done" in talking.say("Yes.")
    assert CustomerPhone.objects.get(is_primary=True).e164 == NEW_NUMBER
    assert code_in(twilio) not in talking.transcript().replace(" ", "")


def test_the_code_may_be_keyed_in(talking: TextCall, twilio: TwilioServer) -> None:
    talking.say("Can you text me my service history?")
    assert "texted it" in talking.press(f"{code_in(twilio)}#")


def test_a_wrong_code_is_said_to_be_wrong_and_asked_for_again(
    talking: TextCall, twilio: TwilioServer
) -> None:
    talking.say("I need to change my phone number.")
    right = code_in(twilio)
    said = talking.say(" ".join(f"{(int(right) + 1) % 1_000_000:06d}"))
    assert "doesn't match" in said
    assert "code" in said
    assert "new number" in talking.say(" ".join(right))


def test_without_texts_a_person_does_it(talking: TextCall, settings: Settings) -> None:
    said = talking.say("I need to change my phone number.")
    assert "call you back by" in said
    assert CallbackTask.objects.exists()
