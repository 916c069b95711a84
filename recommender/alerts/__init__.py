"""Alerts: what a person needs to know now, from the causes in what is known to one life each."""
