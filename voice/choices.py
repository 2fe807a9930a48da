"""Which ear, voice and mind a call gets: the settings, turned into provider objects.

Rules: a vendor's package is imported only where its provider is chosen. A provider
object serves one call. The built-in ear and voice stand in for a cloud's that fails;
who stands in for the model is the responder's affair, a model that is known to be down
only fails at once.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings

from voice.dialogue import intent
from voice.providers.base import ChatModel, SpeechToText, TextToSpeech
from voice.providers.fallback import (
    Choice,
    Connectable,
    FallbackSpeechToText,
    FallbackTextToSpeech,
    GuardedChatModel,
)

if TYPE_CHECKING:
    from voice.providers.openai import OpenAIChatModel

Made = TypeVar("Made", bound=Connectable)

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


@dataclass(frozen=True, slots=True)
class Providers:
    """One call's ear, voice and model; None where the local dialogue answers by itself."""

    ear: SpeechToText
    voice: TextToSpeech
    model: ChatModel | None

    async def close(self) -> None:
        """Close them for good. Never raises."""
        model = [self.model.close()] if self.model is not None else []
        await asyncio.gather(self.ear.close(), self.voice.close(), *model)


def make_providers() -> Providers:
    """All that a call needs, not connected yet."""
    return Providers(make_ear(), make_voice(), make_model())


def make_ear() -> SpeechToText:
    """One caller's ear, not connected yet."""
    return FallbackSpeechToText(*_in_turn("stt", settings.STT_PROVIDER, _EARS))


def make_voice() -> FallbackTextToSpeech:
    """One agent's voice, not connected yet."""
    return FallbackTextToSpeech(*_in_turn("tts", settings.TTS_PROVIDER, _VOICES))


def is_own(voice: FallbackTextToSpeech) -> bool:
    """Whether it is the configured voice that speaks, and nobody who stands in for it."""
    return voice.name == f"tts_{settings.TTS_PROVIDER}"


def make_own_voice() -> TextToSpeech:
    """The configured voice itself, with nobody to stand in for it: clips are in its voice or none."""
    return _VOICES[settings.TTS_PROVIDER]()


def make_model() -> ChatModel | None:
    """The chat model, None where the local dialogue answers by itself."""
    if settings.LLM_PROVIDER != "openai":
        return None
    return GuardedChatModel("llm_openai", _openai(), _check_openai)


def _in_turn(
    role: str, chosen: str, makers: Mapping[str, Callable[[], Made]]
) -> tuple[Choice[Made], ...]:
    """The chosen provider, then the built-in one."""
    return tuple(
        Choice(f"{role}_{name}", makers[name]) for name in dict.fromkeys((chosen, "local"))
    )


def warm() -> None:
    """Import and load what this deployment's calls will need. Slow: in a thread, at start.

    Raises ProviderError where a built-in model is wanted and cannot be had.
    """
    intent.load()
    chosen = {settings.STT_PROVIDER, settings.TTS_PROVIDER}
    if chosen & {"deepgram", "flux"}:
        from voice.providers import deepgram

        deepgram.warm(settings.DEEPGRAM_API_KEY, settings.DEEPGRAM_BASE_URL)
    if "local" in chosen:
        from voice.providers import local_speech

        local_speech.warm()
    if settings.LLM_PROVIDER == "openai":
        from voice.providers import openai

        openai.warm(settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL)


def voice_name() -> str:
    """What tells this voice from every other: clips belong to it."""
    models = {
        "deepgram": f"{settings.DEEPGRAM_BASE_URL} {settings.DEEPGRAM_TTS_MODEL}",
        "elevenlabs": f"{settings.ELEVENLABS_BASE_URL} {settings.ELEVENLABS_VOICE_ID}",
    }
    return f"{settings.TTS_PROVIDER}:{models.get(settings.TTS_PROVIDER, 'built-in')}"


def _deepgram_ear() -> SpeechToText:
    from voice.providers.deepgram import DeepgramSpeechToText
    from voice.providers.watched import WatchedSpeechToText

    return WatchedSpeechToText(
        DeepgramSpeechToText(
            api_key=settings.DEEPGRAM_API_KEY,
            base_url=settings.DEEPGRAM_BASE_URL,
            model=settings.DEEPGRAM_STT_MODEL,
            keywords=TRADE_WORDS,
        )
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


async def _check_openai() -> None:
    """Whether the model would answer now. Raises ProviderError."""
    model = _openai()
    try:
        await model.check()
    finally:
        await model.close()


def _openai() -> "OpenAIChatModel":
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
