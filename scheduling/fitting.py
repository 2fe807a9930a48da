"""Which service fits which car.

Rules of this module: a service says which powertrains it is for, and none means every car; a
car whose powertrain is not known fits everything. Staff edit both. A refusal names what the
menu has for this kind of car instead, so that nobody is left with a bare no.
"""

from collections.abc import Sequence

from scheduling.errors import ServiceNotForCar
from scheduling.models import ServiceOp
from scheduling.planning import Op
from scheduling.statements import Statement, send

MOST_INSTEAD = 3


def check(ops: Sequence[Op], powertrain: str) -> None:
    """Raise ServiceNotForCar where a service is not for a car of that powertrain."""
    unfit = [op for op in ops if not op.fits(powertrain)]
    if unfit:
        raise ServiceNotForCar(
            op_codes=[op.op_code for op in unfit],
            powertrain=powertrain,
            instead=_instead(powertrain, unfit[0].lane),
        )


def powertrain_of(vehicle_id: int | None) -> str:
    """A known car's powertrain; empty where there is no such car."""
    asked = powertrain_question(vehicle_id)
    send(asked)
    return powertrain(asked)


def powertrain_question(vehicle_id: int | None) -> Statement:
    """The same as a statement to be sent with others; `powertrain` reads its answer."""
    return Statement("select powertrain from crm_vehicle where id = %s", [vehicle_id])


def powertrain(asked: Statement) -> str:
    """The answer to a `powertrain_question`."""
    return str(asked.rows[0][0]) if asked.rows else ""


def _instead(powertrain: str, lane: str) -> list[str]:
    """Services made for this kind of car, those of the same lane first."""
    found = ServiceOp.objects.filter(active=True, powertrains__contains=[powertrain])
    rows = found.order_by("position").values_list("op_code", "lane")
    return [code for code, _ in sorted(rows, key=lambda row: row[1] != lane)][:MOST_INSTEAD]
