"""All simulated services at once, for a server started by hand:

    python -m simulators [--from-port 6100] [--app http://127.0.0.1:5050] [--hum]

prints the environment under which the product talks to them. The recogniser hears real
words where the local speech models have been prepared, and the voice speaks; with
`--hum` audio has no words and costs nothing. Ctrl-C stops everything.
"""

import argparse
import asyncio
import contextlib
from contextlib import AsyncExitStack
from dataclasses import dataclass

import numpy as np
from rich.console import Console

from simulators.deepgram import DeepgramSimulator, Listening, Speaking
from simulators.elevenlabs import ElevenLabsSimulator
from simulators.google import GoogleSimulator
from simulators.openai import OpenAISimulator, receptionist
from simulators.twilio import ACCOUNT_SID, TwilioServer
from voice.providers.local import cache
from voice.providers.local.moonshine import recogniser
from voice.providers.local.mouth import synthesise
from voice.providers.local.pool import HEARING, SPEAKING
from voice.providers.local.sound import to_floats, up_to_16k

TOKEN = "simulated-auth-token"


@dataclass(frozen=True, slots=True)
class Running:
    """What was started, as environment variables of the product."""

    environment: dict[str, str]


async def recognise(mulaw: bytes) -> str:
    """The words of a stretch of audio, by the local recogniser."""
    heard = await HEARING.run(lambda: recogniser().transcribe(up_to_16k(to_floats(mulaw))))
    return heard.text


async def pronounce(text: str) -> bytes:
    """Audio of a text, by the local voice."""
    return await SPEAKING.run(synthesise, text, 1.0)


async def start_all(
    stack: AsyncExitStack, *, from_port: int, app_url: str, real_words: bool
) -> Running:
    """Start every simulator on consecutive ports, 0 for free ones; `stack` stops them."""
    ports = iter([from_port + n if from_port else 0 for n in range(5)])
    listening = Listening(transcriber=recognise) if real_words else Listening()
    speaking = Speaking(voice=pronounce) if real_words else Speaking()
    deepgram = DeepgramSimulator(listening=listening, speaking=speaking, port=next(ports))
    await stack.enter_async_context(deepgram)
    openai = OpenAISimulator(receptionist, first_token_s=0.3, token_s=0.02, port=next(ports))
    await stack.enter_async_context(openai)
    elevenlabs = ElevenLabsSimulator(port=next(ports))
    await stack.enter_async_context(elevenlabs)
    twilio = TwilioServer(app_url, auth_token=TOKEN, port=next(ports))
    await stack.enter_async_context(twilio)
    google = stack.enter_context(GoogleSimulator(port=next(ports)))
    environment = {
        "DEEPGRAM_API_KEY": "simulated",
        "DEEPGRAM_BASE_URL": deepgram.url,
        "OPENAI_API_KEY": "simulated",
        "OPENAI_BASE_URL": openai.url,
        "ELEVENLABS_API_KEY": "simulated",
        "ELEVENLABS_VOICE_ID": elevenlabs.voice_id,
        "ELEVENLABS_BASE_URL": elevenlabs.url,
        "GOOGLE_CLIENT_ID": google.accounts.client_id,
        "GOOGLE_CLIENT_SECRET": google.accounts.client_secret,
        "GOOGLE_REFRESH_TOKEN": google.refresh_token,
        "GOOGLE_API_ENDPOINT": google.api_url,
        "GOOGLE_AUTH_URI": google.auth_url,
        "GOOGLE_TOKEN_URI": google.token_url,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_BASE_URL": twilio.url,
    }
    return Running(environment)


async def serve(from_port: int, app_url: str, real_words: bool) -> None:
    """Run until interrupted."""
    console = Console(highlight=False)
    async with AsyncExitStack() as stack:
        running = await start_all(
            stack, from_port=from_port, app_url=app_url, real_words=real_words
        )
        console.print("# The simulators are up. Start the product with:")
        for name, value in running.environment.items():
            console.print(f"export {name}={value}", soft_wrap=True)
        await asyncio.Event().wait()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="simulators", description=__doc__)
    parser.add_argument("--from-port", type=int, default=6100)
    parser.add_argument("--app", default="http://127.0.0.1:5050")
    parser.add_argument("--hum", action="store_true")
    given = parser.parse_args()
    real_words = cache.is_ready() and not given.hum
    if real_words:
        recogniser().transcribe(np.zeros(16000, np.float32))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(given.from_port, given.app, real_words))


if __name__ == "__main__":
    main()
