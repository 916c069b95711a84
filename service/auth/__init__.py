"""Who asks, and what they may: API keys for back ends, short-lived tokens for browsers."""
