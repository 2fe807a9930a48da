"""A pass for the browser phone's socket.

A browser can't sign a handshake as Twilio does. The phone's page, which is open
in development and behind the staff login elsewhere, sets this cookie; the socket
accepts it in place of Twilio's signature. The stream token is asked for all the same.
"""

from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.core.signing import BadSignature, TimestampSigner

COOKIE = "phone_pass"
LIFE_S = 12 * 60 * 60
_signer = TimestampSigner(salt="voice.phone_pass")


def issue() -> str:
    """The cookie's value."""
    return _signer.sign("browser-phone")


def holds(scope: dict[str, Any]) -> bool:
    """Whether a WebSocket handshake carries a valid pass."""
    raw = dict(scope.get("headers", ())).get(b"cookie", b"").decode("latin-1")
    try:
        crumb = SimpleCookie(raw).get(COOKIE)
        _signer.unsign(crumb.value if crumb else "", max_age=LIFE_S)
    except (BadSignature, CookieError):
        return False
    return True
