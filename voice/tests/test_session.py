"""One call, run with an instant ear, voice, mind and phone."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from voice.core import effects as do
from voice.core import events as ev
from voice.core.conversation import Conversation
from voice.core.history import AgentTurn, CallerTurn, Expectation, Item, ToolUse
from voice.providers.base import (
    HearingEvent,
    Play,
    ProviderError,
    ReplyEnd,
    ReplyPiece,
    ToolCall,
    Words,
)
from voice.providers.teller import Teller
from voice.session import CallSession, Parts, ToolAnswer

SECOND = b"\xff" * 8000
PATIENCE_S = 10


class FakeEar(Teller):
    """Hears what the test says."""

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__()
        self.heard: asyncio.Queue[HearingEvent] = asyncio.Queue()
        self.audio: list[bytes] = []
        self.closed = False
        self._broken = broken

    async def connect(self) -> None:
        if self._broken:
            raise ProviderError("ear", "down", retryable=False)

    def send(self, audio: bytes) -> None:
        self.audio.append(audio)

    def expect(self, expects: Expectation) -> None: ...

    def finalize(self) -> None: ...

    async def listen(self) -> None:
        while True:
            self._hear(await self.heard.get())

    async def close(self) -> None:
        self.closed = True

    def say(self, text: str) -> None:
        self.heard.put_nowait(ev.SpeechStarted())
        self.heard.put_nowait(ev.TranscriptHeard(text, final=True))
        self.heard.put_nowait(ev.SpeechStopped())
        self.heard.put_nowait(ev.UtteranceEnded())


class FakeVoice:
    """A second of silence a clause, or a failure, or nothing for ever."""

    def __init__(self) -> None:
        self.spoken: list[str] = []
        self.fails = False
        self.closed = False

    async def connect(self) -> None: ...

    async def speak(self, text: str, play: Play, *, last: bool) -> None:
        self.spoken.append(text)
        if self.fails:
            raise ProviderError("voice", "down", retryable=False)
        play(SECOND)

    async def close(self) -> None:
        self.closed = True


@dataclass
class FakePhone:
    """Plays nothing, returns every mark at once unless told to hold them."""

    sent: list[tuple[str, str | int]] = field(default_factory=list)
    session: CallSession | None = None
    holds: bool = False

    def play(self, audio: bytes) -> None:
        self.sent.append(("audio", len(audio)))

    def mark(self, name: str) -> None:
        self.sent.append(("mark", name))
        if self.session is not None and not self.holds:
            asyncio.get_running_loop().call_soon(self.session.post, ev.MarkReached(name))

    def clear(self) -> None:
        self.sent.append(("clear", 0))


class FakeMind:
    """Replies out of a list; each entry is the pieces of one reply."""

    def __init__(self, *replies: list[ReplyPiece]) -> None:
        self.replies = list(replies)
        self.asked: list[do.RequestReply] = []
        self.closed_streams = 0
        self.hang = False

    def opening(self) -> ev.CallStarted:
        return ev.CallStarted("Hello.")

    async def reply(self, request: do.RequestReply) -> AsyncGenerator[ReplyPiece, None]:
        self.asked.append(request)
        try:
            for piece in self.replies.pop(0) if self.replies else [Words("Yes?")]:
                yield piece
            if self.hang:
                await asyncio.Event().wait()
            yield ReplyEnd()
        finally:
            self.closed_streams += 1

    def commit(self, reply_id: int) -> None: ...

    async def close(self) -> None: ...


class NoClips:
    def find(self, text: str) -> bytes | None:
        return None


class World:
    """A running call and everything around it."""

    def __init__(self, mind: FakeMind, ear: FakeEar | None = None) -> None:
        self.mind, self.ear, self.voice, self.phone = (
            mind,
            ear or FakeEar(),
            FakeVoice(),
            FakePhone(),
        )
        self.records: list[Item] = []
        self.shown: list[do.Synthesize | None] = []
        self.closed: list[str] = []
        self.tool_gate = asyncio.Event()
        self.tool_gate.set()
        self.tools_begun: list[str] = []
        self.tools_done: list[str] = []
        self.answer = ToolAnswer('{"ok":true}')

    async def use_tool(self, name: str, arguments: str, history: tuple[Item, ...]) -> ToolAnswer:
        self.tools_begun.append(name)
        await self.tool_gate.wait()
        self.tools_done.append(name)
        return self.answer

    async def record(self, item: Item, history: tuple[Item, ...]) -> None:
        self.records.append(item)

    async def close(self, how: str) -> None:
        self.closed.append(how)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[CallSession]:
        parts = Parts(
            conversation=Conversation(redact=lambda text, _: text),
            mind=self.mind, ear=self.ear, voice=self.voice, phone=self.phone,
            use_tool=self.use_tool, record=self.record, close=self.close, clips=NoClips(),
            speakable=str.strip, show=self.shown.append,
        )  # fmt: skip
        session = CallSession(parts)
        self.phone.session = session
        running = asyncio.create_task(session.run())
        try:
            await asyncio.sleep(0)
            yield session
        finally:
            session.hang_up("test over")
            self.tool_gate.set()
            await asyncio.wait_for(running, PATIENCE_S)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(0.005)


async def test_the_greeting_is_spoken_before_anybody_asks() -> None:
    world = World(FakeMind())
    async with world.run():
        await world.until(lambda: ("audio", 8000) in world.phone.sent)
    assert world.voice.spoken == ["Hello."]


async def test_a_turn_is_answered_and_both_sides_are_recorded() -> None:
    world = World(FakeMind([Words("We open at nine.")]))
    async with world.run():
        await world.until(lambda: len(world.records) == 1)
        world.ear.say("when do you open")
        await world.until(lambda: len(world.records) == 3)
    greeting, asked, answered = world.records
    assert isinstance(greeting, AgentTurn)
    assert isinstance(asked, CallerTurn) and asked.text == "when do you open"
    assert isinstance(answered, AgentTurn) and answered.heard == "We open at nine."


async def test_a_barge_in_clears_the_phone_and_closes_the_models_stream() -> None:
    world = World(FakeMind([Words("We are open from nine to five on every weekday. And also ")]))
    world.mind.hang = True
    async with world.run():
        await world.until(lambda: len(world.records) == 1)
        world.phone.holds = True
        world.ear.say("when do you open")
        await world.until(lambda: len(world.voice.spoken) > 1)
        before = len(world.phone.sent)
        world.ear.heard.put_nowait(ev.SpeechStarted())
        world.ear.heard.put_nowait(ev.TranscriptHeard("no stop", final=False))
        await world.until(lambda: ("clear", 0) in world.phone.sent[before:])
        await world.until(lambda: world.mind.closed_streams >= 1)
        after = world.phone.sent[world.phone.sent.index(("clear", 0), before) :]
        assert all(kind != "audio" for kind, _ in after)
        assert world.shown[-1] is None  # and whoever watches sees the words taken back
        assert [each.text for each in world.shown[:2] if each] == world.voice.spoken[:2]


async def test_a_hang_up_waits_for_a_running_tool_and_records_its_use() -> None:
    world = World(FakeMind([ToolCall("t1", "book_appointment", "{}")]))
    world.tool_gate.clear()
    async with world.run() as session:
        await world.until(lambda: len(world.records) == 1)
        world.ear.say("book it")
        await world.until(lambda: bool(world.tools_begun))
        session.hang_up("caller_hung_up")
    assert world.tools_done == ["book_appointment"]
    uses = [item for item in world.records if isinstance(item, ToolUse)]
    assert uses and uses[-1].result == '{"ok":true}'


async def test_a_tool_that_ends_the_call_is_heard_out_before_the_line_is_closed() -> None:
    world = World(FakeMind([ToolCall("t1", "end_call", "{}")]))
    world.answer = ToolAnswer('{"ok":true}', say="Goodbye.", then="hang_up")
    async with world.run():
        await world.until(lambda: len(world.records) == 1)
        world.ear.say("that is all")
        await world.until(lambda: world.closed == ["hang_up"])
    assert "Goodbye." in world.voice.spoken


async def test_a_bug_in_a_tool_ends_the_call_and_is_raised_to_the_consumer() -> None:
    world = World(FakeMind([ToolCall("t1", "book_appointment", "{}")]))

    async def broken(name: str, arguments: str, history: tuple[Item, ...]) -> ToolAnswer:
        world.tools_begun.append(name)
        raise ZeroDivisionError

    world.use_tool = broken  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        async with world.run():
            await world.until(lambda: len(world.records) == 1)
            world.ear.say("book it")
            await world.until(lambda: bool(world.tools_begun))
    assert world.ear.closed and world.voice.closed


async def test_a_dead_voice_becomes_a_hand_over_and_not_a_crash() -> None:
    world = World(FakeMind())
    world.voice.fails = True
    async with world.run():
        await world.until(lambda: world.closed == ["hand_over"])


async def test_a_dead_ear_becomes_a_spoken_hand_over() -> None:
    world = World(FakeMind(), FakeEar(broken=True))
    async with world.run():
        await world.until(lambda: world.closed == ["hand_over"])
    assert any("advisor" in text for text in world.voice.spoken)
