"""Encryption for one phone (RFC 8291 in the coding of RFC 8188): a fresh key for every message."""

from __future__ import annotations

import hmac
import os
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE, EXCHANGE = ec.SECP256R1(), ec.ECDH()
RECORD = 4096
"""One record is all there is: no push service takes more."""
HEAD = struct.Struct("!16sIB")
LAST = b"\x02"


def encrypt(clear: bytes, point: bytes, secret: bytes, known: ec.EllipticCurvePublicKey | None = None) -> bytes:
    """Encrypt *clear* for the browser whose public key is *point* and whose shared secret is *secret*.

    *known* is the same point where it was read already.
    """
    private = ec.generate_private_key(CURVE)
    ours = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = private.exchange(EXCHANGE, known or ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point))
    salt = os.urandom(16)
    # Every HKDF here gives one block at most, so that its expansion is a single HMAC with the counter 1.
    bound = _hmac(_hmac(secret, shared), b"WebPush: info\0" + point + ours + b"\x01")
    made = _hmac(salt, bound)
    key = _hmac(made, b"Content-Encoding: aes128gcm\0\x01")[:16]
    nonce = _hmac(made, b"Content-Encoding: nonce\0\x01")[:12]
    return HEAD.pack(salt, RECORD, len(ours)) + ours + AESGCM(key).encrypt(nonce, clear + LAST, None)


def _hmac(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, said, "sha256")
