"""The roof: the command `disaster-hub`. It reads the call, and lets the rooms below do the work."""

from __future__ import annotations

import argparse
import getpass
import logging
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from disaster_hub import __version__
from disaster_hub.terms.errors import BadConfig, HubError

if TYPE_CHECKING:
    from disaster_hub.config import Config


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end with its exit code; what people did wrong is one line, never a traceback."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    for name in ("apscheduler", "alembic", "pyogrio", "urllib3"):
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        code = chosen.run(chosen)
    except BadConfig as fault:
        print(fault, file=sys.stderr)
        code = 2
    except HubError as fault:
        print(f"disaster-hub: {fault}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        code = 1
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="disaster-hub", description="Disaster information for a Japanese city.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: object, text: str | None) -> argparse.ArgumentParser:
        one = commands.add_parser(name, description=text, help=text) if text else commands.add_parser(name)
        one.set_defaults(run=run)
        return one

    add("run", _run, "everything: broker (where embedded), portal, clock, listen and post")
    for name, text in (
        ("web", "the portal alone"),
        ("clock", "the scheduler alone: polls, judges, watches"),
        ("listen", "the MQTT listener alone"),
        ("post", "the delivery alone"),
        ("broker", "the embedded broker alone"),
    ):
        add(name, _process, text)
    add("demo", _demo, "a flood night in a made-up city (PORT, DEMO_SPEED, DEMO_START)")
    load = add("load", _load, "load open data: shelters, hazard zones, addresses, roads, boundaries")
    load.add_argument("paths", nargs="+", metavar="FILE|DIR", type=Path)
    read = add("read", _read, "say what files hold, as JSON; needs no store and no network")
    read.add_argument("--device", metavar="MODEL", help="the maker's model of the device, such as EM500-UDL")
    read.add_argument("paths", nargs="+", metavar="FILE")
    home = add("home", _home, "say what can happen at one place, as JSON: zones, depths, shelters, upstairs or not")
    home.add_argument("--at", metavar="LON,LAT", required=True, help="degrees, longitude first")
    home.add_argument("--storeys", type=int, default=1, choices=range(1, 61), metavar="N", help="of the house")
    home.add_argument("--floor", type=int, default=1, choices=range(1, 61), metavar="N", help="where they live")
    home.add_argument("--endure", type=int, metavar="HOURS", help="how long water, food and medicine last at home")
    road = add("road", _condition, "say that a road link is closed, or open again")
    road.add_argument("state", choices=("close", "open"))
    road.add_argument("place", metavar="ID", help="the link, as way/segment")
    shelter = add("shelter", _condition, "say how a shelter stands")
    shelter.add_argument("place", metavar="ID", help="the shelter's id in its open data")
    shelter.add_argument("state", choices=("open", "filling", "full", "closed"))
    for one in (road, shelter):
        one.add_argument("--because", metavar="TEXT", help="why, for the journal")
    criteria = "the town's criteria for its orders: check FILE, load FILE [NOTE], show"
    add("criteria", _criteria, criteria).add_argument("words", nargs="+", metavar="check|load|show")
    phrases = add("phrases", _phrases, "count the fixed phrases and who reviewed them; write down a review")
    phrases.add_argument("--reviewed-by", metavar="NAME", help="who has read the phrases as they stand now")
    phrases.add_argument("--lang", metavar="LANGUAGE", help="with --reviewed-by: of which language; alone: list them")
    phrases.add_argument("keys", nargs="*", metavar="KEY", help="which phrases; none: all of the language")
    add("status", _status, "heartbeats, sources, broker, disk")
    password = add("password", _password, "set a new password")
    password.add_argument("name", help="who signs in")
    _staff_words(add("staff", _staff, "add an account of the headquarters, list them, or open a lock"))
    config = add("config", _config, "show or check the configuration")
    config.add_argument("--check", action="store_true", help="only say whether it is good")
    for name in ("feeds", "gateway", "handsets"):
        inner = add(name, _rehearse, None)
        inner.add_argument("folder", type=Path)
        inner.add_argument("port", type=int)
    twin = add("twin", _twin, None)
    twin.add_argument("name", choices=("mail", "push", "line", "bot", "sms"))
    twin.add_argument("port", type=int)
    return parser


def _staff_words(staff: argparse.ArgumentParser) -> None:
    staff.add_argument("action", choices=("add", "list", "unlock"))
    staff.add_argument("name", nargs="?", help="who signs in")
    staff.add_argument("--role", metavar="ROLE", help="such as author, approver, department, field, viewer")
    staff.add_argument("--department", default="", metavar="TEXT")
    staff.add_argument("--shown", default="", metavar="TEXT", help="the name as others see it")
    staff.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def _load_config() -> Config:
    from disaster_hub.configfile import load

    return load()


def _run(_chosen: argparse.Namespace) -> int:
    from disaster_hub.running import run_all

    run_all(_load_config())
    return 0


def _process(chosen: argparse.Namespace) -> int:
    from disaster_hub.running import run_one

    run_one(chosen.command, _load_config())
    return 0


def _demo(_chosen: argparse.Namespace) -> int:
    from disaster_hub.demo import run_demo

    return run_demo(Path.cwd() / ".demo")


def _rehearse(chosen: argparse.Namespace) -> int:
    from disaster_hub.demo import run_rehearsal

    run_rehearsal(chosen.command, chosen.folder, chosen.port)
    return 0


def _twin(chosen: argparse.Namespace) -> int:
    """Run one twin of the outside, for the demo and for drills."""
    from disaster_hub.jobs.supervise import die_with_parent
    from disaster_hub.rehearsal.twins.stage import run_twin

    die_with_parent()
    run_twin(chosen.name, chosen.port)
    return 0


def _read(chosen: argparse.Namespace) -> int:
    from disaster_hub.reading import run

    return run(chosen.paths, chosen.device, sys.stdout, sys.stderr)


def _load(chosen: argparse.Namespace) -> int:
    from disaster_hub.jobs.load import load
    from disaster_hub.store.prepare import prepare
    from disaster_hub.terms.clock import utc_now

    config = _load_config()
    store = prepare(config.store, config.world)
    now = config.world.now(utc_now())
    report = load(store, chosen.paths, now=now, world=config.world, progress=lambda line: print(line, flush=True))
    store.close()
    return 1 if report.refused else 0


def _home(chosen: argparse.Namespace) -> int:
    """Print one JSON object; a place that is none is the caller's mistake: one line, and 2."""
    import json

    from disaster_hub.planning.at_home import at_home, spot_of
    from disaster_hub.store.session import open_store
    from disaster_hub.terms.errors import BadInput
    from disaster_hub.terms.household import Home, Household

    try:
        spot = spot_of(chosen.at)
    except BadInput as fault:
        print(f"disaster-hub home: {fault}", file=sys.stderr)
        return 2
    store = open_store(_load_config().store)
    with store.read() as tx:
        home = Home(spot, storeys=chosen.storeys, floor=chosen.floor)
        said = at_home(tx, home, Household(endure_hours=chosen.endure))
    store.close()
    print(json.dumps(said, ensure_ascii=False, indent=1, allow_nan=False))
    return 0


def _condition(chosen: argparse.Namespace) -> int:
    """Write one journal row, as the desk will; a place that is not loaded is one line, and 1."""
    from contextlib import closing

    from disaster_hub.store import conditions
    from disaster_hub.store.session import open_store
    from disaster_hub.terms.clock import utc_now
    from disaster_hub.terms.way import ShelterState

    config = _load_config()
    said = (f"{getpass.getuser()} (console)", config.world.now(utc_now()), chosen.because)
    with closing(open_store(config.store)) as store, store.write() as tx:
        if chosen.command == "shelter":
            conditions.set_shelter(tx, chosen.place, ShelterState(chosen.state), *said)
        else:
            (conditions.close_road if chosen.state == "close" else conditions.open_road)(tx, chosen.place, *said)
    print(f"{chosen.command} {chosen.place}: {chosen.state}")
    return 0


def _phrases(chosen: argparse.Namespace) -> int:
    """Count the phrases, list those of one language with their reviewer, or write a review down."""
    from disaster_hub.terms.errors import BadInput
    from timelines.phrases import LANGUAGES, Reviews, table

    source = _load_config().source
    reviews = Reviews((source.parent if source is not None else Path()) / "reviews.toml")
    if chosen.lang is not None and chosen.lang not in LANGUAGES:
        raise BadInput(f"--lang {chosen.lang!r}: there are {', '.join(LANGUAGES)}")
    if chosen.reviewed_by is not None:
        if chosen.lang is None:
            raise BadInput("--reviewed-by: of which language? add --lang")
        reviews.sign(chosen.reviewed_by, chosen.lang, chosen.keys or sorted(table(chosen.lang)))
    elif chosen.lang is not None:
        for key, phrase in sorted(table(chosen.lang).items()):
            if not chosen.keys or key in chosen.keys:
                text = phrase.text.replace("\n", "\\n")
                print(f"{key}\t{reviews.reviewer(key, chosen.lang)}\t{text}")
        return 0
    for language in LANGUAGES:
        reviewed, every = reviews.counts(language)
        print(f"{language}: {reviewed} of {every} reviewed")
    return 0


def _status(_chosen: argparse.Namespace) -> int:
    from disaster_hub.jobs.status import status_text
    from disaster_hub.store.session import open_store
    from disaster_hub.terms.clock import utc_now

    config = _load_config()
    store = open_store(config.store)
    sys.stdout.write(status_text(store, config, utc_now()))
    store.close()
    return 0


def _password(chosen: argparse.Namespace) -> int:
    """Set a password from the terminal, or from standard input where that is no terminal; empty makes one."""
    from disaster_hub.portal.accounts import set_password
    from disaster_hub.store.session import open_store
    from disaster_hub.terms.clock import utc_now

    config = _load_config()
    word = getpass.getpass("new password (empty: make one): ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    made = word or secrets.token_urlsafe(12)
    store = open_store(config.store)
    set_password(store, chosen.name, made, utc_now())
    store.close()
    print(f"{chosen.name}: password changed" + ("" if word else f" to {made}"))
    return 0


def _criteria(chosen: argparse.Namespace) -> int:
    from disaster_hub.desk.criteria_console import run
    from disaster_hub.terms.clock import utc_now

    print(run(chosen.words, _load_config, utc_now()))
    return 0


def _staff(chosen: argparse.Namespace) -> int:
    """Do what the portal's page of staff does; a password comes by standard input alone."""
    from contextlib import closing

    from disaster_hub.portal import console
    from disaster_hub.store.session import open_store
    from disaster_hub.terms.clock import utc_now

    config = _load_config()
    wall = utc_now()
    word = sys.stdin.readline().strip() if chosen.password_stdin else None
    with closing(open_store(config.store)) as store:
        print(console.run(store, chosen, word, config.world.now(wall), wall))
    return 0


def _config(chosen: argparse.Namespace) -> int:
    from dataclasses import asdict
    from pprint import pformat

    config = _load_config()
    if chosen.check:
        print(f"{config.source}: good")
        return 0
    said = asdict(config)
    for section, key in (("mqtt", "password"), ("mqtt", "devices"), ("mail", "password"), ("oidc", "secret")):
        if said[section]:
            said[section][key] = "(not shown)" if said[section][key] else None
    print(pformat(said, sort_dicts=False, width=110))
    return 0
