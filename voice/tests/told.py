"""What an ear tells, as a stream that a test can wait for."""

import asyncio
from collections.abc import AsyncIterator

from voice.providers.base import HearingEvent, SpeechToText


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
