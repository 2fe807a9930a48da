"""An ear and a voice that run in this process, without keys and without a network."""

from voice.providers.local.ear import LocalSpeechToText
from voice.providers.local.mouth import LocalTextToSpeech
from voice.providers.local.warm import warm

__all__ = ["LocalSpeechToText", "LocalTextToSpeech", "warm"]
