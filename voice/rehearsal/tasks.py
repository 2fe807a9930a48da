"""Rehearsal tasks as they stand in `fixtures/rehearsals/*.yaml`.

Rules: a file is a list of tasks; a task with several `manners` or `openings` is one
task for each of them. Unknown keys are refused, so that a typing slip is not a task that passes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Expect:
    """What must hold after the call; see `grade`. `seconds` of call time at most."""

    visits: tuple[dict[str, Any], ...] = ()
    outcome: str = ""
    level: str = ""
    says: tuple[str, ...] = ()
    never_says: tuple[str, ...] = ()
    closed: str = ""
    callback: str = ""
    consent: bool | None = None
    do_not_call: bool | None = None
    new_customers: int = 0
    tools: tuple[str, ...] = ()
    never_tools: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    """One rehearsal. `world` is what exists before, `caller` who rings."""

    id: str
    flow: str
    opening: str
    facts: dict[str, Any]
    wants: dict[str, str]
    then: tuple[str, ...]
    manners: str
    world: dict[str, Any]
    caller: dict[str, Any]
    expect: Expect
    now: str = ""
    outbound: dict[str, Any] = field(default_factory=dict)


_KEYS = {
    "id", "flow", "opening", "openings", "facts", "wants", "then", "manners", "world", "caller", "expect", "now", "outbound",
}  # fmt: skip


def load(folder: Path) -> tuple[Task, ...]:
    """Every task of a folder, in the order of files and lists. Raises ValueError for a bad one."""
    tasks = [task for path in sorted(folder.glob("*.yaml")) for task in _read(path)]
    ids = [task.id for task in tasks]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ValueError(f"tasks with the same id: {twice}")
    return tuple(tasks)


def _read(path: Path) -> Iterator[Task]:
    document = yaml.safe_load(path.read_text("utf-8"))
    people = document.get("people", {})
    for row in document["tasks"]:
        unknown = row.keys() - _KEYS
        if unknown:
            raise ValueError(f"{path.name}: {row.get('id')}: unknown keys {sorted(unknown)}")
        for n, opening in enumerate(row.get("openings", [row.get("opening", "")]), start=1):
            name = f"{row['id']}-{n}" if "openings" in row else row["id"]
            one = {**row, "id": name, "opening": opening}
            for manner in row.get("manners", ["plain"]):
                yield _task(one, manner, people)


def _task(row: dict[str, Any], manner: str, people: dict[str, Any]) -> Task:
    name = row["id"] if manner == "plain" else f"{row['id']}-{manner}"
    expect = {key: _frozen(value) for key, value in row.get("expect", {}).items()}
    return Task(
        id=name,
        flow=row["flow"],
        opening=row["opening"],
        facts=row.get("facts", {}),
        wants=row.get("wants", {}),
        then=tuple(row.get("then", ())),
        manners=manner,
        world={"customers": [_person(entry, people) for entry in row.get("world", [])]},
        caller=row.get("caller", {}),
        expect=Expect(**expect),
        now=str(row.get("now", "")),
        outbound=row.get("outbound", {}),
    )


def _person(entry: Any, people: dict[str, Any]) -> dict[str, Any]:
    """A customer of the file's cast by name, or one written out; written keys win."""
    if isinstance(entry, str):
        return dict(people[entry])
    base = people.get(entry.get("as", ""), {})
    return {**base, **{key: value for key, value in entry.items() if key != "as"}}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
