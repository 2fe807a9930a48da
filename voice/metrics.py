"""What the live calls count, for Prometheus.

Rules: labels are codes out of small fixed sets, never a number, a name or a word
that somebody said. The page that shows them belongs to the project, not to this app.
"""

from prometheus_client import Counter, Gauge, Histogram

_TURN_BUCKETS_MS = (5, 10, 25, 50, 100, 200, 300, 500, 800, 1200, 2000, 4000, 8000)

LIVE_CALLS = Gauge("autoshop_live_calls", "Calls with an open media stream")
CALLS = Counter("autoshop_calls_total", "Calls that ended, by how", ["end_reason"])
PREPARED = Counter(
    "autoshop_prepared_calls_total", "Calls prepared while they rang, by what came of it", ["end"]
)
TURNS = Counter("autoshop_turns_total", "Turns taken, by side", ["role"])
BARGE_INS = Counter("autoshop_barge_ins_total", "Agent turns cut short by the caller")
STAGE_MS = Histogram(
    "autoshop_turn_stage_ms", "Stages of an answer, ms", ["stage"], buckets=_TURN_BUCKETS_MS
)
TOOLS = Counter("autoshop_tools_total", "Tools run, by name and outcome", ["tool", "outcome"])
TOOL_MS = Histogram("autoshop_tool_ms", "Tool time, ms", ["tool"], buckets=_TURN_BUCKETS_MS)
TOKENS = Counter("autoshop_tokens_total", "Model tokens, by kind", ["kind"])
PROVIDER_FAILURES = Counter(
    "autoshop_provider_failures_total", "Failures of a provider", ["provider"]
)
LINES = Counter("autoshop_lines_total", "Callers' lines, by how they sounded", ["verdict"])
BAD_FRAMES = Counter("autoshop_bad_frames_total", "Malformed stream frames, by code", ["code"])
LOOP_LAG_MS = Gauge("autoshop_loop_lag_ms", "How late the event loop last ran a timer, ms")
