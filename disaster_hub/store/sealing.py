"""Sealing: AES-256-GCM under a household's key, bound to whose and what it is."""

from __future__ import annotations

import secrets
from typing import Any, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from disaster_hub.terms.errors import BadInput

T = TypeVar("T")
NONCE = 12
STEP = 256
"""Sealed records come in steps of so many bytes: their length tells next to nothing of what they hold."""
FORM = b"\x01"
"""The first byte says how it is sealed, so that a later version can seal otherwise and still read this."""


def seal(key: bytes, about: str, value: Any) -> bytes:
    """Seal *value* (dataclasses, JSON values) so that it opens only with *key* and only as *about*."""
    nonce = secrets.token_bytes(NONCE)
    clear = msgspec.json.encode(value)
    clear += b" " * (-len(clear) % STEP)
    return FORM + nonce + AESGCM(key).encrypt(nonce, clear, about.encode())


def opened(key: bytes, about: str, sealed: bytes, kind: type[T]) -> T:
    """Open what `seal` sealed; anything that was changed, or is another's, raises BadInput."""
    return opened_by(key, about, sealed, msgspec.json.Decoder(kind))


def opened_by(key: bytes, about: str, sealed: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Open the same with a decoder that was made once: for a hundred thousand of one kind."""
    try:
        if sealed[:1] != FORM:
            raise BadInput("sealed in a way that this version does not know")
        clear = AESGCM(key).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], about.encode())
        return decoder.decode(clear)
    except (InvalidTag, ValueError, msgspec.ValidationError) as fault:
        # Neither the bytes nor what they would say is named: this goes to a log.
        raise BadInput(f"a sealed record cannot be opened ({type(fault).__name__})") from None
