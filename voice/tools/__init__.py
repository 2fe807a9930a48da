"""The tools of a call: the table, and the one function that uses it."""

from voice.tools.dispatch import run
from voice.tools.outcome import ToolOutcome
from voice.tools.table import FILLERS, specs_for

__all__ = ["FILLERS", "ToolOutcome", "run", "specs_for"]
