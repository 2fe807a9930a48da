"""What kind of answer a sentence of the agent asks for, read from its words.

Rules: used only where whoever wrote the sentence did not say. The last question
counts. In doubt the answer is OPEN, which waits long enough for anything.
"""

import re

from voice.core.history import Expectation

_TAG = re.compile(r"\b(right|correct|okay|all right|alright|yes)\?$")
_ASKS_FOR = re.compile(
    r"\b(what|which|when|where|how|who)\b"
    r"|\b(may|can|could|would) (i|you|we) (please )?"
    r"(have|get|give|tell|spell|say|take|know|confirm)\b"
)
_YES_NO = re.compile(
    r"\b(is|are|was|were|do|does|did|can|could|may|shall|should|would|will|have|has)"
    r" (that|this|it|you|we|i|the|your|there|one)\b"
)
_CLUES = (
    (re.compile(r"date of birth|birthday|when were you born"), Expectation.DATE_OF_BIRTH),
    (re.compile(r"\bspell"), Expectation.SPELLING),
    (re.compile(r"\bvin\b|vehicle identification"), Expectation.VIN),
    (re.compile(r"phone|mobile|\bnumber.*(reach|call|text)"), Expectation.PHONE),
    (re.compile(r"\b(street|address)\b"), Expectation.ADDRESS),
    (re.compile(r"\bzip\b"), Expectation.ZIP),
    (re.compile(r"\bdigit code\b|\bcode (i|we)\b"), Expectation.CODE),
    (re.compile(r"scale (of|from)|from (one|1|zero|0) to"), Expectation.SCORE),
    (
        re.compile(r"\byear\b.*\bmake\b|make and model|(which|what) (car|vehicle)"),
        Expectation.VEHICLE,
    ),
    (re.compile(r"\bwhen\b|(what|which) (day|time|date|one|of)|\d.* or "), Expectation.WHEN),
    (re.compile(r"\bname\b"), Expectation.NAME),
)


def infer(text: str) -> Expectation:
    """The kind of answer that the last question of `text` asks for."""
    questions = re.findall(r"[^.?!]*\?", text)
    if not questions:
        return Expectation.OPEN
    last = questions[-1].lower()
    if _TAG.search(last) or (_YES_NO.search(last) and not _ASKS_FOR.search(last)):
        return Expectation.YES_NO
    return next((kind for clue, kind in _CLUES if clue.search(last)), Expectation.OPEN)
