"""Whole calls over the wire: telephone simulator, recogniser and voice, dialogue, tools, rows."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from channels.db import database_sync_to_async
from pytest_django.fixtures import Settings

from calls.models import Call, Utterance
from scheduling.models import Appointment
from simulators.deepgram import DeepgramSimulator, KnownClips, Listening, Speaking
from simulators.deepgram.sound import babble, hum
from simulators.openai import OpenAISimulator, receptionist
from simulators.twilio import SimulatedCall
from voice import choices
from voice.rehearsal import people
from voice.tests.conftest import ANA, ROB, Cast, serving

TOKEN = "a twilio token"
pytestmark = pytest.mark.timeout(300)


FILLERS = ("one moment", "let me check", "bear with me", "checking", "hold on a moment", "looking")
ASKED_AGAIN = ("still there", "didn't get", "didn't catch", "say that again")
WHOLE_CALL_S = 150.0
"""A call that gets nowhere ends its own test, not the process it runs in."""
Mouth = Callable[[str], bytes]
"""What a caller sounds like: mu-law, 8000 Hz, of some words."""


@dataclass
class Line:
    """A caller on a simulated line."""

    call: SimulatedCall
    mouth: Mouth
    turns_read: int = 0

    async def say(self, words: str) -> None:
        """Say this."""
        await self.call.say_frames(self.mouth(words))

    async def next_question(self, patience_s: float = 40.0) -> str:
        """What the agent says next, once it was played out."""
        deadline = asyncio.get_running_loop().time() + patience_s
        while asyncio.get_running_loop().time() < deadline:
            said = await _agent_turns(self.call.sid)
            if len(said) > self.turns_read:
                self.turns_read = len(said)
                return str(said[-1])
            await asyncio.sleep(0.05)
        raise AssertionError(f"nothing more was said: {await transcript(self.call.sid)}")

    async def answer(self, replies: dict[str, str], until_said: str) -> list[str]:
        """Answer questions by what they contain until the agent says `until_said`.

        As a person would: a filler is waited out, and what was not heard is said again.
        """
        async with asyncio.timeout(WHOLE_CALL_S):
            return await self._answer(replies, until_said)

    async def _answer(self, replies: dict[str, str], until_said: str) -> list[str]:
        last = ""
        while until_said not in (asked := await self.next_question()):
            heard = asked.lower()
            if any(filler in heard for filler in FILLERS):
                continue
            fitting = [words for key, words in replies.items() if key.lower() in heard]
            if not fitting and any(again in heard for again in ASKED_AGAIN):
                fitting = [last]
            assert fitting, f"no answer to {asked!r}: {await transcript(self.call.sid)}"
            last = fitting[0]
            await self.say(last)
        return list(await transcript(self.call.sid))


@database_sync_to_async
def _agent_turns(sid: str) -> list[str]:
    turns = Utterance.objects.filter(call__sid=sid, role="agent").order_by("n")
    return [turn.heard_text for turn in turns]


@database_sync_to_async
def transcript(sid: str) -> list[str]:
    """Both sides, as they were heard."""
    turns = Utterance.objects.filter(call__sid=sid).order_by("n")
    return [f"{turn.role}: {turn.heard_text}" for turn in turns]


def known_to(clips: KnownClips) -> Mouth:
    """A caller whose every word the simulated recogniser knows."""

    def speak(words: str) -> bytes:
        audio = babble(words, ms_per_char=20)
        if all(clip.text != words for clip in clips.clips):
            clips.add(audio, words)
        return audio

    return speak


@asynccontextmanager
async def ringing(settings: Settings, mouth: Mouth, from_: str) -> AsyncIterator[Line]:
    """A call that is answered."""
    settings.TWILIO_AUTH_TOKEN = TOKEN
    await asyncio.to_thread(choices.warm)
    with serving(settings) as base:
        async with SimulatedCall(base, from_=from_, auth_token=TOKEN) as call:
            assert await call.dial()
            yield Line(call, mouth)


@asynccontextmanager
async def by_cloud_speech(settings: Settings, from_: str) -> AsyncIterator[Line]:
    """Deepgram's simulator through the real SDK."""
    clips = KnownClips()
    ear, voice = Listening(transcriber=clips), Speaking(voice=lambda text: hum(text, ms_per_char=8))
    async with DeepgramSimulator(listening=ear, speaking=voice) as deepgram:
        settings.STT_PROVIDER = settings.TTS_PROVIDER = "deepgram"
        settings.DEEPGRAM_API_KEY, settings.DEEPGRAM_BASE_URL = "key", deepgram.url
        async with ringing(settings, known_to(clips), from_) as line:
            yield line


@asynccontextmanager
async def by_local_speech(settings: Settings, from_: str) -> AsyncIterator[Line]:
    """The built-in ear and voice; the caller is another voice than the agent's."""
    settings.STT_PROVIDER = settings.TTS_PROVIDER = "local"
    async with ringing(settings, lambda words: people.say(words, voice="rms"), from_) as line:
        yield line


KNOWN_CALLER = {
    "how can i help": "I'd like to book an oil change, please.",
    "name": "Ana Silva.",
    "date of birth": "March twelfth, nineteen eighty five.",
    "drop it off": "I'll drop it off.",
    "what day": "Next Wednesday at ten in the morning.",
    "when would you": "Next Wednesday at ten in the morning.",
    "is this for": "Yes, it is.",
    "make and model": "It's a twenty nineteen Honda Civic.",
    "does the car need": "An oil change, please.",
    "what year": "Twenty nineteen.",
    "last six": "I don't have it with me.",
    "i have": "The first one.",
    "right?": "Yes, that's right.",
    "anything else": "No, thank you.",
}


@database_sync_to_async
def booked(sid: str) -> Appointment:
    """The one appointment that this call made."""
    return Appointment.objects.select_related("customer").get(call_sid=sid)


@pytest.mark.django_db(transaction=True)
async def test_a_known_customer_books_through_deepgrams_wire(
    cast: Cast, settings: Settings
) -> None:
    async with by_cloud_speech(settings, ANA) as line:
        said = await line.answer(KNOWN_CALLER, until_said="reference")
    visit = await booked(line.call.sid)
    assert visit.customer_id == cast.ana.pk
    assert any("March" in turn or "1985" in turn for turn in said) is False


@pytest.mark.speech
@pytest.mark.skipif(people.FLITE is None, reason="flite is not installed")
@pytest.mark.django_db(transaction=True)
async def test_spoken_audio_in_is_a_booking_out(cast: Cast, settings: Settings) -> None:
    said_name = {"name": "Robert Miller.", "make and model": "It's a Toyota Camry."}
    async with by_local_speech(settings, ROB) as line:
        await line.answer(KNOWN_CALLER | said_name, until_said="reference")
    assert (await booked(line.call.sid)).customer_id == cast.rob.pk
    call = await database_sync_to_async(Call.objects.get)(sid=line.call.sid)
    assert call.line["verdict"] == "good"
    assert call.latency["first_audio_p50"] > 0


@pytest.mark.django_db(transaction=True)
async def test_a_known_customer_books_through_openais_wire(cast: Cast, settings: Settings) -> None:
    async with OpenAISimulator(receptionist) as openai:
        settings.LLM_PROVIDER = "openai"
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "key", openai.url
        async with by_cloud_speech(settings, ANA) as line:
            said = await line.answer(KNOWN_CALLER, until_said="reference")
        assert not openai.refused
    assert (await booked(line.call.sid)).customer_id == cast.ana.pk
    sent = json.dumps(openai.requests)
    assert "1985" not in sent
    assert "eighty five" not in sent
    assert any("[date of birth given]" in turn for turn in said)
