"""The back office's first page, and the calls that are going on."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from autoshop import dashboard
from calls import callbacks, live, log, outbound
from calls.models import Call, OutboundCall
from scheduling.tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]
ANA = "+12025550147"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("dee", "", "x"))
    return client


def _ring(sid: str = "CA" + "1" * 32) -> Call:
    now = timezone.now()
    call = log.start_call(
        sid=sid, direction="inbound", from_number=ANA, to_number="+12025550100", now=now
    )
    log.record_status(sid=sid, status="in-progress", sequence=-1, now=now)
    return call


def _say(call: Call, n: int, role: str, text: str) -> None:
    log.record_utterance(
        call_id=call.pk, n=n, role=role, text=text, heard_text="", interrupted=False,
        t0_ms=0, t1_ms=10, stages={},
    )  # fmt: skip


def _figure(page: str, name: str) -> str:
    """A figure's number and note, as one text."""
    start = page.index(f"<span>{name}</span>")
    return page[start : page.index("</a>", start)]


def test_the_first_page_counts_what_is_owed_and_what_waits(staff: Client) -> None:
    now = timezone.now()
    callbacks.create_callback(
        call_id=None, number=ANA, reason="hand_over", priority="high",
        due_at=now - timedelta(minutes=1), note="", now=now,
    )  # fmt: skip
    OutboundCall.objects.create(
        kind="reminder", subject_id=1, version=1, attempt=1, number=ANA,
        due_on=timezone.localdate(), claimed_at=now, not_before=now,
    )  # fmt: skip
    page = staff.get("/admin/").content.decode()
    assert "<b>1</b><small>1 overdue" in _figure(page, "Callbacks owed")
    assert "<b>1</b><small>0 done, 1 waiting" in _figure(page, "Calls we make today")
    assert "hand over" in page


def test_what_customers_said_of_their_visits_is_summed_up(staff: Client) -> None:
    assert "none yet" in _figure(staff.get("/admin/").content.decode(), "Visits judged, 30 days")
    for number, score in enumerate((5, 4, 2)):
        log.update_call(call_id=_ring(f"CA{number:032d}").pk, score=score, comment="As it was.")
    page = staff.get("/admin/").content.decode()
    assert "<b>3</b><small>average 3.7, 1 unhappy" in _figure(page, "Visits judged, 30 days")
    judged = staff.get("/admin/calls/call/?score__isnull=False&o=-1")
    assert judged.status_code == 200


def test_a_pause_is_seen_at_once(staff: Client) -> None:
    outbound.set_paused(paused=True, by="dee")
    page = staff.get("/admin/").content.decode()
    assert "paused by dee" in _figure(page, "Calls we make today")


def test_a_call_that_goes_on_shows_its_last_words_and_what_is_being_said(staff: Client) -> None:
    call = _ring()
    _say(call, 1, "agent", "How can I help?")
    _say(call, 2, "caller", "An oil change <b>please</b>.")
    live.show_clauses(call.sid, [(1, "How can I help?")])
    live.show_clauses(call.sid, [(2, "Is this for the Camry?")])
    part = staff.get("/admin/live/?part=1").content.decode()
    assert "An oil change &lt;b&gt;please&lt;/b&gt;." in part
    assert part.count("How can I help?") == 1  # it was said: it is being said no more
    assert "Is this for the Camry?" in part
    assert "<html" not in part
    assert "Is this for the Camry?" in staff.get("/admin/live/").content.decode()


def test_a_call_that_is_over_is_no_live_call(staff: Client) -> None:
    call = _ring()
    log.record_status(sid=call.sid, status="completed", sequence=9, now=timezone.now())
    assert dashboard.live_calls(timezone.now()) == []
    assert "Nobody is on the phone." in staff.get("/admin/live/?part=1").content.decode()


def test_many_live_calls_cost_no_more_queries_than_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        _say(_ring(f"CA{number:032d}"), 1, "agent", "Hello.")
    with django_assert_max_num_queries(3):
        assert len(dashboard.live_calls(timezone.now())) == 5


def test_whoever_may_not_see_calls_sees_none(client: Client) -> None:
    clerk = User.objects.create_user("cy", password="x", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_callbacktask"))
    client.force_login(clerk)
    _ring()
    assert client.get("/admin/live/").status_code == 403
    page = client.get("/admin/").content.decode()
    assert ANA not in page
    assert "Callbacks owed" in page and "Calls today" not in page


def test_a_stranger_is_sent_to_the_login(client: Client) -> None:
    assert client.get("/admin/live/").status_code == 302


def test_the_page_is_read_in_a_fixed_number_of_queries(
    staff: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    cast.load_shop()
    for number in range(6):
        _ring(f"CA{number:032d}")
    with django_assert_max_num_queries(19):
        staff.get("/admin/")
