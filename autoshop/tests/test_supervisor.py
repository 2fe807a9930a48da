"""One supervisor at a time, nothing left over, one sentence for what is in the way."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from autoshop import supervisor
from autoshop.prepare import NotReady

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


def _sleeper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(SLEEPER, start_new_session=True)


def test_what_a_killed_supervisor_left_behind_is_ended(tmp_path: Path) -> None:
    left = _sleeper()
    noted = tmp_path / "pids.json"
    noted.write_text(json.dumps({left.pid: supervisor.started_at(left.pid)}))
    assert supervisor.end_left_over(noted) == 1
    assert left.wait(30) == -signal.SIGTERM
    assert not noted.exists()


def test_a_stranger_who_got_the_same_number_since_is_left_alone(tmp_path: Path) -> None:
    stranger = _sleeper()
    noted = tmp_path / "pids.json"
    noted.write_text(json.dumps({stranger.pid: "1"}))
    try:
        assert supervisor.end_left_over(noted) == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("text", ["", "not json", "{}"])
def test_a_broken_note_is_nobody(tmp_path: Path, text: str) -> None:
    noted = tmp_path / "pids.json"
    noted.write_text(text)
    assert supervisor.end_left_over(noted) == 0


def test_no_note_is_nobody(tmp_path: Path) -> None:
    assert supervisor.end_left_over(tmp_path / "pids.json") == 0


def test_a_second_supervisor_is_told_of_the_first(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from autoshop import supervisor\n"
        "with supervisor.only_one(Path(sys.argv[1])): pass"
    )
    with supervisor.only_one(tmp_path):
        outcome = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
        )
    assert f"already runs here (process {os.getpid()})" in outcome.stderr
    with supervisor.only_one(tmp_path):
        pass


def test_a_home_that_cant_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotReady, match="can't be written"), supervisor.only_one(tmp_path / "file"):
        pass


def test_a_port_in_use_is_named_with_a_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(NotReady, match=f"Port {port} .* PORT={port + 1}"):
            supervisor.check_port("127.0.0.1", port)
    supervisor.check_port("127.0.0.1", port)


def test_an_address_that_listens_everywhere_is_asked_on_this_machine() -> None:
    assert supervisor._local("0.0.0.0") == "127.0.0.1"
    assert supervisor._local("10.0.0.7") == "10.0.0.7"
