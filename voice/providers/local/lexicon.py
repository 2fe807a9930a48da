"""Words that this recogniser mishears on a telephone, put right where the shop makes it certain.

Rules: pure; a word is replaced only beside words that leave no doubt, or where nobody
could mean it in a service department. Letters are read out of words only where letters
were asked for.
"""

import re

from voice import number_words
from voice.core.history import Expectation

_FIXES: tuple[tuple[str, str], ...] = (
    # The lunch break, a break-in and "if it breaks down" stay what they are.
    (r"\b(my|the|your|our|her|his|front|rear|back|squeaky|squeaking|new|car) breaks\b", r"\1 brakes"),
    (r"\bbreaks? (pads?|job|inspection|fluid|service|check|rotors?|light|lights|shoes?|line|lines|noise|work)\b", r"brake \1"),
    (r"\bbreaks (are|is|feel|feels|make|makes|squeak|squeal|grind|need|needs|checked|done|replaced|fixed)\b", r"brakes \1"),
    (r"^no,? weight,? (make|actually|not|i)\b", r"no wait, \1"),
    (r"^(one|win|wen) is my( next)? (appointment|visit|booking)\b", r"when is my\2 \3"),
    (r"^cancell?ed (my|the|our) (appointment|visit|booking)\b", r"cancel \1 \2"),
    (r"\b(see|sea|c)\W+(our|are|r)\W+(v|vee)\b", "CR-V"),
    (r"\bhonda [pct]\W?r\W?[dgbve]\b", "Honda CR-V"),
    (r"\b(dear|gear|key a|kea) rio\b", "Kia Rio"),
    (r"\b(neighbou?rs?|never) of (those|these|them)\b", r"neither of \2"),
    (r"\b(checked?|czechs?|chick|cheque) (engine|tire|oil)\b", r"check \2"),
    (r"\bczech(s)?\b", r"check\1"),
    (r"\bloner( car| vehicle)?\b", r"loaner\1"),
    (r"\b(the|my|a|your|its|full) (venn|vinn|vin|van|then|been|win|fin|ven) (number|is)\b", r"\1 VIN \3"),
    (r"\b(venn|vinn|vin|ven)\b", "VIN"),
    (r"\boil (chain|chains|changed|chance|chance please)\b", "oil change"),
    (r"\b(oiled|all|oral|oyl) change\b", "oil change"),
    (r"\b(tire|tired|tyre|tires) (rotations?|rotate)\b", "tire rotation"),
    (r"\bwheel a ?lign?ment\b", "wheel alignment"),
    (r"\bmy transition fluid\b", "my transmission fluid"),
    (r"\btoyoda\b", "Toyota"),
    (r"\b(camery|cam ?ree|kamry|cameray)\b", "Camry"),
    (r"\b(hunday|hundai|hon die|hyundae)\b", "Hyundai"),
    (r"\b(kea|key a) (soul|sportage|sorento|optima|forte)\b", r"Kia \2"),
    (r"\b(ford )?f ?-?(one fifty|one-fifty|150)\b", r"\1F-150"),
    (r"\brav ?-?(four|for|4)\b", "RAV4"),
    (r"\bc ?r ?v\b", "CR-V"),
    (r"\bh ?r ?v\b", "HR-V"),
    (r"\b(silver auto|silverato)\b", "Silverado"),
    (r"\b(sub a roo|subaroo)\b", "Subaru"),
    (r"\bno it's on\b", "Nissan"),
    (r"\b(when|win|nuyen|new yen|nwen),? n ?g ?u ?y ?e ?n\b", "Nguyen"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), fix) for pattern, fix in _FIXES)

_LETTERS = {
    "ay": "A", "eh": "A", "be": "B", "bee": "B", "see": "C", "sea": "C", "dee": "D", "ee": "E",
    "eff": "F", "gee": "G", "jee": "G", "aitch": "H", "eye": "I", "jay": "J", "kay": "K", "okay": "K",
    "ell": "L", "el": "L", "em": "M", "en": "N", "and": "N", "oh": "O", "pee": "P", "pea": "P",
    "queue": "Q", "cue": "Q", "are": "R", "our": "R", "ess": "S", "tea": "T", "tee": "T", "you": "U",
    "vee": "V", "ex": "X", "why": "Y", "zee": "Z", "zed": "Z",
}  # fmt: skip
_SCORES = {
    "to": "two", "too": "two", "for": "four", "fore": "four", "won": "one", "tree": "three", "free": "three",
}  # fmt: skip
_SCORE_LAST = re.compile(rf"\b({'|'.join(_SCORES)})(?=\W*$)", re.IGNORECASE)
"""A score is the last word of its answer; "it was for my wife" ends with another."""
_SPELLED = frozenset({Expectation.SPELLING, Expectation.VIN})
_DIGITS = number_words.DIGITS | {"double", "triple"}


def put_right(text: str, expects: Expectation) -> str:
    """The words as the caller must have meant them."""
    for pattern, fix in _COMPILED:
        text = pattern.sub(fix, text)
    if expects is Expectation.SCORE:
        return _SCORE_LAST.sub(lambda found: _SCORES[found[1].lower()], text)
    return _read_letters(text) if expects in _SPELLED else text


def _read_letters(text: str) -> str:
    """ "See, are, why, four" is C R Y four, if everything said is a letter or a digit."""
    words = re.findall(r"[A-Za-z]+|\d+", text)
    spelled = [_LETTERS.get(word.lower(), word) for word in words]
    all_spelled = all(
        len(word) == 1 or word.isdigit() or word.lower() in _DIGITS for word in spelled
    )
    return " ".join(spelled) if words and all_spelled else text
