"""Deepgram's /v1/listen as a caller's ear.

Rules: an utterance is the join of all its finals, so a final never ends it: an
endpoint does (`speech_final`, which may come with an empty text, or `UtteranceEnd`),
and only where words were heard since the last one. Words that were only interim and
turn out to be nothing are taken back by an empty final.
Source: developers.deepgram.com, "Endpointing and interim results", "Utterance end",
"Audio keep alive", "Finalize".
"""

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from voice.core import events
from voice.core.history import Expectation
from voice.providers.deepgram.ear import RETRY_S, KeptEar
from voice.providers.deepgram.link import (
    Fields,
    Link,
    client_for,
    number,
    part,
    parts,
    words,
)

if TYPE_CHECKING:
    from deepgram.listen.v1.socket_client import AsyncV1SocketClient

log = logging.getLogger(__name__)

PROVIDER = "deepgram_listen"
KEEP_ALIVE_S = 4.0


class DeepgramSpeechToText(KeptEar["AsyncV1SocketClient"]):
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
        super().__init__(api_key=api_key, base_url=base_url, retry_s=retry_s)
        self.idle_s = KEEP_ALIVE_S
        self._model, self._keywords = model, keywords
        self._endpointing_ms, self._utterance_end_ms = endpointing_ms, utterance_end_ms
        self._finalize_owed = self._interim_pending = self._words_owed_an_end = False
        self._overdue: asyncio.TimerHandle | None = None

    def expect(self, expects: Expectation) -> None:
        """Nothing to do: this API cannot change its endpointing in a call; the core's holds can."""

    def finalize(self) -> None:
        """Ask for the final words now."""
        self._finalize_owed = True
        self._wake.set()

    async def _open(self) -> "Link[AsyncV1SocketClient]":
        client = client_for(self._api_key, self._base_url)
        boosted = "keyterm" if self._model.startswith("nova-3") else "keywords"
        names: dict[str, Any] = {boosted: list(self._keywords)} if self._keywords else {}
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
                **names,
            ),
        )

    async def _send_media(self, socket: "AsyncV1SocketClient", chunk: bytes) -> None:
        await socket.send_media(chunk)

    async def _send_request(self, socket: "AsyncV1SocketClient") -> bool:
        owed, self._finalize_owed = self._finalize_owed, False
        if owed:
            await socket.send_finalize()
        return owed

    async def _idle(self, socket: "AsyncV1SocketClient") -> None:
        await socket.send_keep_alive()

    def _restored(self) -> None:
        """Words that were final before the break are not replayed, so the new line cannot end
        their utterance: unless more words come, the time of its end has then passed."""
        if self._words_owed_an_end:
            wait_s = 1.5 * self._utterance_end_ms / 1000
            later = asyncio.get_running_loop().call_later
            self._overdue = later(wait_s, self._end_utterance, "deadline")

    async def close(self) -> None:
        """Close for good. Never raises."""
        self._forget_overdue()
        await super().close()

    def _forget_overdue(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None

    def _take(self, message: Fields) -> None:
        match message.get("type"):
            case "Results":
                self._take_results(message)
            case "SpeechStarted":
                self._tape.speaking = True
                self._hear(events.SpeechStarted())
            case "UtteranceEnd":
                self._end_utterance("utterance_end")
            case "Error":
                log.warning("ear_error", extra={"reason": words(message, "variant")})
            case _:
                pass  # Metadata, and whatever is added to the protocol one day

    def _take_results(self, results: Fields) -> None:
        text, confidence = _best(results)
        final = bool(results.get("is_final"))
        if text:
            self._forget_overdue()
            self._tape.speaking = self._words_owed_an_end = True
        if text or (final and self._interim_pending):
            self._interim_pending = not final
            self._hear(events.TranscriptHeard(text, final, confidence))
        if final:
            self._tape.cover(number(results, "start") + number(results, "duration"))
        if results.get("speech_final"):
            self._end_utterance("speech_final")

    def _end_utterance(self, cause: str) -> None:
        self._forget_overdue()
        self._tape.speaking = False
        if self._words_owed_an_end:
            self._words_owed_an_end = False
            self._hear(events.UtteranceEnded(cause))


def _best(results: Fields) -> tuple[str, float]:
    """Text and confidence of the first alternative; a message may lack any of it."""
    alternatives = parts(part(results, "channel"), "alternatives")
    if not alternatives:
        return "", 0.0
    best = alternatives[0]
    return words(best, "transcript").strip(), number(best, "confidence", 1.0)
