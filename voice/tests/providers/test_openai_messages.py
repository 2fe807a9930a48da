"""A history becomes a request that the API accepts, whatever happened in the call."""

from hypothesis import given
from hypothesis import strategies as st

from simulators.openai.rules import problem_with
from voice.core.history import AgentTurn, CallerTurn, Item, ToolUse
from voice.providers.base import Prompt, ToolSpec
from voice.providers.openai.messages import build, shorten, tool_definitions

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"day": {"type": ["string", "null"]}},
    "required": ["day"],
    "additionalProperties": False,
}
TOOLS = (ToolSpec("get_available_slots", "Find openings.", SCHEMA),)
PROMPT = Prompt("You answer the phone.", "The caller is Ana.", TOOLS, "inbound-3")

text = st.text(max_size=40)
items = st.one_of(
    st.builds(CallerTurn, text),
    st.builds(AgentTurn, text=text, heard=text, interrupted=st.booleans()),
    st.builds(
        ToolUse,
        tool_call_id=st.sampled_from(["a", "b", "call_" + "x" * 50]),
        name=st.just("get_available_slots"),
        arguments=st.sampled_from(["{}", '{"day":"2026-01-05"}', "[private]", '{"day":']),
        result=st.sampled_from([None, '{"ok":true}']),
    ),
)


@given(st.lists(items, max_size=30))
def test_no_history_is_ever_refused(history: list[Item]) -> None:
    body = {"model": "gpt-4o", "messages": build(PROMPT, tuple(history)), "stream": True}
    assert problem_with({**body, "tools": tool_definitions(TOOLS)}) is None


def test_the_static_prompt_comes_first_and_the_facts_of_the_call_last() -> None:
    messages = build(PROMPT, (CallerTurn("Hello"),))
    assert [m["content"] for m in messages] == [
        "You answer the phone.",
        "Hello",
        "The caller is Ana.",
    ]


def test_only_what_was_heard_was_said() -> None:
    turn = AgentTurn("We have Monday at nine or Tuesday.", "We have Monday", interrupted=True)
    messages = build(PROMPT, (turn, CallerTurn("Tuesday")))
    assert messages[1] == {"role": "assistant", "content": "We have Monday -"}


def test_words_that_nobody_heard_are_not_in_the_history() -> None:
    messages = build(PROMPT, (AgentTurn("Sure.", "", interrupted=True), CallerTurn("No")))
    assert [m["role"] for m in messages] == ["system", "user", "system"]


def test_a_tool_that_still_runs_has_a_result_that_says_so() -> None:
    messages = build(PROMPT, (ToolUse("a", "get_available_slots", "{}"), CallerTurn("Hello?")))
    assert messages[2]["role"] == "tool"
    assert "still_running" in messages[2]["content"]


def test_no_two_tool_calls_have_the_same_or_too_long_an_id() -> None:
    uses = tuple(ToolUse(name, "find", "{}", "{}") for name in ("a", "a", "b" * 50, "b" * 50))
    ids = [m["tool_call_id"] for m in build(PROMPT, uses) if m["role"] == "tool"]
    assert len(set(ids)) == 4
    assert max(map(len, ids)) <= 40


def test_private_arguments_do_not_reach_the_model() -> None:
    use = ToolUse("a", "verify", "[private]", '{"ok":true}')
    assert "private" not in str(build(PROMPT, (use,)))


def test_a_long_call_is_shortened_from_the_front_and_keeps_its_newest_turns() -> None:
    history: tuple[Item, ...] = tuple(CallerTurn(f"turn {n} " + "word " * 100) for n in range(200))
    summary, kept = shorten(history)
    assert kept[-1] == history[-1]
    assert sum(len(item.text) for item in kept if isinstance(item, CallerTurn)) <= 20_000
    assert "turn 0" in summary


def test_the_start_of_a_long_call_stays_the_same_from_turn_to_turn() -> None:
    """Else every turn would miss the prompt cache."""
    history: tuple[Item, ...] = tuple(CallerTurn(f"turn {n} " + "word " * 100) for n in range(200))
    summaries = {shorten(history[:n])[0] for n in range(190, 196)}
    assert len(summaries) <= 2


def test_a_short_call_is_sent_as_it_is() -> None:
    history = (CallerTurn("Hello"), AgentTurn("Hi", "Hi"))
    assert shorten(history) == ("", history)
