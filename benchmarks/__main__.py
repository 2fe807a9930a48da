"""Every benchmark, one after the other: `python -m benchmarks [--quick] [names]`.

Each runs in a process of its own, so that none inherits another's caches, and prints its
own table. The exit code is 1 where one of them failed or missed a limit.
"""

import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
_RUNS = '"--quick"'


def names() -> list[str]:
    """The modules that take `--quick`: the others are what those stand on."""
    files = sorted(FOLDER.glob("*.py"))
    return [file.stem for file in files if file.stem != "__main__" and _RUNS in file.read_text()]


def main(arguments: list[str]) -> int:
    """The command line."""
    flags = [each for each in arguments if each.startswith("-")]
    chosen = [each for each in arguments if not each.startswith("-")] or names()
    failed = []
    for name in chosen:
        started = time.monotonic()
        print(f"\n== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *flags]
        outcome = subprocess.run(command, cwd=FOLDER.parent, check=False)
        print(f"== {name}: {time.monotonic() - started:.0f} s", flush=True)
        if outcome.returncode:
            failed.append(name)
    if failed:
        print(f"\nFailed or missed a limit: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
