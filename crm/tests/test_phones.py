"""Numbers in one form."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.phones import last_four, to_e164


@pytest.mark.parametrize(
    "text", ["+15125550147", "512-555-0147", "(512) 555 0147", "1 512 555 0147", " 5125550147 "]
)
def test_one_number_has_one_form(text: str) -> None:
    assert to_e164(text) == "+15125550147"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anonymous",
        "+266696687",
        "555",
        "5125550147 ext 3",
        "12",
        "+",
        "911",
        "+7378742833",
        "+86282452253",
        "555-0147",
        "x" * 10_000,
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert to_e164(text) is None


def test_only_the_last_four_are_shown() -> None:
    assert last_four("+15125550147") == "0147"


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_none(text: str) -> None:
    found = to_e164(text)
    assert found is None or re.fullmatch(r"\+[1-9][0-9]{7,14}", found)
