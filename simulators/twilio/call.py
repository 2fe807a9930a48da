"""One simulated call: the line, Twilio's webhooks about it, and the person at its end.

    async with SimulatedCall("http://127.0.0.1:5050", to="+12025550100") as call:
        await call.dial()                       # rings /incoming-call, stream is open
        await call.wait_until_quiet()           # the greeting was heard
        await call.say_frames(mulaw)            # 8000 Hz, 20 ms frames, in real time
        await call.press("5")
        await call.hang_up()
    call.heard                                  # what the caller heard, and when

`base_url` is where the app listens; `public_url`, where it differs, is what the app
believes its address to be (BASE_URL): that is what gets signed. With `speed` 10 media
time runs ten times as fast as the wall's. A call made with a `server` can be changed
over its REST API.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from simulators.twilio import engine
from simulators.twilio.faults import CallbackFaults, Callee, StreamFaults
from simulators.twilio.leg import CallLeg
from simulators.twilio.network import Network, WebhookFailed
from simulators.twilio.stream import Heard, MediaStream

if TYPE_CHECKING:
    from simulators.twilio.rest import TwilioServer

ACCOUNT_SID = "AC" + "0" * 32
TERMINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
_QUIETLY = (WebhookFailed, aiohttp.ClientError, OSError, TimeoutError)


class SimulatedCall:
    """A call, from either side. `_ms` is media time, `_s` the wall's."""

    def __init__(
        self,
        base_url: str,
        *,
        from_: str = "+12025550147",
        to: str = "+12025550100",
        auth_token: str = "",
        public_url: str | None = None,
        sid: str | None = None,
        direction: str = "inbound",
        speed: float = 1.0,
        say_ms_per_char: float = 0.0,
        faults: StreamFaults | None = None,
        callback_faults: CallbackFaults | None = None,
        server: "TwilioServer | None" = None,
        session: aiohttp.ClientSession | None = None,
        attestation: str = "TN-Validation-Passed-A",
    ) -> None:
        self.network = Network(base_url, public_url, auth_token, session)
        self.sid = sid or "CA" + uuid.uuid4().hex
        self.account_sid = ACCOUNT_SID
        self.created_at = datetime.now(UTC)
        self.from_, self.to, self.direction = from_, to, direction
        self.attestation = attestation
        self.speed = speed
        self.say_ms_per_char = say_ms_per_char
        self.faults = faults or StreamFaults()
        self.callback_faults = callback_faults or CallbackFaults()
        self.server = server
        self.status = "queued"
        self.status_url = ""
        self.status_events: frozenset[str] = frozenset({"completed"})
        self.over = asyncio.Event()
        self.stream: MediaStream | None = None
        self.streams: list[MediaStream] = []
        self.twilio_said: list[str] = []
        self.errors: list[int] = []
        self.keys = ""
        self.answered_by = ""
        self.bridged_to = ""
        self.ended_by = ""
        self.end: engine.End | None = None
        self._status_sequence = 0
        self._streaming = asyncio.Event()
        self._script: asyncio.Task[None] | None = None
        self._callbacks: set[asyncio.Task[None]] = set()
        if server is not None:
            server.adopt(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hang_up()
        await self.close()

    async def close(self) -> None:
        """Wait for callbacks on their way, and let go of the network."""
        while self._callbacks:
            await asyncio.gather(*self._callbacks, return_exceptions=True)
        await self.network.close()

    # ---- what the person does -----------------------------------------------
    async def dial(self, path: str = "/incoming-call", timeout_s: float = 20.0) -> bool:
        """Ring the app; True once a media stream is open, False if the call ended before."""
        self.status = "ringing"
        self.status_url = self.status_url or self.network.absolute("/call-status")
        self.begin(path)
        return await self.wait_for_stream(timeout_s)

    def begin(self, url: str, method: str = "POST") -> None:
        """Run the TwiML at this address on the call, until the call is over."""
        self._script = asyncio.create_task(self._run(url, method))

    async def wait_for_stream(self, timeout_s: float = 20.0) -> bool:
        """Wait for an open media stream or the end of the call."""
        waits = [asyncio.ensure_future(e.wait()) for e in (self._streaming, self.over)]
        await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        return self._streaming.is_set()

    async def say_frames(self, audio: bytes) -> None:
        """Speak mu-law audio at 8000 Hz; returns when the last frame has left."""
        if self.stream is not None:
            await self.stream.say(audio)

    def say_soon(self, audio: bytes) -> None:
        """Speak, without waiting for it."""
        if self.stream is not None:
            self.stream.say(audio)

    async def press(self, digits: str) -> None:
        """Press keys, one after the other."""
        for digit in digits:
            if self.stream is not None:
                await self.stream.press(digit)

    async def hang_up(self) -> None:
        """The person puts the phone down."""
        await self._end("caller", "completed")

    # ---- what the person hears -----------------------------------------------
    @property
    def line(self) -> MediaStream:
        """The open media stream; there must be one."""
        if self.stream is None:
            raise RuntimeError("no media stream is open")
        return self.stream

    @property
    def heard(self) -> list[Heard]:
        """Every stretch of sound of every stream of this call."""
        return [part for stream in self.streams for part in stream.heard]

    @property
    def heard_audio(self) -> bytes:
        """All sound that was heard, mu-law, without the gaps."""
        return b"".join(bytes(part.audio) for part in self.heard)

    @property
    def heard_ms(self) -> int:
        """How much was heard so far."""
        return sum(len(part.audio) for part in self.heard) // 8

    async def wait_for_heard_ms(self, ms: int, timeout_s: float = 30.0) -> bool:
        """Wait until the person has heard this much, all streams together."""
        return await self._wait(lambda: self.heard_ms >= ms, timeout_s)

    async def wait_for_mark(self, name: str | None = None, timeout_s: float = 30.0) -> bool:
        """Wait until this mark, or any, has been reached."""
        stream = self.stream
        if stream is None:
            return False
        return await self._wait(
            lambda: any(name in (None, reached) for reached, _ in stream.marks), timeout_s
        )

    async def wait_until_quiet(
        self, quiet_ms: int = 600, timeout_s: float = 30.0, after_ms: int | None = None
    ) -> bool:
        """Wait until the agent has said something new and then nothing for `quiet_ms`.

        New is what sounds after `after_ms` of media time; by default, after now.
        """
        stream = self.stream
        if stream is None:
            return False
        since = stream.ms if after_ms is None else after_ms
        if not self.streams or (len(self.streams) == 1 and not stream.heard):
            since = 0

        def settled() -> bool:
            if stream.playing or not stream.heard or stream.heard[-1].end_ms <= since:
                return False
            return stream.ms - stream.heard[-1].end_ms >= quiet_ms

        return await self._wait(settled, timeout_s)

    async def _wait(self, fact: Callable[[], bool], timeout_s: float) -> bool:
        return await self.stream.wait_for(fact, timeout_s) if self.stream else fact()

    # ---- what Twilio does ------------------------------------------------------
    async def redirect(self, *, url: str = "", twiml: str = "", method: str = "POST") -> None:
        """New instructions over REST: the running ones are dropped, the stream is stopped."""
        await self._leave_script("redirect")
        self._script = asyncio.create_task(self._run(url, method, twiml))

    async def complete(self, status: str = "completed") -> None:
        """Ended over REST, or before anybody answered."""
        await self._end("rest", status)

    async def _end(self, by: str, status: str) -> None:
        if self.over.is_set():
            return
        self.ended_by = by
        await self._leave_script(by)
        self._finish(status)

    async def _leave_script(self, by: str) -> None:
        script = self._script
        running = script is not None and script is not asyncio.current_task()
        if script is not None and running:
            script.cancel()  # first, or a closing stream would let the next verb run
        if self.stream is not None:
            await self.stream.stop(by)
        if script is not None and running:
            with contextlib.suppress(asyncio.CancelledError):
                await script

    def _finish(self, status: str) -> None:
        if not self.over.is_set():
            self.over.set()
            self.move_to(status)

    async def _run(self, url: str, method: str, twiml: str = "") -> None:
        runner = engine.Engine(CallLeg(self))
        try:
            self.move_to("in-progress")
            self.end = await (runner.run(twiml) if twiml else runner.run_url(url, method))
        except WebhookFailed:
            self.errors.append(11200)
        except engine.TwimlError:
            self.errors.append(12100)
        except (TimeoutError, aiohttp.ClientError, OSError):
            self.errors.append(11205)
        self.ended_by = self.ended_by or "app"
        self._finish("completed")

    async def live_with(self, stream: MediaStream) -> None:
        """A media stream is open: it is the call until it closes."""
        self.stream = stream
        self.streams.append(stream)
        self._streaming.set()
        try:
            await stream.run()
        finally:
            self._streaming.clear()
            self.stream = None
            self.errors += stream.errors

    # ---- what the app is told ----------------------------------------------------
    def move_to(self, status: str) -> None:
        """Take a new status, and call back where somebody asked to be told."""
        if status == self.status:
            return
        self.status = status
        event = {"in-progress": "answered"}.get(status, status)
        if self.status_url and (event in self.status_events or status in TERMINAL):
            self._call_back(status)

    def _call_back(self, status: str) -> None:
        form = {
            **self.parameters(),
            "Timestamp": format_datetime(datetime.now(UTC)),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._status_sequence),
        }
        if self.answered_by:
            form["AnsweredBy"] = self.answered_by
        if status == "completed":
            form |= {"CallDuration": "1", "Duration": "1"}
        self._status_sequence += 1
        if not self.callback_faults.lose:
            self._soon(self._send_back(form))

    async def _send_back(self, form: dict[str, str]) -> None:
        faults = self.callback_faults
        early = faults.reorder and int(form["SequenceNumber"]) % 2 == 0
        await asyncio.sleep(faults.delay_s + (0.05 if early else 0.0))
        for _ in range(2 if faults.duplicate else 1):
            await self._post_quietly(self.status_url, form)

    async def tell_machine(self, url: str, callee: Callee) -> None:
        """Asynchronous answering-machine detection has come to its verdict."""
        await engine.sleep(callee.amd_delay_s, self.speed)
        self.answered_by = callee.answered_by
        form = {
            "CallSid": self.sid,
            "AccountSid": self.account_sid,
            "AnsweredBy": callee.answered_by,
            "MachineDetectionDuration": str(int(callee.amd_delay_s * 1000)),
        }
        self._soon(self._post_quietly(url, form))

    def report_stream(self, url: str, sids: dict[str, str], event: str, error: str = "") -> None:
        """Tell the stream's own status address."""
        form = {
            "AccountSid": self.account_sid,
            "CallSid": self.sid,
            "StreamSid": sids["streamSid"],
            "StreamEvent": event,
            "Timestamp": datetime.now(UTC).isoformat(),
        }
        if url:
            self._soon(self._post_quietly(url, form | ({"StreamError": error} if error else {})))

    async def _post_quietly(self, url: str, form: dict[str, str]) -> None:
        with contextlib.suppress(*_QUIETLY):
            await self.network.ask("POST", url, form)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._callbacks.add(task)
        task.add_done_callback(self._callbacks.discard)

    def parameters(self) -> dict[str, str]:
        """What every webhook about this call carries."""
        form = {
            "CallSid": self.sid,
            "AccountSid": self.account_sid,
            "From": self.from_,
            "To": self.to,
            "Caller": self.from_,
            "Called": self.to,
            "CallStatus": self.status,
            "ApiVersion": "2010-04-01",
            "Direction": self.direction,
        }
        if self.attestation and self.direction == "inbound":
            form["StirVerstat"] = self.attestation
        if self.answered_by:
            form["AnsweredBy"] = self.answered_by
        return form
