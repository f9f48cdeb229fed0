"""Twins of what carries a decision out: mail server, push service, LINE Login; on loopback, errors included."""
