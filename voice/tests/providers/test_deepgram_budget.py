"""Flushes are counted over a moving minute."""

from hypothesis import given
from hypothesis import strategies as st

from voice.providers.deepgram.budget import FlushBudget


def test_a_budget_comes_back_as_its_flushes_grow_old() -> None:
    budget = FlushBudget(flushes=2, window_s=60)
    budget.spend(0)
    budget.spend(30)
    assert [budget.left(now) for now in (30, 59, 60, 89, 90)] == [0, 0, 1, 1, 2]


def test_a_refusal_empties_it() -> None:
    budget = FlushBudget(flushes=5)
    budget.exhaust(10)
    assert budget.left(10) == 0
    assert budget.left(75) == 5


@given(st.lists(st.floats(0, 20), max_size=200))
def test_no_window_ever_holds_more_than_is_allowed(gaps: list[float]) -> None:
    budget, now, spent = FlushBudget(flushes=20, window_s=64), 0.0, []
    for gap in gaps:
        now += gap
        if budget.left(now):
            budget.spend(now)
            spent.append(now)
    for at in spent:
        assert sum(at <= other < at + 60 for other in spent) <= 20
