"""Connect the shop's Google Calendar: the consent, step by step.

    python manage.py connect_google_calendar [--write-env]

Rules: Google's consent page sends the browser back to this machine with a code, which is
exchanged (with PKCE) for a refresh token. The token is printed once, or written into
`.env`; it is never logged. Source: developers.google.com/identity/protocols/oauth2/native-app.
"""

import argparse
import contextlib
import http.server
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from google_auth_oauthlib.flow import InstalledAppFlow
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from scheduling.calendar.google import SCOPES

AUTH_URI = "https://accounts.google.com/o/oauth2/auth"
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
        address, _ = flow.authorization_url(access_type="offline", prompt="consent")
        self.stdout.write(f"Open this address as the calendar's owner:\n\n  {address}\n")
        try:
            flow.fetch_token(code=_wait_for_code(port))
        except OAuth2Error as error:
            raise CommandError(f"Google refused the code: {error.error}.") from error
        token = flow.credentials.refresh_token
        if not token:
            raise CommandError(
                "Google sent no refresh token: remove the app's access and try again."
            )
        self._hand_out(token, write=bool(options["write_env"]))

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
            "auth_uri": AUTH_URI,
            "token_uri": settings.GOOGLE_TOKEN_URI,
            "redirect_uris": ["http://localhost"],
        }
    }


def _wait_for_code(port: int) -> str:
    """The code out of the browser's one visit. Raises CommandError."""
    seen: dict[str, list[str]] = {}

    class Visit(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.update(parse_qs(urlsplit(self.path).query))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"Done. You may close this window.")

        def log_message(self, format: str, *args: object) -> None:
            """The address holds the code: it is written nowhere."""

    with contextlib.closing(_server(port, Visit)) as server:
        server.timeout = WAIT_S
        server.handle_request()
    if "code" not in seen:
        why = seen.get("error", ["nobody came back within five minutes"])[0]
        raise CommandError(f"No consent: {why}.")
    return seen["code"][0]


class _Server(http.server.HTTPServer):
    def close(self) -> None:
        """For `closing`."""
        self.server_close()


def _server(port: int, handler: type[http.server.BaseHTTPRequestHandler]) -> _Server:
    try:
        return _Server(("localhost", port), handler)
    except OSError as error:
        raise CommandError(f"Port {port} is taken: choose another with --port.") from error


def _put_into_env(path: Path, token: str) -> None:
    """Replace or add the variable; everything else in the file stays."""
    lines = path.read_text().splitlines() if path.exists() else []
    kept = [line for line in lines if not line.startswith("GOOGLE_REFRESH_TOKEN=")]
    path.write_text("\n".join([*kept, f"GOOGLE_REFRESH_TOKEN={token}"]) + "\n")
    path.chmod(0o600)
