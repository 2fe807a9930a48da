"""Google's consent page, token endpoint and Calendar v3 over HTTP, with faults.

Rules: paths, statuses and bodies are Google's. A request without a bearer token that this
server gave out gets 401. Requests run on threads, as the vendor's client does. Pushes go
to whoever watches, unless they are switched off.
Source: developers.google.com/calendar/api/v3/reference; guides "Push notifications", "Errors".
"""

import json
import secrets
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, unquote, urlsplit

from simulators.google.accounts import Accounts
from simulators.google.book import Calendars, Json, Refused, moment
from simulators.google.faults import Faults

PAGE = 250
_LOOK_S = 0.01
"""How often the server looks whether it is to stop."""
_FAILURES = (
    (500, "backendError"), (503, "backendError"), (429, "rateLimitExceeded"),
    (403, "rateLimitExceeded"),
)  # fmt: skip


class _Server(ThreadingHTTPServer):
    """Serves on threads; a client that dies in the middle of a request is no news."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, unless the line broke."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Requests of one simulator, over HTTP."""

    google: ClassVar["GoogleSimulator"]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Head and body leave as two packets: held back, the second waits 40 ms for an answer."""

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.google.requests.append(f"{self.command} {self.path.partition('?')[0]}")
        parts = urlsplit(self.path)
        if parts.path == "/token":
            named = self.headers.get("Authorization", "")
            self._send(*self.google.accounts.token(parse_qs(raw.decode()), named))
            return
        if parts.path == "/o/oauth2/auth":
            self._page(*self.google.accounts.consent(parse_qs(parts.query)))
            return
        self._calendar(json.loads(raw) if raw else {})

    def _page(self, status: int, text: str) -> None:
        """Send the browser on, or show it why not."""
        self.send_response(status)
        if status == 302:
            self.send_header("Location", text)
        data = b"" if status == 302 else f"Error {status}: {text}".encode()
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _calendar(self, body: Json) -> None:
        faults = self.google.faults
        time.sleep(faults.latency_s)
        if faults.strikes(faults.errors):
            self._refuse(*faults.draws.choice(_FAILURES))
            return
        try:
            status, answer = self.google.call(self.command, self.path, self.headers, body)
        except Refused as no:
            self._refuse(no.status, no.reason, no.message)
            return
        if self.command != "GET" and faults.strikes(faults.lost_answers):
            self.close_connection = True  # done, and nobody is told
            return
        self._send(status, answer)

    def _refuse(self, status: int, reason: str, message: str = "") -> None:
        errors = [{"domain": "global", "reason": reason, "message": message or reason}]
        self._send(status, {"error": {"code": status, "message": message or reason, "errors": errors}})  # fmt: skip

    def _send(self, status: int, body: Json | None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


class GoogleSimulator:
    """`with GoogleSimulator() as google:` then `google.api_url` and `google.token_url`."""

    def __init__(self, *, faults: Faults | None = None, port: int = 0, pushes: bool = True) -> None:
        self.calendars, self.faults = Calendars(), faults or Faults()
        self.accounts = Accounts(self.faults)
        self.channels: dict[str, Json] = {}
        self._listings: dict[str, list[list[Json]]] = {}
        self.requests: list[str] = []
        self.push_via = ""
        """Scheme, host and port that stand in for the channels' public https address."""
        self.channel_life_s = 7 * 86400
        self.push_answers: list[int] = []
        self._pushes = pushes
        self._server = _Server(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_LOOK_S,), daemon=True
        )

    @property
    def base_url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def api_url(self) -> str:
        """As GOOGLE_API_ENDPOINT wants it."""
        return f"{self.base_url}/calendar/v3"

    @property
    def auth_url(self) -> str:
        """As GOOGLE_AUTH_URI wants it."""
        return f"{self.base_url}/o/oauth2/auth"

    @property
    def refresh_token(self) -> str:
        """As GOOGLE_REFRESH_TOKEN wants it."""
        return self.accounts.refresh_token

    @property
    def tokens(self) -> dict[str, float]:
        """Access tokens and when they end; a test may take them away."""
        return self.accounts.tokens

    @property
    def token_url(self) -> str:
        """As GOOGLE_TOKEN_URI wants it."""
        return f"{self.base_url}/token"

    def start(self) -> Self:
        """Serve in the background."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        """Serve while the block lasts."""
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:  # fmt: skip
        """Stop."""
        self.stop()

    # ---- one request --------------------------------------------------------------------
    def call(self, method: str, url: str, headers: Any, body: Json) -> tuple[int, Json | None]:
        """A Calendar request. Raises Refused."""
        self._check_token(headers.get("Authorization", ""))
        parts = urlsplit(url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        path = [unquote(part) for part in parts.path.removeprefix("/calendar/v3/").split("/")]
        match (method, path):
            case ("POST", ["freeBusy"]):
                return 200, self._free_busy(body)
            case ("POST", ["channels", "stop"]):
                known = self.channels.get(body.get("id", ""))
                if known is None or known["resourceId"] != body.get("resourceId"):
                    raise Refused(404, "channelUnknown", "Channel not found for project")
                del self.channels[body["id"]]
                return 204, None
            case ("POST", ["calendars", calendar, "events", "watch"]):
                return 200, self._watch(calendar, body)
            case ("POST", ["calendars", calendar, "events"]):
                return 200, self.calendars.insert(calendar, body)
            case ("GET", ["calendars", calendar, "events"]):
                return 200, self._list(calendar, query)
            case ("GET", ["calendars", calendar, "events", event_id]):
                return 200, self.calendars.get(calendar, event_id)
            case ("PUT" | "PATCH", ["calendars", calendar, "events", event_id]):
                match = headers.get("If-Match", "")
                whole = method == "PUT"
                return 200, self.calendars.change(calendar, event_id, body, if_match=match, whole=whole)  # fmt: skip
            case ("DELETE", ["calendars", calendar, "events", event_id]):
                self.calendars.delete(calendar, event_id)
                return 204, None
        raise Refused(404, "notFound")

    def _check_token(self, header: str) -> None:
        access = header.removeprefix("Bearer ")
        if self.faults.strikes(self.faults.dead_tokens):
            self.tokens.pop(access, None)
        if self.tokens.get(access, 0) < time.time():
            raise Refused(401, "authError", "Invalid Credentials")

    def _free_busy(self, body: Json) -> Json:
        start, end = moment(body["timeMin"]), moment(body["timeMax"])
        answer: Json = {}
        for item in body.get("items", []):
            known = item["id"] == "primary" or item["id"] in self.calendars
            answer[item["id"]] = (
                {"busy": self.calendars.busy(item["id"], start, end)}
                if known
                else {"busy": [], "errors": [{"domain": "global", "reason": "notFound"}]}
            )
        return {"kind": "calendar#freeBusy", "calendars": answer}

    def _list(self, calendar: str, query: dict[str, str]) -> Json:
        token = query.get("syncToken")
        if token and self.faults.strikes(self.faults.expired_syncs):
            raise Refused(410, "fullSyncRequired", "Sync token is no longer valid.")
        if token and {"timeMin", "timeMax", "q", "orderBy"} & set(query):
            raise Refused(400, "invalid", "Sync token cannot be used with these parameters.")
        if "pageToken" in query:
            return self._page(query["pageToken"])
        since = int(token) if token else None
        events, newest = self.calendars.changes(calendar, since, query.get("timeMin", ""))
        size = min(PAGE, int(query.get("maxResults", PAGE)))
        listing = secrets.token_hex(8)
        self._listings[listing] = [
            events[at : at + size] for at in range(0, len(events), size)
        ] or [[]]
        return self._page(f"{listing}.0.{newest}")

    def _page(self, token: str) -> Json:
        """One page of a listing, which stays as it was when its first page was asked for."""
        listing, number, newest = token.split(".")
        pages, at = self._listings.get(listing, []), int(number)
        if at >= len(pages):
            raise Refused(400, "invalid", "Invalid page token value.")
        answer: Json = {"kind": "calendar#events", "items": pages[at]}
        if at + 1 < len(pages):
            return answer | {"nextPageToken": f"{listing}.{at + 1}.{newest}"}
        return answer | {"nextSyncToken": newest}

    def _watch(self, calendar: str, body: Json) -> Json:
        if not str(body.get("address", "")).startswith("https://"):
            raise Refused(400, "push.webhookUrlNotHttps", "WebHook callback must be HTTPS")
        if body.get("id") in self.channels:
            raise Refused(400, "channelIdNotUnique", "Channel id not unique")
        expires = str(int((time.time() + self.channel_life_s) * 1000))
        channel = {**body, "resourceId": secrets.token_hex(8), "expiration": expires, "number": 0}
        self.channels[body["id"]] = {**channel, "calendar": calendar}
        self._push(self.channels[body["id"]], "sync")
        return {"kind": "api#channel", **channel, "resourceUri": f"{self.api_url}/calendars/{calendar}/events"}  # fmt: skip

    def tell_watchers(self) -> None:
        """Push that something changed."""
        for channel in list(self.channels.values()):
            self._push(channel, "exists")

    def _push(self, channel: Json, state: str) -> None:
        if not self._pushes:
            return
        channel["number"] += 1
        headers = {
            "X-Goog-Channel-ID": channel["id"], "X-Goog-Channel-Token": channel.get("token", ""),
            "X-Goog-Resource-ID": channel["resourceId"], "X-Goog-Resource-State": state,
            "X-Goog-Message-Number": str(channel["number"]),
            "X-Goog-Channel-Expiration": channel["expiration"],
            "X-Goog-Resource-URI": f"{self.api_url}/calendars/{channel['calendar']}/events",
        }  # fmt: skip
        parts = urlsplit(channel["address"])
        address = f"{self.push_via}{parts.path}" if self.push_via else channel["address"]
        request = urllib.request.Request(address, b"", headers, method="POST")  # noqa: S310  our own address
        try:
            with urllib.request.urlopen(request, timeout=3) as answer:  # noqa: S310
                self.push_answers.append(answer.status)
        except urllib.error.HTTPError as refused:
            self.push_answers.append(refused.code)
        except OSError:
            return  # pushes are lossy

    # ---- the wire -----------------------------------------------------------------------
    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return type("Handler", (_Handler,), {"google": self})
