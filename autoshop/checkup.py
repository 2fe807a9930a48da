"""`make check` and `make test`: every check, then every test, one honest exit code.

    python -m autoshop.checkup [--tests] [pytest's own arguments]

Rules: all checks run even if one fails, so that one look shows everything that is
wrong; tests run even if a check fails. Coverage by branches is at least `OVERALL` %,
and `STRICT_PERCENT` % where a wrong branch books a wrong car or opens a stranger's data. The last
line is pytest's own; after it comes something only where a check or a limit failed.
"""

import contextlib
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from autoshop import embedded

OVERALL = 85
STRICT_PERCENT = 100
STRICT = ("voice/core/*", "voice/gate.py", "scheduling/booking.py")
ROOT = embedded.ROOT
BIN = Path(sys.executable).parent


def _checks() -> dict[str, list[str]]:
    python = sys.executable
    return {
        "packages": [python, "-m", "pip", "check"],  # the lock names all that its packages need
        "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
        "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
        "types": [str(BIN / "mypy"), "."],
        "import directions": [str(BIN / "lint-imports"), "--no-cache"],
        "migrations": [python, "manage.py", "makemigrations", "--check", "--dry-run"],
        "deployment": [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    }


def _environment(name: str) -> dict[str, str]:
    """A check's environment: the deployment check reads the settings of a real deployment."""
    if name != "deployment":
        return dict(os.environ)
    return dict(
        os.environ,
        AUTOSHOP_ENV_FILE="",
        ENVIRONMENT="production",
        BASE_URL="https://shop.example.com",
        SECRET_KEY="x1" + os.urandom(32).hex(),
        DATABASE_URL=os.environ.get("DATABASE_URL") or embedded.database_url(),
        REDIS_URL=os.environ.get("REDIS_URL") or embedded.redis_url(),
        TWILIO_ACCOUNT_SID="AC" + "0" * 32,
        TWILIO_AUTH_TOKEN="0" * 32,
        TWILIO_PHONE_NUMBER="+15555550100",
    )


def run_check(name: str, command: list[str]) -> bool:
    """Run one check, and show its words only where it fails."""
    started = time.monotonic()
    outcome = subprocess.run(
        command,
        cwd=ROOT,
        env=_environment(name),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    good = outcome.returncode == 0
    took = time.monotonic() - started
    print(f"{name:<18} {'ok' if good else 'FAILED'}  {took:.1f} s", flush=True)
    if not good:
        print(outcome.stdout.rstrip(), flush=True)
    return good


def prepare_models() -> bool:
    """The local voices' models, which tests of speech need."""
    if importlib.util.find_spec("voice.providers.local_speech") is None:
        return True
    command = [sys.executable, "-m", "voice.providers.local_speech", "prepare"]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL).returncode == 0


def _echo(process: "subprocess.Popen[str]") -> Iterator[str]:
    """Pass a program's lines on, all but the last, which is handed back."""
    assert process.stdout is not None
    held = ""
    for line in process.stdout:
        if line.strip():
            print(held, end="", flush=True)
            held = ""
        held += line
    yield held


def run_tests(arguments: list[str]) -> tuple[bool, str]:
    """All tests with coverage. Whether they passed, and pytest's closing line, not yet shown."""
    for old in ROOT.glob(".coverage*"):
        old.unlink()
    command = [sys.executable, "-m", "pytest", "-n", os.environ.get("TEST_WORKERS", "2")]
    command += ["--cov", "--cov-branch", "--cov-report=term:skip-covered", *arguments]
    passed, closing = _run_pytest(command)
    if passed:
        return True, closing
    # Two cores shared with others can starve a whole call of its time. What failed is run once
    # more, alone; it is named in the output above, and a second failure is final.
    print(closing + "Once more, alone, what failed:", flush=True)
    alone = [sys.executable, "-m", "pytest", "--last-failed", "--last-failed-no-failures=none"]
    return _run_pytest([*alone, *arguments])


def _run_pytest(command: list[str]) -> tuple[bool, str]:
    """Whether it passed, and its closing line, not yet shown."""
    environment = dict(os.environ, PYTHONASYNCIODEBUG=os.environ.get("PYTHONASYNCIODEBUG", ""))
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    closing = "".join(_echo(process))
    return process.wait() == 0, closing


def coverage_gaps(percent: int, *modules: str) -> str:
    """Empty where the modules (all, if none is named) are covered so far, else coverage's report."""
    command = [sys.executable, "-m", "coverage", "report", f"--fail-under={percent}"]
    command += [f"--include={','.join(modules)}"] if modules else []
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return "" if outcome.returncode == 0 else outcome.stdout + outcome.stderr


def main(arguments: list[str]) -> int:
    """The command line. 0 only where everything that was asked for is right."""
    failed = [name for name, command in _checks().items() if not run_check(name, command)]
    closing, gaps = "", ""
    if "--tests" in arguments:
        if not prepare_models():
            failed.append("speech models")
        passed, closing = run_tests([each for each in arguments if each != "--tests"])
        gaps = coverage_gaps(STRICT_PERCENT, *STRICT)
        failed += [] if passed else ["tests"]
        failed += ["strict coverage"] if gaps else []
        failed += ["coverage"] if coverage_gaps(OVERALL) else []
        if gaps:
            print(f"\nNot wholly covered, and must be:\n{gaps.rstrip()}")
    with contextlib.suppress(BrokenPipeError):
        print(closing, end="", flush=True)
    if failed:
        print(f"FAILED: {', '.join(failed)}", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
