"""The agent's voice in this process: Hibari's model, made ready for the telephone.

Rules: synthesis runs in a thread of its own; a clause is made sentence by sentence and
each is passed on as soon as it is ready; what was said before is not made again (a shop
says much the same all day). The model puts 0.3 s of silence before a sentence and 0.5 s
behind it: a caller waits for the one at every answer and for the other at every question,
so only a breath is kept. Weights: Hibari "heart" (Apache-2.0), inside its wheel.
"""

import threading
from collections import OrderedDict
from functools import lru_cache
from typing import Any

from voice.providers.base import Play, ProviderError
from voice.providers.local.pool import SPEAKING
from voice.providers.local.sound import cropped, down_to_8k, to_mulaw

PIECE = 4000
"""Bytes that are passed on at once: half a second."""
REMEMBERED = 256
BEFORE, AFTER = 400, 1200
"""Samples at 8 kHz that are kept of the silence around a sentence: 50 and 150 ms."""
_SEED = 7

_loading = threading.Lock()
_made: OrderedDict[tuple[str, float], bytes] = OrderedDict()


@lru_cache(maxsize=1)
def _load() -> Any:
    try:
        from hibari import Hibari
    except ImportError as error:
        reason = "no local voice: install hibari-tts, or set DEEPGRAM_API_KEY"
        raise ProviderError("local_speech", reason, retryable=False) from error
    return Hibari(threads=1)


def synthesiser() -> Any:
    """The process's voice, loaded once. Raises ProviderError."""
    with _loading:
        return _load()


def synthesise(sentence: str, speed: float) -> bytes:
    """Audio of one sentence, mu-law 8000 Hz. Slow (30 ms): never on the event loop."""
    key = (sentence, speed)
    if key in _made:
        _made.move_to_end(key)
        return _made[key]
    made = down_to_8k(synthesiser()(sentence, speed=speed, seed=_SEED))
    audio = to_mulaw(cropped(made, before=BEFORE, after=AFTER))
    _made[key] = audio
    if len(_made) > REMEMBERED:
        _made.popitem(last=False)
    return audio


class LocalTextToSpeech:
    """One agent's voice. `speed` 1.0 is its natural pace, 0.5 slow, 2.0 fast."""

    def __init__(self, *, speed: float = 1.0) -> None:
        self._speed = speed

    async def connect(self) -> None:
        """Load the model, if this process has not yet. Raises ProviderError."""
        await SPEAKING.run(synthesiser)

    async def speak(self, text: str, play: Play, *, last: bool) -> None:
        """Say one clause. Raises ProviderError."""
        for sentence in await SPEAKING.run(_sentences, text):
            audio = await SPEAKING.run(synthesise, sentence, self._speed)
            for at in range(0, len(audio), PIECE):
                play(audio[at : at + PIECE])

    async def close(self) -> None:
        """Nothing to close: the model serves the next call."""


def _sentences(text: str) -> list[str]:
    if not any(letter.isalnum() for letter in text):
        return []
    sentences: list[str] = synthesiser().split_sentences(text)
    return sentences
