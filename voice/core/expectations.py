"""What kind of answer a sentence of the agent asks for, read from its words.

Rules: used only where whoever wrote the sentence did not say. The last question
counts. In doubt the answer is OPEN, which waits long enough for anything.
"""

import re

from voice.core.history import Expectation

_CLUES: tuple[tuple[str, Expectation], ...] = (
    (r"date of birth|birthday|when were you born", Expectation.DATE_OF_BIRTH),
    (r"\bspell", Expectation.SPELLING),
    (r"\bvin\b|vehicle identification", Expectation.VIN),
    (r"\b(is|are|does|do|did|can|could|may|shall|should|would|will|have|has) (that|this|it|you|we|i|the|your|one)\b"
     r"(?!.*\b(what|which|when|where|how|tell me)\b)|\b(right|correct|okay|all right)\?", Expectation.YES_NO),
    (r"(phone|mobile|callback|best) number|number .*reach", Expectation.PHONE),
    (r"\b(street|address|zip)\b", Expectation.ADDRESS),
    (r"\bwhen\b|what (day|time|date)|which (day|time|date|one|of)|\bor\b.*\d", Expectation.WHEN),
    (r"year,? (make|and make)|make and model|which (car|vehicle)|what (car|vehicle)", Expectation.VEHICLE),
    (r"\bname\b", Expectation.NAME),
    (r"scale (of|from)|from (one|1|zero|0) to", Expectation.SCORE),
)  # fmt: skip


def infer(text: str) -> Expectation:
    """The kind of answer that the last question of `text` asks for."""
    questions = re.findall(r"[^.?!]*\?", text)
    if not questions:
        return Expectation.OPEN
    last = questions[-1].lower()
    for pattern, expectation in _CLUES:
        if re.search(pattern, last):
            return expectation
    return Expectation.OPEN
