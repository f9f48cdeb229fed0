"""The process `web`: one gevent server, one watcher, one heartbeat."""

from __future__ import annotations

import logging
import os
import signal
import socket
from typing import Any

import gevent
import gevent.socket
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer
from gevent.ssl import PROTOCOL_TLS_SERVER, SSLContext, TLSVersion

from disaster_hub.config import Config
from disaster_hub.portal import tiles
from disaster_hub.portal.app import create_app
from disaster_hub.portal.hub import Hub
from disaster_hub.portal.live import watch
from disaster_hub.portal.resident.desk import warm
from disaster_hub.store import pulse
from disaster_hub.store.session import open_store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.errors import BadConfig, HubError

log = logging.getLogger("disaster_hub.web")
BEAT_S = 5.0
GRACE_S = 2.0
MOST_CONNECTIONS = 2000
BACKLOG = 256


def run_web(config: Config) -> None:
    """Serve the portal until SIGTERM or SIGINT; ends within a few seconds, open pages included."""
    store = open_store(config.store)
    app = create_app(config, store, aside=in_thread)
    shared: Hub = app.extensions["disaster_hub"]
    shared.board.refresh()
    server = make_server(config, app)
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop, shared, server)
    shared.board.watched = True
    gevent.spawn(watch, shared.board, shared.wire, in_thread)
    gevent.spawn(beat, shared)
    gevent.spawn(in_thread, prepare, app)
    log.info(
        "portal on %s://%s:%s", "https" if config.portal.certificate else "http", config.portal.host, config.portal.port
    )
    server.serve_forever(stop_timeout=GRACE_S)
    store.close()


def prepare(app: Any) -> None:
    """Have the map and the town ready for whoever comes first; what goes wrong here is said again to whoever asks."""
    try:
        tiles.warm(app)
    except HubError as fault:
        log.warning("the map's tiles are not drawn yet: %s", fault)
    try:
        warm(app)
    except HubError as fault:
        log.warning("the town is not read yet: %s", fault)


def in_thread(function: Any, *arguments: Any) -> Any:
    """Run slow work in a thread of gevent's pool, so that nobody else waits for it."""
    return gevent.get_hub().threadpool.apply(function, arguments)


def make_server(config: Config, app: Any) -> WSGIServer:
    """Make the server, with TLS where a certificate is configured; BadConfig where it cannot be."""
    secured: dict[str, Any] = {}
    if config.portal.certificate is not None:
        secured["ssl_context"] = _tls(config)
    quiet = logging.getLogger("disaster_hub.web.server")
    return WSGIServer(_listen(config), app, log=None, error_log=quiet, spawn=Pool(MOST_CONNECTIONS), **secured)


def _listen(config: Config) -> Any:
    """Open the port.

    Connections take over TCP_NODELAY from the listening socket: head and body leave in two writes, and without it
    the second waits 40 ms for the first to be acknowledged.
    """
    host, port = config.portal.host, config.portal.port
    listener = gevent.socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as fault:
        listener.close()
        raise BadConfig(f"portal.port: cannot listen on {host}:{port} ({fault.strerror or fault})") from fault
    return listener


def stop(shared: Hub, server: WSGIServer) -> None:
    """End open pages first, then the server."""
    shared.wire.close()
    server.stop(timeout=GRACE_S)


def beat(shared: Hub) -> None:
    """Write the heartbeat of this process for as long as it lives; a full disk is said on every page."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    while not shared.wire.closed:
        fault = in_thread(_beat, shared, worker)
        if fault is not None:
            log.warning("heartbeat: %s", fault)
        shared.board.say_unwritable(fault)
        gevent.sleep(BEAT_S)


def _beat(shared: Hub, worker: str) -> str | None:
    """Write one heartbeat; give why it could not be written (a fault raised in gevent's pool is printed whole)."""
    note = f"{shared.wire.listeners} pages open"
    try:
        with shared.store.write() as tx:
            pulse.beat(tx, "web", worker, shared.now, wall=utc_now(), note=note)
    except HubError as fault:
        return str(fault)
    return None


def _tls(config: Config) -> SSLContext:
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.minimum_version = TLSVersion.TLSv1_2
    certificate, key = (None if p is None else str(p) for p in (config.portal.certificate, config.portal.key))
    try:
        context.load_cert_chain(str(certificate), key)
    except OSError as fault:
        raise BadConfig(f"portal.certificate: cannot be used ({fault.strerror or fault})") from fault
    return context
