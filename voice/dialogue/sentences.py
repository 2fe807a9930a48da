"""A model's words cut into sentences as they stream in.

Rules: pure. A sentence is let go as soon as it is whole, because the voice waits for
it; abbreviations, times ("9 a.m.") and prices do not end one.
"""

import re

_END = re.compile(r"[.!?]+[\"')\]]*(?=\s)")
_NO_END = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|a\.m|p\.m|[ap]|e\.g|i\.e|vs|no|\d)|\b[A-Z])\.$", re.IGNORECASE
)


class Sentences:
    """Collects words; gives whole sentences."""

    def __init__(self) -> None:
        self._text = ""

    def feed(self, words: str) -> list[str]:
        """Take words; the sentences that are whole now, each with its end."""
        self._text += words
        out: list[str] = []
        start = 0
        for match in _END.finditer(self._text):
            piece = self._text[start : match.end()]
            if _NO_END.search(piece) and not piece.endswith(("!", "?")):
                continue
            out.append(piece)
            start = match.end()
        self._text = self._text[start:]
        return out

    def rest(self) -> str:
        """What is left when the reply is over."""
        rest, self._text = self._text, ""
        return rest
