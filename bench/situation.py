"""/api/situation beside the same bytes from memory, both by the same kind of server, by turns."""

from __future__ import annotations

import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.demo import free_port, spread

ROUNDS = 7
REQUESTS = 2000
STATIONS = 400
GOAL = 0.5
SERVER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from bench.towns import config_for, fill
from disaster_hub.portal.serve import run_web
config = config_for(Path({folder!r}), port={port}, stations={stations})
fill(config)
run_web(config)
"""
PEER = """
import socket
from gevent.pywsgi import WSGIServer
body = open({body!r}, "rb").read()
kind = ("Content-Type", "application/json; charset=utf-8")
head = [kind, ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))]
def app(environ, start):
    start("200 OK", head)
    return [body]
server = WSGIServer(("127.0.0.1", {port}), app, log=None)
server.init_socket()
server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
server.serve_forever()
"""


def run() -> Mapping[str, Mapping[str, Any]]:
    """Measure requests a second on one connection, gzip asked for, ours and the peer by turns."""
    root = str(Path(__file__).parents[1])
    with tempfile.TemporaryDirectory() as folder:
        ours_at, peer_at = free_port(), free_port()
        ours = _start(SERVER.format(root=root, folder=folder, port=ours_at, stations=STATIONS))
        peer: subprocess.Popen[bytes] | None = None
        try:
            body = _wait(ours_at, "/api/situation")
            saved = Path(folder) / "body.gz"
            saved.write_bytes(body)
            peer = _start(PEER.format(body=str(saved), port=peer_at))
            _wait(peer_at, "/")
            rates = [(_rate(ours_at, "/api/situation"), _rate(peer_at, "/")) for _ in range(ROUNDS)]
        finally:
            for child in filter(None, (ours, peer)):
                child.terminate()
                child.wait(timeout=15)
    mine, theirs = (statistics.median(column) for column in zip(*rates, strict=True))
    ratios = [one / other for one, other in rates]
    return {
        "situation": {
            "ours": round(mine),
            "peer": round(theirs),
            "unit": "requests/s",
            "ratio": round(statistics.median(ratios), 2),
            "goal": GOAL,
            "noise": spread(ratios),
            "size": f"{STATIONS} stations, {len(body)} bytes gzip, {REQUESTS} requests a round",
            "peer_name": "the same bytes from memory by the same server (gevent.pywsgi)",
        }
    }


def _start(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)


def _wait(port: int, path: str, *, limit_s: float = 60.0) -> bytes:
    end = time.monotonic() + limit_s
    while True:
        try:
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            link.request("GET", path, headers={"Accept-Encoding": "gzip"})
            return link.getresponse().read()
        except (ConnectionError, http.client.HTTPException):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _rate(port: int, path: str) -> float:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    begun = time.perf_counter()
    for _ in range(REQUESTS):
        link.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = link.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{path}: {answer.status}")
    seconds = time.perf_counter() - begun
    link.close()
    return REQUESTS / seconds
