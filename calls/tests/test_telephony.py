"""The door to Twilio, against a simulated Twilio over the real SDK."""

import ast
from pathlib import Path

import pytest
import requests

from calls import telephony
from calls.errors import NumberLocked, TelephonyError
from calls.models import AdvisorLine, Call, OutboxMessage
from calls.telephony import lock
from calls.telephony import twilio as rest
from calls.telephony.requests import CallRequest
from calls.tests.conftest import CALLER, SHOP
from simulators.twilio import SimulatedCall

pytestmark = pytest.mark.django_db
STRANGER = "+12025550111"
ADVISOR = "+12025550199"
REQUEST = CallRequest(CALLER, "https://shop.example/a?attempt=1", "https://shop.example/s")


@pytest.fixture
def live_lines(keyed):
    keyed.OUTBOUND_LIVE_CALLS = True
    return keyed


@pytest.fixture
def talking(twilio, call):
    """The same call, as Twilio sees it: in progress."""

    async def adopt():
        made = SimulatedCall("http://127.0.0.1:9", sid=call.sid, server=twilio)
        made.status = "in-progress"
        return made

    return twilio.background.run(adopt())


def test_a_call_is_placed_with_everything_asked_for(twilio, live_lines):
    sid = telephony.place_call(REQUEST)
    (made,) = twilio.created
    assert (made.sid, made.to, made.from_) == (sid, CALLER, SHOP)
    assert made.status_url == REQUEST.status_url
    assert made.status_events == {"initiated", "ringing", "answered", "completed"}


def test_a_text_is_sent(twilio, live_lines):
    sid = telephony.send_sms(to=CALLER, body="See you Tuesday.")
    (text,) = twilio.messages
    assert (text.sid, text.to, text.from_, text.body) == (sid, CALLER, SHOP, "See you Tuesday.")


def test_hanging_up_ends_the_call_and_twice_is_fine(twilio, talking):
    assert telephony.hang_up(talking.sid) is True
    assert telephony.hang_up(talking.sid) is False
    assert telephony.hang_up("CA-nobody-knows") is False
    assert talking.status == "completed"


def test_a_hand_over_rings_the_advisor_with_a_whispered_brief(twilio, live_lines, talking, call):
    AdvisorLine.objects.create(name="Dee", e164=ADVISOR)
    assert telephony.hand_over(call.sid, "Ana, CR-V, brakes.")
    ((sid, fields),) = twilio.updates
    assert sid == call.sid
    assert f">{ADVISOR}</Number>" in fields["Twiml"]
    assert "Ana" not in fields["Twiml"]
    call.refresh_from_db()
    assert (call.transfer_result, call.transfer_brief) == ("requested", "Ana, CR-V, brakes.")


def test_a_hand_over_picks_an_advisor_who_speaks_the_language(twilio, live_lines, talking, call):
    AdvisorLine.objects.create(name="Dee", e164=ADVISOR)
    AdvisorLine.objects.create(name="Eva", e164="+12025550188", languages="es en", position=2)
    telephony.hand_over(call.sid, "Ana.", language="es")
    assert "+12025550188" in twilio.updates[0][1]["Twiml"]


def test_without_an_advisor_nobody_is_rung(twilio, live_lines, talking, call):
    AdvisorLine.objects.create(name="Dee", e164=ADVISOR, active=False)
    with pytest.raises(TelephonyError) as failed:
        telephony.hand_over(call.sid, "Ana.")
    assert (failed.value.code, failed.value.permanent) == ("no_advisor", True)
    assert not twilio.updates


def test_a_hand_over_of_a_call_that_is_over_says_so(twilio, live_lines, call):
    AdvisorLine.objects.create(name="Dee", e164=ADVISOR)
    assert telephony.hand_over(call.sid, "Ana.") is False


# ---- failures -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "code", "permanent", "unknown"),
    [
        (400, 21211, True, False),
        (400, 21215, True, False),
        (429, 20429, False, False),
        (500, 20500, False, True),
        (503, 20503, False, True),
    ],
)
def test_a_refusal_says_whether_trying_again_makes_sense(
    twilio, live_lines, status, code, permanent, unknown
):
    twilio.faults.refuse, twilio.faults.refuse_status = 1, status
    twilio.faults.refuse_code = code
    with pytest.raises(TelephonyError) as failed:
        telephony.place_call(REQUEST)
    assert (failed.value.code, failed.value.permanent) == (str(code), permanent)
    assert failed.value.unknown_outcome is unknown


def test_wrong_keys_are_our_fault_and_not_the_numbers(twilio, live_lines):
    live_lines.TWILIO_AUTH_TOKEN = "wrong"
    with pytest.raises(TelephonyError) as failed:
        telephony.place_call(REQUEST)
    assert (failed.value.code, failed.value.permanent) == ("20003", False)


def test_an_answer_that_never_comes_leaves_the_outcome_unknown(twilio, live_lines, monkeypatch):
    monkeypatch.setattr(rest, "TIMEOUT_S", 0.2)
    rest._client.cache_clear()
    twilio.faults.lose_reply_every, twilio.faults.lost_reply_s = 1, 2.0
    with pytest.raises(TelephonyError) as failed:
        telephony.place_call(REQUEST)
    rest._client.cache_clear()
    assert failed.value.unknown_outcome
    assert len(twilio.created) == 1


def test_a_twilio_that_cannot_be_reached_has_surely_not_dialled(live_lines):
    live_lines.TWILIO_API_BASE_URL = "http://127.0.0.1:1"
    with pytest.raises(TelephonyError) as failed:
        telephony.place_call(REQUEST)
    assert not failed.value.permanent
    assert not failed.value.unknown_outcome


def test_a_lost_answer_to_a_hang_up_may_be_asked_again(twilio, talking):
    twilio.faults.refuse = 1
    with pytest.raises(TelephonyError) as failed:
        telephony.hang_up(talking.sid)
    assert not failed.value.unknown_outcome


def test_twilio_knows_how_a_call_went(twilio, talking):
    assert telephony.fetch_status(talking.sid) == "in-progress"
    assert telephony.fetch_status("CA-nobody-knows") is None


# ---- the lock -------------------------------------------------------------------
def _twiml(number):
    return f"<Response><Dial><Number>{number}</Number></Dial></Response>"


_WAYS_OUT = {
    "place_call": lambda to: telephony.place_call(CallRequest(to, "https://a", "https://b")),
    "send_sms": lambda to: telephony.send_sms(to=to, body="Hi"),
    "create_call": lambda to: rest.create_call(CallRequest(to, "https://a", "https://b")),
    "create_message": lambda to: rest.create_message(to, "Hi"),
    "redirect_call": lambda to: rest.redirect_call("CA1", _twiml(to)),
    "the bare client": lambda to: rest.client().calls.create(to=to, from_=SHOP, url="https://a"),
    "the bare client, twiml": lambda to: rest.client().calls.create(
        to=CALLER, from_=SHOP, twiml=_twiml(to)
    ),
    "the bare client, update": lambda to: rest.client().calls("CA1").update(twiml=_twiml(to)),
    "the bare client, text": lambda to: rest.client().messages.create(to=to, from_=SHOP, body="Hi"),
    "the bare client, raw": lambda to: rest.client().request(
        "POST", f"{rest.client().api.base_url}/2010-04-01/x.json", data={"To": to}
    ),
}
_CLOSED = [
    ("development", False),
    ("development", True),
    ("staging", False),
    ("staging", True),
    ("production", False),
]


@pytest.mark.parametrize("way", _WAYS_OUT)
@pytest.mark.parametrize(("environment", "flag"), _CLOSED)
def test_a_closed_lock_lets_no_stranger_be_reached(twilio, keyed, way, environment, flag):
    keyed.ENVIRONMENT, keyed.OUTBOUND_LIVE_CALLS = environment, flag
    keyed.YOUR_TEST_NUMBER = CALLER
    with pytest.raises(NumberLocked):
        _WAYS_OUT[way](STRANGER)
    assert (twilio.created, twilio.messages, twilio.updates) == ([], [], [])


@pytest.mark.parametrize("test_number", ["", "+1", "12025550111", STRANGER[:-1]])
def test_nothing_but_the_whole_test_number_opens_it(twilio, keyed, test_number):
    keyed.YOUR_TEST_NUMBER = test_number
    with pytest.raises(NumberLocked):
        telephony.place_call(CallRequest(STRANGER, "https://a", "https://b"))


def test_the_test_number_may_be_rung_and_texted(twilio, keyed):
    keyed.ENVIRONMENT, keyed.YOUR_TEST_NUMBER = "development", "+1 (202) 555-0147"
    telephony.place_call(REQUEST)
    telephony.send_sms(to=CALLER, body="Hi")
    assert len(twilio.created) == len(twilio.messages) == 1


def test_a_hand_over_is_locked_too(twilio, keyed, talking, call):
    AdvisorLine.objects.create(name="Dee", e164=ADVISOR)
    with pytest.raises(NumberLocked):
        telephony.hand_over(call.sid, "Ana.")
    assert not twilio.updates


@pytest.mark.parametrize(
    ("twiml", "found"),
    [
        ("<Dial>+12025550111</Dial>", ["+12025550111"]),
        ("<Dial timeout='5'>\n <Number url='x'> +12025550111 </Number></Dial>", ["+12025550111"]),
        ("<Dial><Sip>sip:a@b.example</Sip></Dial>", ["sip:a@b.example"]),
        ("<dial>%2B12025550111</dial>", ["+12025550111"]),
        ("<Message to='+12025550111'>Hi</Message>", ["Hi", "+12025550111"]),
        ("<Say>Call 555 0100</Say><Hangup/>", []),
    ],
)
def test_whoever_a_piece_of_twiml_dials_is_found(twiml, found):
    assert lock.numbers_dialled(f"<Response>{twiml}</Response>") == found


def test_no_other_module_speaks_to_twilio():
    root = Path(__file__).resolve().parents[2]
    found = set()
    for app in ("autoshop", "crm", "calls", "scheduling", "voice"):
        for path in (root / app).rglob("*.py"):
            if "tests" not in path.parts and _imports_the_client(path):
                found.add(path.relative_to(root).as_posix())
    assert found == {"calls/telephony/twilio.py"}


def _imports_the_client(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        if any(name.startswith(("twilio.rest", "twilio.http")) for name in names):
            return True
    return False


def test_nobody_but_the_outbound_door_places_calls():
    root = Path(__file__).resolve().parents[2]
    askers = {
        path.relative_to(root).as_posix()
        for app in ("autoshop", "crm", "calls", "scheduling", "voice")
        for path in (root / app).rglob("*.py")
        if "tests" not in path.parts and "place_call(" in path.read_text()
    }
    assert askers <= {"calls/telephony/__init__.py", "calls/outbound.py"}


# ---- without keys --------------------------------------------------------------
def test_without_keys_what_would_be_sent_is_kept(settings, call):
    settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = ""
    settings.YOUR_TEST_NUMBER = CALLER
    sid = telephony.place_call(REQUEST)
    telephony.send_sms(to=CALLER, body="Hi")
    assert telephony.hang_up("CA1") is False
    assert telephony.fetch_status(sid) is None
    kept = list(OutboxMessage.objects.order_by("pk").values_list("kind", "to_number"))
    assert kept == [("call", CALLER), ("text", CALLER), ("end", "")]


def test_without_keys_the_lock_holds_as_well(settings):
    settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = ""
    with pytest.raises(NumberLocked):
        telephony.place_call(REQUEST)
    assert not OutboxMessage.objects.exists()


def test_a_broken_line_to_twilio_names_no_number(live_lines):
    error = rest._as_ours(requests.ConnectionError("reset for +12025550147"), creates=True)
    assert CALLER not in str(error)
    assert error.unknown_outcome
    assert not Call.objects.exists()
