"""Seal values that the database must hold but nobody may read by accident.

Rules:
* `seal`/`unseal` is Fernet (AES-128-CBC + HMAC-SHA256, random IV): for showing a
  value again to a person who may see it.
* `fingerprint` is a keyed HMAC-SHA256: for comparing without opening. A plain hash
  would not do: there are only some 40,000 dates of birth.
* The key is `FIELD_KEY`, else derived from `SECRET_KEY`. `FIELD_KEY` may list
  several secrets, comma-separated: the first seals, all of them open and compare,
  so a key can be changed without re-sealing everything at once.
"""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SealBroken(Exception):
    """A sealed value doesn't open with any of the keys we have."""


def seal(text: str) -> str:
    """The sealed form of `text`: about 120 ASCII characters, different every time."""
    return _fernet(_secrets()).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """The text behind a sealed value. Raises `SealBroken`."""
    try:
        return _fernet(_secrets()).decrypt(sealed.encode("ascii")).decode()
    except (InvalidToken, UnicodeEncodeError) as error:
        raise SealBroken from error


def fingerprint(text: str) -> str:
    """64 hex digits by which two sealed values compare."""
    return _fingerprint(_secrets()[0], text)


def fingerprint_matches(text: str, stored: str) -> bool:
    """True when `stored` is the fingerprint of `text` under any key, in constant time."""
    ok = False
    for secret in _secrets():
        # No short cut: the time must not tell which key, or whether any, matched.
        ok |= hmac.compare_digest(_fingerprint(secret, text), stored or "0" * 64)
    return ok


def _secrets() -> tuple[str, ...]:
    listed = [part.strip() for part in str(getattr(settings, "FIELD_KEY", "")).split(",")]
    return tuple(part for part in listed if part) or (settings.SECRET_KEY,)


@lru_cache(maxsize=4)
def _fernet(secrets: tuple[str, ...]) -> MultiFernet:
    keys = (hashlib.sha256(b"crm.seal:" + secret.encode()).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


@lru_cache(maxsize=4)
def _fingerprint_key(secret: str) -> bytes:
    return hashlib.sha256(b"crm.fingerprint:" + secret.encode()).digest()


def _fingerprint(secret: str, text: str) -> str:
    return hmac.digest(_fingerprint_key(secret), text.encode(), "sha256").hex()
