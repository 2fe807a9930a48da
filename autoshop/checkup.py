"""`make check` and `make test`: every check, then every test, one honest exit code.

    python -m autoshop.checkup [--tests] [pytest's own arguments]

Rules: all checks run even if one fails, so that one look shows everything that is
wrong; tests run even if a check fails. The types, which take longest, are checked beside
all else, and step back for it. Coverage by branches is at least `OVERALL` %,
and `STRICT_PERCENT` % where a wrong branch books a wrong car or opens a stranger's data. The last
line is pytest's own; after it comes something only where a check or a limit failed.
"""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autoshop import embedded

OVERALL = 85
STRICT_PERCENT = 100
STRICT = ("voice/core/*", "voice/gate.py", "scheduling/booking.py")
TYPES = "types"
ROOT = embedded.ROOT
BIN = Path(sys.executable).parent


def packages_check() -> list[str]:
    """The command that says whether the lock named all that its packages need.

    A virtual environment that uv made has no pip in it; then uv is asked.
    """
    uv = shutil.which("uv")
    if importlib.util.find_spec("pip") is None and uv:
        return [uv, "pip", "check", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "check"]


def _checks() -> dict[str, list[str]]:
    python = sys.executable
    return {
        "packages": packages_check(),
        "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
        "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
        TYPES: ["nice", "-n", "19", str(BIN / "mypy"), "."],
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
    said = f"{name:<18} {'ok' if good else 'FAILED'}  {took:.1f} s\n"
    print(said if good else f"{said}{outcome.stdout.rstrip()}\n", end="", flush=True)
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
    """All tests, measuring coverage. Whether they passed, and the closing line, not yet shown."""
    for old in ROOT.glob(".coverage*"):
        old.unlink()
    command = [sys.executable, "-m", "pytest", "-n", os.environ.get("TEST_WORKERS", "2")]
    command += ["--cov", "--cov-branch", "--cov-report=", *arguments]
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


def coverage(percent: int, *modules: str) -> tuple[bool, str]:
    """Whether the modules (all, if none is named) are covered so far, and coverage's report."""
    command = [sys.executable, "-m", "coverage", "report", f"--fail-under={percent}"]
    command += [f"--include={','.join(modules)}"] if modules else []
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return outcome.returncode == 0, outcome.stdout + outcome.stderr


def check_coverage() -> list[str]:
    """Show what is not covered; name the limits that are missed."""
    enough, report = coverage(OVERALL)
    print(report, flush=True)
    whole, gaps = coverage(STRICT_PERCENT, *STRICT)
    if not whole:
        print(f"Not wholly covered, and must be:\n{gaps}", flush=True)
    return ([] if whole else ["strict coverage"]) + ([] if enough else ["coverage"])


def check_and_test(arguments: list[str]) -> tuple[list[str], str]:
    """All but the types, one after the other: what failed, and pytest's closing line."""
    checks = {name: command for name, command in _checks().items() if name != TYPES}
    failed = [name for name, command in checks.items() if not run_check(name, command)]
    if "--tests" not in arguments:
        return failed, ""
    if not prepare_models():
        failed.append("speech models")
    passed, closing = run_tests([each for each in arguments if each != "--tests"])
    failed += [] if passed else ["tests"]
    return failed + check_coverage(), closing


def main(arguments: list[str]) -> int:
    """The command line. 0 only where everything that was asked for is right."""
    with ThreadPoolExecutor(1) as beside:
        types = beside.submit(run_check, TYPES, _checks()[TYPES])
        failed, closing = check_and_test(arguments)
        failed = failed if types.result() else [TYPES, *failed]
    with contextlib.suppress(BrokenPipeError):
        print(closing, end="", flush=True)
    if failed:
        print(f"FAILED: {', '.join(failed)}", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
