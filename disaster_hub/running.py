"""Running the real thing: which processes there are, what each needs, and the first start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping

from disaster_hub.config import Config
from disaster_hub.jobs.process import stop_on_signals
from disaster_hub.jobs.supervise import Child, Supervisor, die_with_parent
from disaster_hub.planning.keys import claim, ensure_keys
from disaster_hub.portal.accounts import ensure_administrator
from disaster_hub.store import worlds
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import open_store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.errors import BadConfig, Unreachable, WrongWorld

PROCESSES = ("web", "clock", "listen", "post")


def run_all(config: Config) -> None:
    """Prepare the store, then run every process until SIGINT or SIGTERM."""
    stop = stop_on_signals()
    environ = with_password(config, os.environ)
    _greet(config, first_start(config))
    names = (("broker",) if config.mqtt.embedded else ()) + PROCESSES
    Supervisor([Child(name, [name]) for name in names], environ).run(stop)


def first_start(config: Config) -> str | None:
    """Prepare the store; give the administrator's password where one was made just now."""
    ensure_keys(config.keys.folder)
    store = prepare(config.store, config.world)
    try:
        with store.read() as tx:
            claim(config.keys.folder, worlds.identity(tx))
    except BadConfig:
        store.close()
        raise
    made = ensure_administrator(store, utc_now())
    store.close()
    return made


def with_password(config: Config, environ: Mapping[str, str]) -> dict[str, str]:
    """Give the children's environment; the embedded broker's password for `listen` is made afresh each start."""
    children = dict(environ)
    if config.mqtt.embedded and not config.mqtt.anonymous and config.mqtt.password is None:
        children["DISASTER_HUB_MQTT_PASSWORD"] = secrets.token_urlsafe(24)
    return children


def run_one(name: str, config: Config) -> None:
    """Run one process until told to stop."""
    die_with_parent()
    if name != "broker":
        same_world(config)
    runners: Mapping[str, Callable[[Config], None]] = {
        "web": _web,
        "clock": _clock,
        "listen": _listen,
        "post": _post,
        "broker": _broker,
    }
    runners[name](config)


def same_world(config: Config) -> None:
    """Raise WrongWorld where the store is of another world than the configuration, BadConfig where the keys are."""
    store = open_store(config.store)
    try:
        with store.read() as tx:
            there, identity = worlds.current(tx), worlds.identity(tx)
    finally:
        store.close()
    if (there.kind, there.name) != (config.world.kind, config.world.name):
        said = f"{config.world.kind.value} {config.world.name!r}"
        raise WrongWorld(f"store: belongs to the world {there.kind.value} {there.name!r}, not {said}")
    claim(config.keys.folder, identity)


def _greet(config: Config, made: str | None) -> None:
    scheme = "https" if config.portal.certificate else "http"
    host = "localhost" if config.portal.host in {"0.0.0.0", "127.0.0.1"} else config.portal.host  # noqa: S104  # only compared
    print(f"portal: {scheme}://{host}:{config.portal.port}/", flush=True)
    if made:
        print(f"sign-in: admin / {made}   (shown once; `disaster-hub password admin` sets a new one)", flush=True)


def _web(config: Config) -> None:
    from disaster_hub.portal.serve import run_web  # noqa: PLC0415  # gevent must not load in the other processes

    run_web(config)


def _clock(config: Config) -> None:
    from disaster_hub.jobs.schedule import run_clock  # noqa: PLC0415  # APScheduler lives in one process

    run_clock(config)


def _listen(config: Config) -> None:
    from disaster_hub.jobs.listen import run_listen  # noqa: PLC0415  # paho lives in one process

    run_listen(config)


def _post(config: Config) -> None:
    from disaster_hub.jobs.deliver import run_post  # noqa: PLC0415  # each process starts with what it needs

    run_post(config)


def _broker(config: Config) -> None:
    from sensors.broker import run, settings  # noqa: PLC0415  # each process starts with what it needs

    mqtt = config.mqtt
    if not mqtt.embedded:
        raise BadConfig("mqtt.embedded: false, so there is no broker of ours to run")
    devices = dict(mqtt.devices)
    if mqtt.username and mqtt.password:
        devices[mqtt.username] = mqtt.password
    if not devices and not mqtt.anonymous:
        raise BadConfig("mqtt.devices: a broker that refuses strangers needs at least one name and password")
    text = settings(
        host=mqtt.host,
        port=mqtt.port,
        devices=devices,
        anonymous=mqtt.anonymous,
        certificate=mqtt.certificate,
        key=mqtt.key,
    )
    try:
        run(text)
    except (OSError, RuntimeError) as fault:
        raise Unreachable(f"broker at {mqtt.host}:{mqtt.port}: {fault}") from fault
