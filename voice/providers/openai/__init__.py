"""GPT-4o, or whatever else speaks OpenAI's chat completions, on the vendor's SDK."""

from voice.providers.openai.client import warm
from voice.providers.openai.model import OpenAIChatModel

__all__ = ["OpenAIChatModel", "warm"]
