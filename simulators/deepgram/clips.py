"""A recogniser that knows every recording it will hear.

Rules: a clip is found by an exact run of its bytes, so it must reach the ear
unaltered (the telephone simulator does not touch audio); of a clip of which only
a part was heard, only that part's words are reported.
"""

from dataclasses import dataclass, field

from simulators.deepgram.sound import FRAME_BYTES, is_loud

ANCHOR_BYTES = 64


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording. `anchor` is the first loud run of bytes, at `anchor_at` in the audio."""

    text: str
    length: int
    anchor: bytes
    anchor_at: int


def _first_loud(audio: bytes) -> int:
    for at in range(0, len(audio) - FRAME_BYTES, FRAME_BYTES):
        if is_loud(audio[at : at + FRAME_BYTES]):
            return at
    raise ValueError("a clip needs some sound in it")


def _last_loud(audio: bytes) -> int:
    for at in range(len(audio) - FRAME_BYTES, 0, -FRAME_BYTES):
        if is_loud(audio[at : at + FRAME_BYTES]):
            return at + FRAME_BYTES
    return len(audio)


@dataclass(slots=True)
class KnownClips:
    """Maps mu-law recordings to their words; call it with the audio of a segment."""

    clips: list[Clip] = field(default_factory=list)

    def add(self, audio: bytes, text: str) -> None:
        """Learn a recording (mu-law, 8000 Hz). Raises ValueError if it is silent."""
        at = _first_loud(audio)
        anchor = audio[at : at + ANCHOR_BYTES]
        self.clips.append(Clip(text, _last_loud(audio), anchor, at))

    def __call__(self, audio: bytes) -> str:
        """The words of every known clip in this stretch of audio, in order of appearance."""
        found = sorted(
            (at, self._words_heard(clip, len(audio) - at))
            for clip in self.clips
            if (at := audio.find(clip.anchor)) >= 0
        )
        return " ".join(words for _, words in found if words)

    @staticmethod
    def _words_heard(clip: Clip, bytes_since_anchor: int) -> str:
        share = bytes_since_anchor / max(1, clip.length - clip.anchor_at)
        words = clip.text.split()
        return " ".join(words[: round(len(words) * min(1.0, share))])
