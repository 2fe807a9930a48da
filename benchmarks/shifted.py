"""Run a module at another time of day: `python -m benchmarks.shifted SECONDS MODULE ARGS...`.

The clock of the process, and of those it forks, is moved by SECONDS and runs on from
there. A benchmark of nine o'clock need not wait for it.
"""

import runpy
import sys
import time

import time_machine


def main() -> None:
    """Shift, then become the module."""
    _, seconds, module, *arguments = sys.argv
    sys.argv = [module, *arguments]
    time_machine.travel(time.time() + float(seconds), tick=True).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
