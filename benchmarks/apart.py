"""A measurement in a process of its own.

Rules: the simulators share a process with what is measured against them, and the garbage of
an earlier measurement makes them late in the next: 2 ms become 12. A figure that is to be
compared with another is taken in a fresh process.
"""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def apart(measure: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What `measure`, a function of a module, finds in a process that has done nothing else."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(measure, *args, **kwargs).result()
