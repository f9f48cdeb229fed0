"""The cipher beside the library that everybody uses: what we encrypt, it opens; and the example of RFC 8291."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode

import http_ece
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as some

from timelines import push_cipher
from timelines.push_cipher import encrypt

PRIVATE = ec.generate_private_key(ec.SECP256R1())
POINT = PRIVATE.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
SECRET = secrets.token_bytes(16)


def opened(body: bytes, secret: bytes = SECRET) -> bytes:
    clear: bytes = http_ece.decrypt(body, private_key=PRIVATE, auth_secret=secret, version="aes128gcm")
    return clear


@given(some.binary(max_size=3900))
def test_the_library_opens_what_we_encrypt(clear: bytes) -> None:
    body = encrypt(clear, POINT, SECRET)
    assert opened(body) == clear
    assert len(body) == len(clear) + 86 + 17


def test_every_message_has_a_key_and_a_salt_of_its_own() -> None:
    bodies = [encrypt(b"x", POINT, SECRET) for _ in range(50)]
    assert len({body[:16] for body in bodies}) == len({body[21:86] for body in bodies}) == 50


def test_nobody_else_opens_it() -> None:
    body = bytearray(encrypt(b"x" * 100, POINT, SECRET))
    with pytest.raises((InvalidTag, http_ece.ECEException)):
        opened(bytes(body), secrets.token_bytes(16))
    body[-1] ^= 1
    with pytest.raises((InvalidTag, http_ece.ECEException)):
        opened(bytes(body))


def test_the_example_of_the_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 8291, section 5: with its keys and its salt, its very bytes."""

    def raw(text: str) -> bytes:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))

    number = int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    sender = ec.derive_private_key(number, ec.SECP256R1())
    monkeypatch.setattr(push_cipher.ec, "generate_private_key", lambda _curve: sender)
    monkeypatch.setattr(push_cipher.os, "urandom", lambda _n: raw("DGv6ra1nlYgDCS1FRnbzlw"))
    point = raw("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    body = encrypt(b"When I grow up, I want to be a watermelon", point, raw("BTBZMqHH6r4Tts7J_aSIgg"))
    assert body == raw(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
