"""Deepgram's ear and voice, on its own SDK."""

from voice.providers.deepgram.link import warm
from voice.providers.deepgram.listen import DeepgramSpeechToText
from voice.providers.deepgram.speak import DeepgramTextToSpeech

__all__ = ["DeepgramSpeechToText", "DeepgramTextToSpeech", "warm"]
