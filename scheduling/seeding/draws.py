"""Draws from a random generator, at a tenth of the standard library's price.

`random.choice` and `randint` reject samples to be exactly fair; made-up data may be off by
one part in 2**53. A run draws half a million times.
"""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def pick(random: Random, values: Sequence[T]) -> T:
    """One of `values`, each as likely."""
    return values[int(random.random() * len(values))]


def whole(random: Random, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + int(random.random() * (high - low + 1))


class Weighted(Generic[T]):
    """Draws values in proportion to their weights."""

    def __init__(self, values: Sequence[T], weights: Sequence[float]) -> None:
        self.values = tuple(values)
        self._cumulated = tuple(accumulate(weights))

    def draw(self, random: Random) -> T:
        """One value."""
        at = bisect(self._cumulated, random.random() * self._cumulated[-1])
        return self.values[min(at, len(self.values) - 1)]
