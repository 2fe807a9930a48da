"""A Deepgram that runs on this machine: see `DeepgramSimulator`."""

from simulators.deepgram.clips import KnownClips
from simulators.deepgram.listen import Heard, Listening, Transcriber, Utterance
from simulators.deepgram.server import DeepgramSimulator
from simulators.deepgram.sound import babble, hum
from simulators.deepgram.speak import Speaking, Spoken, Voice

__all__ = [
    "DeepgramSimulator",
    "Heard",
    "KnownClips",
    "Listening",
    "Speaking",
    "Spoken",
    "Transcriber",
    "Utterance",
    "Voice",
    "babble",
    "hum",
]
