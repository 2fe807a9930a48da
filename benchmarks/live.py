"""Calls by the dozen against a server in a process of its own, with instant services.

Rules: telephone, recogniser, model and voice are the simulators, all in this process, so
that every time is read off one clock. What a caller says names the call and the turn,
the model answers with the same words, and the voice's audio tells sentences apart: so
an answer is matched to its question, and a word in the wrong ear is seen at once.
"""

import asyncio
import contextlib
import os
import random
import secrets
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import aiohttp

from simulators.deepgram import DeepgramSimulator, Listening, Speaking
from simulators.openai import OpenAISimulator
from simulators.twilio import SimulatedCall

TOKEN = "benchmark-token"
START_S = 60
PHRASE_MS = 600
LAG_MS = 200
INTERIM_EVERY_MS = 200
SURE_MS = 40
ANSWER_MS = 400
FRAME = 160
_DATABASES = frozenset({"postgres", "valkey-server", "redis-server"})


def sound_of(text: str, ms: int) -> bytes:
    """Loud audio that is like no other text's: mu-law, 8000 Hz."""
    return random.Random(text).randbytes(ms * 8)


class Ear:
    """A recogniser that knows every phrase of every call, and when it said so last.

    Words come `lag_ms` after they were spoken, so an interim is never the whole phrase.
    """

    def __init__(self, lag_ms: int = LAG_MS) -> None:
        self._by_first: dict[bytes, tuple[str, int]] = {}
        self._lag_ms = lag_ms
        self.said_at: dict[str, float] = {}

    def learn(self, text: str, audio: bytes = b"") -> bytes:
        """The audio of a phrase, known from now on: `audio`, else noise like no other."""
        audio = audio or sound_of(text, PHRASE_MS)
        self._by_first[audio[:32]] = text, len(audio) // 8
        return audio

    def __call__(self, audio: bytes) -> str:
        """The words of a stretch of audio; a phrase starts at a frame's edge."""
        for at in range(0, min(len(audio), 12_000), FRAME):
            known = self._by_first.get(audio[at : at + 32])
            if known is not None:
                self.said_at[known[0]] = time.perf_counter()
                return self._so_far(*known, (len(audio) - at) // 8)
        return ""

    def _so_far(self, text: str, length_ms: int, heard_ms: int) -> str:
        """A word is known once half of it was spoken, and all are once silence follows."""
        words = text.split()
        if heard_ms >= length_ms + SURE_MS:
            return text
        share = (heard_ms - self._lag_ms) / length_ms
        return " ".join(words[: max(0, int(len(words) * share + 0.5))])


class Mouth:
    """A voice whose every sentence is told from its audio."""

    def __init__(self) -> None:
        self.by_first: dict[bytes, str] = {}

    def __call__(self, text: str) -> bytes:
        """Audio of a sentence."""
        audio = sound_of(text, ANSWER_MS)
        self.by_first[audio[:32]] = text
        return audio


@dataclass(slots=True)
class Turn:
    """One exchange. Times are seconds of `time.perf_counter`."""

    call: int
    text: str
    spoken_at: float
    final_at: float
    answered_at: float
    own: bool

    @property
    def overhead_ms(self) -> float:
        """Final transcript sent to first audio received."""
        return (self.answered_at - self.final_at) * 1000

    @property
    def perceived_ms(self) -> float:
        """End of speech to first audio received."""
        return (self.answered_at - self.spoken_at) * 1000


@dataclass
class World:
    """The services, the server, and what was measured."""

    deepgram: DeepgramSimulator
    openai: OpenAISimulator
    ear: Ear
    mouth: Mouth
    base_url: str = ""
    server_pid: int = 0
    turns: list[Turn] = field(default_factory=list)


def echo(messages: list[dict[str, object]], _tools: list[dict[str, object]]) -> str:
    """A model that answers with the caller's last words."""
    said = [str(message["content"]) for message in messages if message["role"] == "user"]
    return said[-1] if said else "Hello."


def free_port() -> int:
    """A port nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerCommand(Protocol):
    """How to start a server on a port: the command and its variables."""

    def __call__(self, port: int, world: "World", /) -> tuple[list[str], dict[str, str]]:
        """The command, and the variables it needs."""


def our_server(
    port: int, world: "World", *, server: str = "uvicorn", **extra: str
) -> tuple[list[str], dict[str, str]]:
    """The shipped server, pointed at the simulators. `extra` are more variables."""
    return [sys.executable, "-m", "autoshop.serve", "--server", server], {
        "PORT": str(port), "BASE_URL": f"http://127.0.0.1:{port}", "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_ACCOUNT_SID": "", "DEEPGRAM_API_KEY": "key", "DEEPGRAM_BASE_URL": world.deepgram.url,
        "OPENAI_API_KEY": "key", "OPENAI_BASE_URL": world.openai.url, "LOG_LEVEL": "warning",
        "STT_PROVIDER": "deepgram", "TTS_PROVIDER": "deepgram", "LLM_PROVIDER": "openai", **extra,
    }  # fmt: skip


def thin_server(port: int, world: "World") -> tuple[list[str], dict[str, str]]:
    """The floor (see `benchmarks.thin_server`)."""
    command = [sys.executable, "-m", "benchmarks.thin_server", str(port)]
    return [*command, world.deepgram.url, world.openai.url], {}


@contextlib.asynccontextmanager
async def running(
    command: ServerCommand,
    *,
    where: Mapping[str, str] | None = None,
    keep_audio: bool = False,
    policy: Callable[..., object] = echo,
    listening: Listening | None = None,
    ear: Ear | None = None,
    interim_every_ms: int = INTERIM_EVERY_MS,
    voice: Callable[[str], bytes] | None = None,
    first_audio_s: float = 0.0,
    first_token_s: float = 0.0,
    token_s: float = 0.0,
    voice_pace: float | None = None,
    alone: bool = False,
) -> AsyncIterator[World]:
    """The services and the server, as long as the block lasts.

    `where`: its database and Redis; `voice_pace`: how much faster than life the voice is made, None: at once;
    `alone`: the server has one core to itself, all else of ours the others.
    """
    ear, mouth = ear or Ear(), Mouth()
    hears = listening or Listening(transcriber=ear, interim_every_ms=interim_every_ms)
    speaks = Speaking(voice=voice or mouth, first_audio_s=first_audio_s, realtime_factor=voice_pace)
    async with (
        DeepgramSimulator(listening=hears, speaking=speaks, keep_audio=keep_audio) as deepgram,
        OpenAISimulator(policy, first_token_s=first_token_s, token_s=token_s) as openai,  # type: ignore[arg-type]
    ):
        world = World(deepgram, openai, ear, mouth)
        port = free_port()
        world.base_url = f"http://127.0.0.1:{port}"
        words, variables = command(port, world)
        cores = os.sched_getaffinity(0) if alone else set[int]()  # only Linux knows cores
        with _on_its_own_core(cores) if alone else contextlib.nullcontext():
            process = await asyncio.create_subprocess_exec(
                *words, env={**os.environ, **(where or {}), **variables}
            )
        world.server_pid = process.pid
        try:
            await _ready(world.base_url, process)
            yield world
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
            if alone:
                os.sched_setaffinity(0, cores)


@contextlib.contextmanager
def _on_its_own_core(cores: set[int]) -> Iterator[None]:
    """What is started in here has the first core; this process and the databases have the others from now on."""
    others = cores - {min(cores)} or cores
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (folder / "comm").read_text().strip() in _DATABASES:
                os.sched_setaffinity(int(folder.name), others)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, others)


async def _ready(base_url: str, process: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as http, asyncio.timeout(START_S):
        while process.returncode is None:
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get(f"{base_url}/static/none"):
                    return
            await asyncio.sleep(0.1)
    raise RuntimeError("the server did not start")


@contextlib.asynccontextmanager
async def answered(world: World, n: int) -> AsyncIterator[SimulatedCall]:
    """Call number `n`, answered and greeted."""
    call = SimulatedCall(
        world.base_url, from_=f"+1202555{n:04d}", auth_token=TOKEN, sid="CA" + secrets.token_hex(16)
    )
    async with call:
        if not await call.dial(timeout_s=60):
            raise RuntimeError(f"call {n} was not answered")
        await call.wait_for_heard_ms(ANSWER_MS, timeout_s=60)
        await call.wait_until_quiet(quiet_ms=200, timeout_s=60, after_ms=0)
        yield call


def noise(text: str) -> bytes:
    """A phrase in the ear's own noise, which no detector takes for a voice."""
    return b""


async def exchange(
    world: World,
    call: SimulatedCall,
    n: int,
    turn: int,
    *,
    frame: str = "{}.",
    voice: Callable[[str], bytes] = noise,
) -> Turn:
    """Say a phrase of our own and wait for the answer to it."""
    stream = call.stream
    assert stream is not None
    text = frame.format(f"Call {n} turn {turn} is ready")
    had = len(stream.received)
    await call.say_frames(world.ear.learn(text, voice(text)))
    spoken_at = time.perf_counter()
    offset = time.perf_counter() - asyncio.get_running_loop().time()

    def audio() -> list[float]:
        return [message.wall_s for message in stream.received[had:] if message.kind == "media"]

    await stream.wait_for(lambda: bool(audio()), 30.0)
    if not audio():
        raise RuntimeError(f"call {n} had no answer in turn {turn}")
    answered_at = audio()[0] + offset
    await call.wait_until_quiet(quiet_ms=200, timeout_s=30, after_ms=stream.ms - 100)
    return Turn(n, text, spoken_at, world.ear.said_at.get(text, spoken_at), answered_at, own=True)


async def converse(
    world: World,
    n: int,
    turns: int,
    *,
    stagger_s: float = 0.0,
    pauses_s: tuple[float, float] = (0.0, 0.5),
    voice: Callable[[str], bytes] = noise,
) -> None:
    """One call of some turns, with pauses between these; the first may be shorter."""
    await asyncio.sleep(stagger_s)
    async with answered(world, n) as call:
        for turn in range(turns):
            shortest, longest = pauses_s
            pause = random.Random(f"{n}/{turn}").uniform(shortest if turn else 0.0, longest)
            await asyncio.sleep(pause)
            world.turns.append(await exchange(world, call, n, turn, voice=voice))


async def all_at_once(calls: int, one: Callable[[int], Awaitable[None]]) -> int:
    """Run so many calls together; how many broke."""
    results = await asyncio.gather(*(one(n) for n in range(calls)), return_exceptions=True)
    for problem in results:
        if isinstance(problem, BaseException):
            print(f"a call broke: {problem!r}", file=sys.stderr)
    return sum(isinstance(result, BaseException) for result in results)
