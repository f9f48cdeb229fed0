"""Journeys: a person of human speed walks the product in a real browser, each step against its limit."""
