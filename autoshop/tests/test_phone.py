"""The browser phone's page and what it asks the server for."""

import json
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from pytest_django.fixtures import Settings

from calls import live, log, ringing, stream_token
from calls.models import Call, CallbackTask
from crm import records
from crm.models import Customer
from voice import phone_pass

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ANA = "+12025550147"


@pytest.fixture
def ana() -> Customer:
    customer = records.create_customer(
        first_name="Ana",
        last_name="Silva",
        phone=ANA,
        dob=date(1985, 3, 12),
        origin="staff",
        now=NOW,
    )
    records.add_vehicle(
        customer_id=customer.pk,
        year=2019,
        make="Honda",
        model="Civic",
        vin="2HGFC2F56KH512345",
        now=NOW,
    )
    return customer


@pytest.fixture
def production(settings: Settings) -> Settings:
    settings.DEVELOPMENT = False
    return settings


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_user("dee", password="x", is_staff=True))
    return client


def _start(client: Client, number: str = ANA) -> dict[str, object]:
    answer = client.post("/phone/start", {"number": number})
    assert answer.status_code == 200
    facts: dict[str, object] = json.loads(answer.content)
    return facts


def test_a_call_that_rings_in_the_browser_is_told_like_any_other(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Call] = []
    monkeypatch.setattr(ringing, "_listener", told.append)
    facts = _start(client)
    assert [call.sid for call in told] == [facts["callSid"]]


def test_the_page_brings_the_pass_that_its_socket_shows(client: Client) -> None:
    answer = client.get("/phone/")
    assert answer.status_code == 200
    crumb = answer.cookies[phone_pass.COOKIE]
    assert crumb["httponly"]
    header = f"{phone_pass.COOKIE}={crumb.value}".encode()
    assert phone_pass.holds({"headers": [(b"cookie", header)]})


def test_outside_development_a_stranger_gets_the_login_and_no_pass(
    client: Client, production: Settings
) -> None:
    answer = client.get("/phone/")
    assert answer.status_code == 302
    assert "/admin/login/" in answer["Location"]
    assert phone_pass.COOKIE not in answer.cookies


@pytest.mark.parametrize("path", ["people", "events?call=CA" + "0" * 32])
def test_outside_development_a_stranger_reads_nothing(
    client: Client, production: Settings, path: str
) -> None:
    assert client.get(f"/phone/{path}").status_code == 403


@pytest.mark.parametrize("path", ["start", "after", "end", "say"])
def test_outside_development_a_stranger_starts_nothing(
    client: Client, production: Settings, path: str
) -> None:
    assert client.post(f"/phone/{path}", {"number": ANA, "words": "hello"}).status_code == 403
    assert Call.objects.count() == 0


def test_a_customer_of_the_website_is_no_staff(client: Client, production: Settings) -> None:
    client.force_login(User.objects.create_user("cy", password="x"))
    assert client.post("/phone/start", {"number": ANA}).status_code == 403


def test_staff_may_use_it_everywhere_and_see_no_birthday(
    staff: Client, production: Settings, ana: Customer
) -> None:
    assert staff.get("/phone/").status_code == 200
    card = staff.get("/phone/people?q=silva").json()["people"][0]
    assert card == {"name": "Ana Silva", "number": ANA, "vehicles": ["2019 Honda Civic"]}


@pytest.mark.parametrize("asked", ["ana", "SILVA", "ana silva", "2025550147", "0147"])
def test_people_are_found_by_name_and_number(client: Client, ana: Customer, asked: str) -> None:
    people = client.get("/phone/people", {"q": asked}).json()["people"]
    assert [each["name"] for each in people] == ["Ana Silva"]
    assert people[0]["born"] == "1985-03-12"
    assert people[0]["vins"] == ["512345"]


def test_nobody_is_nobody(client: Client, ana: Customer) -> None:
    assert client.get("/phone/people", {"q": "zz top"}).json() == {"people": []}


def test_ringing_logs_a_call_and_gives_a_ticket_that_works_once(client: Client) -> None:
    facts = _start(client)
    call = Call.objects.get(sid=facts["callSid"])
    assert (call.from_number, call.direction, call.status) == (ANA, "inbound", "in-progress")
    parameters = facts["parameters"]
    assert isinstance(parameters, dict)
    now = datetime.now(UTC)
    assert stream_token.redeem(parameters["token"], call.sid, now) == "browser"


def test_a_withheld_number_is_anonymous(client: Client) -> None:
    facts = _start(client, "")
    assert Call.objects.get(sid=facts["callSid"]).from_number == "anonymous"


@pytest.mark.parametrize("number", ["12", "+1", "hello", "+1202555014700000"])
def test_what_is_no_number_is_refused(client: Client, number: str) -> None:
    answer = client.post("/phone/start", {"number": number})
    assert (answer.status_code, answer.json()) == (400, {"error": "not_a_number"})


def test_forms_of_another_site_are_refused() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/phone/start", {"number": ANA}).status_code == 403


def test_after_the_stream_the_phone_learns_what_comes_next(client: Client) -> None:
    sid = str(_start(client)["callSid"])
    again = client.post("/phone/after", {"call": sid}).json()
    assert again["then"] == "connect"
    assert again["stream"]["parameters"]["resumed"] == "yes"
    call = Call.objects.get(sid=sid)
    log.finish_call(call_id=call.pk, end_reason="finished", outcome="booked", now=NOW)
    assert client.post("/phone/after", {"call": sid}).json()["then"] == "hang_up"


@pytest.mark.parametrize("lost_as", ["socket_closed", "stream_stopped", "broke"])
def test_a_line_that_was_lost_is_taken_up_and_not_hung_up(client: Client, lost_as: str) -> None:
    sid = str(_start(client)["callSid"])
    call = Call.objects.get(sid=sid)
    log.finish_call(call_id=call.pk, end_reason=lost_as, outcome="abandoned", now=NOW)
    again = client.post("/phone/after", {"call": sid}).json()
    assert (again["then"], again["why"]) == ("connect", "line_lost")
    call.refresh_from_db()
    assert (call.end_reason, call.ended_at, call.reconnects) == ("", None, 1)


def test_a_line_that_is_lost_again_and_again_ends_with_a_promise(client: Client) -> None:
    sid = str(_start(client)["callSid"])
    for _ in range(log.RECONNECTS):
        assert client.post("/phone/after", {"call": sid}).json()["then"] == "connect"
    last = client.post("/phone/after", {"call": sid}).json()
    assert last == {"then": "hang_up", "why": "no_advisor"}
    assert CallbackTask.objects.get().number == ANA


@pytest.mark.parametrize("result", ["requested", "no_advisor"])
def test_whom_no_advisor_can_be_rung_for_the_agent_takes_back_with_a_promise(
    client: Client, result: str
) -> None:
    sid = str(_start(client)["callSid"])
    call = Call.objects.get(sid=sid)
    log.update_call(call_id=call.pk, transfer_result=result, transfer_reason="asked")
    log.finish_call(call_id=call.pk, end_reason="handed_over", outcome="handed_over", now=NOW)
    back = client.post("/phone/after", {"call": sid}).json()
    assert (back["then"], back["why"]) == ("connect", "no_advisor")
    assert back["stream"]["parameters"]["flow"] == "handover_failed"
    assert CallbackTask.objects.get().reason == "hand_over"
    call.refresh_from_db()
    assert call.transfer_result == "no_answer"


def test_a_call_that_breaks_again_and_again_is_not_taken_back_for_ever(client: Client) -> None:
    sid = str(_start(client)["callSid"])
    for _ in range(log.RECONNECTS):
        Call.objects.update(transfer_result="no_advisor", end_reason="broke")
        assert client.post("/phone/after", {"call": sid}).json()["then"] == "connect"
    Call.objects.update(transfer_result="no_advisor", end_reason="broke")
    last = client.post("/phone/after", {"call": sid}).json()
    assert last == {"then": "hang_up", "why": "no_advisor"}


def test_an_advisor_who_took_the_call_is_not_asked_twice(client: Client) -> None:
    sid = str(_start(client)["callSid"])
    call = Call.objects.get(sid=sid)
    log.update_call(call_id=call.pk, transfer_result="returned")
    log.finish_call(call_id=call.pk, end_reason="agent_hung_up", outcome="callback", now=NOW)
    assert client.post("/phone/after", {"call": sid}).json()["then"] == "hang_up"


def test_hanging_up_ends_the_call(client: Client) -> None:
    sid = str(_start(client)["callSid"])
    assert client.post("/phone/end", {"call": sid}).status_code == 204
    assert Call.objects.get(sid=sid).status == "completed"


@pytest.mark.parametrize("sid", ["", "CA123", "CA" + "f" * 32, "'; drop table"])
def test_a_call_that_is_none_is_a_404(client: Client, sid: str) -> None:
    assert client.get("/phone/events", {"call": sid}).status_code == 404
    assert client.post("/phone/end", {"call": sid}).status_code == 404
    assert client.post("/phone/after", {"call": sid}).status_code == 404


def test_what_is_said_and_done_can_be_watched(client: Client) -> None:
    sid = str(_start(client)["callSid"])
    call = Call.objects.get(sid=sid)
    log.record_utterance(
        call_id=call.pk,
        n=1,
        role="agent",
        text="How can I help?",
        heard_text="How can",
        interrupted=True,
        t0_ms=10,
        t1_ms=900,
        stages={"first_audio_ms": 80},
    )
    log.record_tool(
        call_id=call.pk,
        name="lookup_customer",
        arguments={},
        ok=True,
        error="",
        level_required="L0",
        level_held="L1",
        ms=3,
        now=NOW,
    )
    live.show_clauses(sid, [(7, "Is this for the Camry?")])
    news = client.get("/phone/events", {"call": sid}).json()
    assert news["saying"] == [[7, "Is this for the Camry?"]]
    assert news["turns"][0]["heard_text"] == "How can"
    assert news["tools"][0]["name"] == "lookup_customer"
    assert news["live"] == {}


async def test_typed_words_come_back_as_telephone_audio() -> None:
    answer = await AsyncClient().post("/phone/say", {"words": "An oil change, please."})
    assert answer.status_code == 200
    seconds = len(answer.content) / 8000
    assert 0.5 < seconds < 6


async def test_no_words_are_refused() -> None:
    answer = await AsyncClient().post("/phone/say", {"words": "   "})
    assert answer.status_code == 400
