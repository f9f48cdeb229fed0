"""Channels, a file each; a channel does not know what a gauge is."""
