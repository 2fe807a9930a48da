"""Which two openings are offered for a wish."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.openings import Wish, all_openings, distance, fits, pick_openings
from scheduling.planning import DayHours, DaySheet, Opening, Taken, combine
from scheduling.tests.cast import MONDAY, NOW, ZONE, at, local
from scheduling.tests.test_planning import EXPRESS, LIMITS, OIL, RULES

JOB = combine([OIL])


def week(*taken: Taken, days: range = range(12)) -> list[DaySheet]:
    """Two weeks from Monday, weekends closed."""
    out = []
    for n in days:
        day = MONDAY + timedelta(days=n)
        hours = DayHours(at("09:00", n), at("17:00", n), (at("12:00", n), at("13:00", n)))
        mine = tuple(t for t in taken if t.start.astimezone(ZONE).date() == day)
        out.append(DaySheet(day, hours if day.weekday() < 5 else None, (EXPRESS,), mine, LIMITS))
    return out


def offered(wish: Wish, *taken: Taken) -> list[str]:
    """The two openings as weekday and clock."""
    found = all_openings(week(*taken), JOB, wish, RULES, NOW)
    return [local(opening.start) for opening in pick_openings(found, wish, ZONE)]


def full(day: int, since: str = "09:00", until: str = "17:00") -> Taken:
    """A block over a stretch of a day."""
    return Taken(1, at(since, day), at(until, day), "block")


def test_without_a_wish_the_earliest_comes_first_and_the_next_is_a_real_choice() -> None:
    assert offered(Wish()) == ["Mon 10:00", "Mon 11:30"]


def test_a_wished_day_is_kept_and_no_other_day_is_offered() -> None:
    assert offered(Wish(day=date(2026, 11, 18))) == ["Wed 09:00", "Wed 10:30"]


def test_the_nearest_to_a_wished_time_comes_first_and_the_earliest_of_that_day_second() -> None:
    assert offered(Wish(day=date(2026, 11, 18), at=time(14))) == ["Wed 14:00", "Wed 09:00"]


def test_a_time_between_two_openings_goes_to_the_nearer() -> None:
    assert offered(Wish(day=date(2026, 11, 18), at=time(14, 20)))[0] == "Wed 14:30"


def test_a_full_day_gives_the_nearest_other_day_and_the_earliest() -> None:
    assert offered(Wish(day=date(2026, 11, 18)), full(2)) == ["Thu 09:00", "Mon 10:00"]


def test_the_nearest_may_be_the_day_before_when_the_day_after_is_further() -> None:
    assert offered(Wish(day=date(2026, 11, 18)), full(2), full(3)) == ["Tue 09:00", "Mon 10:00"]


def test_a_part_of_the_day_is_kept() -> None:
    assert offered(Wish(part="afternoon")) == ["Mon 13:00", "Mon 14:30"]
    assert offered(Wish(day=date(2026, 11, 18), part="morning"), full(2, "09:00", "10:30")) == [
        "Wed 10:30",
        "Wed 11:00",
    ]
    assert offered(Wish(part="evening"))[0] == "Mon 15:00"


def test_a_clock_time_without_a_day_is_taken_on_the_first_day_that_has_it() -> None:
    assert offered(Wish(at=time(9, 30))) == ["Mon 10:00", "Tue 09:30"]
    assert offered(Wish(at=time(9))) == ["Mon 10:00", "Tue 09:00"]
    assert offered(Wish(at=time(16, 30))) == ["Mon 16:30", "Mon 10:00"]
    assert offered(Wish(at=time(9)), full(0), full(1, "09:00", "11:00")) == [
        "Wed 09:00",
        "Tue 11:00",
    ]


def test_a_stretch_of_days_takes_its_first_that_fits() -> None:
    wish = Wish(day=date(2026, 11, 18), last_day=date(2026, 11, 20))
    assert offered(wish, full(2)) == ["Thu 09:00", "Thu 10:30"]


def test_wished_weekdays_are_kept() -> None:
    assert offered(Wish(weekdays=frozenset({3})))[0] == "Thu 09:00"
    assert offered(Wish(weekdays=frozenset({5}))) == ["Mon 10:00", "Mon 11:30"]


def test_bounds_of_the_clock_are_kept() -> None:
    assert offered(Wish(after=time(15)))[0] == "Mon 15:00"
    assert offered(Wish(before=time(9, 30)))[0] == "Tue 09:00"


def test_nothing_before_the_earliest_moment_that_will_do() -> None:
    assert offered(Wish(earliest=at("14:00", 2)))[0] == "Wed 14:00"


def test_nothing_beyond_the_horizon() -> None:
    near = replace(RULES, horizon_days=1)
    found = all_openings(week(), JOB, Wish(), near, NOW)
    assert {local(o.start)[:3] for o in found} == {"Mon", "Tue"}


def test_no_opening_gives_no_offer() -> None:
    assert pick_openings([], Wish(), ZONE) == ()


def test_a_single_opening_is_offered_alone() -> None:
    only = Opening(at("09:00"), at("09:30"), 1, 60)
    assert pick_openings([only], Wish(), ZONE) == (only,)


def test_two_close_openings_are_better_than_one() -> None:
    two = [Opening(at(clock), at(clock), 1, 60) for clock in ("09:00", "09:30")]
    assert pick_openings(two, Wish(), ZONE) == tuple(two)


def test_an_opening_says_whether_it_is_waited_for() -> None:
    assert Opening(at("09:00"), at("09:30"), 1, 60, "waiter").waiter
    assert not Opening(at("09:00"), at("09:30"), 1, 60).waiter


_WISHES = st.builds(
    Wish,
    day=st.none() | st.dates(MONDAY, MONDAY + timedelta(days=11)),
    part=st.sampled_from([None, "morning", "afternoon"]),
    at=st.none() | st.times(time(8), time(18)),
    weekdays=st.frozensets(st.integers(0, 6), max_size=3),
)


@given(_WISHES, st.sets(st.integers(0, 11)))
def test_an_offer_is_two_at_most_nearest_first_and_holds_the_earliest_that_fits(
    wish: Wish, closed: set[int]
) -> None:
    found = all_openings(week(*(full(n) for n in closed)), JOB, wish, RULES, NOW)
    offer = pick_openings(found, wish, ZONE)
    assert len(offer) <= 2
    assert len({o.start for o in offer}) == len(offer)
    assert bool(offer) == bool(found)
    if not offer:
        return
    pool = [o for o in found if fits(o, wish, ZONE)] or found
    assert all(distance(offer[0], wish, ZONE) <= distance(o, wish, ZONE) for o in pool)
    assert min(o.start for o in pool) in {o.start for o in offer}


@pytest.mark.parametrize("wish", [Wish(), Wish(part="morning"), Wish(at=time(10))])
def test_the_order_in_which_openings_are_found_does_not_matter(wish: Wish) -> None:
    found = all_openings(week(), JOB, wish, RULES, NOW)
    assert pick_openings(found, wish, ZONE) == pick_openings(found[::-1], wish, ZONE)
