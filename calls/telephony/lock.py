"""Which numbers this installation may ring or text at all.

The one rule: YOUR_TEST_NUMBER, and nobody else, unless OUTBOUND_LIVE_CALLS=yes is
set in an environment of `production`. It holds for calls, texts and hand-overs, and
it is asked twice: by the functions of `calls.telephony`, and again where the bytes
leave for Twilio (`calls.telephony.twilio.LockedHttpClient`), which no caller can go
around.
"""

import re
from collections.abc import Mapping
from html import unescape
from urllib.parse import unquote

from django.conf import settings

from calls.errors import NumberLocked

_DIALLED = re.compile(
    r"<(?:\w+:)?(?:Dial|Number|Sip|Client|Conference|Queue|Message)\b[^>]*>([^<]*)", re.IGNORECASE
)
_MESSAGE_TO = re.compile(r"""\bto\s*=\s*["']([^"']*)["']""", re.IGNORECASE)


def is_live() -> bool:
    """True where this deployment has been opened for live dialling."""
    return settings.ENVIRONMENT == "production" and settings.OUTBOUND_LIVE_CALLS


def may_reach(number: str) -> bool:
    """True where this number may be rung or texted."""
    if is_live():
        return True
    test = _digits(settings.YOUR_TEST_NUMBER)
    return bool(test) and _digits(number) == test


def ensure_reachable(number: str) -> None:
    """Raise `NumberLocked` unless this number may be rung or texted."""
    if not may_reach(number):
        raise NumberLocked


def ensure_request_reachable(data: Mapping[str, object]) -> None:
    """The same for the form fields of a REST request: `To`, and whoever its TwiML dials."""
    for name, value in data.items():
        if name == "To":
            ensure_reachable(str(value))
        elif name == "Twiml":
            for number in numbers_dialled(str(value)):
                ensure_reachable(number)


def numbers_dialled(twiml: str) -> list[str]:
    """Every destination a piece of TwiML names."""
    found = [unescape(unquote(text)).strip() for text in _DIALLED.findall(twiml)]
    return [text for text in found if text] + _MESSAGE_TO.findall(twiml)


def _digits(number: str) -> str:
    return re.sub(r"[^0-9+a-zA-Z@.]", "", number)
