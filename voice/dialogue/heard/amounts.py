"""Amounts out of speech: miles on the clock, money, a score from one to five."""

from voice.dialogue.heard.words import (
    HOMOPHONES,
    ZEROS,
    at,
    read_below_hundred,
    read_cardinal,
    tokenise,
)

MAX_MILES = 999_999


def parse_odometer(text: str) -> int | None:
    """Miles: "forty-two five" = 42,500, "sixty thousand", "about eighty five k", "120,000".

    A bare number below 1,000 that ends in a hundred is thousands, as people say it;
    a bare number below 300 is thousands too ("ninety" on a car is 90,000).
    """
    tokens = [word for word in tokenise(text) if word not in ("and", "a")]
    for index in range(len(tokens)):
        found = _read_miles(tokens, index)
        if found is not None and 0 <= found <= MAX_MILES:
            return found
    return None


def _read_miles(tokens: list[str], index: int) -> int | None:
    if at(tokens, index) == "hundred":  # "a hundred thousand", without its article
        tokens = [*tokens[:index], "one", *tokens[index:]]
    word = at(tokens, index)
    if "." in word and at(tokens, index + 1) in ("k", "thousand"):
        return round(float(word) * 1000)
    number = read_cardinal(tokens, index)
    if number is None:
        return None
    value, end = number
    exact = any(word in ("thousand", "k", "grand") for word in tokens[index:end]) or value >= 1000
    if exact:
        return value
    hundreds = _read_hundred_thousands(tokens, value, end)
    if hundreds is not None:
        return hundreds
    more = _read_hundreds(tokens, end)
    if more is not None and value > 0:
        return value * 1000 + more
    if at(tokens, end) in ("miles", "mile") and value < 100 and word.isdecimal():
        return value
    return value * 1000 if 0 < value < 300 else value


def _read_hundred_thousands(tokens: list[str], value: int, end: int) -> int | None:
    """ "one twenty" is 120,000 and "one oh five" 105,000."""
    if not 1 <= value <= 9 or tokens[end - 1].isdecimal():
        return None
    skip = end + (at(tokens, end) in ZEROS)
    rest = read_below_hundred(tokens, skip)
    if rest is None or (rest[0] < 10) != (skip > end) or at(tokens, rest[1]) == "hundred":
        return None
    return (value * 100 + rest[0]) * 1000


def _read_hundreds(tokens: list[str], index: int) -> int | None:
    """The rest of "forty-two five" (500), "forty-two five hundred", "forty-two three fifty"."""
    word = at(tokens, index)
    if word.isdecimal() and len(word) == 3:
        return int(word)
    rest = read_cardinal(tokens, index)
    if rest is None or not 1 <= rest[0] <= 999:
        return None
    if rest[0] >= 100 or rest[0] >= 10:
        return rest[0] if rest[0] >= 100 else None
    tail = read_below_hundred(tokens, rest[1])
    return rest[0] * 100 + (tail[0] if tail and tail[0] >= 10 else 0)


def parse_money(text: str) -> int | None:
    """An amount in cents: "eighty-nine ninety-five" = 8995, "$120", "fifty cents"."""
    tokens = [word for word in tokenise(text) if word != "$"]
    if "free" in tokens or "no charge" in " ".join(tokens):
        return 0
    for index in range(len(tokens)):
        cents = _read_money(tokens, index)
        if cents is not None:
            return -cents if at(tokens, index - 1) == "minus" else cents
    return None


def _read_money(tokens: list[str], index: int) -> int | None:
    word = tokens[index]
    if "." in word:
        whole, _, part = word.partition(".")
        return int(whole[:12]) * 100 + int((part + "0")[:2]) if whole.isdecimal() else None
    number = read_cardinal(tokens, index)
    if number is None:
        return None
    value, end = number
    if at(tokens, end) in ("cents", "cent"):
        return value
    named = at(tokens, end) in ("dollars", "dollar", "bucks", "buck")
    end += named
    end += named and at(tokens, end) == "and"
    cents = _read_cents(tokens, end, named)
    return value * 100 + (cents or 0)


def _read_cents(tokens: list[str], index: int, named: bool) -> int | None:
    if at(tokens, index) in ZEROS:
        index += 1
        named = True
    rest = read_below_hundred(tokens, index)
    if rest is None:
        return None
    return rest[0] if named or rest[0] >= 10 or at(tokens, rest[1]) == "cents" else None


_SCORES = {
    5: "great excellent perfect amazing awesome fantastic wonderful outstanding superb loved best",
    4: "good nice happy pleased well solid",
    3: "okay ok fine alright average decent so-so meh middling fair",
    2: "poor disappointing disappointed unhappy mediocre lacking",
    1: "terrible awful horrible worst bad hated unacceptable garbage disaster pathetic",
}
_SCORE_WORDS = {word: score for score, words in _SCORES.items() for word in words.split()}
_NEGATIONS = frozenset({"not", "wasn't", "isn't", "never", "hardly", "weren't", "didn't"})


def parse_score(text: str) -> int | None:
    """A score from one to five, by number or by word ("great" = 5, "not great" = 2).

    "Four or five" is the lower; "ten out of ten" is five.
    """
    tokens = tokenise(text)
    return _score_by_number(tokens) or _score_by_word(tokens)


def _score_by_number(tokens: list[str]) -> int | None:
    found: list[int] = []
    index = 0
    while index < len(tokens):
        number = read_below_hundred(tokens, index)
        if number is None:
            if len(tokens) == 1 and tokens[0] in HOMOPHONES:
                return HOMOPHONES[tokens[0]]
            index += 1
            continue
        value, end = number
        is_limit = at(tokens, index - 1) == "of" or _counts_time(at(tokens, end))
        if not is_limit and at(tokens, end) == "out" and at(tokens, end + 1) == "of":
            value = _out_of(tokens, value, end)
        if not is_limit and 1 <= value <= 5 and not _is_pronoun(tokens, index):
            found.append(value)
        index = end
    return min(found) if found else None


def _out_of(tokens: list[str], value: int, end: int) -> int:
    of = read_below_hundred(tokens, end + 2)
    return max(1, (value + 1) // 2) if of and of[0] == 10 and value <= 10 else value


def _counts_time(word: str) -> bool:
    return word in ("hours", "hour", "days", "weeks", "times", "minutes", "people", "guys", "day")


def _is_pronoun(tokens: list[str], index: int) -> bool:
    """ "the one thing", "no one": not a score."""
    following = at(tokens, index + 1)
    return tokens[index] == "one" and (
        at(tokens, index - 1) in ("the", "no", "this", "that", "any")
        or following in ("thing", "of")
    )


def _score_by_word(tokens: list[str]) -> int | None:
    for index, word in enumerate(tokens):
        score = _SCORE_WORDS.get(word)
        if score is None:
            continue
        before = tokens[max(0, index - 3) : index]
        if not _NEGATIONS & set(before):
            very = "very" in before or "really" in before or "super" in before
            return min(5, score + 1) if very and score == 4 else score
        return {5: 2, 4: 2, 3: 2, 2: 3, 1: 3}[score]
    return None
