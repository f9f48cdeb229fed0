"""Readers of pulled answers: bytes in, findings out. Fetching is somebody else's job."""
