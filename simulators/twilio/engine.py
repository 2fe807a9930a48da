"""Runs TwiML as Twilio does, one verb after the other.

Rules: `<Connect><Stream>` holds the call until its socket closes, then the next verb
runs; a `<Dial>` with an action hands the call to that address and what follows it is
never reached; a document that ends without a verb to go on ends the call (or, on a
dialled leg, lets it through). Text that Twilio speaks takes `say_ms_per_char`.
"""

import asyncio
from enum import Enum
from typing import Protocol
from xml.etree import ElementTree

_NOTHING_TO_DO = {"Start", "Stop", "Record", "Play"}


class End(Enum):
    """How a document ended."""

    FELL_OFF = "fell off the end"
    HUNG_UP = "hung up"


class Leg(Protocol):
    """One leg of a call, as far as the engine needs it."""

    async def fetch(self, url: str, method: str, extra: dict[str, str]) -> str:
        """Ask the app for TwiML."""

    async def speak(self, text: str) -> None:
        """Say something to this leg."""

    async def pause(self, seconds: float) -> None:
        """Let time pass."""

    async def connect_stream(self, url: str, parameters: dict[str, str], status_url: str) -> None:
        """Open a media stream and live with it until it closes."""

    async def dial(self, number: str, attributes: dict[str, str]) -> dict[str, str]:
        """Ring another leg; returns what the action is told."""

    async def gather(self, seconds: float, digits: int) -> str:
        """The keys pressed within this time, "" for none."""


class TwimlError(Exception):
    """What came isn't TwiML (Twilio's 12100)."""


class Engine:
    """Runs documents on a leg until the leg ends or is let through."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg

    async def run_url(self, url: str, method: str = "POST", **extra: str) -> End:
        """Fetch and run."""
        return await self.run(await self._leg.fetch(url, method, extra))

    async def run(self, text: str) -> End:
        """Run a document, and those it leads to."""
        try:
            root = ElementTree.fromstring(text)  # noqa: S314  the app under test wrote it
        except ElementTree.ParseError as error:
            raise TwimlError("not XML") from error
        if root.tag != "Response":
            raise TwimlError("not a Response")
        for verb in root:
            end = await self._do(verb)
            if end is not None:
                return end
        return End.FELL_OFF

    async def _do(self, verb: ElementTree.Element) -> End | None:
        if verb.tag in _NOTHING_TO_DO:
            return None
        if verb.tag in {"Hangup", "Reject"}:
            return End.HUNG_UP
        if verb.tag == "Redirect":
            return await self.run_url((verb.text or "").strip(), verb.get("method", "POST"))
        if verb.tag == "Say":
            await self._leg.speak(verb.text or "")
        elif verb.tag == "Pause":
            await self._leg.pause(float(verb.get("length", "1")))
        elif verb.tag == "Gather":
            return await self._gather(verb)
        elif verb.tag == "Connect":
            return await self._connect(verb)
        elif verb.tag == "Dial":
            return await self._dial(verb)
        else:
            raise TwimlError(f"unknown verb {verb.tag}")
        return None

    async def _connect(self, verb: ElementTree.Element) -> End | None:
        stream = verb.find("Stream")
        if stream is None:
            raise TwimlError("Connect without Stream")
        parameters = {p.get("name", ""): p.get("value", "") for p in stream.iter("Parameter")}
        if any(len(name) + len(value) >= 500 for name, value in parameters.items()):
            raise TwimlError("Parameter too long")
        await self._leg.connect_stream(
            stream.get("url", ""), parameters, stream.get("statusCallback", "")
        )
        if action := verb.get("action"):
            return await self.run_url(action, verb.get("method", "POST"))
        return None

    async def _gather(self, verb: ElementTree.Element) -> End | None:
        for child in verb:
            await self._do(child)
        seconds = float(verb.get("timeout", "5"))
        digits = await self._leg.gather(seconds, int(verb.get("numDigits", "1")))
        if digits and (action := verb.get("action")):
            return await self.run_url(action, verb.get("method", "POST"), Digits=digits)
        return None

    async def _dial(self, verb: ElementTree.Element) -> End | None:
        number = verb.find("Number")
        target = (verb.text or "").strip() if number is None else (number.text or "").strip()
        attributes = {**(dict(number.attrib) if number is not None else {})}
        attributes.setdefault("timeout", verb.get("timeout", "30"))
        outcome = await self._leg.dial(target, attributes)
        if action := verb.get("action"):
            return await self.run_url(action, verb.get("method", "POST"), **outcome)
        return None


async def sleep(seconds: float, speed: float) -> None:
    """Let `seconds` of media time pass."""
    await asyncio.sleep(seconds / speed)
