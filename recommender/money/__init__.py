"""Money: what recurs on an account, what is spent besides, and what the balance will be."""
