"""Harmless twins of the outside: a small HTTP server, a proxy, a throw-away CA."""

from __future__ import annotations

import gzip
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from socket import create_connection

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Handler(BaseHTTPRequestHandler):
    """Answers from `server.pages`: path → bytes, or a function that writes the whole answer itself."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        page = self.server.pages.get(self.path)
        if callable(page):
            self.close_connection = True
            page(self)
            return
        if page is None:
            self.reply(404, b"")
            return
        mark = f'W/"{hash(page)}"'
        if self.headers.get("If-None-Match") == mark:
            self.reply(304, b"")
            return
        packed = gzip.compress(page)
        self.reply(200, packed, ETag=mark, **{"Content-Encoding": "gzip"})

    def do_CONNECT(self) -> None:
        """Be a proxy for TLS: join the two ends and look at nothing."""
        self.server.asked.append((self.path, dict(self.headers)))
        host, _, port = self.path.partition(":")
        with create_connection((host, int(port))) as far:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_pump, args=(far, self.connection), daemon=True)
            back.start()
            _pump(self.connection, far)
        self.close_connection = True

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        if self.close_connection:  # said, or the client would try this connection again
            self.send_header("Connection", "close")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def _pump(one, other) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        return


class Server(ThreadingHTTPServer):
    """A loopback server; `pages` may change while it runs, `asked` is what came in."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, bytes | Callable[[Handler], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what the tests are about."""


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Server]:
    server = Server()
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def throw_away_ca(folder: Path) -> tuple[Path, Path]:
    """Make a CA and a certificate for 127.0.0.1; give (CA file, certificate with key)."""
    now = datetime.now(UTC)

    def certificate(name: str, key, issuer: x509.Name, by, *, authority: bool) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        )
        if authority:
            usage = x509.KeyUsage(*(n in {5, 6} for n in range(9)))
            builder = builder.add_extension(usage, critical=True)
        else:
            names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(by, hashes.SHA256())

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "throw-away CA")])
    ca = certificate("throw-away CA", ca_key, ca_name, ca_key, authority=True)
    mine = certificate("127.0.0.1", key, ca_name, ca_key, authority=False)
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "mine.pem").write_bytes(mine.public_bytes(pem) + secret)
    return folder / "ca.pem", folder / "mine.pem"
