"""An electric car gets no oil change, at whatever door it is asked for."""

import pytest

from crm import catalog, records
from crm.models import Customer, Vehicle
from scheduling import booking
from scheduling.errors import ServiceNotForCar
from scheduling.fitting import powertrain_of
from scheduling.models import Appointment, Reservation, ServiceOp
from scheduling.openings import Wish
from scheduling.tests.cast import NOW, at, book, key
from scheduling.visits import find_openings

pytestmark = pytest.mark.django_db


@pytest.fixture
def electric(ana: Customer) -> Vehicle:
    """Ana's electric car, as it is entered when she names it on the phone."""
    return records.add_vehicle(
        customer_id=ana.pk, year=2022, make="Tesla", model="Model 3", now=NOW
    )


def test_a_named_car_has_its_models_powertrain(electric: Vehicle) -> None:
    assert electric.powertrain == powertrain_of(electric.pk) == "ev"
    assert catalog.powertrain_of("honda", "cr-v") == "gas"
    assert powertrain_of(None) == ""


@pytest.mark.parametrize("code", ["LOF-C", "LOF-S", "LOF-D", "LOFROT", "PLUG", "EAF", "MAJ30"])
def test_what_has_an_engine_to_do_is_not_for_an_electric_car(electric: Vehicle, code: str) -> None:
    with pytest.raises(ServiceNotForCar) as refused:
        book(electric, at("10:00"), code)
    assert refused.value.code == "service_not_for_car"
    assert refused.value.facts == {"op_codes": [code], "powertrain": "ev", "instead": ["EV-MC"]}
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("code", ["ROT", "EV-MC", "BRK-I", "TIRE-R", "DIAG"])
def test_everything_else_is(electric: Vehicle, code: str) -> None:
    assert book(electric, at("10:00"), code).pk


def test_the_health_check_of_electric_cars_is_not_for_gasoline(crv: Vehicle) -> None:
    Vehicle.objects.filter(pk=crv.pk).update(powertrain="gas")
    with pytest.raises(ServiceNotForCar):
        book(crv, at("10:00"), "EV-MC")


def test_openings_and_holds_refuse_it_before_anything_is_read_back(electric: Vehicle) -> None:
    with pytest.raises(ServiceNotForCar):
        find_openings(op_codes=["LOF-S"], wish=Wish(), now=NOW, powertrain="ev")
    for car in ({"vehicle_id": electric.pk}, {"powertrain": "ev"}):
        with pytest.raises(ServiceNotForCar):
            booking.hold(
                op_codes=["ROT", "LOF-S"], start=at("10:00"), call_sid="CA1", now=NOW, **car
            )
    assert not Reservation.objects.exists()


def test_a_car_that_is_not_known_yet_may_be_anything(shop: None) -> None:
    assert find_openings(op_codes=["LOF-S"], wish=Wish(), now=NOW)
    assert find_openings(op_codes=["EV-MC"], wish=Wish(), now=NOW)


def test_a_first_visit_is_refused_whole(shop: None) -> None:
    with pytest.raises(ServiceNotForCar):
        booking.book_first_visit(
            new_customer=booking.NewCustomer("Eva", "Lund", "+12125550144"),
            new_vehicle=booking.NewVehicle(2023, "Tesla", "Model Y"),
            op_codes=["LOF-S"], start=at("10:00"), idempotency_key=key(), now=NOW,
        )  # fmt: skip
    assert not Customer.objects.exists()


def test_what_staff_say_of_a_service_is_what_counts(electric: Vehicle) -> None:
    ServiceOp.objects.filter(pk="EAF").update(powertrains=[])
    assert book(electric, at("10:00"), "EAF").pk


def test_a_visit_that_stands_can_be_moved_whatever_it_is_for(crv: Vehicle) -> None:
    visit = book(crv, at("10:00"))
    Vehicle.objects.filter(pk=crv.pk).update(powertrain="ev")
    moved = booking.reschedule(
        appointment_id=visit.pk, customer_id=visit.customer_id, start=at("14:00"),
        idempotency_key=key(), now=NOW,
    )  # fmt: skip
    assert moved.start == at("14:00")
