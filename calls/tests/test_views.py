"""What Twilio is answered, and what is kept of it."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from calls import due, live, log, stream_token
from calls.models import AdvisorLine, Call, CallbackTask, OutboundCall, OutboundSwitch
from calls.tests.conftest import BASE, CALLER, NOW, SHOP, TOKEN
from simulators.twilio import signature

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]
ADVISOR = "+12025550199"


def _xml(answer):
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("text/xml")
    return ElementTree.fromstring(answer.content)  # noqa: S314  our own words


def _verbs(answer):
    return [verb.tag for verb in _xml(answer)]


def _parameters(answer):
    return {p.get("name"): p.get("value") for p in _xml(answer).iter("Parameter")}


@pytest.fixture
def advisor(keyed):
    keyed.OUTBOUND_LIVE_CALLS = True
    return AdvisorLine.objects.create(name="Dee", e164=ADVISOR)


# ---- somebody rings -------------------------------------------------------------
def test_a_caller_is_logged_and_joined_to_the_agent(post):
    answer = post("/incoming-call", StirVerstat="TN-Validation-Passed-A")
    stream = _xml(answer).find("Connect/Stream")
    assert stream.get("url") == "wss://shop.example/media-stream/"
    facts = _parameters(answer)
    assert facts["caller"] == CALLER
    assert facts["flow"] == "inbound"
    assert "automated assistant" in facts["first_message"]
    assert stream_token.redeem(facts["token"], "CA1", timezone.now()) == "twilio"
    call = Call.objects.get()
    assert (call.sid, call.direction, call.from_number) == ("CA1", "inbound", CALLER)
    assert (call.status, call.attestation) == ("in-progress", "TN-Validation-Passed-A")


def test_after_the_stream_there_is_always_another_verb(post):
    answer = post("/incoming-call")
    assert _verbs(answer) == ["Connect", "Redirect"]
    assert _xml(answer).find("Redirect").text == f"{BASE}/call-next"


def test_it_may_be_asked_by_get(client, keyed):
    path = "/incoming-call?CallSid=CA1&From=%2B12025550147&To=%2B12025550100"
    signed = signature(TOKEN, BASE + path)
    answer = client.get(path, headers={"X-Twilio-Signature": signed})
    assert _parameters(answer)["caller"] == CALLER
    assert Call.objects.get().from_number == CALLER


def test_asked_twice_it_is_one_call_with_two_tickets(post):
    first, second = post("/incoming-call"), post("/incoming-call")
    assert _parameters(first)["token"] != _parameters(second)["token"]
    assert Call.objects.count() == 1


@pytest.mark.parametrize("number", ["anonymous", "", "Restricted", "+266696687", "12", "<Say>"])
def test_a_withheld_number_is_no_number(post, number):
    answer = post("/incoming-call", From=number)
    assert _parameters(answer)["caller"] in {"", number if number == "+266696687" else ""}
    assert b"<Say>" not in answer.content


@pytest.mark.parametrize(
    "path",
    [
        "/incoming-call",
        "/outbound-reminder",
        "/call-next",
        "/call-status",
        "/stream-status",
        "/amd-status",
        "/dial-done",
        "/whisper?call=CA1",
        "/whisper-done?call=CA1",
    ],
)
def test_the_unsigned_are_turned_away_everywhere(post, client, path):
    assert post(path, sign=False).status_code == 403
    assert client.post(path, {"CallSid": "CA1"}).status_code == 403
    assert client.get(path).status_code == 403
    assert not Call.objects.exists()


def test_other_methods_are_not_allowed(client, keyed):
    assert client.put("/incoming-call").status_code == 405


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/incoming-call", {"CallSid": "not a sid"}),
        ("/incoming-call", {"CallSid": "<script>"}),
        ("/incoming-call", {"From": "x" * 65}),
        ("/call-status", {"CallStatus": "x" * 65}),
        ("/call-status", {"SequenceNumber": "many"}),
        ("/outbound-reminder?attempt=x", {}),
        ("/whisper?call=%3Cx%3E", {}),
    ],
)
def test_a_signed_form_that_makes_no_sense_is_refused_without_an_echo(post, path, form):
    answer = post(path, **form)
    assert answer.status_code == 400
    assert answer.content == b"Malformed."


def test_in_development_without_keys_it_can_be_tried_by_hand(client, settings):
    settings.TWILIO_AUTH_TOKEN, settings.DEVELOPMENT = "", True
    answer = client.get("/incoming-call/")
    assert _verbs(answer) == ["Connect", "Redirect"]
    assert Call.objects.get().sid.startswith("CA")


@pytest.mark.parametrize("spelt", ["+266696687", "+7378742833", "+2562533", "+86282452253"])
def test_a_withheld_number_spelt_on_a_keypad_is_nobodys(post, spelt):
    answer = post("/incoming-call", From=spelt)
    assert Call.objects.get().from_number == "anonymous"
    assert _parameters(answer)["caller"] == ""


# ---- the stream ended -------------------------------------------------------------
def test_a_call_the_agent_finished_is_hung_up(post, call):
    log.finish_call(call_id=call.pk, end_reason="agent", outcome="booked", now=NOW)
    assert _verbs(post("/call-next")) == ["Hangup"]


@pytest.mark.parametrize("reason", ["", *log.PROVISIONAL_ENDS])
def test_a_call_whose_worker_died_is_taken_up_again(post, call, reason):
    if reason:
        log.finish_call(call_id=call.pk, end_reason=reason, outcome="abandoned", now=NOW)
    answer = post("/call-next")
    assert _verbs(answer) == ["Say", "Connect", "Redirect"]
    facts = _parameters(answer)
    assert (facts["resumed"], facts["first_message"]) == ("yes", "")
    call.refresh_from_db()
    assert (call.end_reason, call.ended_at, call.reconnects) == ("", None, 1)
    assert stream_token.redeem(facts["token"], "CA1", timezone.now())


def test_a_call_that_keeps_dying_goes_to_an_advisor(post, call, advisor):
    for _ in range(log.RECONNECTS):
        assert "Connect" in _verbs(post("/call-next"))
    answer = post("/call-next")
    assert _verbs(answer) == ["Say", "Dial"]
    assert _xml(answer).find("Dial/Number").text == ADVISOR
    call.refresh_from_db()
    assert call.transfer_reason == "stream_lost"


def test_where_no_advisor_can_be_rung_one_is_promised(post, call):
    Call.objects.update(reconnects=log.RECONNECTS)
    answer = post("/call-next")
    assert _verbs(answer) == ["Say", "Hangup"]
    task = CallbackTask.objects.get()
    assert (task.number, task.reason, task.priority) == (CALLER, "hand_over", "high")


@pytest.mark.parametrize("where", ["/call-next", "/dial-done"])
@pytest.mark.parametrize("promised", [None, datetime(2026, 11, 25, 15, 10, tzinfo=UTC)])
def test_the_caller_hears_when_they_will_be_rung_back(post, call, open_desk, where, promised):
    if promised:
        Call.objects.update(context={"callback_due_at": promised.isoformat()})
    Call.objects.update(reconnects=log.RECONNECTS + 1)
    answer = post(where)
    task = CallbackTask.objects.get()
    assert promised in (None, task.due_at)
    assert due.is_open(task.due_at - timedelta(seconds=1), open_desk)
    assert due.in_words(task.due_at, task.created_at, open_desk) in _xml(answer).find("Say").text


@pytest.mark.parametrize("withheld", ["", "anonymous", "+266696687"])
def test_a_number_that_was_withheld_is_promised_no_call(post, call, open_desk, withheld):
    Call.objects.update(reconnects=log.RECONNECTS, from_number=withheld)
    said = _xml(post("/call-next")).find("Say").text
    assert "call you back" not in said
    assert "call us again" in said


@pytest.mark.parametrize("result", ["requested", "no_advisor"])
def test_a_caller_who_was_promised_an_advisor_isnt_just_hung_up(post, call, result):
    log.update_call(call_id=call.pk, transfer_result=result)
    log.finish_call(call_id=call.pk, end_reason="handed_over", outcome="handed_over", now=NOW)
    assert _verbs(post("/call-next")) == ["Say", "Hangup"]
    assert CallbackTask.objects.count() == 1


def test_the_lock_keeps_an_advisor_from_being_rung(post, call, advisor, keyed):
    keyed.OUTBOUND_LIVE_CALLS = False
    Call.objects.update(reconnects=log.RECONNECTS)
    answer = post("/call-next")
    assert ADVISOR.encode() not in answer.content
    assert CallbackTask.objects.count() == 1


def test_a_call_nobody_knows_is_told_so(post):
    assert _verbs(post("/call-next")) == ["Say", "Hangup"]
    assert _verbs(post("/dial-done")) == ["Say", "Hangup"]


# ---- the advisor's leg -----------------------------------------------------------
@pytest.fixture
def handed_over(call, advisor):
    Call.objects.update(transfer_result="requested", transfer_brief="Ana <b>& her</b> CR-V")
    return call


def test_a_hand_over_whose_redirect_was_lost_still_rings_the_advisor(post, handed_over):
    answer = post("/call-next")
    dial = _xml(answer).find("Dial")
    assert (dial.get("timeout"), dial.get("answerOnBridge")) == ("25", "true")
    assert dial.get("callerId") == SHOP
    assert dial.find("Number").get("url") == f"{BASE}/whisper?call=CA1"


def test_the_brief_is_whispered_and_escaped(post, handed_over):
    answer = post("/whisper?call=CA1", CallSid="CA2")
    assert b"Ana &lt;b&gt;&amp; her&lt;/b&gt; CR-V" in answer.content
    assert _verbs(answer) == ["Gather", "Gather", "Hangup"]


def test_one_key_takes_the_call_and_the_caller_is_done_afterwards(post, handed_over):
    assert _verbs(post("/whisper-done?call=CA1", CallSid="CA2", Digits="1")) == []
    assert _verbs(post("/dial-done", DialCallStatus="completed")) == ["Hangup"]
    handed_over.refresh_from_db()
    assert (handed_over.transfer_result, handed_over.outcome) == ("answered", "handed_over")
    assert not CallbackTask.objects.exists()


@pytest.mark.parametrize("digits", ["2", "", "11"])
def test_any_other_key_does_not(post, handed_over, digits):
    assert _verbs(post("/whisper-done?call=CA1", CallSid="CA2", Digits=digits)) == ["Hangup"]
    handed_over.refresh_from_db()
    assert handed_over.transfer_result == "requested"


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "completed"])
def test_where_nobody_takes_it_the_caller_comes_back_and_a_task_is_owed(post, handed_over, status):
    log.finish_call(call_id=handed_over.pk, end_reason="handed_over", outcome="", now=NOW)
    answer = post("/dial-done", DialCallStatus=status)
    assert _parameters(answer)["flow"] == "handover_failed"
    handed_over.refresh_from_db()
    assert (handed_over.transfer_result, handed_over.end_reason) == ("no_answer", "")
    assert CallbackTask.objects.get().note == "Ana <b>& her</b> CR-V"


def test_a_late_key_cannot_revive_a_hand_over(post, handed_over):
    post("/dial-done", DialCallStatus="no-answer")
    assert _verbs(post("/whisper-done?call=CA1", CallSid="CA2", Digits="1")) == ["Hangup"]
    assert _verbs(post("/whisper?call=CA1", CallSid="CA2")) == ["Hangup"]


def test_told_twice_it_owes_one_task(post, handed_over):
    post("/dial-done", DialCallStatus="no-answer")
    post("/dial-done", DialCallStatus="no-answer")
    assert CallbackTask.objects.count() == 1


# ---- callbacks ------------------------------------------------------------------
def test_a_status_callback_moves_the_call_and_is_answered_with_nothing(post, call):
    answer = post("/call-status", CallStatus="completed", SequenceNumber="3")
    assert (answer.status_code, answer.content) == (204, b"")
    call.refresh_from_db()
    assert call.status == "completed"


def test_a_status_of_a_call_nobody_knows_is_ignored(post):
    assert post("/call-status", CallStatus="completed").status_code == 204
    assert not Call.objects.exists()


def test_a_streams_own_status_is_kept(post, call):
    post("/stream-status", StreamSid="MZ1", StreamEvent="stream-started")
    post("/stream-status", StreamSid="MZ1", StreamEvent="stream-error", StreamError="31920")
    call.refresh_from_db()
    assert call.stream_sid == "MZ1"


async def _first_news(sid):
    async for item in live.news(sid):
        return item
    return None


def test_a_machine_is_noted_and_the_session_is_told(post, call):
    from asgiref.sync import async_to_sync

    assert post("/amd-status", AnsweredBy="machine_end_beep").status_code == 204
    call.refresh_from_db()
    assert call.answered_by == "machine_end_beep"
    assert async_to_sync(_first_news)("CA1") == live.News("answered_by", "machine_end_beep")


# ---- calls we made ----------------------------------------------------------------
@pytest.fixture
def attempt(db):
    return OutboundCall.objects.create(
        kind="reminder", subject_id=7, version=1, attempt=1, number=CALLER,
        context={"ref": "K7M4Q2"}, state="dialling", due_on=NOW.date(), claimed_at=NOW,
        not_before=NOW,
    )  # fmt: skip


def _answered(post, attempt, **form):
    path = f"/outbound-reminder?attempt={attempt.pk}"
    return post(path, From=SHOP, To=CALLER, Direction="outbound-api", **form)


def test_somebody_we_rang_is_joined_with_what_it_is_about(post, attempt):
    facts = _parameters(_answered(post, attempt))
    assert (facts["flow"], facts["caller"], facts["first_message"]) == ("reminder", CALLER, "")
    call = Call.objects.get()
    assert (call.direction, call.purpose) == ("outbound", "reminder")
    assert call.context == {"ref": "K7M4Q2", "outbound_id": attempt.pk}
    attempt.refresh_from_db()
    assert (attempt.call, attempt.state) == (call, "placed")


def test_the_end_of_the_call_settles_the_attempt(post, attempt):
    _answered(post, attempt)
    post(f"/call-status?attempt={attempt.pk}", CallStatus="completed", SequenceNumber="3")
    attempt.refresh_from_db()
    assert (attempt.state, attempt.result) == ("done", "no_speech")


def test_a_call_whose_sid_we_never_learned_is_settled_by_its_callback(post, attempt):
    OutboundCall.objects.update(state="unknown")
    path = f"/call-status?attempt={attempt.pk}"
    post(path, From=SHOP, To=CALLER, CallStatus="no-answer", SequenceNumber="2")
    attempt.refresh_from_db()
    assert (attempt.state, attempt.result, attempt.call.sid) == ("failed", "no-answer", "CA1")


def test_a_reminder_without_an_attempt_is_answered_all_the_same(post):
    assert "Connect" in _verbs(post("/outbound-reminder", From=SHOP, To=CALLER))


def test_there_is_one_switch(db):
    OutboundSwitch.objects.get_or_create(pk=1)
    assert str(OutboundSwitch.objects.get()) == "running"
