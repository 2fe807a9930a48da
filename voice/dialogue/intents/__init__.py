"""The intent model's data (phrases, encoder, head) and the tools that make it."""
