"""Deepgram's /v1/listen as a caller's ear.

Rules: an utterance is the join of all its finals, so a final never ends it: an
endpoint does (`speech_final`, which may come with an empty text, or `UtteranceEnd`),
and only where words were heard since the last one. A broken line is reported, opened
again and told everything that no final covered. Audio is sent by one task, messages
are read by another; `send` only appends to a tape.
Source: developers.deepgram.com, "Endpointing and interim results", "Utterance end",
"Audio keep alive", "Finalize".
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from voice.core import events
from voice.core.history import Expectation
from voice.providers.base import HearingEvent, ProviderError
from voice.providers.deepgram.link import Link, as_provider_error, client_for, network_errors, warm
from voice.providers.deepgram.tape import Tape

if TYPE_CHECKING:
    from deepgram.listen.v1.socket_client import AsyncV1SocketClient

log = logging.getLogger(__name__)

PROVIDER = "deepgram_listen"
KEEP_ALIVE_S = 4.0
SEND_S = 3.0
"""A frame that cannot be handed over for so long means that the line is dead."""
LARGEST_SEND = 8000
RETRY_S = (0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 3.0)
"""Pauses before each try to get the ear back; after the last one it is lost for good."""


class DeepgramSpeechToText:
    """One caller's ear."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        model: str = "nova-2-phonecall",
        keywords: tuple[str, ...] = (),
        endpointing_ms: int = 300,
        utterance_end_ms: int = 1000,
        retry_s: tuple[float, ...] = RETRY_S,
    ) -> None:
        self._api_key, self._base_url, self._model = api_key, base_url, model
        self._keywords, self._retry_s = keywords, retry_s
        self._endpointing_ms, self._utterance_end_ms = endpointing_ms, utterance_end_ms
        self._tape = Tape()
        self._wake = asyncio.Event()
        self._finalize_owed = False
        self._words_owed_an_end = False
        self._out: asyncio.Queue[HearingEvent | BaseException | None] = asyncio.Queue()
        self._link: Link[AsyncV1SocketClient] | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Open the connection. Raises ProviderError."""
        await asyncio.to_thread(warm, self._api_key, self._base_url)
        self._link = await self._open()
        self._keeper = asyncio.create_task(self._keep(self._link))
        self._keeper.add_done_callback(self._report_bug)

    def _report_bug(self, keeper: asyncio.Task[None]) -> None:
        """Whoever reads the events learns of it: a deaf call must not look like a silent caller."""
        if not keeper.cancelled() and (bug := keeper.exception()):
            self._out.put_nowait(bug)

    def send(self, audio: bytes) -> None:
        """Take a frame; the oldest are dropped when the line has been down for long."""
        self._tape.record(audio)
        self._wake.set()

    def expect(self, expects: Expectation) -> None:
        """Nothing to do: this API cannot change its endpointing in a call; the core's holds can."""

    def finalize(self) -> None:
        """Ask for the final words now."""
        self._finalize_owed = True
        self._wake.set()

    async def events(self) -> AsyncIterator[HearingEvent]:
        """What was heard, until closed or lost for good."""
        while (event := await self._out.get()) is not None:
            if isinstance(event, BaseException):
                raise event
            yield event

    async def close(self) -> None:
        """Close for good. Never raises."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._link:
            await self._link.close()
        self._out.put_nowait(None)

    # ---- the line ---------------------------------------------------------------
    async def _open(self) -> "Link[AsyncV1SocketClient]":
        client = client_for(self._api_key, self._base_url)
        boosted = "keyterm" if self._model.startswith("nova-3") else "keywords"
        words: dict[str, Any] = {boosted: list(self._keywords)} if self._keywords else {}
        return await Link.open(
            PROVIDER,
            client.listen.v1.connect(
                model=self._model,
                encoding="mulaw",
                sample_rate=8000,
                channels=1,
                interim_results=True,
                endpointing=self._endpointing_ms,
                utterance_end_ms=self._utterance_end_ms,
                vad_events=True,
                smart_format=True,
                # Without it a final that may be part of a number is held back for up to 3 s.
                request_options={"additional_query_parameters": {"no_delay": "true"}},
                **words,
            ),
        )

    async def _keep(self, link: "Link[AsyncV1SocketClient]") -> None:
        """Serve one connection after another until the ear is closed or lost for good."""
        while True:
            await self._serve(link)
            await link.close()
            self._out.put_nowait(events.HearingLost())
            if (again := await self._reopen()) is None:
                self._out.put_nowait(events.HearingLost(for_good=True))
                self._out.put_nowait(None)
                return
            self._link = link = again
            self._tape.rewind()
            self._wake.set()
            self._out.put_nowait(events.HearingRestored())

    async def _reopen(self) -> "Link[AsyncV1SocketClient] | None":
        for pause in self._retry_s:
            await asyncio.sleep(pause)
            try:
                return await self._open()
            except ProviderError as error:
                log.warning("ear_not_back", extra={"reason": error.reason})
                if not error.retryable:
                    return None
        return None

    async def _serve(self, link: "Link[AsyncV1SocketClient]") -> None:
        """Send and receive until either fails. Raises nothing but cancellation."""
        tasks = [
            asyncio.create_task(self._send_all(link)),
            asyncio.create_task(self._read_all(link)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _send_all(self, link: "Link[AsyncV1SocketClient]") -> None:
        try:
            while True:
                await self._send_next(link)
        except network_errors() as error:
            log.warning("ear_lost", extra={"reason": as_provider_error(PROVIDER, error).reason})

    async def _send_next(self, link: "Link[AsyncV1SocketClient]") -> None:
        if not self._tape.has_unsent and not self._finalize_owed:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KEEP_ALIVE_S):
                    await self._wake.wait()
        async with asyncio.timeout(SEND_S):
            if chunk := self._tape.next_chunk(LARGEST_SEND):
                await link.socket.send_media(chunk)
            elif self._finalize_owed:
                self._finalize_owed = False
                await link.socket.send_finalize()
            else:
                await link.socket.send_keep_alive()

    # ---- what it says -------------------------------------------------------------
    async def _read_all(self, link: "Link[AsyncV1SocketClient]") -> None:
        async for message in link.messages():
            self._take(message)

    def _take(self, message: Any) -> None:
        match getattr(message, "type", None):
            case "Results":
                self._take_results(message)
            case "SpeechStarted":
                self._tape.speaking = True
                self._out.put_nowait(events.SpeechStarted())
            case "UtteranceEnd":
                self._end_utterance("utterance_end")
            case "Error":
                log.warning("ear_error", extra={"reason": str(getattr(message, "variant", ""))})
            case _:
                pass  # Metadata, and whatever is added to the protocol one day

    def _take_results(self, results: Any) -> None:
        text, confidence = _best(results)
        final = bool(getattr(results, "is_final", False))
        if text:
            self._tape.speaking = self._words_owed_an_end = True
            self._out.put_nowait(events.TranscriptHeard(text, final, confidence))
        if final:
            start = getattr(results, "start", None) or 0.0
            self._tape.cover(start + (getattr(results, "duration", None) or 0.0))
        if getattr(results, "speech_final", False):
            self._end_utterance("speech_final")

    def _end_utterance(self, cause: str) -> None:
        self._tape.speaking = False
        if self._words_owed_an_end:
            self._words_owed_an_end = False
            self._out.put_nowait(events.UtteranceEnded(cause))


def _best(results: Any) -> tuple[str, float]:
    """Text and confidence of the first alternative; a message may lack any of it."""
    alternatives = getattr(getattr(results, "channel", None), "alternatives", None) or ()
    if not alternatives:
        return "", 0.0
    confidence = getattr(alternatives[0], "confidence", None)
    text = getattr(alternatives[0], "transcript", None) or ""
    return text.strip(), 1.0 if confidence is None else float(confidence)
