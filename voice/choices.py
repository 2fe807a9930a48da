"""Which ear, voice and mind a call gets: the settings, turned into provider objects.

Rules: a vendor's package is imported only where its provider is chosen. A provider
object serves one call.
"""

from collections.abc import Callable

from django.conf import settings

from voice.providers.base import ChatModel, SpeechToText, TextToSpeech

TRADE_WORDS = (
    "Bart's",
    "oil change",
    "rotation",
    "alignment",
    "VIN",
    "loaner",
    "shuttle",
    "recall",
)
"""Words the recogniser should expect."""


def make_ear() -> SpeechToText:
    """One caller's ear, not connected yet."""
    return _EARS[settings.STT_PROVIDER]()


def make_voice() -> TextToSpeech:
    """One agent's voice, not connected yet."""
    return _VOICES[settings.TTS_PROVIDER]()


def make_model() -> ChatModel | None:
    """The chat model, None where the local dialogue answers by itself."""
    return _openai() if settings.LLM_PROVIDER == "openai" else None


def voice_name() -> str:
    """What tells this voice from every other: clips belong to it."""
    models = {"deepgram": settings.DEEPGRAM_TTS_MODEL, "elevenlabs": settings.ELEVENLABS_VOICE_ID}
    return f"{settings.TTS_PROVIDER}:{models.get(settings.TTS_PROVIDER, 'built-in')}"


def _deepgram_ear() -> SpeechToText:
    from voice.providers.deepgram import DeepgramSpeechToText

    return DeepgramSpeechToText(
        api_key=settings.DEEPGRAM_API_KEY,
        base_url=settings.DEEPGRAM_BASE_URL,
        model=settings.DEEPGRAM_STT_MODEL,
        keywords=TRADE_WORDS,
    )


def _flux_ear() -> SpeechToText:
    from voice.providers.flux import FluxSpeechToText

    return FluxSpeechToText(api_key=settings.DEEPGRAM_API_KEY, base_url=settings.DEEPGRAM_BASE_URL)


def _local_ear() -> SpeechToText:
    from voice.providers.local_speech import LocalSpeechToText

    return LocalSpeechToText()


def _deepgram_voice() -> TextToSpeech:
    from voice.providers.deepgram import DeepgramTextToSpeech

    return DeepgramTextToSpeech(
        api_key=settings.DEEPGRAM_API_KEY,
        base_url=settings.DEEPGRAM_BASE_URL,
        model=settings.DEEPGRAM_TTS_MODEL,
    )


def _elevenlabs_voice() -> TextToSpeech:
    from voice.providers.elevenlabs import ElevenLabsTextToSpeech

    return ElevenLabsTextToSpeech(
        api_key=settings.ELEVENLABS_API_KEY,
        voice_id=settings.ELEVENLABS_VOICE_ID,
        base_url=settings.ELEVENLABS_BASE_URL,
    )


def _local_voice() -> TextToSpeech:
    from voice.providers.local_speech import LocalTextToSpeech

    return LocalTextToSpeech()


def _openai() -> ChatModel:
    from voice.providers.openai import OpenAIChatModel

    return OpenAIChatModel(
        api_key=settings.OPENAI_API_KEY,
        base_url=settings.OPENAI_BASE_URL,
        model=settings.OPENAI_MODEL,
    )


_EARS: dict[str, Callable[[], SpeechToText]] = {
    "deepgram": _deepgram_ear,
    "flux": _flux_ear,
    "local": _local_ear,
}
_VOICES: dict[str, Callable[[], TextToSpeech]] = {
    "deepgram": _deepgram_voice,
    "elevenlabs": _elevenlabs_voice,
    "local": _local_voice,
}
