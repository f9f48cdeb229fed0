"""Alerts on their way: for whom, spread part by part, answered, looked after, explained; nothing is drawn in here."""
