"""What an ear tells and a voice says, so that a test can wait for it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from voice.providers.base import HearingEvent, SpeechToText, TextToSpeech


class Told:
    """What an ear tells from now on, up to its end; its bug is raised after the last of it."""

    def __init__(self, ear: SpeechToText) -> None:
        self._ear = ear
        self._told: asyncio.Queue[HearingEvent | None] = asyncio.Queue()
        ear.tell(self._told.put_nowait)

    async def __aiter__(self) -> AsyncIterator[HearingEvent]:
        """Events in order."""
        listening = asyncio.create_task(self._ear.listen())
        listening.add_done_callback(lambda _: self._told.put_nowait(None))
        try:
            while (event := await self._told.get()) is not None:
                yield event
            await listening
        finally:
            listening.cancel()


async def said(voice: TextToSpeech, text: str, *, last: bool = True) -> bytes:
    """All audio of a clause."""
    audio = bytearray()
    await voice.speak(text, audio.extend, last=last)
    return bytes(audio)


async def said_a_little(voice: TextToSpeech, text: str) -> bytes:
    """The first audio of a clause that is interrupted then."""
    first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def play(audio: bytes) -> None:
        if not first.done():
            first.set_result(audio)

    speaking = asyncio.create_task(voice.speak(text, play, last=False))
    either: set[asyncio.Future[Any]] = {first, speaking}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    speaking.cancel()
    await asyncio.wait([speaking])
    return first.result()
