"""What cars come in for: jobs drawn from the shop's own menu.

Rules: shares of service families are those of a dealership (oil 45 %, rotation 18 %,
diagnosis 12 %, brakes 10 %, tires 6 %, major services 5 %, recall 4 %, battery 3 %); a
job suits the car (no oil change for an electric one) and is one that some bay can do;
times and prices are the menu's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from scheduling import planning
from scheduling.models import Bay, ServiceOp
from scheduling.seeding.draws import Weighted, pick

_OIL: Final = ("LOF-S", "LOF-S", "LOF-C", "LOFROT")
_FAMILIES: Final[tuple[tuple[float, tuple[str, ...]], ...]] = (
    (37, ("LOF-S", "LOF-S", "LOF-C")),
    (10, ("LOFROT",)),
    (9, ("ROT",)),
    (12, ("DIAG", "DIAG", "DIAG-N", "DIAG-N", "AC")),
    (10, ("BRK-I", "BRK-I", "BRK-F", "BRK-R", "BRK-FL")),
    (6, ("TIRE-R", "TIRE-4", "BAL", "ALIGN")),
    (5, ("MAJ30", "MAJ60", "COOL", "ATF", "PLUG")),
    (4, ("RECALL",)),
    (3, ("BAT-T", "BAT-R")),
)
_ELECTRIC: Final[tuple[tuple[float, tuple[str, ...]], ...]] = (
    (30, ("EV-MC",)),
    (30, ("ROT",)),
    (12, ("TIRE-R", "TIRE-4", "BAL", "ALIGN")),
    (10, ("BRK-I", "BRK-FL")),
    (10, ("DIAG", "DIAG-N", "AC")),
    (5, ("RECALL",)),
    (3, ("CABIN",)),
)
_ADDED: Final = ("MPI", "MPI", "CABIN", "EAF", "WIPER", "BAL")
_ADDED_SHARE: Final = 0.16
DECLINED: Final = ("CABIN", "EAF", "WIPER", "BRK-FL", "ALIGN", "BRK-F", "COOL", "BAT-R", "TIRE-4")


@dataclass(frozen=True, slots=True)
class Job:
    """One visit's work. `bays` are those that can do it, the least versatile first."""

    ops: tuple[str, ...]
    work_min: int
    told_min: int | None
    waiter_ok: bool
    bays: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A menu line as history and appointment keep it."""

    name: str
    price_kind: str
    price_cents: int


class Menu:
    """The shop's menu and bays, ready to draw jobs from."""

    def __init__(self, ops: Sequence[ServiceOp], bays: Sequence[Bay]) -> None:
        self.items = {op.op_code: Item(op.name, op.price_kind, op.price_cents) for op in ops}
        self._ops = {op.op_code: _planned(op) for op in ops}
        self._bays = sorted(
            (
                planning.BayFacts(bay.pk, frozenset(bay.lanes), bay.skill, bay.position)
                for bay in bays
            ),
            key=lambda bay: (len(bay.lanes), bay.skill, bay.position),
        )
        self._jobs: dict[tuple[str, ...], Job] = {}
        self._usual = _Families(_FAMILIES, self._ops)
        self._electric = _Families(_ELECTRIC, self._ops)
        self.declined = tuple(code for code in DECLINED if code in self._ops)

    def draw(self, random: Random, powertrain: str) -> Job:
        """A job for a car of that powertrain."""
        families = self._electric if powertrain == "ev" else self._usual
        code = families.draw(random)
        if powertrain == "diesel" and code in _OIL and "LOF-D" in self._ops:
            code = "LOF-D"
        for _ in range(50):
            if self._ops[code].fits(powertrain):
                break
            code = families.draw(random)
        codes: tuple[str, ...] = (code,)
        if random.random() < _ADDED_SHARE:
            added = pick(random, _ADDED)
            known = self._ops.get(added)
            if known is not None and added != code and known.fits(powertrain):
                codes = (code, added)
        return self.job(codes) or self.job((code,)) or self._any()

    def job(self, codes: tuple[str, ...]) -> Job | None:
        """These services as one visit, None where no bay can do them together."""
        known = self._jobs.get(codes)
        if known is None:
            joined = planning.combine([self._ops[code] for code in codes])
            able = tuple(bay.bay_id for bay in self._bays if planning.can_do(bay, joined))
            known = self._jobs[codes] = Job(
                codes, joined.work_min, joined.visit_min, joined.waiter_ok, able
            )
        return known if known.bays else None

    def _any(self) -> Job:
        for code in self._ops:
            job = self.job((code,))
            if job is not None:
                return job
        raise ValueError("no bay can do anything on the menu")


class _Families:
    def __init__(
        self, shares: Sequence[tuple[float, tuple[str, ...]]], known: dict[str, planning.Op]
    ) -> None:
        kept = [(share, [code for code in codes if code in known]) for share, codes in shares]
        self._families = Weighted(
            [codes for _, codes in kept if codes] or [list(known)],
            [share for share, codes in kept if codes] or [1.0],
        )

    def draw(self, random: Random) -> str:
        return pick(random, self._families.draw(random))


def _planned(op: ServiceOp) -> planning.Op:
    return planning.Op(
        op.op_code, op.bay_min, op.visit_min, op.lane, op.skill, op.waiter_ok, op.powertrains
    )
