"""An OpenAI that runs on this machine: see `OpenAISimulator`."""

from simulators.openai.answers import Answer, Call, Fault, Message, Policy, Tool, say
from simulators.openai.receptionist import receptionist
from simulators.openai.server import OpenAISimulator

__all__ = [
    "Answer",
    "Call",
    "Fault",
    "Message",
    "OpenAISimulator",
    "Policy",
    "Tool",
    "receptionist",
    "say",
]
