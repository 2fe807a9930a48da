"""From a bare Python to a virtual environment with every package in it.

    python3 autoshop/bootstrap.py [--dev]

Rules: the standard library alone, in a spelling that old Pythons can at least parse,
so that they can be told to be newer. Nothing is done twice: a stamp in the virtual
environment holds what was installed from which files. `uv` is used where it is there,
pip otherwise; every package must match its hash. The locked file names every package, so
nothing is resolved: an installer that looks for dependencies itself takes a newer release
of `name[extra]` than the locked one, and then refuses it. One sentence and exit code 1
where something is in the way.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, List, Optional

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / (os.environ.get("VENV") or ".venv")
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
AS_LOCKED = ["--require-hashes", "--no-deps"]


class CantInstall(Exception):
    """Something is in the way; the text says what, and what helps."""


class Progress:
    """One line that grows older while a step runs; plain lines where nobody watches."""

    def __init__(self, title: str, total: int = 0) -> None:
        self.title, self.total, self.done, self.note = title, total, 0, ""
        self._started = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "Progress":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        if sys.stdout.isatty():
            sys.stdout.write("\r\x1b[K")
        print("%s: %.0f s" % (self.title, time.monotonic() - self._started), flush=True)

    def _tick(self) -> None:
        watched = sys.stdout.isatty()
        while not self._ended.wait(0.2 if watched else 10):
            line = "%s %s %.0f s  %s" % (self.title, self._bar(), self._age(), self.note)
            sys.stdout.write("\r\x1b[K" + line[:100] if watched else line.rstrip() + "\n")
            sys.stdout.flush()

    def _age(self) -> float:
        return time.monotonic() - self._started

    def _bar(self) -> str:
        if not self.total:
            return "..."
        full = min(20, 20 * self.done // self.total)
        return "[%s%s] %d/%d" % ("#" * full, "." * (20 - full), self.done, self.total)


def check_python() -> None:
    """Refuse a Python that is too old, in words it can print."""
    if sys.version_info < OLDEST:
        have = ".".join(str(part) for part in sys.version_info[:3])
        raise CantInstall(
            "This is Python %s; version 3.11 or newer is needed (choose one by"
            " `make run PYTHON=python3.12`)." % have
        )


def check_folder() -> None:
    """Refuse a folder in which nothing can be kept."""
    probe = ROOT / ".writable"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CantInstall(
            "%s can't be written (%s): put the project where it can." % (ROOT, error.strerror)
        ) from None


def fingerprint(dev: bool) -> str:
    """What should be installed: the locked files' contents, and this Python."""
    digest = hashlib.sha256(("%d.%d" % sys.version_info[:2]).encode())
    for name in ["requirements.txt", "requirements-dev.txt"][: 2 if dev else 1]:
        digest.update((ROOT / name).read_bytes())
    return ("dev " if dev else "run ") + digest.hexdigest()


def installed() -> List[str]:
    """What the stamp says (several lines: one per kind)."""
    try:
        return STAMP.read_text().split("\n")
    except OSError:
        return []


def make_venv(uv: Optional[str]) -> None:
    """Create the virtual environment, or create it anew where its Python is gone or another one."""
    if runs(PYTHON):
        return
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if uv:
        command = [uv, "venv", "--clear", "--python", sys.executable, str(VENV)]
    with Progress("Virtual environment"):
        outcome = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if outcome.returncode:
        said = outcome.stdout.decode(errors="replace")
        hint = " (on Debian: apt-get install python3-venv)" if "ensurepip" in said else ""
        raise CantInstall("The virtual environment can't be made%s: %s" % (hint, last_line(said)))


def runs(python: Path) -> bool:
    """Whether an interpreter starts and is of this version."""
    probe = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        said = subprocess.run([str(python), "-c", probe], stdout=subprocess.PIPE).stdout.decode()
    except OSError:
        return False
    return said.strip() == "%d.%d" % sys.version_info[:2]


def installer(uv: Optional[str]) -> List[str]:
    """The command that installs into the virtual environment."""
    if uv:
        return [uv, "pip", "install", "--python", str(PYTHON), *AS_LOCKED, "--verbose"]
    pip = [str(PYTHON), "-m", "pip"]
    if subprocess.run([*pip, "--version"], stdout=subprocess.DEVNULL).returncode:
        subprocess.run([str(PYTHON), "-m", "ensurepip"], stdout=subprocess.DEVNULL)
    # What is imported is compiled then, and that is little of it; where nothing compiled is
    # kept, this is the only time.
    compiling = [] if sys.dont_write_bytecode else ["--no-compile"]
    return [*pip, "install", "--no-input", *AS_LOCKED, *compiling]


def install(command: List[str], path: Path) -> None:
    """Install a locked file, showing how far it is."""
    lines = path.read_text().splitlines()
    total = sum("==" in line and not line.startswith((" ", "#")) for line in lines)
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONUNBUFFERED="1")
    running = subprocess.Popen(
        [*command, "-r", str(path)],
        cwd=str(ROOT),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert running.stdout is not None  # it is a pipe
    tail = follow(running.stdout, total)
    if running.wait():
        raise CantInstall("The packages can't be installed: %s" % reason(tail))


def follow(said: IO[bytes], total: int) -> List[str]:
    """Read an installer's output, count packages, and keep its last lines."""
    tail = []  # type: List[str]
    with Progress("Packages", total) as progress:
        for raw in said:
            line = raw.decode(errors="replace").strip()
            tail = [*tail[-40:], line]
            words = line.split()
            if words and words[0] in ("Collecting", "Requirement", "Selecting:"):
                progress.done += 1
                progress.note = words[1] if words[0] == "Collecting" else progress.note
            elif line.startswith("Installing collected"):
                progress.done, progress.note = total, "unpacking"
    return tail


def reason(tail: List[str]) -> str:
    """The line of an installer's last words that says why."""
    for line in tail:
        if line.lower().startswith(("error:", "  ×", "×")):
            return line
    return last_line("\n".join(tail))


def last_line(said: str) -> str:
    """The last line that holds anything."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason"


def main(arguments: List[str]) -> int:
    """Do what is missing. 0, or 1 after a sentence."""
    dev = "--dev" in arguments
    try:
        check_python()
        wanted = fingerprint(dev)
        if wanted in installed() and runs(PYTHON):
            return 0
        check_folder()
        uv = shutil.which("uv")
        make_venv(uv)
        name = "requirements-dev.txt" if dev else "requirements.txt"
        install(installer(uv), ROOT / name)
        STAMP.write_text("\n".join({wanted, fingerprint(False)}))
    except CantInstall as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print("The set-up can't go on: %s" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
