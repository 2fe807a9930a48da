"""The schemas a model is shown: strict, bounded, and without anybody's id."""

from typing import Any

import pytest

from voice.gate import Flow
from voice.tools.table import TOOLS, specs_for


def objects(schema: Any) -> list[dict[str, Any]]:
    found = []
    if isinstance(schema, dict):
        found += [schema] if schema.get("type") == "object" else []
        found += [inner for value in schema.values() for inner in objects(value)]
    if isinstance(schema, list):
        found += [inner for value in schema for inner in objects(value)]
    return found


@pytest.mark.parametrize("flow", list(Flow))
def test_every_object_of_every_schema_is_strict(flow: Flow) -> None:
    for spec in specs_for(flow):
        for schema in objects(spec.parameters):
            assert schema["additionalProperties"] is False
            assert set(schema["required"]) == set(schema["properties"]), spec.name


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS.keys())
def test_no_tool_takes_the_id_of_a_customer(tool: Any) -> None:
    names = set(tool.arguments.model_fields)
    assert not {"customer", "customer_id", "vehicle_id", "appointment_id", "phone", "level"} & names


def test_every_tool_tells_a_model_what_it_is_for() -> None:
    assert all(len(tool.description) > 10 for tool in TOOLS.values())
