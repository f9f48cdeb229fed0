"""Disaster information for a Japanese city; this file imports nothing at all."""

__version__ = "0.1.0"
