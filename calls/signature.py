"""Did this request come from Twilio?

Rules: the URL that Twilio signed is rebuilt from BASE_URL and the raw path and
query, never from a header or the scope, which a stranger or a proxy can set. Form
fields are all part of the signature. A media stream is signed over its wss URL, and
Twilio isn't consistent about the slash at the end, so both forms are tried
(protocols: Media Streams, connection).

Without TWILIO_AUTH_TOKEN nothing can be verified: then requests are refused, except
where ENVIRONMENT is development, so that a fresh clone can be tried by hand. A media
stream always needs its token as well (`calls.stream_token`).
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from twilio.request_validator import RequestValidator

FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def webhook_is_signed(request: HttpRequest) -> bool:
    """True where the request carries Twilio's signature over exactly this URL and form."""
    if not settings.TWILIO_AUTH_TOKEN:
        return _unsigned_is_fine()
    if request.method == "POST" and request.content_type not in FORM_TYPES:
        return False
    query = request.META.get("QUERY_STRING", "")
    url = settings.BASE_URL + request.path + (f"?{query}" if query else "")
    form = request.POST if request.method == "POST" else {}
    return _matches(url, form, request.headers.get("X-Twilio-Signature", ""))


def stream_is_signed(scope: Mapping[str, Any]) -> bool:
    """True where the handshake of a media stream carries Twilio's signature."""
    if not settings.TWILIO_AUTH_TOKEN:
        return _unsigned_is_fine()
    signature = _header(scope, b"x-twilio-signature")
    path = str(scope.get("path", "")).rstrip("/")
    base = stream_base()
    return any(_matches(base + path + end, {}, signature) for end in ("/", ""))


def stream_base() -> str:
    """BASE_URL as a websocket address: wss for https, ws for http."""
    return "ws" + settings.BASE_URL.removeprefix("http")


def _matches(url: str, form: Mapping[str, Any], signature: str) -> bool:
    validator = RequestValidator(settings.TWILIO_AUTH_TOKEN)
    return bool(signature) and bool(validator.validate(url, form, signature))


def _unsigned_is_fine() -> bool:
    return bool(settings.DEVELOPMENT)


def _header(scope: Mapping[str, Any], name: bytes) -> str:
    for key, value in scope.get("headers", ()):
        if key.lower() == name:
            return bytes(value).decode("latin-1")
    return ""
