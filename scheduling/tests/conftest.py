"""The shop as its fixtures have it, and the people of the cast."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from crm.models import Customer, Vehicle
from scheduling.tests import cast


@pytest.fixture(autouse=True)
def _new_york() -> Iterator[None]:
    """Every test reads the clock of one shop."""
    with override_settings(SHOP_TIMEZONE="America/New_York"):
        yield


@pytest.fixture
def shop(db: None) -> None:
    """Menu, hours, bays, advisors and articles."""
    cast.open_shop()


@pytest.fixture
def ana(shop: None) -> Customer:
    """A customer."""
    return cast.person("Ana", "Ruiz")


@pytest.fixture
def ben(ana: Customer) -> Customer:
    """A customer of the same household: Ana's number is his too."""
    return cast.person("Ben", "Ruiz")


@pytest.fixture
def crv(ana: Customer) -> Vehicle:
    """Ana's car."""
    return cast.car(ana)


@pytest.fixture
def civic(ben: Customer) -> Vehicle:
    """Ben's car."""
    return cast.car(ben, "Civic")
