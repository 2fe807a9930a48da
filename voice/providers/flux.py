"""Deepgram's Flux (/v2/listen) as a caller's ear: a model that hears when a turn is over.

Rules: the transcript of a turn is cumulative, so each one replaces the one before and
only EndOfTurn is final; it repeats the transcript of the last EagerEndOfTurn, which is
why a reply begun on that one may be kept. Audio is sent in pieces of 80 ms; where none
comes, silence is sent, because without audio a turn never ends. One Configure at a time
may be unanswered. Source: developers.deepgram.com, "Flux: state machine", "Configure".
"""

import logging
from typing import TYPE_CHECKING, Any

from voice.core import events
from voice.core.history import Expectation
from voice.providers.deepgram.ear import RETRY_S, KeptEar
from voice.providers.deepgram.link import Fields, Link, client_for, number, parts, words

if TYPE_CHECKING:
    from deepgram.listen.v2.socket_client import AsyncV2SocketClient

log = logging.getLogger(__name__)

PROVIDER = "deepgram_flux"
PIECE_BYTES = 640
IDLE_S = 0.2
SILENCE = b"\xff" * 1600

_USUAL = (0.7, 5000)
_THRESHOLDS: dict[Expectation, tuple[float, int]] = {
    # How sure the model must be that the turn is over, and after how many ms of silence it
    # is over in any case. A yes needs no patience, a number that is dictated a lot.
    Expectation.YES_NO: (0.6, 2000),
    Expectation.SPELLING: (0.85, 3000),
    Expectation.CODE: (0.85, 3000),
    Expectation.ZIP: (0.85, 3000),
    Expectation.PHONE: (0.85, 3500),
    Expectation.DATE_OF_BIRTH: (0.8, 3000),
    Expectation.VIN: (0.9, 4000),
    Expectation.ADDRESS: (0.8, 3000),
}


class FluxSpeechToText(KeptEar["AsyncV2SocketClient"]):
    """One caller's ear."""

    idle_s = IDLE_S
    least_send = PIECE_BYTES

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        model: str = "flux-general-en",
        keyterms: tuple[str, ...] = (),
        eager_threshold: float = 0.5,
        retry_s: tuple[float, ...] = RETRY_S,
    ) -> None:
        super().__init__(api_key=api_key, base_url=base_url, retry_s=retry_s)
        self._model, self._keyterms, self._eager = model, keyterms, eager_threshold
        self._wanted = self._asked = _USUAL
        self._unanswered = False
        self._end_owed = self._in_turn = False

    def expect(self, expects: Expectation) -> None:
        """How long a pause may be in the answer that comes next."""
        self._wanted = _THRESHOLDS.get(expects, _USUAL)
        self._wake.set()

    def finalize(self) -> None:
        """Ask for the end of the turn now, if there is one."""
        self._end_owed = self._in_turn
        self._wake.set()

    async def _open(self) -> "Link[AsyncV2SocketClient]":
        client = client_for(self._api_key, self._base_url)
        threshold, timeout_ms = self._asked = self._wanted
        self._unanswered = False
        terms: dict[str, Any] = {"keyterm": list(self._keyterms)} if self._keyterms else {}
        return await Link.open(
            PROVIDER,
            client.listen.v2.connect(
                model=self._model,
                encoding="mulaw",
                sample_rate=8000,
                eot_threshold=threshold,
                eot_timeout_ms=timeout_ms,
                eager_eot_threshold=self._eager,
                **terms,
            ),
        )

    async def _send_media(self, socket: "AsyncV2SocketClient", chunk: bytes) -> None:
        await socket.send_media(chunk)

    async def _send_request(self, socket: "AsyncV2SocketClient") -> bool:
        if self._end_owed:
            self._end_owed = False
            await socket.send_force_end_turn()
            return True
        if self._wanted == self._asked or self._unanswered:
            return False
        threshold, timeout_ms = self._asked = self._wanted
        self._unanswered = True
        thresholds = {
            "eot_threshold": threshold,
            "eot_timeout_ms": timeout_ms,
            "eager_eot_threshold": self._eager,
        }
        await socket.send_configure({"type": "Configure", "thresholds": thresholds})
        return True

    async def _idle(self, socket: "AsyncV2SocketClient") -> None:
        """Silence goes on the tape too, so that our count of media time stays the server's."""
        self.send(SILENCE)

    def _take(self, message: Fields) -> None:
        match message.get("type"):
            case "TurnInfo":
                self._take_turn(message)
            case "ConfigureSuccess" | "ConfigureFailure":
                self._unanswered = False
                self._wake.set()
            case "Error" | "Warning":
                log.warning("flux_trouble", extra={"reason": words(message, "code")})
            case _:
                pass  # Connected, and whatever is added to the protocol one day

    def _take_turn(self, turn: Fields) -> None:
        kind = turn.get("event")
        text = words(turn, "transcript").strip()
        if kind in ("StartOfTurn", "TurnResumed"):
            self._in_turn = self._tape.speaking = True
            self._hear(events.SpeechStarted())
        if text and kind != "EndOfTurn":
            self._hear(events.TranscriptHeard(text, False, _confidence(turn)))
        if kind == "EagerEndOfTurn":
            self._hear(events.EndExpected())
        if kind == "EndOfTurn":
            self._end_turn(turn, text)

    def _end_turn(self, turn: Fields, text: str) -> None:
        self._in_turn = self._tape.speaking = False
        self._tape.cover(number(turn, "audio_window_end"))
        if text:
            self._hear(events.TranscriptHeard(text, True, _confidence(turn)))
            self._hear(events.UtteranceEnded("flux"))


def _confidence(turn: Fields) -> float:
    """The mean over the words; a message may lack any of it."""
    known = [
        number(word, "confidence")
        for word in parts(turn, "words")
        if word.get("confidence") is not None
    ]
    return sum(known) / len(known) if known else 1.0
