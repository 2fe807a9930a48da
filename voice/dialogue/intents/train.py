"""Learn the head of the intent model from `phrases.txt` and write `head.npz`.

    python -m voice.dialogue.intents.train

Softmax regression on the encoder's vectors, classes weighted by the root of their
size, a fixed number of Adam steps from zero: the same phrases always give the same
head. Takes about twenty seconds.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice.dialogue.intents.encoder import encode

HERE = Path(__file__).parent
STEPS, RATE, DECAY = 500, 0.05, 5e-5
Matrix = NDArray[np.float32]


def read_phrases(path: Path = HERE / "phrases.txt") -> list[tuple[str, str]]:
    """(phrase, intent) pairs in file order. Raises ValueError for a phrase outside an intent."""
    pairs: list[tuple[str, str]] = []
    intent = ""
    for line in path.read_text().splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            intent = line.strip("[]")
        elif intent:
            pairs.append((line, intent))
        else:
            raise ValueError(f"a phrase before the first intent: {line}")
    return pairs


def fit(vectors: Matrix, labels: NDArray[np.intp], classes: int) -> tuple[Matrix, Matrix]:
    """Weights (features, classes) and bias (classes,) of a softmax regression."""
    count = len(labels)
    wanted = np.eye(classes, dtype=np.float32)[labels]
    share = 1 / np.sqrt(np.bincount(labels, minlength=classes))[labels]
    share = (share / share.mean() / count).astype(np.float32)[:, None]
    values = [np.zeros((vectors.shape[1], classes), np.float32), np.zeros(classes, np.float32)]
    first = [np.zeros_like(value) for value in values]
    second = [np.zeros_like(value) for value in values]
    for step in range(1, STEPS + 1):
        error = (softmax(vectors @ values[0] + values[1]) - wanted) * share
        slopes = [vectors.T @ error + DECAY * values[0], error.sum(axis=0)]
        for index, slope in enumerate(slopes):
            first[index] = 0.9 * first[index] + 0.1 * slope
            second[index] = 0.999 * second[index] + 0.001 * slope * slope
            level = first[index] / (1 - 0.9**step)
            spread = np.sqrt(second[index] / (1 - 0.999**step)) + 1e-8
            values[index] -= RATE * level / spread
    return values[0], values[1]


def softmax(scores: Matrix) -> Matrix:
    """Shares that add up to one along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)


def main() -> None:
    """Train on the phrases and write the head next to them."""
    pairs = read_phrases()
    names = sorted({intent for _, intent in pairs})
    vectors = np.stack([encode(phrase) for phrase, _ in pairs])
    labels = np.array([names.index(intent) for _, intent in pairs], np.intp)
    weights, bias = fit(vectors, labels, len(names))
    right = ((vectors @ weights + bias).argmax(axis=1) == labels).mean()
    np.savez_compressed(
        HERE / "head.npz",
        weights=weights.astype(np.float16),
        bias=bias,
        names=np.array(names),
    )
    sys.stdout.write(f"{len(pairs)} phrases, {len(names)} intents, {right:.1%} fitted\n")


if __name__ == "__main__":
    main()
