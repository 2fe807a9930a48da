"""The ticket that lets one socket become one call.

Rules: a ticket is signed, names the call and where it was given out, lives for
60 s and works once. It is issued in the TwiML (or to the browser phone) and comes
back in `start.customParameters`, because Twilio drops query strings (protocols: a
`<Stream url>` must not carry one). Without Redis nothing can be known to be unused,
so nothing is let in: the caller is then taken up by the verb after `<Connect>`.
"""

import hmac
import secrets
from datetime import datetime

from django.core import signing
from django.core.cache import cache

from calls.errors import StreamTokenRefused

LIFE_S = 60
_SKEW_S = 5
_SALT = "calls.stream_token"


def issue(call_sid: str, now: datetime, origin: str = "twilio") -> str:
    """A ticket for this call. `origin` is twilio or browser. Under 500 characters."""
    facts = [call_sid, origin, int(now.timestamp()), secrets.token_urlsafe(12)]
    return signing.dumps(facts, salt=_SALT)


def redeem(token: str, call_sid: str, now: datetime) -> str:
    """Use up a ticket and return its origin; raises `StreamTokenRefused`."""
    origin, nonce = _read(token, call_sid, now)
    try:
        fresh = cache.add(f"stream-token:{nonce}", 1, timeout=LIFE_S + 2 * _SKEW_S)
    except Exception as error:
        raise StreamTokenRefused("store_down") from error
    if not fresh:
        raise StreamTokenRefused("used")
    return origin


def _read(token: str, call_sid: str, now: datetime) -> tuple[str, str]:
    try:
        named, origin, issued, nonce = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise StreamTokenRefused("forged") from error
    if not hmac.compare_digest(str(named).encode(), call_sid.encode()):
        raise StreamTokenRefused("foreign")
    age_s = now.timestamp() - issued
    if not -_SKEW_S <= age_s <= LIFE_S:
        raise StreamTokenRefused("stale")
    return origin, nonce
