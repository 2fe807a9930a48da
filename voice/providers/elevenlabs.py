"""ElevenLabs as the agent's voice, over its documented HTTP streaming API.

Rules: one request a clause, on a connection that is kept open between them; the audio
streams back as mu-law 8000 Hz; leaving early closes the request, which is all that a
barge-in needs. `previous_text` keeps the melody of a reply over its clauses.
Source: elevenlabs.io/docs, "Stream speech" (POST /v1/text-to-speech/{voice_id}/stream).
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from functools import lru_cache

import httpx

from voice.providers.base import Play, ProviderError

PROVIDER = "elevenlabs"
MODEL = "eleven_flash_v2_5"
BASE_URL = "https://api.elevenlabs.io"
CONNECT_S = 3.0
FIRST_AUDIO_S = 3.0
NEXT_AUDIO_S = 3.0
PIECE = 1600
_PERMANENT = frozenset({400, 401, 402, 403, 404, 422})


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Made once for all calls: reading the certificates takes tens of ms."""
    return httpx.create_ssl_context()


class ElevenLabsTextToSpeech:
    """One agent's voice."""

    def __init__(
        self, *, api_key: str, voice_id: str, base_url: str = BASE_URL, model: str = MODEL
    ) -> None:
        self._api_key, self._voice_id = api_key, voice_id
        self._base_url, self._model = base_url.rstrip("/"), model
        self._client: httpx.AsyncClient | None = None
        self._said_before = ""

    async def connect(self) -> None:
        """Open a connection and see that the key and the voice are known. Raises ProviderError."""
        client = await self._ready()
        try:
            async with asyncio.timeout(CONNECT_S):
                answer = await client.get(f"/v1/voices/{self._voice_id}")
        except (httpx.HTTPError, TimeoutError) as error:
            raise _as_provider_error(error) from error
        _check(answer)

    async def speak(self, text: str, play: Play, *, last: bool) -> None:
        """Say one clause. Raises ProviderError."""
        if not any(letter.isalnum() for letter in text):
            return
        client = await self._ready()
        try:
            async with contextlib.aclosing(self._stream(client, text)) as audio:
                async for piece in audio:
                    play(piece)
        except (httpx.HTTPError, TimeoutError) as error:
            raise _as_provider_error(error) from error
        self._said_before = "" if last else text

    async def close(self) -> None:
        """Close for good. Never raises."""
        if self._client is not None:
            client, self._client = self._client, None
            with contextlib.suppress(httpx.HTTPError, OSError):
                await client.aclose()

    async def _ready(self) -> httpx.AsyncClient:
        if self._client is None:
            context = await asyncio.to_thread(_tls)
            self._client = httpx.AsyncClient(
                base_url=self._base_url,
                headers={"xi-api-key": self._api_key},
                timeout=httpx.Timeout(NEXT_AUDIO_S, connect=CONNECT_S),
                verify=context,
            )
        return self._client

    async def _stream(self, client: httpx.AsyncClient, text: str) -> AsyncGenerator[bytes, None]:
        body = {"text": text, "model_id": self._model, "previous_text": self._said_before or None}
        request = client.build_request(
            "POST",
            f"/v1/text-to-speech/{self._voice_id}/stream",
            params={"output_format": "ulaw_8000"},
            json={name: value for name, value in body.items() if value is not None},
        )
        async with asyncio.timeout(FIRST_AUDIO_S):
            answer = await client.send(request, stream=True)
        try:
            _check(answer)
            pieces = answer.aiter_bytes(PIECE)
            wait_s = FIRST_AUDIO_S
            while piece := await _next(pieces, wait_s):
                wait_s = NEXT_AUDIO_S
                yield piece
        finally:
            await answer.aclose()


async def _next(pieces: AsyncIterator[bytes], wait_s: float) -> bytes:
    async with asyncio.timeout(wait_s):
        return await anext(pieces, b"")


def _check(answer: httpx.Response) -> None:
    """Raises ProviderError for anything but success."""
    status = answer.status_code
    if status != httpx.codes.OK:
        raise ProviderError(PROVIDER, f"http_{status}", retryable=status not in _PERMANENT)


def _as_provider_error(error: Exception) -> ProviderError:
    slow = isinstance(error, httpx.TimeoutException | TimeoutError)
    return ProviderError(PROVIDER, "timeout" if slow else "network", retryable=True)
