"""Ten callers at once: all are served, nobody hears another's words."""

import asyncio
import random
from datetime import UTC, date, datetime

import pytest
from channels.db import database_sync_to_async
from pytest_django.fixtures import Settings

from crm import records
from scheduling.models import Appointment
from simulators.deepgram import DeepgramSimulator, KnownClips, Listening, Speaking
from simulators.twilio import SimulatedCall
from voice.tests.conftest import serving
from voice.tests.test_whole_call import TOKEN, Line, known_to, transcript

FIRST_NAMES = (
    "Alice",
    "Brian",
    "Carla",
    "David",
    "Elena",
    "Frank",
    "Grace",
    "Henry",
    "Irene",
    "James",
)
pytestmark = [pytest.mark.timeout(300), pytest.mark.unmeasured]
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def number(n: int) -> str:
    return f"+1202555{n + 160:04d}"


@pytest.fixture
def ten_customers(shop: None) -> None:
    now = datetime.now(UTC)
    for n, first in enumerate(FIRST_NAMES):
        person = records.create_customer(
            first_name=first, last_name="Walker", phone=number(n), dob=date(1985, 3, 12), origin="staff", now=now
        )  # fmt: skip
        records.add_vehicle(customer_id=person.pk, year=2019, make="Honda", model="Civic", now=now)


class TellingVoice:
    """Every sentence sounds different, so what a caller heard can be told from the audio."""

    def __init__(self) -> None:
        self.said: dict[bytes, str] = {}

    def __call__(self, text: str) -> bytes:
        audio = random.Random(text).randbytes(max(800, len(text) * 64))
        self.said[audio[:48]] = text
        return audio

    def heard_in(self, audio: bytes) -> set[str]:
        return {text for start, text in self.said.items() if start in audio}


async def _book(base: str, clips: KnownClips, n: int) -> tuple[str, bytes]:
    answers = {
        "how can i help": "I'd like to book an oil change, please.",
        "name": f"{FIRST_NAMES[n]} Walker.",
        "date of birth": "March twelfth, nineteen eighty five.",
        "is this for": "Yes.",
        "drop it off": "I'll drop it off.",
        "what day": f"Next {DAYS[n % 5]} at {('ten', 'two')[n // 5]} please.",
        "right?": "Yes, that's right.",
        "i have": "The first one.",
    }
    async with SimulatedCall(base, from_=number(n), auth_token=TOKEN) as call:
        assert await call.dial()
        line = Line(call, known_to(clips))
        await line.answer(answers, until_said="reference")
        return call.sid, call.heard_audio


@pytest.mark.django_db(transaction=True)
async def test_ten_calls_at_once_all_book_and_hear_only_their_own(
    ten_customers: None, settings: Settings
) -> None:
    clips, voice = KnownClips(), TellingVoice()
    async with DeepgramSimulator(
        listening=Listening(transcriber=clips), speaking=Speaking(voice=voice)
    ) as deepgram:
        settings.STT_PROVIDER = settings.TTS_PROVIDER = "deepgram"
        settings.DEEPGRAM_API_KEY, settings.DEEPGRAM_BASE_URL = "key", deepgram.url
        settings.TWILIO_AUTH_TOKEN = TOKEN
        with serving(settings) as base:
            calls = await asyncio.gather(*(_book(base, clips, n) for n in range(10)))
    for n, (sid, audio) in enumerate(calls):
        visit = await database_sync_to_async(Appointment.objects.select_related("customer").get)(
            call_sid=sid
        )
        assert visit.customer.first_name == FIRST_NAMES[n]
        others = set(FIRST_NAMES) - {FIRST_NAMES[n]}
        heard = " ".join(voice.heard_in(audio))
        assert FIRST_NAMES[n] in heard
        assert not any(name in heard for name in others)
        said = " ".join(await transcript(sid))
        assert not any(name in said for name in others)
