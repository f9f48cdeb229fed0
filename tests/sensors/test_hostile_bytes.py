"""Whatever comes, something is given back, the same twice, and it can be written as JSON."""

from __future__ import annotations

import io
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disaster_hub.reading import described, run
from disaster_hub.terms.errors import BadInput
from sensors.decoders import decode
from sensors.feeds.xml import MAX_BYTES
from sensors.recognise import read
from sensors.uplinks import envelope, plain
from tests.sensors.payloads import KINDS, payloads

BODIES = [path.read_bytes() for kind in KINDS for path in payloads(kind)]
JSON_BODIES = [json.loads(b) for b in BODIES if b.lstrip()[:1] == b"{" and b"ud800" not in b and len(b) < 4000]
ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=8), st.just("\ud800"),
    st.just([]), st.just({}), st.lists(st.none(), max_size=2), st.just("0001-01-01T00:00:00+09:00"), st.just("９"),
)  # fmt: skip
few = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def survives(body: bytes) -> None:
    """Read *body* as any file; nothing may be raised, and what it says can be printed."""
    for device in (None, "EM500-UDL"):
        found = read(body, device=device)
        assert found == read(body, device=device)
        text = json.dumps(described("x", found), allow_nan=False)
        assert found.kind is not None or found.problems, text


@given(st.binary(max_size=200))
@few
def test_any_bytes(body: bytes) -> None:
    survives(body)
    survives(b"<" + body)
    survives(b"{" + body)


@given(st.sampled_from(BODIES), st.randoms(use_true_random=False))
@few
def test_a_few_bytes_changed(body: bytes, chance: random.Random) -> None:
    mutable = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        mutable[chance.randrange(len(mutable))] = chance.randrange(256)
    survives(bytes(mutable))


@given(st.sampled_from(BODIES), st.floats(0, 1))
@few
def test_cut_off_anywhere(body: bytes, part: float) -> None:
    survives(body[: int(len(body) * part)])


@given(st.sampled_from(BODIES), st.randoms(use_true_random=False))
@few
def test_lines_lost_doubled_and_swapped(body: bytes, chance: random.Random) -> None:
    """Well-formed more often than not: elements are missing, twice there, or elsewhere."""
    lines = body.splitlines(keepends=True)
    for _ in range(chance.randint(1, 4)):
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        what = chance.choice(("lose", "double", "swap"))
        if what == "lose" and len(lines) > 1:
            del lines[one]
        elif what == "double":
            lines.insert(one, lines[one])
        else:
            lines[one], lines[other] = lines[other], lines[one]
    survives(b"".join(lines))


def odd(said: Any, chance: random.Random, value: Any) -> Any:
    """Put *value* somewhere into *said*."""
    if isinstance(said, dict) and said and chance.random() < 0.9:
        key = chance.choice(sorted(said))
        return said | {key: odd(said[key], chance, value)}
    if isinstance(said, list) and said and chance.random() < 0.9:
        place = chance.randrange(len(said))
        return [*said[:place], odd(said[place], chance, value), *said[place + 1 :]]
    return value


@given(st.sampled_from(JSON_BODIES), st.randoms(use_true_random=False), ODD)
@few
def test_json_with_one_odd_value(said: Any, chance: random.Random, value: Any) -> None:
    survives(json.dumps(odd(said, chance, value)).encode())


def refusal(read_it: Callable[[], object]) -> str | None:
    try:
        read_it()
    except BadInput as fault:
        return str(fault)
    return None


@given(st.sampled_from(JSON_BODIES), st.randoms(use_true_random=False), ODD, st.text(max_size=60))
@few
def test_the_listener_gets_an_answer_or_one_refusal(said: Any, chance: random.Random, value: Any, topic: str) -> None:
    payload = json.dumps(odd(said, chance, value)).encode()
    for read_it in (
        lambda: plain("hub/devices/fe99plain01/up", payload),
        lambda: plain(topic, payload),
        lambda: envelope("v3/x/devices/eui-fe99000000000001/up", payload),
        lambda: envelope(topic, payload),
        lambda: decode("EM500-UDL", envelope(None, payload)),
    ):
        assert refusal(read_it) is None or 0 < len(refusal(read_it) or "") < 300


@pytest.mark.parametrize(
    "body",
    [
        b"", b" \n", b"\x00" * 100, b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff\x00<", b"<", b"<?xml", b"{", b"[[]]", b"null",
        "<?xml version='1.0' encoding='UTF-16'?><a/>".encode("utf-16"), b"<?xml version='1.0' encoding='nope'?><a/>",
        b"<a>" * 5000, b"[" * 100_000, b'{"obss":' * 20_000, b"PK\x03\x04", b"%PDF-1.7", "警報".encode("cp932"),
    ],
    ids=lambda b: repr(b[:12]),
)  # fmt: skip
def test_what_nobody_knows(body: bytes) -> None:
    found = read(body)
    assert found.kind is None
    assert len(found.problems) == 1


@pytest.mark.parametrize("start", [b"<Report>", b'{"obss":[', b"x"])
def test_a_body_of_fifty_megabytes_is_refused_at_once(start: bytes) -> None:
    began = time.process_time()
    found = read(start + b" " * (50_000_000 - len(start)))
    assert found.kind is None
    assert found.problems == ("50000000 bytes: more than 20 MB are not read",)
    assert time.process_time() - began < 1.0


def test_a_bomb_costs_nothing() -> None:
    bomb = next(p for p in payloads("jma-telegram") if "bomb" in p.name).read_bytes()
    began = time.process_time()
    assert read(bomb).kind is None
    hidden = bomb.replace(b"<!DOCTYPE", b"<!--" + b" " * 5000 + b"-->\n<!DOCTYPE")
    assert read(hidden).kind is None
    attribute = hidden.replace(b'jmaxml1/">', b'jmaxml1/" a="&j;">')
    assert read(attribute).kind is None
    assert time.process_time() - began < 1.0


def test_an_outside_entity_is_never_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("vZ81qk")
    body = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><feed xmlns="http://www.w3.org/2005/Atom">&x;</feed>'
    assert "vZ81qk" not in repr(read(body.encode()))


def test_a_large_file_on_disk_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)
    out = io.StringIO()
    assert run([str(path)], None, out, io.StringIO()) == 1
    assert json.loads(out.getvalue())["problems"] == [f"{MAX_BYTES + 1} bytes: more than 20 MB are not read"]
