"""Connect the shop's Google Calendar: the consent, step by step.

    python manage.py connect_google_calendar [--write-env]

Rules: Google's consent page sends the browser back to this machine with a code, which is
exchanged (with PKCE) for a refresh token. Only the answer to our own question counts (its
`state`): nobody else can slip a calendar of theirs in. The token is printed once, or written
into `.env`; it is never logged. Source: developers.google.com/identity/protocols/oauth2/native-app.
"""

import argparse
import contextlib
import http.server
import secrets
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from google_auth_oauthlib.flow import InstalledAppFlow
from oauthlib.oauth2.rfc6749.errors import OAuth2Error
from requests import RequestException

from scheduling.calendar.google import SCOPES

WAIT_S = 300


class Command(BaseCommand):
    """See the module."""

    help = "Walk through Google's consent and print (or store) the refresh token."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where the answer goes."""
        parser.add_argument("--write-env", action="store_true", help="put the token into .env")
        parser.add_argument("--port", type=int, default=8765, help="where the browser comes back")

    def handle(self, **options: object) -> None:
        """Show the address, wait for the browser, exchange the code."""
        if not (settings.GOOGLE_CLIENT_ID and settings.GOOGLE_CLIENT_SECRET):
            raise CommandError(
                "Set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET first: console.cloud.google.com, "
                "APIs & Services, Credentials, OAuth client ID, type Desktop app."
            )
        flow = InstalledAppFlow.from_client_config(_client(), SCOPES)
        port = int(str(options["port"]))
        flow.redirect_uri = f"http://localhost:{port}/"
        address, state = flow.authorization_url(access_type="offline", prompt="consent")
        with contextlib.closing(_Desk(port, state)) as desk:
            self.stdout.write(f"Open this address as the calendar's owner:\n\n  {address}\n")
            code = desk.wait_for_code()
        self._hand_out(_exchange(flow, code), write=bool(options["write_env"]))

    def _hand_out(self, token: str, *, write: bool) -> None:
        if write:
            _put_into_env(settings.BASE_DIR / ".env", token)
            self.stdout.write("GOOGLE_REFRESH_TOKEN is in .env now. Restart to use it.")
        else:
            self.stdout.write(f"GOOGLE_REFRESH_TOKEN={token}")


def _client() -> dict[str, dict[str, object]]:
    return {
        "installed": {
            "client_id": settings.GOOGLE_CLIENT_ID,
            "client_secret": settings.GOOGLE_CLIENT_SECRET,
            "auth_uri": settings.GOOGLE_AUTH_URI,
            "token_uri": settings.GOOGLE_TOKEN_URI,
            "redirect_uris": ["http://localhost"],
        }
    }


def _exchange(flow: InstalledAppFlow, code: str) -> str:
    """The refresh token for a code. Raises CommandError."""
    try:
        flow.fetch_token(code=code)
    except OAuth2Error as error:
        raise CommandError(f"Google refused the code: {error.error}.") from error
    except RequestException as error:
        raise CommandError("Google could not be reached. Try again.") from error
    except Warning as fewer:  # oauthlib raises it where the scopes that came are others
        raise CommandError(
            "Not all that was asked for was allowed: tick every box and try again."
        ) from fewer
    if not flow.credentials.refresh_token:
        raise CommandError("Google sent no refresh token: remove the app's access and try again.")
    return str(flow.credentials.refresh_token)


class _Desk(http.server.HTTPServer):
    """Where the browser comes back. A visit without our `state` is not it."""

    def __init__(self, port: int, state: str) -> None:
        """Raise CommandError where the port is taken."""
        self.state, self.seen = state, dict[str, str]()
        try:
            super().__init__(("localhost", port), _Visit)
        except OSError as error:
            raise CommandError(f"Port {port} is taken: choose another with --port.") from error

    def wait_for_code(self) -> str:
        """The code out of the browser's visit. Raises CommandError."""
        ends = time.monotonic() + WAIT_S
        while not self.seen and (left := ends - time.monotonic()) > 0:
            self.timeout = left
            self.handle_request()
        if "code" not in self.seen:
            raise CommandError(f"No consent: {self.seen.get('error', 'nobody came back in time')}.")
        return self.seen["code"]

    def close(self) -> None:
        """For `closing`."""
        self.server_close()


class _Visit(http.server.BaseHTTPRequestHandler):
    """One request of a browser."""

    server: _Desk
    timeout = 10
    """Seconds that a visitor who says nothing is waited for."""

    def do_GET(self) -> None:
        """Take the answer to our question and nothing else."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        ours = secrets.compare_digest(query.get("state", "").encode(), self.server.state.encode())
        self.send_response(200 if ours else 404)
        self.end_headers()
        self.wfile.write(_answer(query) if ours else b"Nothing here.")
        self.server.seen.update(query if ours else {})

    def log_message(self, format: str, *args: object) -> None:
        """The address holds the code: it is written nowhere."""


def _answer(query: dict[str, str]) -> bytes:
    """What the browser shows."""
    if "code" in query:
        return b"Done. You may close this window."
    return b"Google was told no. Close this window and start again."


def _put_into_env(path: Path, token: str) -> None:
    """Replace or add the variable; everything else in the file stays."""
    lines = path.read_text().splitlines() if path.exists() else []
    kept = [line for line in lines if not line.startswith("GOOGLE_REFRESH_TOKEN=")]
    path.write_text("\n".join([*kept, f"GOOGLE_REFRESH_TOKEN={token}"]) + "\n")
    path.chmod(0o600)
