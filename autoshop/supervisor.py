"""`make run`: everything prepared, then web server, worker and beat, until Ctrl-C.

Rules: one supervisor per checkout (a kernel lock; a killed one leaves none behind). A
process's words come out under its name. One dies: all stop, with its name, exit code
and last words. SIGINT and SIGTERM stop everything within `GRACE_SECONDS`. The process
ids are written down with their start times, so that after a kill -9 of this process the
next start ends what was left, and nothing else that got the same number since. The
built-in servers stop with the product; `--keep-servers` leaves them up.
"""

import collections
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.markup import escape

from autoshop import embedded, keys, prepare
from autoshop.env import load_file
from autoshop.prepare import NotReady, console

GRACE_SECONDS = 15.0
READY_SECONDS = 90.0
_COLOURS = {"web": "cyan", "worker": "magenta", "beat": "yellow"}


def _commands() -> dict[str, list[str]]:
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "autoshop"]
    return {
        "web": [sys.executable, "-m", "autoshop.serve"],
        "worker": [*celery, "worker", "-P", "threads", "-c", "4", "--without-mingle"],
        "beat": [*celery, "beat", "--pidfile="],
    }


@dataclass
class Child:
    """One process, its name and its last words."""

    name: str
    process: "subprocess.Popen[str]"
    last_words: collections.deque[str] = field(default_factory=lambda: collections.deque(maxlen=8))

    def pump(self) -> None:
        """Print what the process says, under its name, until it says no more."""
        assert self.process.stdout is not None
        colour = _COLOURS.get(self.name, "white")
        for line in self.process.stdout:
            self.last_words.append(line.rstrip())
            label = f"[{colour}]{self.name:<6}[/{colour}]"
            console.print(f"{label} {escape(line.rstrip())}", soft_wrap=True)


# ---- one at a time, and nothing left over ------------------------------------------
def started_at(pid: int) -> str:
    """A process's start time, so that a reused number is not mistaken; empty where it is gone."""
    with contextlib.suppress(OSError, IndexError):
        text = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return "" if text[0] == "Z" else text[19]
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return ""


def end_left_over(path: Path) -> int:
    """End the processes that a killed supervisor left behind. Returns how many there were."""
    with contextlib.suppress(OSError, ValueError):
        noted = json.loads(path.read_text())
        left = [int(pid) for pid, start in noted.items() if start and started_at(int(pid)) == start]
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGTERM)
        give_up = time.monotonic() + GRACE_SECONDS
        while any(started_at(pid) for pid in left) and time.monotonic() < give_up:
            time.sleep(0.1)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        path.unlink()
        return len(left)
    return 0


@contextlib.contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the checkout's lock. Raises NotReady where another supervisor has it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = (home / "supervisor.lock").open("a+")
    except OSError as error:
        words = (
            f"{home} can't be written ({error.strerror}): set AUTOSHOP_HOME to a folder that can."
        )
        raise NotReady(words) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.seek(0)
            words = f"It already runs here (process {handle.read().strip()}): stop that one first."
            raise NotReady(words) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def check_port(host: str, port: int) -> None:
    """Refuse a port that is taken, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise NotReady(
                f"Port {port} on {host} can't be used ({error.strerror}): stop what listens"
                f" there, or choose another, for example `make run PORT={port + 1}`."
            ) from error


def check_keys(settings: Any) -> None:
    """Refuse refused keys; warn of services that don't answer."""
    states = keys.check(settings)
    if refused := [state.problem for state in states if state.refused]:
        raise NotReady(" ".join(refused))
    for state in states:
        if state.problem:
            console.print(f"Warning: {state.problem}", style="yellow")


# ---- the processes ---------------------------------------------------------------------
class Supervisor:
    """Starts the processes, watches them, stops them."""

    def __init__(self, settings: Any) -> None:
        self._settings = settings
        self._pids = settings.AUTOSHOP_HOME / "pids.json"
        self._children: list[Child] = []
        self._stop = threading.Event()
        self._password = ""

    def run(self, password: str) -> int:
        """Until told to stop (0) or until a process dies (1)."""
        self._password = password
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())
        try:
            self._start()
            if self._await_ready():
                self._greet()
            return self._watch()
        finally:
            self._end()

    def _start(self) -> None:
        environment = dict(os.environ, PYTHONUNBUFFERED="1")
        for name, command in _commands().items():
            process = subprocess.Popen(
                command,
                cwd=embedded.ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            child = Child(name, process)
            self._children.append(child)
            threading.Thread(target=child.pump, daemon=True).start()
        noted = {child.process.pid: started_at(child.process.pid) for child in self._children}
        self._pids.write_text(json.dumps(noted))

    def _await_ready(self) -> bool:
        """Poll the product's own health until it is well, or one dies, or told to stop."""
        give_up = time.monotonic() + READY_SECONDS
        url = f"http://{_local(self._settings.HOST)}:{self._settings.PORT}/health"
        with prepare.step("Web server, worker and beat"):
            while not (self._stop.is_set() or self._dead()):
                if _is_well(url):
                    return True
                if time.monotonic() > give_up:
                    console.print(f"Not everything is well yet: see {url}", style="yellow")
                    return True
                self._stop.wait(0.2)
        return False

    def _greet(self) -> None:
        base = f"http://{_local(self._settings.HOST)}:{self._settings.PORT}"
        console.print("\n[bold]Ready.[/bold]")
        console.print(f"  Talk to the agent   {base}/phone/")
        console.print(f"  Back office         {base}/admin/")
        console.print(f"  Health              {base}/health")
        if not self._tell_password():
            renew = f"{sys.executable} manage.py changepassword {prepare.STAFF_NAME}"
            console.print(
                f"  Staff account       as before (new password: {renew})", soft_wrap=True
            )
        voices = f"hears by {self._settings.STT_PROVIDER}, speaks by {self._settings.TTS_PROVIDER}"
        console.print(f"  It {voices}, thinks by {self._settings.LLM_PROVIDER}.")
        console.print("  Ctrl-C stops everything.\n")

    def _tell_password(self) -> bool:
        """Show a new staff password, once. False where there is none."""
        if not self._password:
            return False
        login = f"{prepare.STAFF_NAME} / {self._password}"
        console.print(f"  Staff account       {login}   (shown this once)", markup=False)
        self._password = ""
        return True

    def _dead(self) -> list[Child]:
        return [child for child in self._children if child.process.poll() is not None]

    def _watch(self) -> int:
        while not self._stop.wait(0.3):
            if dead := self._dead():
                time.sleep(0.3)  # its last words are still on their way
                for child in dead:
                    why = child.last_words[-1] if child.last_words else "it said nothing"
                    code = child.process.returncode
                    words = f"{child.name} ended by itself (exit code {code}): {why}"
                    console.print(words, style="bold red", markup=False, soft_wrap=True)
                return 1
        return 0

    def _end(self) -> None:
        self._tell_password()  # where it never came to be ready
        console.print("Stopping ...")
        for child in self._children:
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        give_up = time.monotonic() + GRACE_SECONDS
        for child in self._children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, give_up - time.monotonic()))
            if child.process.poll() is None:
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        self._pids.unlink(missing_ok=True)


def _local(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104


def _is_well(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def main(arguments: list[str]) -> int:
    """The command line. Exit code 1 and one sentence where something is wrong."""
    load_file(embedded.ROOT / ".env")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoshop.settings")
    try:
        with only_one(embedded.places().home):
            return _run(keep_servers="--keep-servers" in arguments)
    except NotReady as error:
        console.print(str(error), style="bold red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(*, keep_servers: bool) -> int:
    from django.conf import settings

    home = embedded.places().home
    if left := end_left_over(home / "pids.json"):
        console.print(f"Ended {left} processes that an earlier run left behind.")
    prepare.load_django()
    check_port(settings.HOST, settings.PORT)
    check_keys(settings)
    try:
        return Supervisor(settings).run(prepare.everything())
    finally:
        if not keep_servers:
            embedded.down()
        console.print("Stopped.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
