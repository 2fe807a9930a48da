"""Who may be on the line: one statement, cached, never stale after a write."""

from datetime import timedelta

import pytest
from channels.db import database_sync_to_async
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crm import async_sql, cache
from crm.models import Customer, Vehicle
from scheduling import booking, callers
from scheduling.tests import cast
from scheduling.tests.cast import NOW, at

NUMBER = "+12125550101"


@pytest.mark.django_db
@pytest.mark.usefixtures("empty_redis")
def test_a_household_comes_with_its_cars_and_coming_visits(crv: Vehicle, civic: Vehicle) -> None:
    later, sooner = cast.book(crv, at("09:00", 3), "BRK-I", "LOF-S"), cast.book(crv, at("09:00"))
    with CaptureQueriesContext(connection) as queries:
        ana, ben = callers.find_caller(NUMBER, now=NOW)
    assert len(queries) == 1
    assert (ana.customer_id, ana.first_name, ana.language) == (crv.owner_id, "Ana", "en")
    assert [v.ref for v in ana.upcoming] == [sooner.ref, later.ref]
    assert ana.upcoming[1].op_codes == ("BRK-I", "LOF-S")
    assert ana.upcoming[0].start == at("09:00")
    assert [v.spoken_name for v in ben.vehicles] == ["2019 Honda Civic"]
    assert ben.upcoming == ()


@pytest.mark.django_db
@pytest.mark.usefixtures("empty_redis")
def test_what_is_over_in_the_meantime_is_left_out_of_the_cached_answer(crv: Vehicle) -> None:
    row = cast.book(crv, at("09:00"))
    assert callers.find_caller(NUMBER, now=NOW)[0].upcoming
    with CaptureQueriesContext(connection) as queries:
        assert callers.find_caller(NUMBER, now=row.end + timedelta(seconds=1))[0].upcoming == ()
    assert len(queries) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["", "anonymous", "+1", "x" * 10_000_000, "+12125550199"])
@pytest.mark.usefixtures("empty_redis")
def test_a_number_of_nobody_finds_nobody(shop: None, number: str) -> None:
    assert callers.find_caller(number, now=NOW) == ()


def test_a_card_shows_nothing_personal_in_a_log() -> None:
    card = callers.CallerCard(1, "Ana", "Ruiz", "en", (), ())
    assert "Ana" not in repr(card)
    assert "Ruiz" not in repr(card)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_redis")
def test_after_every_write_the_next_read_is_fresh(transactional_db: None) -> None:
    cast.open_shop()
    vehicle = cast.car(cast.person("Ana", "Ruiz"))

    def seen() -> list[tuple[str, str, int]]:
        [card] = callers.find_caller(NUMBER, now=NOW)
        return [(v.ref, v.status, v.version) for v in card.upcoming]

    assert seen() == []
    row = cast.book(vehicle, at("09:00"))
    assert seen() == [(row.ref, "booked", 1)]
    facts = {"appointment_id": row.pk, "customer_id": row.customer_id, "now": NOW}
    booking.confirm(**facts, idempotency_key=cast.key())  # type: ignore[arg-type]
    assert seen() == [(row.ref, "confirmed", 2)]
    booking.reschedule(**facts, start=at("14:00"), idempotency_key=cast.key())  # type: ignore[arg-type]
    assert seen() == [(row.ref, "booked", 3)]
    booking.cancel(**facts, idempotency_key=cast.key())  # type: ignore[arg-type]
    assert seen() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_redis")
def test_a_write_that_is_rolled_back_leaves_the_cache_alone(transactional_db: None) -> None:
    cast.open_shop()
    owner: Customer = cast.person("Ana", "Ruiz")
    cast.car(owner)
    callers.find_caller(NUMBER, now=NOW)
    with transaction.atomic():
        cache.forget(NUMBER)
        transaction.set_rollback(True)
    with CaptureQueriesContext(connection) as queries:
        callers.find_caller(NUMBER, now=NOW)
    assert len(queries) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_redis")
async def test_inside_a_live_call_it_is_the_same_answer(transactional_db: None) -> None:
    def prepare() -> None:
        cast.open_shop()
        cast.book(cast.car(cast.person("Ana", "Ruiz")), at("09:00"))

    await database_sync_to_async(prepare)()
    try:
        for _ in range(2):  # from the database, then from the cache
            [card] = await callers.afind_caller(NUMBER, now=NOW)
            assert card.upcoming[0].start == at("09:00")
        assert await callers.afind_caller("anonymous", now=NOW) == ()
    finally:
        await async_sql.close()
