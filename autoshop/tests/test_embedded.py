"""The built-in servers: really started, really killed, in folders of their own."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from autoshop import embedded

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A home of this test's own, with no URL set; its servers are stopped afterwards."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("DATABASE_URL", "NEON_DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUTOSHOP_HOME", str(folder / "shop"))
    where = embedded.places()
    yield folder / "shop"
    embedded.down()
    noted = folder / "shop" / "pgdata"
    for left in (where.run, Path(noted.read_text()) if noted.exists() else where.run):
        shutil.rmtree(left, ignore_errors=True)


def _count() -> int:
    with psycopg.connect(embedded.database_url()) as connection:
        connection.execute("create table if not exists visits (id int)")
        connection.execute("insert into visits values (1)")
        row = connection.execute("select count(*) from visits").fetchone()
    assert row is not None
    return int(row[0])


def _pid(path: Path) -> int:
    pid = embedded.alive(path)
    assert pid is not None
    return pid


def test_they_start_answer_keep_data_and_stop(home: Path) -> None:
    assert embedded.up() == ("PostgreSQL", "Valkey")
    assert _count() == 1
    with redis.Redis.from_url(embedded.redis_url()) as connection:
        connection.set("kept", "yes")
    embedded.down()
    assert embedded.status() == "PostgreSQL is down, Valkey is down"
    embedded.up()
    assert _count() == 2
    with redis.Redis.from_url(embedded.redis_url()) as connection:
        assert connection.get("kept") == b"yes"


def test_after_a_kill_they_start_again_with_their_data(home: Path) -> None:
    embedded.up()
    _count()
    data = Path((home / "pgdata").read_text())
    os.kill(_pid(data / "postmaster.pid"), signal.SIGKILL)
    os.kill(_pid(Path(f"{embedded.places().valkey_socket}.pid")), signal.SIGKILL)
    embedded.up()
    assert _count() == 2
    assert embedded.status() == "PostgreSQL answers, Valkey answers"


def test_many_starters_at_once_are_one(home: Path) -> None:
    command = [sys.executable, "-m", "autoshop.embedded", "up"]
    starters = [subprocess.Popen(command, cwd=ROOT) for _ in range(4)]
    assert [starter.wait() for starter in starters] == [0, 0, 0, 0]
    assert _count() == 1


def test_a_url_that_is_set_is_left_to_its_owner(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEON_DATABASE_URL", "postgresql://elsewhere/shop")
    assert embedded.up() == ("Valkey",)
    assert not (home / "pgdata").exists()


def test_a_folder_that_cant_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    command = [sys.executable, "-m", "autoshop.embedded", "up"]
    bare = {"PATH": os.environ["PATH"], "AUTOSHOP_HOME": str(tmp_path / "file" / "home")}
    outcome = subprocess.run(
        command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 1
    assert "can't be written" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_command_that_is_none_is_refused() -> None:
    assert embedded.main(["sideways"]) == 2


def test_a_stale_pid_file_is_nobody(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    assert embedded.alive(path) is None
    path.write_text("not a number")
    assert embedded.alive(path) is None
    path.write_text(str(os.getpid()))
    assert embedded.alive(path) == os.getpid()
