"""The parts of the closed loop: customers, the bank that shows and learns, policies, a panel."""
