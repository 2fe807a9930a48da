"""The cast, the shop and a running server for tests that make whole calls.

Rules: the shop is the shipped one (`load_shop`), the server is the shipped
application on uvicorn in a thread, and the caller comes over the wire. The cast: Ana
and Rob (one car each, verified by what they know; Rob's name is easy on any recogniser),
Ben and Bea (one household phone), Cy (nobody).
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
import uvicorn
from pytest_django.fixtures import Settings

from autoshop.serve import SOCKETS
from crm import records
from crm.models import Customer, Vehicle
from voice.tests import shipped

ANA, HOUSEHOLD, CY, ROB = "+12025550147", "+12025550148", "+12025550149", "+12025550150"
START_S = 20


@dataclass(frozen=True, slots=True)
class Cast:
    """Who may ring."""

    ana: Customer
    civic: Vehicle
    rob: Customer


@pytest.fixture
def shop(transactional_db: None) -> None:
    """The shop as it is shipped: menu, hours, bays, what may be said; none of an earlier test's."""
    shipped.open_shop()


@pytest.fixture
def cast(shop: None) -> Cast:
    """The people of these tests."""
    now = datetime.now(UTC)
    ana = records.create_customer(
        first_name="Ana",
        last_name="Silva",
        phone=ANA,
        dob=date(1985, 3, 12),
        origin="staff",
        now=now,
    )
    civic = records.add_vehicle(
        customer_id=ana.pk, year=2019, make="Honda", model="Civic", vin="2HGFC2F56KH512345", now=now
    )
    for first in ("Ben", "Bea"):
        records.create_customer(
            first_name=first, last_name="Okafor", phone=HOUSEHOLD, dob=date(1990, 7, 4), origin="staff", now=now
        )  # fmt: skip
    rob = records.create_customer(
        first_name="Robert", last_name="Miller", phone=ROB, dob=date(1985, 3, 12), origin="staff", now=now
    )  # fmt: skip
    records.add_vehicle(customer_id=rob.pk, year=2021, make="Toyota", model="Camry", now=now)
    return Cast(ana, civic, rob)


class Served(uvicorn.Server):
    """The application on a free port of this machine, in a thread."""

    def install_signal_handlers(self) -> None:
        """Signals are the test runner's."""


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The shipped application, as long as the block lasts; its base address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.BASE_URL = f"http://127.0.0.1:{port}"
    config = uvicorn.Config(
        "autoshop.asgi:application",
        port=port,
        **SOCKETS,
        log_config=None,
        lifespan="off",
    )
    server = Served(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    _wait(lambda: server.started, "the server to start")
    try:
        yield settings.BASE_URL
    finally:
        server.should_exit = True
        thread.join(START_S)


def _wait(fact: Callable[[], bool], what: str) -> None:
    deadline = threading.Event()
    for _ in range(START_S * 100):
        if fact():
            return
        deadline.wait(0.01)
    raise TimeoutError(f"waited {START_S} s for {what}")
