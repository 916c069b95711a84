"""The HTTP calls. Each route admits the caller first, then reads the question, then answers."""
