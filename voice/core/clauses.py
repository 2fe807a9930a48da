"""A stream of words in, speakable clauses out.

Rules: a clause is a sentence, or less where less can be spoken well. The first
clause of a reply is short, because nothing is audible before it is complete; later
ones are whole sentences, because the voice sounds better on them and because a
voice provider counts them. A boundary is only believed once the next character
that is not a space has been seen ("9." may become "9.30"), or where whoever feeds
knows that a sentence is whole. Nothing is lost: the clauses, joined by single spaces,
are the text with its runs of white space made single.
"""

import re

from voice.core.overlap import word_set

_ABBREVIATIONS = word_set(
    "a.m p.m mr mrs ms dr jr sr st ave blvd rd no vs etc approx inc co dept ext e.g i.e u.s "
    "mon tue tues wed thu thur thurs fri sat sun jan feb mar apr jun jul aug sep sept oct nov "
    "dec"
)
_SENTENCE_END = re.compile(r"[.!?]+[\"')\]]*\s+(?=\S)")
_SOFT_END = re.compile(r"(?:[,;:]|\s[-–—])\s+(?=\S)|—(?=\S)")
_FIRST_MIN_CHARS = 20
_FIRST_MAX_CHARS = 70
_LATER_MIN_CHARS = 24
_LATER_SOFT_CHARS = 140


class ClauseSplitter:
    """Cuts one reply into clauses as its words stream in."""

    def __init__(self) -> None:
        self._text = ""
        self._first = True

    def feed(self, text: str, *, whole: bool = False) -> list[str]:
        """Take more words; give the clauses that are certain now. `whole`: a sentence ends here."""
        self._text += text
        clauses = []
        while (cut := self._find_cut()) is not None:
            clauses.append(self._take(cut))
        if whole and tidy(self._text) and self._is_long_enough(len(self._text)):
            clauses.append(self._take(len(self._text)))
        return clauses

    def _take(self, cut: int) -> str:
        clause, self._text = self._text[:cut], self._text[cut:]
        self._first = False
        return tidy(clause)

    def finish(self) -> str | None:
        """No more words are coming: what is left, or None."""
        rest, self._text = tidy(self._text), ""
        return rest or None

    def _find_cut(self) -> int | None:
        for match in _SENTENCE_END.finditer(self._text):
            if _is_sentence_end(self._text, match) and self._is_long_enough(match.end()):
                return match.end() if not self._first else self._earlier_soft_cut(match.end())
        return self._soft_cut(len(self._text)) if self._wants_soft_cut() else None

    def _is_long_enough(self, end: int) -> bool:
        minimum = 0 if self._first else _LATER_MIN_CHARS
        return len(tidy(self._text[:end])) >= minimum

    def _earlier_soft_cut(self, end: int) -> int:
        """A long first sentence is cut at its first good comma all the same."""
        cut = self._soft_cut(end) if end > _FIRST_MAX_CHARS else None
        return cut or end

    def _wants_soft_cut(self) -> bool:
        return self._first or len(self._text) > _LATER_SOFT_CHARS

    def _soft_cut(self, limit: int) -> int | None:
        minimum = _FIRST_MIN_CHARS if self._first else _LATER_MIN_CHARS
        for match in _SOFT_END.finditer(self._text, 0, limit):
            if match.end() >= minimum and not _is_inside_number(self._text, match):
                return match.end()
        return None


def split_clauses(text: str) -> list[str]:
    """All clauses of a text that is known as a whole, as the splitter would cut it."""
    splitter = ClauseSplitter()
    clauses = splitter.feed(text)
    rest = splitter.finish()
    return clauses if rest is None else [*clauses, rest]


def tidy(text: str) -> str:
    """The text with its white space made single."""
    return " ".join(text.split())


def _is_sentence_end(text: str, match: re.Match[str]) -> bool:
    """Whether this punctuation ends a sentence, and not an abbreviation, initial or number."""
    if not match.group().startswith("."):
        return True
    word = text[: match.start()].rsplit(None, 1)[-1:] or [""]
    bare = word[0].lower().strip("\"'([")
    follows_small = text[match.end()].islower()
    if bare in _ABBREVIATIONS:
        # "at 9 a.m. Does that suit?" ends; "Dr. Ruiz" and "Tue. the 4th" do not.
        return bare in ("a.m", "p.m") and text[match.end()].isupper()
    is_initial = len(bare) == 1 and bare.isalpha() and bare != "i"
    return not (is_initial or follows_small)


def _is_inside_number(text: str, match: re.Match[str]) -> bool:
    """A comma or colon between digits ("5, 5, 0") belongs to a number being read out."""
    before, after = text[: match.start()].rstrip()[-1:], text[match.end()]
    return before.isdigit() and after.isdigit()
