"""An ear and a voice that begin before their call: connected, and asked for its first words.

Rules: the connection is begun when the object is made; `connect` awaits that one, however often
it is called. A clause that was asked for ahead is spoken from where its making has got to, so it is
never later than if it were asked for now; where it failed before it was heard, it is asked for anew.
Closing stops whatever is still under way.
"""

import asyncio

from voice.providers.base import Play, ProviderError, SpeechToText, TextToSpeech


class _Begun:
    """A part whose connection is under way."""

    def __init__(self, part: SpeechToText | TextToSpeech) -> None:
        self._part = part
        self._connecting = asyncio.create_task(part.connect())
        self._connecting.add_done_callback(_note)

    @property
    def has_failed(self) -> bool:
        """Whether there will be no connection."""
        return self._connecting.done() and _note(self._connecting)

    async def connect(self) -> None:
        """Wait for the connection. Raises ProviderError."""
        await asyncio.shield(self._connecting)

    async def close(self) -> None:
        """Close for good. Never raises."""
        self._connecting.cancel()
        await asyncio.wait([self._connecting])
        await self._part.close()


def _note(task: "asyncio.Task[None]") -> bool:
    """Whether a task that is over has failed; nobody need wait for it to be told."""
    return task.cancelled() or task.exception() is not None


class BegunSpeechToText(_Begun):
    """One caller's ear; all but connecting and closing is the ear's own."""

    def __init__(self, ear: SpeechToText) -> None:
        super().__init__(ear)
        self.send, self.expect, self.finalize = ear.send, ear.expect, ear.finalize
        self.tell, self.listen = ear.tell, ear.listen


class BegunTextToSpeech(_Begun):
    """One agent's voice."""

    def __init__(self, voice: TextToSpeech) -> None:
        super().__init__(voice)
        self._voice = voice
        self._ahead: dict[str, _Ahead] = {}

    async def say_ahead(self, text: str) -> bytes:
        """Have a clause made now, for whoever speaks it. All its audio, b"" where there is no such."""
        ahead = self._ahead[text] = _Ahead(self._voice, text)
        await asyncio.wait([ahead.making])
        return bytes(ahead.audio) if not _note(ahead.making) else b""

    async def speak(self, text: str, play: Play, *, last: bool) -> None:
        """Say one clause. Raises ProviderError."""
        ahead = self._ahead.pop(text, None)
        if ahead is None or not await ahead.speak(play):
            await self._voice.speak(text, play, last=last)

    async def close(self) -> None:
        """Close for good. Never raises."""
        making = [ahead.making for ahead in self._ahead.values()]
        for task in making:
            task.cancel()
        await asyncio.gather(*making, return_exceptions=True)
        await super().close()


class _Ahead:
    """A clause that is being made before anybody speaks it."""

    def __init__(self, voice: TextToSpeech, text: str) -> None:
        self.audio = bytearray()
        self._play: Play | None = None
        self.making = asyncio.create_task(voice.speak(text, self._take, last=True))

    def _take(self, audio: bytes) -> None:
        self.audio += audio
        if self._play is not None:
            self._play(audio)

    async def speak(self, play: Play) -> bool:
        """Say what has been made, and what will be; False where it failed before any was heard.

        Raises ProviderError where it failed midway. Cancelling drops the rest, as it does with a voice.
        """
        if self.audio:
            play(bytes(self.audio))
        self._play = play
        try:
            await self.making
        except ProviderError:
            if self.audio:
                raise
            return False
        return True
