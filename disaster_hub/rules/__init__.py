"""Pure judgement: terms in, (level, reason, since when, until when) out. No clock, no store, no network.

An officer may read these files beside the law: what they say is what the map shows.
"""
