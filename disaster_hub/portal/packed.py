"""Answers that are made once and given many times: the bytes, the same bytes zipped, their name."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

WORTH_ZIPPING = 500
"""Below this many bytes the headers weigh more than what is won."""
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Packed:
    """One answer with its ETag; *zipped* is None where zipping is not worth it."""

    body: bytes
    zipped: bytes | None
    tag: str
    plain_headers: Headers
    zipped_headers: Headers

    def answer(self, encodings: str, known: str) -> tuple[str, Headers, bytes]:
        """Give status, headers and body for what the asker takes (Accept-Encoding) and has (If-None-Match)."""
        zipped = self.zipped if self.zipped is not None and "gzip" in encodings else None
        headers = self.plain_headers if zipped is None else self.zipped_headers
        if known and (self.tag in known or known == "*"):
            return "304 Not Modified", [pair for pair in headers if pair[0] not in BODY_HEADERS], b""
        return "200 OK", headers, self.body if zipped is None else zipped


BODY_HEADERS = frozenset({"Content-Type", "Content-Length", "Content-Encoding"})


def pack(body: bytes, kind: str, more: Iterable[tuple[str, str]], *, level: int = 5) -> Packed:
    """Zip and name *body* of media type *kind*; *more* are headers that go with it."""
    tag = hashlib.blake2b(body, digest_size=12).hexdigest()
    zipped = gzip.compress(body, level, mtime=0) if len(body) >= WORTH_ZIPPING else None
    common = [*more, ("Content-Type", kind), ("Vary", "Accept-Encoding")]
    plain = [*common, ("ETag", f'"{tag}"'), ("Content-Length", str(len(body)))]
    small: Headers = []
    if zipped is not None:
        size = ("Content-Length", str(len(zipped)))
        small = [*common, ("ETag", f'"{tag}-gzip"'), ("Content-Encoding", "gzip"), size]
    return Packed(body, zipped, tag, plain, small)
