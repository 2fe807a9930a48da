"""Are the keys that are set accepted? Asked once, before the product starts.

Rules: each service is asked for the cheapest thing that needs its key; a refusal
(401, 403, or Google's `invalid_grant`) names the variable and stops the start; a service
that can't be reached only earns a warning, because it may be back by the first call.
No key is ever part of a text.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

TIMEOUT_SECONDS = 6.0
_REFUSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class KeyState:
    """What a service said about a key. `problem` is empty where it was accepted."""

    variable: str
    problem: str = ""
    refused: bool = False


def _ask(
    variable: str, send: Callable[[httpx.Client], httpx.Response], refusal: int = 0
) -> KeyState:
    """Send one request; `refusal` is a further status that means: refused."""
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
            answer = send(client)
    except httpx.HTTPError as error:
        return KeyState(variable, f"{variable} can't be checked: {type(error).__name__}.")
    if answer.status_code in _REFUSED or answer.status_code == refusal:
        words = f"{variable} is refused by {answer.request.url.host} (HTTP {answer.status_code})"
        return KeyState(
            variable, f"{words}: correct it, or unset it to use the built-in one.", True
        )
    if answer.status_code >= 500:
        words = f"{variable} can't be checked: {answer.request.url.host} answers"
        return KeyState(variable, f"{words} {answer.status_code}.")
    return KeyState(variable)


def _openai(settings: Any) -> KeyState:
    headers = {"Authorization": f"Bearer {settings.OPENAI_API_KEY}"}
    url = f"{settings.OPENAI_BASE_URL}/models"
    return _ask("OPENAI_API_KEY", lambda client: client.get(url, headers=headers))


def _deepgram(settings: Any) -> KeyState:
    headers = {"Authorization": f"Token {settings.DEEPGRAM_API_KEY}"}
    url = f"{settings.DEEPGRAM_BASE_URL}/v1/auth/token"
    return _ask("DEEPGRAM_API_KEY", lambda client: client.get(url, headers=headers))


def _twilio(settings: Any) -> KeyState:
    sid = settings.TWILIO_ACCOUNT_SID
    url = f"{settings.TWILIO_API_BASE_URL}/2010-04-01/Accounts/{sid}.json"
    login = (sid, settings.TWILIO_AUTH_TOKEN)
    return _ask("TWILIO_AUTH_TOKEN", lambda client: client.get(url, auth=login))


def _google(settings: Any) -> KeyState:
    form = {
        "client_id": settings.GOOGLE_CLIENT_ID,
        "client_secret": settings.GOOGLE_CLIENT_SECRET,
        "refresh_token": settings.GOOGLE_REFRESH_TOKEN,
        "grant_type": "refresh_token",
    }
    # RFC 6749, 5.2: a revoked or foreign refresh token is a 400 `invalid_grant`.
    return _ask(
        "GOOGLE_REFRESH_TOKEN",
        lambda client: client.post(settings.GOOGLE_TOKEN_URI, data=form),
        refusal=400,
    )


def check(settings: Any) -> tuple[KeyState, ...]:
    """Ask every service whose key is set and which is in use, all at once."""
    asked: list[Callable[[Any], KeyState]] = []
    if settings.LLM_PROVIDER == "openai":
        asked.append(_openai)
    if {settings.STT_PROVIDER, settings.TTS_PROVIDER} & {"deepgram", "flux"}:
        asked.append(_deepgram)
    if settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN:
        asked.append(_twilio)
    if settings.CALENDAR_PROVIDER == "google":
        asked.append(_google)
    if not asked:
        return ()
    with ThreadPoolExecutor(len(asked)) as pool:
        return tuple(pool.map(lambda question: question(settings), asked))
