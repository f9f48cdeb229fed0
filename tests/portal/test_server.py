"""The real server: live wire, many open pages, TLS, a clean end."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import signal
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from disaster_hub.portal.serve import make_server
from disaster_hub.store import levels
from disaster_hub.terms.errors import BadConfig
from tests.portal import town
from tests.portal.conftest import Served, get, served

OPEN_PAGES = 200


class Wire:
    """One open page, as a browser listens."""

    def __init__(self, port: int) -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.link.request("GET", "/api/live")
        self.answer = self.link.getresponse()

    def word(self) -> dict:
        while True:
            line = self.answer.readline()
            assert line, "the wire ended"
            if line.startswith(b"data: {") and line != b"data: {}\n":
                return json.loads(line[6:])

    def close(self) -> None:
        self.link.close()


def test_a_fact_wakes_an_open_page_within_two_seconds(portal: Served) -> None:
    wire = Wire(portal.port)
    assert wire.answer.headers["Content-Type"].startswith("text/event-stream")
    assert wire.answer.headers["X-Accel-Buffering"] == "no"
    word, took = wire.word(), []
    for level in (
        3,
        5,
        4,
        3,
        5,
    ):  # the best of five: how long it takes is the hub's, how long it is held up the machine's
        with portal.store.write() as tx:
            levels.put_official(tx, town.official(level, f"レベル{level}"))
        begun, before = time.monotonic(), word["facts"]
        while word["facts"] == before:
            word = wire.word()
        took.append(time.monotonic() - begun)
    assert min(took) < 2, took
    body = json.loads(get(portal.port, "/api/situation")[2])
    assert body["areas"][0]["level"] == 5
    wire.close()


def test_two_hundred_open_pages_hear_of_it(portal: Served) -> None:
    with ThreadPoolExecutor(20) as pool:
        wires = list(pool.map(lambda _: Wire(portal.port), range(OPEN_PAGES)))
        first = list(pool.map(Wire.word, wires))[-1]
        with portal.store.write() as tx:
            levels.put_official(tx, town.official(5, "レベル５土砂災害特別警報"))

        def changed(wire: Wire) -> bool:
            while wire.word()["facts"] == first["facts"]:
                pass
            return True

        assert all(pool.map(changed, wires))
    assert get(portal.port, "/api/situation")[0] == 200
    for wire in wires:
        wire.close()


def test_it_ends_politely_while_pages_are_open(portal: Served) -> None:
    wire = Wire(portal.port)
    wire.word()
    portal.process.send_signal(signal.SIGTERM)
    assert portal.process.wait(timeout=60) == 0
    wire.close()


def test_it_beats(portal: Served) -> None:
    from disaster_hub.store import pulse

    end = time.monotonic() + 60
    while time.monotonic() < end:
        with portal.store.read() as tx:
            beats = pulse.heartbeats(tx)
        if beats:
            break
        time.sleep(0.1)
    assert beats[0].process == "web"


def test_hostile_requests_do_not_hurt_it(portal: Served) -> None:
    for line in (b"\x00\x01\x02\r\n\r\n", b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", portal.port), timeout=30) as link:
            link.sendall(line)
            link.recv(1000)
    for path in ("/%00", "/api/layers/..%2f..%2fetc%2fpasswd.geojson", "/assets/x/../../app.py", "/?lang=%ff"):
        status, _, body = get(portal.port, path)
        assert status in {200, 400, 404}
        assert b"Traceback" not in body
    assert get(portal.port, "/api/situation")[0] == 200


def test_no_certificate_that_cannot_be_read(tmp_path: Path) -> None:
    from dataclasses import replace

    config = town.config_for(tmp_path)
    door = replace(config.portal, certificate=tmp_path / "none.pem", key=tmp_path / "none.key")
    with pytest.raises(BadConfig, match=r"portal\.certificate"):
        make_server(replace(config, portal=door), None)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config = town.config_for(tmp_path, port=taken.getsockname()[1])
        with pytest.raises(BadConfig, match=r"portal\.port"):
            make_server(config, None)


def test_https_with_a_throw_away_ca(tmp_path: Path) -> None:
    pytest.importorskip("cryptography", reason="needs cryptography (requirements-dev.txt)")
    authority = certify(tmp_path)
    files = f"Path({str(tmp_path / 'cert.pem')!r}), Path({str(tmp_path / 'key.pem')!r})"
    door = f"town.Portal('127.0.0.1', {{port}}, {files}, 0, 60, None, '')"
    with served(tmp_path, portal=door, scheme="https") as made:
        trusting = ssl.create_default_context(cafile=str(authority))
        link = http.client.HTTPSConnection("127.0.0.1", made.port, context=trusting, timeout=60)
        link.request("GET", "/hq/sign-in")
        answer = link.getresponse()
        answer.read()
        assert answer.status == 200
        assert "Secure" in answer.headers["Set-Cookie"]
        assert "Strict-Transport-Security" in answer.headers
        link.close()


def certify(folder: Path) -> Path:
    """Make a CA and a certificate of 127.0.0.1 signed by it; give the CA's file."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    now = dt.datetime.now(dt.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]

    def signed(subject: str, key, *extensions) -> x509.Certificate:
        made = x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named("throw-away CA"))
        made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        for extension, critical in extensions:
            made = made.add_extension(extension, critical)
        return made.sign(keys[0], hashes.SHA256())

    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    ca = signed("throw-away CA", keys[0], (x509.BasicConstraints(True, None), True), (usage, True))
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf = signed("127.0.0.1", keys[1], (names, False))
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "cert.pem").write_bytes(leaf.public_bytes(pem))
    bare = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(keys[1].private_bytes(pem, serialization.PrivateFormat.PKCS8, bare))
    return folder / "ca.pem"
