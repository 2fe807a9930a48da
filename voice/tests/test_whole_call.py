"""Whole calls over the wire: telephone simulator, recogniser and voice, dialogue, tools, rows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from channels.db import database_sync_to_async
from pytest_django.fixtures import Settings

from calls.models import ToolInvocation, Utterance
from simulators.deepgram import DeepgramSimulator, KnownClips, Listening, Speaking
from simulators.deepgram.sound import babble, hum
from simulators.twilio import SimulatedCall
from voice.tests.conftest import ANA, Cast, serving

TOKEN = "a twilio token"


@dataclass
class Line:
    """A caller on a simulated line, whose words the simulated recogniser knows."""

    call: SimulatedCall
    clips: KnownClips
    turns_read: int = 0

    async def say(self, words: str) -> None:
        """Say this."""
        audio = babble(words, ms_per_char=20)
        if all(clip.text != words for clip in self.clips.clips):
            self.clips.add(audio, words)
        await self.call.say_frames(audio)

    async def next_question(self, patience_s: float = 40.0) -> str:
        """What the agent says next, once it was played out."""
        deadline = asyncio.get_running_loop().time() + patience_s
        while asyncio.get_running_loop().time() < deadline:
            said = await _agent_turns(self.call.sid)
            if len(said) > self.turns_read:
                self.turns_read = len(said)
                return said[-1]
            await asyncio.sleep(0.05)
        raise AssertionError(f"nothing more was said: {await transcript(self.call.sid)}")

    async def answer(self, replies: dict[str, str], until_said: str) -> list[str]:
        """Answer questions by what they contain until the agent says `until_said`."""
        while until_said not in (asked := await self.next_question()):
            fitting = [words for key, words in replies.items() if key.lower() in asked.lower()]
            assert fitting, f"no answer to {asked!r}: {await transcript(self.call.sid)}"
            await self.say(fitting[0])
        return await transcript(self.call.sid)


@database_sync_to_async
def _agent_turns(sid: str) -> list[str]:
    turns = Utterance.objects.filter(call__sid=sid, role="agent").order_by("n")
    return [turn.heard_text for turn in turns]


@database_sync_to_async
def transcript(sid: str) -> list[str]:
    """Both sides, as they were heard."""
    turns = Utterance.objects.filter(call__sid=sid).order_by("n")
    return [f"{turn.role}: {turn.heard_text}" for turn in turns]


@asynccontextmanager
async def on_the_line(settings: Settings, from_: str) -> AsyncIterator[Line]:
    clips = KnownClips()
    async with DeepgramSimulator(
        listening=Listening(transcriber=clips),
        speaking=Speaking(voice=lambda text: hum(text, ms_per_char=8)),
    ) as deepgram:
        settings.STT_PROVIDER = settings.TTS_PROVIDER = "deepgram"
        settings.DEEPGRAM_API_KEY, settings.DEEPGRAM_BASE_URL = "key", deepgram.url
        settings.TWILIO_AUTH_TOKEN = TOKEN
        with serving(settings) as base:
            call = SimulatedCall(base, from_=from_, auth_token=TOKEN)
            async with call:
                assert await call.dial()
                yield Line(call, clips)


@pytest.mark.django_db(transaction=True)
async def test_a_known_customer_books_an_oil_change(cast: Cast, settings: Settings) -> None:
    async with on_the_line(settings, ANA) as line:
        said = await line.answer(
            {
                "how can i help": "I'd like to book an oil change, please.",
                "name": "Ana Silva.",
                "which": "The Honda Civic.",
                "date of birth": "March twelfth, nineteen eighty five.",
                "year": "It's a twenty nineteen Honda Civic.",
                "what day": "Next Wednesday at ten in the morning.",
                "drop it off": "I'll drop it off.",
                "have": "The first one.",
                "right?": "Yes, that's right.",
            },
            until_said="reference",
        )
    print(*said, sep="\n")
    for t in await database_sync_to_async(
        lambda: list(
            ToolInvocation.objects.values_list("name", "ok", "error", "level_held", "arguments")
        )
    )():
        print(t)
