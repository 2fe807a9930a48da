"""Connecting the shop's Google Calendar: the consent, from the address to the token in `.env`."""

import io
import re
import socket
import stat
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django.fixtures import Settings

from scheduling.calendar.google import SCOPES
from scheduling.management.commands import connect_google_calendar
from simulators.google import GoogleSimulator

Visit = Callable[[str], None]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def account(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[GoogleSimulator]:
    """Google, a shop that has connected nothing yet, and a `.env` of its own."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the simulator speaks plain http
    monkeypatch.setattr(connect_google_calendar, "WAIT_S", 20)
    settings.BASE_DIR = tmp_path
    with GoogleSimulator() as google:
        settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = "id", "secret"
        settings.GOOGLE_AUTH_URI, settings.GOOGLE_TOKEN_URI = google.auth_url, google.token_url
        yield google


class Printed(io.StringIO):
    """What the command prints; `address` waits for the one to open."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = threading.Event()

    def write(self, text: str) -> int:
        count = super().write(text)
        if "http" in self.getvalue():
            self._shown.set()
        return count

    def address(self) -> str:
        assert self._shown.wait(20), self.getvalue()
        found = re.search(r"http\S+", self.getvalue())
        assert found is not None
        return found[0]


def allow(address: str) -> None:
    """The owner opens the address and does what they do there; the browser follows."""
    with urllib.request.urlopen(address, timeout=10) as page:  # noqa: S310  our own address
        assert b"close this window" in page.read().lower()


def connect(port: int, *flags: str, visit: Visit = allow) -> str:
    """Run the command with somebody at the browser; what was printed. Raises CommandError."""
    printed, wrong = Printed(), list[Exception]()

    def browse() -> None:
        try:
            visit(printed.address())
        except (OSError, AssertionError) as error:
            wrong.append(error)

    browser = threading.Thread(target=browse)
    browser.start()
    try:
        call_command("connect_google_calendar", *flags, port=port, stdout=printed)
    finally:
        browser.join(20)
    assert wrong == []
    return printed.getvalue()


def test_the_token_is_printed_once_and_written_nowhere(
    account: GoogleSimulator, port: int, tmp_path: Path
) -> None:
    said = connect(port)
    assert said.count(f"GOOGLE_REFRESH_TOKEN={account.refresh_token}") == 1
    assert list(tmp_path.iterdir()) == []
    asked = parse_qs(urlsplit(re.findall(r"http\S+", said)[0]).query)
    assert set(asked["scope"][0].split()) == set(SCOPES)
    assert (asked["access_type"], asked["prompt"]) == (["offline"], ["consent"])
    assert asked["code_challenge_method"] == ["S256"]


def test_it_replaces_the_token_in_env_and_leaves_the_rest(
    account: GoogleSimulator, port: int, tmp_path: Path
) -> None:
    env = tmp_path / ".env"
    env.write_text("PORT=5050\nGOOGLE_REFRESH_TOKEN=old\n# mine\n")
    said = connect(port, "--write-env")
    assert env.read_text() == f"PORT=5050\n# mine\nGOOGLE_REFRESH_TOKEN={account.refresh_token}\n"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert account.refresh_token not in said


def test_it_makes_an_env_where_there_is_none(
    account: GoogleSimulator, port: int, tmp_path: Path
) -> None:
    connect(port, "--write-env")
    assert (tmp_path / ".env").read_text() == f"GOOGLE_REFRESH_TOKEN={account.refresh_token}\n"


def with_query(address: str, **changed: str) -> str:
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
    return urlunsplit(parts._replace(query=urlencode(query)))


def test_an_answer_to_somebody_elses_question_is_not_taken(
    account: GoogleSimulator, port: int
) -> None:
    def attacked(address: str) -> None:
        with pytest.raises(urllib.error.HTTPError, match="404"):
            allow(with_query(address, state="forged"))
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/favicon.ico", timeout=10)
        allow(address)

    assert f"GOOGLE_REFRESH_TOKEN={account.refresh_token}" in connect(port, visit=attacked)


def test_an_owner_who_says_no_is_told_how_to_go_on(account: GoogleSimulator, port: int) -> None:
    account.accounts.answer = "deny"
    with pytest.raises(CommandError, match="No consent: access_denied"):
        connect(port)


def test_consent_to_a_part_is_not_enough(account: GoogleSimulator, port: int) -> None:
    account.accounts.answer = "some"
    with pytest.raises(CommandError, match="tick every box"):
        connect(port)


def test_a_wrong_secret_is_named(account: GoogleSimulator, port: int, settings: Settings) -> None:
    settings.GOOGLE_CLIENT_SECRET = "another"
    with pytest.raises(CommandError, match="invalid_client"):
        connect(port)


def test_a_code_is_good_for_whoever_asked_alone(account: GoogleSimulator, port: int) -> None:
    with pytest.raises(CommandError, match="invalid_grant"):
        connect(port, visit=lambda address: allow(with_query(address, code_challenge="x" * 43)))


def test_without_offline_access_there_is_no_token_to_keep(
    account: GoogleSimulator, port: int
) -> None:
    with pytest.raises(CommandError, match="no refresh token"):
        connect(port, visit=lambda address: allow(with_query(address, prompt="none")))


def test_a_google_that_is_gone_by_then_is_said_plainly(
    account: GoogleSimulator, port: int, settings: Settings
) -> None:
    settings.GOOGLE_TOKEN_URI = "http://127.0.0.1:1/token"
    with pytest.raises(CommandError, match="could not be reached"):
        connect(port)


def test_nobody_coming_back_ends_it(
    account: GoogleSimulator, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect_google_calendar, "WAIT_S", 0.2)
    with pytest.raises(CommandError, match="nobody came back"):
        connect(port, visit=lambda address: None)


def test_a_port_that_is_taken_is_said_plainly(account: GoogleSimulator) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CommandError, match="--port"):
            call_command("connect_google_calendar", port=taken.getsockname()[1])


def test_without_a_client_it_says_where_to_get_one(settings: Settings) -> None:
    settings.GOOGLE_CLIENT_ID = ""
    with pytest.raises(CommandError, match="Desktop app"):
        call_command("connect_google_calendar")


def test_the_token_works(account: GoogleSimulator, port: int, settings: Settings) -> None:
    """What was printed opens the calendar."""
    from scheduling.calendar import connected_calendar
    from scheduling.calendar.google import disconnect
    from scheduling.tests.cast import NOW

    found = re.search(r"GOOGLE_REFRESH_TOKEN=(\S+)", connect(port))
    assert found is not None
    settings.CALENDAR_PROVIDER, settings.GOOGLE_REFRESH_TOKEN = "google", found[1]
    settings.GOOGLE_API_ENDPOINT = account.api_url
    assert connected_calendar().changes("", NOW).events == ()
    disconnect()
