"""The cache of a caller's number: hits, and no way to bring back what a write dropped."""

import threading
from collections.abc import Callable

import pytest
import redis
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from pytest_django.fixtures import Settings

from crm import cache

PHONE = "+15125550147"

pytestmark = pytest.mark.usefixtures("empty_redis")


def reads(result: str) -> float:
    return REGISTRY.get_sample_value("customer_cache_reads_total", {"result": result}) or 0.0


class Store:
    """Stands for the database: counts how often it is asked."""

    def __init__(self, value: bytes = b"one") -> None:
        self.value, self.asked = value, 0

    def load(self) -> bytes:
        self.asked += 1
        return self.value

    async def aload(self) -> bytes:
        return self.load()


def ttl(phone: str = PHONE) -> int:
    return int(cache._client().ttl(cache.key(phone)))


def test_the_second_read_comes_from_the_cache() -> None:
    store, hits, misses = Store(), reads("hit"), reads("miss")
    assert cache.read_through(PHONE, store.load) == b"one"
    assert cache.read_through(PHONE, store.load) == b"one"
    assert store.asked == 1
    assert (reads("hit") - hits, reads("miss") - misses) == (1, 1)
    assert 0 < cache.hit_rate() <= 1


def test_it_is_kept_under_the_promised_key_for_five_minutes() -> None:
    cache.read_through(PHONE, Store().load)
    assert cache._client().exists(f"customer:{PHONE}")
    assert 295 <= ttl() <= 300


def test_a_call_that_was_expected_finds_its_caller_at_hand() -> None:
    store, misses, hits = Store(), reads("miss"), reads("hit")
    cache.warm(PHONE, store.load)
    cache.warm(PHONE, store.load)
    assert cache.read_through(PHONE, store.load) == b"one"
    assert (store.asked, reads("miss") - misses, reads("hit") - hits) == (1, 0, 1)


def test_parts_are_kept_apart_and_dropped_together() -> None:
    cache.read_through(PHONE, Store(b"cards").load, part="customers")
    cache.read_through(PHONE, Store(b"visits").load, part="caller")
    assert cache.read_through(PHONE, Store().load, part="caller") == b"visits"
    cache.forget_now(PHONE)
    assert cache.read_through(PHONE, Store(b"new").load, part="customers") == b"new"
    assert cache.read_through(PHONE, Store(b"new").load, part="caller") == b"new"


def test_a_later_part_does_not_make_the_earlier_one_live_longer() -> None:
    cache.read_through(PHONE, Store().load)
    cache._client().expire(cache.key(PHONE), 7)
    cache.read_through(PHONE, Store().load, part="caller")
    assert ttl() <= 7


def test_a_fill_that_a_write_overtook_is_refused() -> None:
    def slow_load() -> bytes:
        cache.forget_now(PHONE)  # a write commits while the database is being read
        return b"stale"

    assert cache.read_through(PHONE, slow_load) == b"stale"
    fresh = Store(b"fresh")
    assert cache.read_through(PHONE, fresh.load) == b"fresh"
    assert fresh.asked == 1


async def test_the_same_holds_inside_an_event_loop() -> None:
    store = Store()
    assert await cache.aread_through(PHONE, store.aload) == b"one"
    assert await cache.aread_through(PHONE, store.aload) == b"one"
    assert store.asked == 1

    async def slow_load() -> bytes:
        cache.forget_now(PHONE)
        return b"stale"

    cache.forget_now(PHONE)
    await cache.aread_through(PHONE, slow_load)
    assert await cache.aread_through(PHONE, Store(b"fresh").aload) == b"fresh"


@pytest.mark.django_db(transaction=True)
def test_a_write_drops_the_number_only_once_it_is_committed() -> None:
    cache.read_through(PHONE, Store(b"old").load)
    with transaction.atomic():
        cache.forget(PHONE, "")
        assert cache.read_through(PHONE, Store(b"new").load) == b"old"
    assert cache.read_through(PHONE, Store(b"new").load) == b"new"


@pytest.mark.django_db(transaction=True)
def test_a_write_that_is_rolled_back_drops_nothing() -> None:
    cache.read_through(PHONE, Store(b"old").load)
    with transaction.atomic():
        cache.forget(PHONE)
        transaction.set_rollback(True)
    assert cache.read_through(PHONE, Store(b"new").load) == b"old"


def test_everything_can_be_dropped_at_once() -> None:
    phones = [f"+1512555{n:04d}" for n in range(1200)]
    for phone in phones:
        cache.read_through(phone, Store(b"old").load)
    cache.forget_everything()
    assert {cache.read_through(phone, Store(b"new").load) for phone in phones} == {b"new"}


@pytest.fixture
def no_redis(settings: Settings) -> str:
    url = str(settings.REDIS_URL)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    return url


def test_without_redis_the_database_answers(no_redis: str) -> None:
    errors = reads("error")
    assert cache.read_through(PHONE, Store().load) == b"one"
    assert reads("error") == errors + 1
    cache.forget_everything()


async def test_without_redis_the_database_answers_a_live_call_too(no_redis: str) -> None:
    assert await cache.aread_through(PHONE, Store().aload) == b"one"


def test_what_could_not_be_dropped_is_dropped_before_it_is_read_again(
    settings: Settings,
) -> None:
    cache.read_through(PHONE, Store(b"old").load)
    url = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    cache.forget_now(PHONE)
    settings.REDIS_URL = url
    assert cache.read_through(PHONE, Store(b"new").load) == b"new"


async def test_the_same_before_a_live_call_reads_it(settings: Settings) -> None:
    cache.read_through(PHONE, Store(b"old").load)
    url = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    cache.forget_now(PHONE)
    settings.REDIS_URL = url
    assert await cache.aread_through(PHONE, Store(b"new").aload) == b"new"


def test_readers_and_writers_at_once_never_leave_an_old_value_behind() -> None:
    """Truth rises; after every write is over, a read must give the last one."""
    truth = 0
    lock, stop = threading.Lock(), threading.Event()
    went_back: list[tuple[int, int]] = []

    def write() -> None:
        nonlocal truth
        for _ in range(150):
            with lock:
                truth += 1
            cache.forget_now(PHONE)

    def read() -> None:
        while not stop.is_set():
            known = truth
            got = int(cache.read_through(PHONE, lambda: str(truth).encode()))
            if got < known - 2:  # two writers may be between their write and their drop
                went_back.append((known, got))

    writers = [threading.Thread(target=write) for _ in range(2)]
    readers = [threading.Thread(target=read) for _ in range(4)]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    assert went_back == []
    assert int(cache.read_through(PHONE, lambda: b"-1")) in (truth, -1)


class Reader:
    """A read-through cut into its two round trips, so that steps can be interleaved."""

    def __init__(self, load: Callable[[], bytes]) -> None:
        self.load, self.generation, self.value = load, b"", b""

    def look(self) -> None:
        self.generation = cache._client().get(cache.generation_key(PHONE)) or b""  # type: ignore[assignment]
        self.value = self.load()

    def fill(self) -> None:
        cache._client().eval(
            *cache._fill_arguments(PHONE, "customers", self.generation, self.value)
        )


@given(st.lists(st.sampled_from(["look0", "look1", "fill0", "fill1", "write"]), max_size=25))
@examples(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_interleaving_of_two_readers_and_a_writer_leaves_a_stale_value(steps: list[str]) -> None:
    cache._client().flushdb()
    truth = 0
    readers = [Reader(lambda: str(truth).encode()), Reader(lambda: str(truth).encode())]
    looked = [False, False]
    for step in steps:
        n = int(step[-1]) if step[-1].isdigit() else 0
        if step == "write":
            truth += 1
            cache.forget_now(PHONE)
        elif step.startswith("look"):
            readers[n].look()
            looked[n] = True
        elif looked[n]:
            readers[n].fill()
        kept = cache._client().hget(cache.key(PHONE), "customers")
        assert kept is None or int(kept) == truth


def test_a_hit_is_one_command_and_a_miss_three(monkeypatch: pytest.MonkeyPatch) -> None:
    trips = 0
    real = redis.Connection.send_packed_command

    def counted(self: redis.Connection, *args: object, **kwargs: object) -> object:
        nonlocal trips
        trips += 1
        return real(self, *args, **kwargs)

    cache._client().ping()
    monkeypatch.setattr(redis.connection.AbstractConnection, "send_packed_command", counted)
    cache.read_through(PHONE, Store().load)
    assert trips == 3
    cache.read_through(PHONE, Store().load)
    assert trips == 4
