"""Keys are asked about once, over real HTTP, and never shown."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from autoshop import keys


class _Service(BaseHTTPRequestHandler):
    """Answers with the status that its path begins with: /401/anything."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(int(self.path.split("/")[1]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = _answer

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Service)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _settings(base: str, **changes: str) -> SimpleNamespace:
    facts = {
        "LLM_PROVIDER": "openai",
        "STT_PROVIDER": "deepgram",
        "TTS_PROVIDER": "deepgram",
        "CALENDAR_PROVIDER": "google",
        "OPENAI_API_KEY": "sk-secret",
        "OPENAI_BASE_URL": base,
        "DEEPGRAM_API_KEY": "dg-secret",
        "DEEPGRAM_BASE_URL": base,
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "tw-secret",
        "TWILIO_API_BASE_URL": base,
        "GOOGLE_CLIENT_ID": "id",
        "GOOGLE_CLIENT_SECRET": "g-secret",
        "GOOGLE_REFRESH_TOKEN": "r-secret",
        "GOOGLE_TOKEN_URI": f"{base}/token",
    }
    return SimpleNamespace(**(facts | changes))


def test_accepted_keys_are_no_problem(service: str) -> None:
    states = keys.check(_settings(f"{service}/200"))
    assert [state.problem for state in states] == ["", "", "", ""]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_named_and_not_shown(service: str, status: int) -> None:
    states = keys.check(_settings(f"{service}/{status}"))
    assert all(state.refused for state in states)
    text = " ".join(state.problem for state in states)
    for variable in (
        "OPENAI_API_KEY",
        "DEEPGRAM_API_KEY",
        "TWILIO_AUTH_TOKEN",
        "GOOGLE_REFRESH_TOKEN",
    ):
        assert variable in text
    assert "secret" not in text


def test_only_googles_token_is_refused_by_a_400(service: str) -> None:
    states = keys.check(_settings(f"{service}/400"))
    assert [state.variable for state in states if state.refused] == ["GOOGLE_REFRESH_TOKEN"]


@pytest.mark.parametrize("broken", ["500", "away"])
def test_a_service_that_is_away_is_a_warning(service: str, broken: str) -> None:
    base = f"{service}/500" if broken == "500" else "http://127.0.0.1:1"
    states = keys.check(_settings(base))
    assert all(state.problem and not state.refused for state in states)


def test_nothing_is_asked_where_everything_is_built_in() -> None:
    local = {f"{kind}_PROVIDER": "local" for kind in ("LLM", "STT", "TTS", "CALENDAR")}
    assert keys.check(_settings("http://127.0.0.1:1", TWILIO_ACCOUNT_SID="", **local)) == ()
