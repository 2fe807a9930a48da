"""Ready-made audio of sentences the agent says in every call.

Rules: a clip is the configured voice saying exactly these words, so a change of
voice makes new clips. Only sentences from the fixed list are kept on disk; they
hold no caller's data. A damaged or missing clip is simply not found, and the
voice makes the sentence as it makes any other.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from voice.providers.base import TextToSpeech


class ClipStore:
    """Clips of one voice, in memory, and on disk between runs."""

    def __init__(self, folder: Path, voice_name: str, sentences: Iterable[str]) -> None:
        self._folder = folder / hashlib.sha256(voice_name.encode()).hexdigest()[:12]
        self._wanted: set[str] = set()
        self._clips: dict[str, bytes] = {}
        self.want(sentences)

    def want(self, sentences: Iterable[str]) -> None:
        """More sentences for the list; those that are on disk are there at once."""
        new = set(sentences) - self._wanted
        self._wanted |= new
        self._clips |= {text: clip for text in new if (clip := self._read(text))}

    def find(self, text: str) -> bytes | None:
        """Audio of exactly these words, if it has been made: mu-law, 8000 Hz."""
        return self._clips.get(text)

    @property
    def missing(self) -> tuple[str, ...]:
        """Sentences of the list that have no clip yet."""
        return tuple(sorted(self._wanted - self._clips.keys()))

    def keep(self, text: str, audio: bytes) -> None:
        """Keep a clip of a sentence of the list; anything else is not kept."""
        if text in self._wanted and audio:
            self._clips[text] = audio
            self._write(text, audio)

    def _path(self, text: str) -> Path:
        return self._folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.ulaw"

    def _read(self, text: str) -> bytes | None:
        try:
            return self._path(text).read_bytes() or None
        except OSError:
            return None

    def _write(self, text: str, audio: bytes) -> None:
        """Whole or not at all: two processes may make the same clip at once."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
                file.write(audio)
            Path(file.name).replace(self._path(text))
        except OSError:
            return  # a read-only disk: the clip lives in memory


async def make_clips(store: ClipStore, voice: TextToSpeech, speakable: Callable[[str], str]) -> int:
    """Make the missing clips with a connected voice; how many were made. Raises ProviderError."""
    made = 0
    for text in store.missing:
        audio = bytearray()
        await voice.speak(speakable(text), audio.extend, last=True)
        store.keep(text, bytes(audio))
        made += 1
    return made
