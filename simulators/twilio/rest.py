"""Twilio's REST API over the simulated calls (protocols: outbound calls).

    async with TwilioServer(app_url, auth_token="secret") as twilio:
        settings.TWILIO_API_BASE_URL = twilio.url
        twilio.callees["+12025550147"] = Callee("no-answer")

Rules: Basic auth is checked; `To` must be a number; a call that isn't in progress can't
be changed (21220); unknown ones are 20404. A placed call goes queued, initiated, ringing
and then as its callee behaves, with signed callbacks. Every create is kept in `created`
and `messages`, whatever became of its answer.
"""

import asyncio
import base64
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any, Self

import aiohttp
from aiohttp import web

from simulators.twilio import engine
from simulators.twilio.call import ACCOUNT_SID, TERMINAL, SimulatedCall
from simulators.twilio.faults import CallbackFaults, Callee, RestFaults, StreamFaults
from simulators.twilio.leg import CallLeg

_E164 = re.compile(r"^\+[1-9][0-9]{7,14}$")
_EVENTS = frozenset({"completed"})
_Work = Callable[[web.Request], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Text:
    """A message that was sent."""

    sid: str
    to: str
    from_: str
    body: str


class RestError(Exception):
    """Twilio refuses."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class TwilioServer:
    """REST for one account. `url` is what TWILIO_API_BASE_URL should be."""

    def __init__(
        self,
        app_url: str,
        *,
        auth_token: str = "",
        public_url: str | None = None,
        account_sid: str = ACCOUNT_SID,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float = 1.0,
    ) -> None:
        self._app_url, self._public_url = app_url, public_url
        self._token, self._account = auth_token, account_sid
        self._host, self._port = host, port
        self.speed = speed
        self.url = ""
        self.calls: dict[str, SimulatedCall] = {}
        self.created: list[SimulatedCall] = []
        self.messages: list[Text] = []
        self.updates: list[tuple[str, dict[str, str]]] = []
        self.callees: dict[str, Callee] = {}
        self.default_callee = Callee()
        self.faults = RestFaults()
        self.callback_faults = CallbackFaults()
        self.stream_faults = StreamFaults()
        self._creates = 0
        self.replies_lost = 0
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None
        self._lives: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; port 0 takes a free one."""
        account = f"/2010-04-01/Accounts/{self._account}"
        app = web.Application()
        answer = self._answering
        app.router.add_post(f"{account}/Calls.json", answer(self._create_call))
        app.router.add_get(f"{account}/Calls.json", answer(self._list_calls))
        app.router.add_get(account + "/Calls/{sid}.json", answer(self._fetch_call))
        app.router.add_post(account + "/Calls/{sid}.json", answer(self._update_call))
        app.router.add_post(account + "/Calls/{sid}/Recordings.json", answer(self._record_call))
        app.router.add_post(f"{account}/Messages.json", answer(self._create_message))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://{self._host}:{self._port}"

    async def stop(self) -> None:
        """Hang up everything and stop listening."""
        for call in list(self.calls.values()):
            await call.complete()
        for task in list(self._lives):
            task.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)
        for call in list(self.calls.values()):
            await call.close()
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def adopt(self, call: SimulatedCall) -> None:
        """Let this call be seen and changed over REST."""
        self.calls[call.sid] = call

    def callee(self, number: str) -> Callee:
        """How this number behaves."""
        return self.callees.get(number, self.default_callee)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, force_close=True)
            )
        return self._session

    # ---- requests ----------------------------------------------------------------
    def _answering(self, work: _Work) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            try:
                self._authorise(request)
                await asyncio.sleep(self.faults.delay_s)
                return web.json_response(**await work(request))
            except RestError as error:
                body = {
                    "code": error.code,
                    "message": error.message,
                    "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
                    "status": error.status,
                }
                return web.json_response(body, status=error.status)

        return handler

    def _authorise(self, request: web.Request) -> None:
        login = f"{self._account}:{self._token}".encode()
        expected = "Basic " + base64.b64encode(login).decode()
        if request.headers.get("Authorization") != expected:
            raise RestError(401, 20003, "Authenticate")

    def _refuse_if_told(self) -> None:
        if self.faults.refuse > 0:
            self.faults.refuse -= 1
            raise RestError(self.faults.refuse_status, self.faults.refuse_code, "Refused")

    async def _lose_reply_if_told(self) -> None:
        self._creates += 1
        every = self.faults.lose_reply_every
        if every and self._creates % every == 0:
            self.replies_lost += 1
            await asyncio.sleep(self.faults.lost_reply_s)

    async def _create_call(self, request: web.Request) -> dict[str, Any]:
        form = await request.post()
        self._refuse_if_told()
        fields = {key: str(value) for key, value in form.items()}
        for name in ("To", "From"):
            if not _E164.match(fields.get(name, "")):
                code = 21211 if name == "To" else 21212
                raise RestError(400, code, f"Invalid '{name}' number")
        if not fields.get("Url") and not fields.get("Twiml"):
            raise RestError(400, 21205, "Url parameter is required")
        call = self._place(fields, [str(value) for value in form.getall("StatusCallbackEvent", [])])
        await self._lose_reply_if_told()
        return {"data": self._describe(call), "status": 201}

    def _place(self, fields: dict[str, str], events: list[str]) -> SimulatedCall:
        call = SimulatedCall(
            self._app_url,
            from_=fields["From"],
            to=fields["To"],
            auth_token=self._token,
            public_url=self._public_url,
            direction="outbound-api",
            speed=self.speed,
            faults=self.stream_faults,
            callback_faults=self.callback_faults,
            server=self,
            session=self._http(),
        )
        call.status_url = fields.get("StatusCallback", "")
        call.status_events = frozenset(events) or _EVENTS
        self.created.append(call)
        self._soon(self._live(call, fields))
        return call

    def _soon(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._lives.add(task)
        task.add_done_callback(self._lives.discard)

    # ---- the life of a placed call -------------------------------------------------
    async def _live(self, call: SimulatedCall, fields: dict[str, str]) -> None:
        callee = self.callee(call.to)
        call.keys = callee.digits
        call.move_to("initiated")
        if callee.outcome in {"busy", "failed"}:
            await self._unanswered(call, callee.outcome)
            return
        call.move_to("ringing")
        await engine.sleep(callee.ring_s, self.speed)
        if call.over.is_set():
            return
        if not callee.answers:
            await self._unanswered(call, callee.outcome)
            return
        await self._answered(call, callee, fields)

    async def _unanswered(self, call: SimulatedCall, outcome: str) -> None:
        await asyncio.sleep(0)
        await call.complete(outcome)

    async def _answered(self, call: SimulatedCall, callee: Callee, fields: dict[str, str]) -> None:
        detects = fields.get("MachineDetection", "")
        in_background = fields.get("AsyncAmd") == "true"
        if detects and not in_background:
            await engine.sleep(callee.amd_delay_s, self.speed)
            call.answered_by = callee.answered_by
        if fields.get("Url"):
            call.begin(fields["Url"], fields.get("Method", "POST"))
        else:
            await call.redirect(twiml=fields["Twiml"])
        if detects and in_background and fields.get("AsyncAmdStatusCallback"):
            self._soon(call.tell_machine(fields["AsyncAmdStatusCallback"], callee))
        if callee.script is not None:
            await callee.script(call)

    async def dial_child(
        self, parent: SimulatedCall, number: str, attributes: dict[str, str]
    ) -> dict[str, str]:
        """`<Dial>`: ring, screen with the number's own TwiML, join; what the action hears."""
        callee = self.callee(number)
        child = SimulatedCall(
            self._app_url,
            from_=parent.to,
            to=number,
            auth_token=self._token,
            public_url=self._public_url,
            direction="outbound-dial",
            speed=self.speed,
            server=self,
            session=self._http(),
        )
        child.keys = callee.digits
        rings_s = min(callee.ring_s, float(attributes["timeout"]))
        await engine.sleep(rings_s, self.speed)
        if not callee.answers or callee.ring_s > rings_s:
            outcome = callee.outcome if callee.outcome in {"busy", "failed"} else "no-answer"
            await child.complete(outcome)
            return {"DialCallStatus": outcome, "DialCallSid": child.sid}
        await self._talk(parent, child, callee, attributes)
        return {"DialCallStatus": "completed", "DialCallSid": child.sid, "DialCallDuration": "1"}

    async def _talk(
        self,
        parent: SimulatedCall,
        child: SimulatedCall,
        callee: Callee,
        attributes: dict[str, str],
    ) -> None:
        child.move_to("in-progress")
        end: engine.End = engine.End.FELL_OFF
        if url := attributes.get("url"):
            runner = engine.Engine(CallLeg(child))
            end = await runner.run_url(
                url, attributes.get("method", "POST"), ParentCallSid=parent.sid
            )
        if end is engine.End.FELL_OFF:
            parent.bridged_to = child.to
            await engine.sleep(callee.talk_s, self.speed)
        await child.complete()

    # ---- the other resources ---------------------------------------------------------
    def _known(self, request: web.Request) -> SimulatedCall:
        call = self.calls.get(request.match_info["sid"])
        if call is None:
            raise RestError(404, 20404, "The requested resource was not found")
        return call

    async def _fetch_call(self, request: web.Request) -> dict[str, Any]:
        return {"data": self._describe(self._known(request))}

    async def _list_calls(self, request: web.Request) -> dict[str, Any]:
        to = request.query.get("To")
        found = [call for call in self.calls.values() if to in (None, call.to)]
        page = {
            "calls": [self._describe(call) for call in found],
            "page": 0,
            "page_size": 50,
            "next_page_uri": None,
            "previous_page_uri": None,
            "first_page_uri": request.path,
            "start": 0,
            "end": max(0, len(found) - 1),
            "uri": request.path,
        }
        return {"data": page}

    async def _update_call(self, request: web.Request) -> dict[str, Any]:
        call = self._known(request)
        fields = {key: str(value) for key, value in (await request.post()).items()}
        self._refuse_if_told()
        if call.status in TERMINAL:
            raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
        self.updates.append((call.sid, fields))
        if fields.get("Status") in {"completed", "canceled"}:
            await call.complete("completed" if call.status == "in-progress" else "canceled")
        elif "Twiml" in fields:
            await call.redirect(twiml=fields["Twiml"])
        elif "Url" in fields:
            await call.redirect(url=fields["Url"], method=fields.get("Method", "POST"))
        return {"data": self._describe(call)}

    async def _record_call(self, request: web.Request) -> dict[str, Any]:
        call = self._known(request)
        body = {"sid": "RE" + uuid.uuid4().hex, "call_sid": call.sid, "status": "in-progress"}
        return {"data": body, "status": 201}

    async def _create_message(self, request: web.Request) -> dict[str, Any]:
        fields = {key: str(value) for key, value in (await request.post()).items()}
        self._refuse_if_told()
        if not _E164.match(fields.get("To", "")):
            raise RestError(400, 21211, "Invalid 'To' number")
        text = Text("SM" + uuid.uuid4().hex, fields["To"], fields["From"], fields["Body"])
        self.messages.append(text)
        await self._lose_reply_if_told()
        body = {
            "sid": text.sid,
            "account_sid": self._account,
            "to": text.to,
            "from": text.from_,
            "body": text.body,
            "status": "queued",
        }
        return {"data": body, "status": 201}

    def _describe(self, call: SimulatedCall) -> dict[str, Any]:
        return {
            "sid": call.sid,
            "account_sid": self._account,
            "to": call.to,
            "from": call.from_,
            "status": call.status,
            "direction": call.direction,
            "api_version": "2010-04-01",
            "answered_by": call.answered_by or None,
            "start_time": None,
            "end_time": None,
            "duration": None,
            "price": None,
            "price_unit": "USD",
            "parent_call_sid": None,
            "queue_time": "0",
            "date_created": format_datetime(call.created_at),
            "date_updated": format_datetime(call.created_at),
            "uri": f"/2010-04-01/Accounts/{self._account}/Calls/{call.sid}.json",
            "subresource_uris": {},
        }
