"""Google's consent page and token endpoint, for an installed app.

Rules: a code is good once, for the client, the address and the PKCE challenge it was given
for; a refresh token comes only with offline access that was consented to anew. Whoever opens
the consent page is the calendar's owner; `answer` says what they choose.
Source: developers.google.com/identity/protocols/oauth2/native-app.
"""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from simulators.google.faults import Faults

Json = dict[str, Any]
Form = dict[str, list[str]]
CODE_LASTS_S = 600


@dataclass(frozen=True, slots=True)
class _Code:
    """What a code was given for."""

    client_id: str
    redirect_uri: str
    challenge: str
    scopes: tuple[str, ...]
    offline: bool
    given_at: float


@dataclass(slots=True)
class Accounts:
    """One account, one app."""

    faults: Faults
    client_id: str = "id"
    client_secret: str = "secret"
    refresh_token: str = "a-refresh-token"
    answer: str = "allow"
    """allow, deny, or "some": the last of the scopes is not ticked."""
    tokens: dict[str, float] = field(default_factory=dict)
    """Access tokens and when they end."""
    _codes: dict[str, _Code] = field(default_factory=dict)

    # ---- the consent page -----------------------------------------------------------------
    def consent(self, query: Form) -> tuple[int, str]:
        """The browser is sent on: the status and where to; 400 and why, where Google shows an error."""
        asked = {name: values[-1] for name, values in query.items()}
        wrong = self._wrong(asked)
        if wrong:
            return 400, wrong
        state = {"state": asked["state"]} if "state" in asked else {}
        if self.answer == "deny":
            return 302, f"{asked['redirect_uri']}?{urlencode({**state, 'error': 'access_denied'})}"
        scopes = tuple(asked["scope"].split())
        granted = scopes[:-1] if self.answer == "some" else scopes
        code = "4/0A" + secrets.token_urlsafe(32)
        offline = asked.get("access_type") == "offline" and asked.get("prompt") == "consent"
        self._codes[code] = _Code(
            asked["client_id"], asked["redirect_uri"], asked["code_challenge"], granted, offline,
            time.time(),
        )  # fmt: skip
        told = {**state, "code": code, "scope": " ".join(granted)}
        return 302, f"{asked['redirect_uri']}?{urlencode(told)}"

    def _wrong(self, asked: dict[str, str]) -> str:
        if asked.get("client_id") != self.client_id:
            return "invalid_client"
        loopback = ("http://localhost", "http://127.0.0.1")
        if not asked.get("redirect_uri", "").startswith(loopback):
            return "redirect_uri_mismatch"
        pkce = asked.get("code_challenge_method") == "S256" and asked.get("code_challenge")
        asks_for_code = asked.get("response_type") == "code" and asked.get("scope")
        return "" if pkce and asks_for_code else "invalid_request"

    # ---- the token endpoint -----------------------------------------------------------------
    def token(self, form: Form, authorization: str = "") -> tuple[int, Json]:
        """The grant of a code, or of the refresh token; the app may name itself in the form or
        by HTTP Basic."""
        if self.faults.token_down:
            return 503, {"error": "internal_failure"}
        given = {name: values[-1] for name, values in form.items()} | _basic(authorization)
        if given.get("grant_type") == "authorization_code":
            return self._exchange(given)
        if self.faults.revoked or given.get("refresh_token") != self.refresh_token:
            return _refusal("invalid_grant", "Token has been expired or revoked.")
        return 200, self._access()

    def _exchange(self, given: dict[str, str]) -> tuple[int, Json]:
        if (given.get("client_id"), given.get("client_secret")) != (self.client_id, self.client_secret):  # fmt: skip
            return 401, {"error": "invalid_client", "error_description": "Unauthorized"}
        code = self._codes.pop(given.get("code", ""), None)
        if code is None or code.given_at < time.time() - CODE_LASTS_S:
            return _refusal("invalid_grant", "Malformed auth code.")
        if given.get("redirect_uri") != code.redirect_uri:
            return _refusal("redirect_uri_mismatch", "Bad Request")
        if _challenge(given.get("code_verifier", "")) != code.challenge:
            return _refusal("invalid_grant", "Invalid code verifier.")
        kept = {"refresh_token": self.refresh_token} if code.offline else {}
        return 200, {**self._access(), **kept, "scope": " ".join(code.scopes)}

    def _access(self) -> Json:
        access = "ya29." + secrets.token_urlsafe(24)
        self.tokens[access] = time.time() + self.faults.expires_in_s
        return {"access_token": access, "expires_in": self.faults.expires_in_s, "token_type": "Bearer"}  # fmt: skip


def _basic(header: str) -> dict[str, str]:
    """The app's id and secret out of an Authorization header, where it has them."""
    kind, _, packed = header.partition(" ")
    if kind.lower() != "basic":
        return {}
    name, _, secret = base64.b64decode(packed).decode().partition(":")
    return {"client_id": name, "client_secret": secret}


def _refusal(error: str, text: str) -> tuple[int, Json]:
    return 400, {"error": error, "error_description": text}


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
