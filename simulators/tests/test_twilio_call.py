"""The simulated Twilio against a small app: what it sends, hears, signs and forgives."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from simulators.twilio import (
    ACCOUNT_SID,
    CallbackFaults,
    Callee,
    SimulatedCall,
    StreamFaults,
    TwilioServer,
    signature,
)

TOKEN = "secret"
SPEED = 20.0
_LOGIN = {"Authorization": "Basic " + base64.b64encode(f"{ACCOUNT_SID}:{TOKEN}".encode()).decode()}


class App:
    """An app that answers with TwiML and keeps what it was sent."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.frames: list[dict[str, Any]] = []
        self.socket: web.WebSocketResponse | None = None
        self.opened = asyncio.Event()
        self.handshake: dict[str, str] = {}
        self.answers: dict[str, str] = {}

    def connect(self, after: str = "") -> str:
        ws = "ws" + self.url.removeprefix("http")
        return (
            f'<Response><Connect><Stream url="{ws}/media-stream/">'
            f'<Parameter name="token" value="t1"/></Stream></Connect>{after}</Response>'
        )

    async def webhook(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.asked.append((request.path, form, request.headers.get("X-Twilio-Signature", "")))
        text = self.answers.get(request.path)
        if text is None:
            return web.Response(status=204)
        return web.Response(text=text or self.connect(), content_type="text/xml")

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        self.handshake = dict(request.headers)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.socket = socket
        self.opened.set()
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self.frames.append(json.loads(message.data))
        return socket

    async def send(self, **message: Any) -> None:
        assert self.socket is not None
        sid = next(f["streamSid"] for f in self.frames if f["event"] == "start")
        await self.socket.send_str(json.dumps({**message, "streamSid": sid}))

    async def play(self, audio: bytes) -> None:
        await self.send(event="media", media={"payload": base64.b64encode(audio).decode()})

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["event"] == kind]

    def told(self, path: str) -> list[dict[str, str]]:
        return [form for asked, form, _ in self.asked if asked == path]


@pytest.fixture
async def app() -> AsyncIterator[App]:
    app = App()
    server = web.Application()
    server.router.add_post("/{path:(?!media).*}", app.webhook)
    server.router.add_get("/media-stream/", app.stream)
    runner = web.AppRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    app.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    app.answers["/incoming-call"] = ""
    yield app
    await runner.cleanup()


@contextlib.asynccontextmanager
async def ringing(app: App, **options: Any) -> AsyncIterator[SimulatedCall]:
    call = SimulatedCall(app.url, auth_token=TOKEN, speed=SPEED, **options)
    async with call:
        assert await call.dial()
        await app.opened.wait()
        await call.line.wait_for(lambda: len(app.frames) > 3, 10)
        yield call


async def test_the_first_webhook_is_a_signed_form(app):
    async with ringing(app) as call:
        path, form, signed = app.asked[0]
    assert (path, form["CallSid"], form["CallStatus"]) == (
        "/incoming-call",
        call.sid,
        "in-progress",
    )
    assert signed == signature(TOKEN, app.url + path, form)


async def test_the_handshake_is_signed_over_the_address_in_the_twiml(app):
    async with ringing(app):
        pass
    expected = signature(TOKEN, app.url.replace("http", "ws") + "/media-stream/")
    assert app.handshake["X-Twilio-Signature"] == expected


async def test_the_stream_begins_as_twilios_does_and_counts_in_strings(app):
    async with ringing(app):
        pass
    connected, start, *frames = app.frames
    assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert start["sequenceNumber"] == "1"
    assert start["start"]["customParameters"] == {"token": "t1"}
    assert frames[0]["media"]["chunk"] == "1"
    assert frames[1]["media"]["timestamp"] == "40"
    numbers = [int(frame["sequenceNumber"]) for frame in app.frames[1:]]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_the_callers_words_arrive_whole_in_frames_of_160_bytes(app):
    words = bytes(range(256)) * 5
    async with ringing(app) as call:
        sent = len(app.frames)
        await call.say_frames(words)
        await call.line.wait_for(lambda: len(app.frames) > sent + 10, 10)
        frames = [base64.b64decode(frame["media"]["payload"]) for frame in app.events("media")]
    assert {len(frame) for frame in frames} == {160}
    assert words in b"".join(frames)


async def test_the_caller_hears_what_was_played_and_the_mark_comes_after_it(app):
    async with ringing(app) as call:
        await app.play(b"a" * 1600)
        await app.send(event="mark", mark={"name": "r1:c1"})
        assert await call.wait_for_mark("r1:c1")
        assert call.heard_audio == b"a" * 1600
        assert call.heard[0].end_ms - call.heard[0].at_ms == 200


async def test_a_clear_stops_the_sound_and_brings_the_marks_back(app):
    async with ringing(app) as call:
        await app.play(b"a" * 80000)
        await app.send(event="mark", mark={"name": "r1:c1"})
        assert await call.wait_for_heard_ms(100)
        await app.send(event="clear")
        assert await call.wait_for_mark("r1:c1")
        heard_ms = call.heard_ms
        mark = call.line.ms
        await call.line.wait_for(lambda: call.line.ms >= mark + 400, 10)
        assert call.heard_ms == heard_ms < 5000


@pytest.mark.parametrize(
    "bad",
    ["not json", '{"event":"media"}', '{"event":"dance","streamSid":"x"}', '["event"]', "7"],
)
async def test_a_malformed_message_is_a_protocol_error_and_ends_the_stream(app, bad):
    async with ringing(app) as call:
        stream = call.line
        await app.socket.send_str(bad)
        await asyncio.wait_for(call.over.wait(), 10)
    assert 31924 in call.errors
    assert stream.closed_by == "twilio"


async def test_a_key_press_is_a_dtmf_message(app):
    async with ringing(app) as call:
        await call.press("5")
        await call.line.wait_for(lambda: bool(app.events("dtmf")), 10)
    assert app.events("dtmf")[0]["dtmf"] == {"track": "inbound_track", "digit": "5"}


async def test_a_hang_up_sends_stop_and_reports_the_end(app):
    async with ringing(app) as call:
        await call.hang_up()
        await call.close()
    assert app.frames[-1]["event"] == "stop"
    assert app.told("/call-status")[-1]["CallStatus"] == "completed"


async def test_when_the_app_closes_the_socket_the_next_verb_runs(app):
    app.answers["/incoming-call"] = app.connect(
        after='<Say>Sorry.</Say><Redirect method="POST">/call-next</Redirect>'
    )
    app.answers["/call-next"] = "<Response><Hangup/></Response>"
    async with ringing(app) as call:
        await app.socket.close()
        await asyncio.wait_for(call.over.wait(), 10)
    assert call.twilio_said == ["Sorry."]
    assert app.told("/call-next")


async def test_a_dropped_line_leads_to_the_next_verb_too(app):
    app.answers["/incoming-call"] = app.connect(after="<Say>Still here.</Say>")
    async with ringing(app, faults=StreamFaults(drop_after_ms=200)) as call:
        await asyncio.wait_for(call.over.wait(), 10)
    assert call.twilio_said == ["Still here."]


@contextlib.asynccontextmanager
async def rest(app: App, **options: Any) -> AsyncIterator[tuple[TwilioServer, Any]]:
    async with (
        TwilioServer(app.url, auth_token=TOKEN, speed=SPEED, **options) as twilio,
        aiohttp.ClientSession(headers=_LOGIN) as session,
    ):

        async def ask(path: str, **form: str) -> tuple[int, dict[str, Any]]:
            url = f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT_SID}/{path}"
            async with session.post(url, data=form) as answer:
                return answer.status, await answer.json()

        yield twilio, ask


def _call(app: App, to: str = "+12025550147", **more: str) -> dict[str, str]:
    return {
        "To": to,
        "From": "+12025550100",
        "Url": f"{app.url}/answer",
        "StatusCallback": f"{app.url}/status",
        **more,
    }


@pytest.mark.parametrize("outcome", ["busy", "no-answer", "failed"])
async def test_a_call_that_nobody_takes_ends_in_its_own_status(app, outcome):
    async with rest(app) as (twilio, ask):
        twilio.callees["+12025550147"] = Callee(outcome)
        status, made = await ask("Calls.json", **_call(app))
        call = twilio.calls[made["sid"]]
        await asyncio.wait_for(call.over.wait(), 10)
        await call.close()
    assert status == 201
    assert app.told("/status")[-1]["CallStatus"] == outcome
    assert not app.told("/answer")


async def test_background_detection_tells_its_own_address_after_the_answer(app):
    app.answers["/answer"] = "<Response><Pause length='20'/></Response>"
    machine = {
        "MachineDetection": "DetectMessageEnd",
        "AsyncAmd": "true",
        "AsyncAmdStatusCallback": f"{app.url}/amd",
    }
    async with rest(app) as (twilio, ask):
        twilio.callees["+12025550147"] = Callee("machine")
        _, made = await ask("Calls.json", **_call(app, **machine))
        call = twilio.calls[made["sid"]]
        await asyncio.wait_for(call.over.wait(), 10)
        await call.close()
    assert app.told("/amd")[0]["AnsweredBy"] == "machine_end_beep"
    assert "AnsweredBy" not in app.told("/answer")[0]


async def test_callbacks_can_come_twice_and_out_of_order(app):
    app.answers["/answer"] = "<Response><Hangup/></Response>"
    async with rest(app) as (twilio, ask):
        twilio.callback_faults = CallbackFaults(duplicate=True, reorder=True)
        form = _call(app, StatusCallbackEvent="ringing")
        _, made = await ask("Calls.json", **form)
        call = twilio.calls[made["sid"]]
        await asyncio.wait_for(call.over.wait(), 10)
        await call.close()
    numbers = [form["SequenceNumber"] for form in app.told("/status")]
    assert len(numbers) == 2 * len(set(numbers))
    assert numbers != sorted(numbers)


@pytest.mark.parametrize(
    ("form", "code"), [({"To": "call me"}, 21211), ({"From": ""}, 21212), ({"Url": ""}, 21205)]
)
async def test_twilio_refuses_what_it_cannot_dial(app, form, code):
    async with rest(app) as (_, ask):
        status, body = await ask("Calls.json", **{**_call(app), **form})
    assert (status, body["code"]) == (400, code)


async def test_a_wrong_login_is_refused(app):
    async with rest(app) as (twilio, _), aiohttp.ClientSession() as session:
        url = f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json"
        async with session.post(url, data=_call(app)) as answer:
            assert answer.status == 401
    assert not twilio.created


async def test_new_instructions_over_rest_stop_the_stream_and_ring_the_advisor(app):
    app.answers["/whisper"] = (
        '<Response><Gather numDigits="1" action="/whisper-done" timeout="5">'
        "<Say>A call.</Say></Gather><Hangup/></Response>"
    )
    app.answers["/whisper-done"] = "<Response/>"
    app.answers["/dial-done"] = "<Response><Hangup/></Response>"
    async with rest(app) as (twilio, ask), ringing(app, server=twilio) as call:
        twilio.callees["+12025550199"] = Callee("human", digits="1")
        dial = (
            f'<Response><Dial action="/dial-done"><Number url="{app.url}/whisper">'
            "+12025550199</Number></Dial></Response>"
        )
        status, _ = await ask(f"Calls/{call.sid}.json", Twiml=dial)
        await asyncio.wait_for(call.over.wait(), 10)
        late, body = await ask(f"Calls/{call.sid}.json", Status="completed")
    assert status == 200
    assert call.bridged_to == "+12025550199"
    assert app.told("/dial-done")[0]["DialCallStatus"] == "completed"
    assert (late, body["code"]) == (400, 21220)
