"""Loading everything local before the first call, so that no caller waits for it."""

import numpy as np

from voice.providers.local import cache
from voice.providers.local.moonshine import RATE, recogniser
from voice.providers.local.mouth import synthesise
from voice.providers.local.silero import session


def warm(tell: cache.Tell = lambda _: None) -> None:
    """Convert the models if need be, load them and use each once. Slow; raises ProviderError."""
    cache.prepare(tell)
    tell("loading the ear")
    session()
    recogniser().transcribe(np.zeros(RATE // 2, np.float32))
    tell("loading the voice")
    synthesise("Hi.", 1.0)
