"""One leg of a call under the TwiML engine: where verbs meet the call and the network."""

import asyncio
import uuid
from typing import TYPE_CHECKING

import aiohttp

from simulators.twilio import engine
from simulators.twilio.stream import MediaStream

if TYPE_CHECKING:
    from simulators.twilio.call import SimulatedCall


class CallLeg:
    """The engine's view of a call."""

    def __init__(self, call: "SimulatedCall") -> None:
        self._call = call

    async def fetch(self, url: str, method: str, extra: dict[str, str]) -> str:
        """Ask the app for TwiML about this call."""
        form = {**self._call.parameters(), **extra}
        return await self._call.network.ask(method.upper(), url, form)

    async def speak(self, text: str) -> None:
        """Twilio's own voice says something to the person."""
        self._call.twilio_said.append(text)
        await engine.sleep(len(text) * self._call.say_ms_per_char / 1000, self._call.speed)

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        await engine.sleep(seconds, self._call.speed)

    async def gather(self, seconds: float, digits: int) -> str:
        """Keys the person has ready, else silence for the whole time."""
        call = self._call
        pressed, call.keys = call.keys[:digits], call.keys[digits:]
        if not pressed:
            await engine.sleep(seconds, call.speed)
        return pressed

    async def connect_stream(self, url: str, parameters: dict[str, str], status_url: str) -> None:
        """Open the media stream and live with it until it closes."""
        call, faults = self._call, self._call.faults
        await asyncio.sleep(faults.connect_delay_s)
        if faults.forge_token is not None:
            parameters = {**parameters, "token": faults.forge_token}
        sids = {
            "streamSid": "MZ" + uuid.uuid4().hex,
            "accountSid": call.account_sid,
            "callSid": call.sid,
        }
        try:
            socket = await call.network.open_stream(url, sign=not faults.without_signature)
        except (aiohttp.ClientError, OSError):
            call.errors.append(31920)
            call.report_stream(status_url, sids, "stream-error", "31920")
            return
        stream = MediaStream(
            socket, sids=sids, parameters=parameters, faults=faults, speed=call.speed
        )
        call.report_stream(status_url, sids, "stream-started")
        await call.live_with(stream)
        call.report_stream(status_url, sids, "stream-stopped")

    async def dial(self, number: str, attributes: dict[str, str]) -> dict[str, str]:
        """Ring another leg; returns what the action is told."""
        server = self._call.server
        if server is None:
            return {"DialCallStatus": "failed"}
        return await server.dial_child(self._call, number, attributes)
