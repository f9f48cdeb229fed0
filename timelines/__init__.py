"""The east wing: whatever carries a decision out. A channel does not know what a gauge is."""
