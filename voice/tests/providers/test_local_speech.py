"""The local ear and voice with real audio: a synthetic caller and a human reader."""

import asyncio
import re

import numpy as np
import pytest

from simulators.waiting import until
from voice.core import events
from voice.core.history import Expectation
from voice.providers.base import HearingEvent
from voice.providers.local import LocalSpeechToText, LocalTextToSpeech, warm
from voice.providers.local.mouth import synthesise
from voice.providers.local.sound import to_floats
from voice.rehearsal import people
from voice.tests.told import Told, said, said_a_little

pytestmark = [
    pytest.mark.speech,
    pytest.mark.skipif(people.FLITE is None, reason="flite is not installed"),
]
SILENCE = b"\xff" * 160
WORDS = {
    "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _models() -> None:
    warm()


async def hear(
    audio: bytes, expects: Expectation = Expectation.OPEN, *, utterances: int = 1
) -> list[HearingEvent]:
    """Everything heard of a recording, as fast as the models go."""
    ear = LocalSpeechToText()
    heard: list[HearingEvent] = []
    ear.tell(heard.append)
    await ear.connect()
    ear.expect(expects)
    listening = asyncio.create_task(ear.listen())
    data = SILENCE * 25 + audio + SILENCE * 60
    for at in range(0, len(data), 160):
        ear.send(data[at : at + 160])
        await asyncio.sleep(0.001)
    await until(lambda: sum(isinstance(e, events.UtteranceEnded) for e in heard) >= utterances, 60)
    await ear.close()
    await listening
    return heard


def finals(heard: list[HearingEvent]) -> str:
    return " ".join(e.text for e in heard if isinstance(e, events.TranscriptHeard) and e.final)


def digits_of(text: str) -> str:
    pieces = re.findall(r"\d|[a-z]+", text.lower())
    return "".join(WORDS.get(piece, piece if piece.isdigit() else "") for piece in pieces)


async def test_a_sentence_is_heard_with_interims_before_its_final() -> None:
    heard = await hear(people.say("I need an oil change for my Toyota, please."))
    kinds = [type(event) for event in heard]
    assert kinds[0] is events.SpeechStarted
    assert kinds[-1] is events.UtteranceEnded
    assert events.SpeechStopped in kinds
    text = finals(heard).lower()
    assert "oil change for my" in text
    assert "please" in text


async def test_a_yes_is_heard() -> None:
    heard = await hear(people.say("Yes, please."), Expectation.YES_NO)
    assert "yes" in finals(heard).lower()


@pytest.mark.skipif(people.ALLISON is None, reason="no recordings of a human reader")
@pytest.mark.parametrize("number", ["5035550147", "9175550192"])
async def test_a_human_phone_number_is_heard_digit_for_digit(number: str) -> None:
    heard = await hear(people.read_digits(number), Expectation.PHONE)
    assert digits_of(finals(heard)) == number
    assert sum(isinstance(e, events.UtteranceEnded) for e in heard) == 1


@pytest.mark.parametrize(
    ("said", "expects", "heard"),
    [
        ("Friday morning.", Expectation.WHEN, "Friday morning"),
        ("Friday morning.", Expectation.OPEN, "Driving morning"),
        ("Next Tuesday.", Expectation.WHEN, "Next Tuesday"),
        ("Absolutely.", Expectation.WHEN, "Absolutely"),
        ("Maybe later.", Expectation.WHEN, "Maybe later"),
    ],
)
async def test_a_misheard_day_is_a_day_only_where_one_was_asked_for(
    said: str, expects: Expectation, heard: str
) -> None:
    assert finals(await hear(people.say(said, voice="slt"), expects)).startswith(heard)


@pytest.mark.skipif(people.ALLISON is None, reason="no human reader is installed")
async def test_another_voice_on_the_line_is_heard_too() -> None:
    """After one voice the detector would take a softer one for silence."""
    first = people.say("Tom Fox", voice="awb")
    audio = first + SILENCE * 250 + people.read_characters("f o x")
    heard = finals(await hear(audio, Expectation.SPELLING, utterances=2))
    assert heard.lower().endswith("f o x")


async def test_a_sentence_begins_and_ends_with_a_breath_of_silence() -> None:
    audio = np.abs(to_floats(synthesise("What day works for you?", 1.0)))
    loud = np.flatnonzero(audio > 0.02)
    assert loud[0] < 0.1 * 8000
    assert 0.1 * 8000 < len(audio) - loud[-1] < 0.3 * 8000


async def test_silence_says_nothing() -> None:
    ear = LocalSpeechToText()
    told = Told(ear)
    await ear.connect()
    for _ in range(200):
        ear.send(SILENCE)
    await asyncio.sleep(0.3)
    await ear.close()
    assert [event async for event in told] == []


async def test_finalize_brings_words_before_the_caller_stops() -> None:
    ear = LocalSpeechToText()
    told = Told(ear)
    await ear.connect()
    ear.send(SILENCE * 20 + people.say("I would like to book a tire rotation")[:12000])
    ear.finalize()
    said = ""
    async with asyncio.timeout(60):
        async for event in told:
            if isinstance(event, events.TranscriptHeard) and event.final:
                said = event.text
                break
    await ear.close()
    assert said


async def test_the_voice_can_be_understood_by_the_ear() -> None:
    voice = LocalTextToSpeech()
    await voice.connect()
    heard = await hear(await said(voice, "Your appointment is on Thursday at nine."))
    assert "thursday at" in finals(heard).lower()
    await voice.close()


async def test_a_sentence_said_before_is_the_same_audio() -> None:
    assert synthesise("One moment, please.", 1.0) is synthesise("One moment, please.", 1.0)


async def test_a_clause_left_early_costs_nothing_more() -> None:
    voice = LocalTextToSpeech()
    await voice.connect()
    assert await said_a_little(voice, "First sentence. Second sentence. Third sentence.")


async def test_nothing_to_say_makes_no_audio() -> None:
    voice = LocalTextToSpeech()
    await voice.connect()
    assert await said(voice, " ... ") == b""


async def test_four_callers_at_once_are_heard_apart() -> None:
    said = [
        "I need an oil change.",
        "My car will not start.",
        "Can you check my battery?",
        "Cancel my appointment.",
    ]
    key = ["oil change", "start", "battery", "cancel"]
    heard = await asyncio.gather(*(hear(people.say(text)) for text in said))
    for word, each in zip(key, heard, strict=True):
        assert word in finals(each).lower()
