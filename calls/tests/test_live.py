"""News reach a session from another process, before or after it listens."""

import asyncio

import pytest

from calls import live

pytestmark = pytest.mark.usefixtures("empty_redis")


async def _take(sid, count):
    found = []
    async for item in live.news(sid):
        found.append(item)
        if len(found) == count:
            return found
    return found


async def test_news_told_before_the_session_listens_waits_for_it():
    await asyncio.to_thread(live.tell, "CA1", "answered_by", "human")
    await asyncio.to_thread(live.tell, "CA1", "hang_up", "carrier")
    await asyncio.to_thread(live.tell, "CA2", "hang_up")
    found = await asyncio.wait_for(_take("CA1", 2), 20)
    assert found == [live.News("answered_by", "human"), live.News("hang_up", "carrier")]


async def test_news_told_while_it_listens_arrives():
    listening = asyncio.create_task(_take("CA1", 1))
    await asyncio.to_thread(live.tell, "CA1", "answered_by", "fax")
    assert await asyncio.wait_for(listening, 20) == [live.News("answered_by", "fax")]


async def test_without_redis_there_is_no_news_and_no_crash(settings, monkeypatch):
    monkeypatch.setattr(live, "_WAIT_S", 0.01)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    listening = asyncio.create_task(_take("CA1", 1))
    done, _ = await asyncio.wait({listening}, timeout=0.2)
    assert not done
    listening.cancel()


def test_telling_without_redis_is_lost_quietly(settings):
    settings.CACHES = {
        "default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    live.tell("CA1", "hang_up")
    live.show_clauses("CA1", [(1, "Hello.")])
    live.show_clauses("CA1", [], afresh=True)
    assert live.clauses("CA1") == []


def test_what_the_agent_is_about_to_say_is_shown_in_order_and_the_newest_are_kept():
    for number in range(1, live.CLAUSES_KEPT + 3):
        live.show_clauses("CA1", [(number, f"Clause {number}.")])
    shown = live.clauses("CA1")
    assert [number for number, _ in shown] == list(range(3, live.CLAUSES_KEPT + 3))
    assert shown[0] == (3, "Clause 3.")
    assert live.clauses("CA2") == []


def test_what_the_agent_took_back_is_shown_no_more():
    live.show_clauses("CA1", [(1, "Hello.")])
    live.show_clauses("CA1", [], afresh=True)
    assert live.clauses("CA1") == []
