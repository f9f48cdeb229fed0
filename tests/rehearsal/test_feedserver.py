"""The feed server as a real client meets it: ETag, 304, gzip, 404 before its time, and broken on purpose."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

import pytest

from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.city import moment
from disaster_hub.rehearsal.editions import DATA, LONG, RIVERS, SHORT, Archive
from disaster_hub.rehearsal.feedserver import FeedServer
from disaster_hub.rehearsal.recording import read
from disaster_hub.rehearsal.twins.loopback import DROPPED
from disaster_hub.terms.world import World

OPENED = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


class Clock:
    """A wall clock that a test moves in world minutes after 17:00."""

    def __init__(self, speed: float = 60.0) -> None:
        self.speed, self.at = speed, OPENED

    def __call__(self) -> datetime:
        return self.at

    def put(self, text: str) -> None:
        self.at = OPENED + (moment(text) - moment("17:00")) / self.speed


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def feeds(rehearsal: Path, clock: Clock) -> Iterator[FeedServer]:
    with FeedServer(rehearsal / "night", world(OPENED), wall=clock) as server:
        yield server


def get(server: FeedServer, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


@pytest.mark.parametrize("path", [SHORT, LONG, RIVERS])
def test_a_known_answer_is_not_sent_again(feeds: FeedServer, path: str) -> None:
    first, body = get(feeds, path)
    assert first.status == 200
    assert body
    tag, changed = first.getheader("ETag"), first.getheader("Last-Modified")
    assert tag is not None
    assert changed is not None
    assert tag.startswith('W/"')
    assert first.getheader("Cache-Control") == "max-age=60"
    for headers in ({"If_None_Match": tag}, {"If_Modified_Since": changed}, {"If_None_Match": f'"x", {tag}'}):
        again, nothing = get(feeds, path, **headers)
        assert (again.status, nothing) == (304, b"")
        assert again.getheader("ETag") == tag
    other, _ = get(feeds, path, If_None_Match='W/"old"', If_Modified_Since=changed)
    assert other.status == 200


def test_gzip_is_for_those_who_ask(feeds: FeedServer) -> None:
    _, plain = get(feeds, LONG)
    packed, body = get(feeds, LONG, Accept_Encoding="gzip, deflate")
    assert packed.getheader("Content-Encoding") == "gzip"
    assert gzip.decompress(body) == plain
    assert len(body) < len(plain) / 4


def test_telegrams_are_there_from_their_time_on(feeds: FeedServer, clock: Clock) -> None:
    name = f"{DATA}20260918091026_0_VPWW55_990000.xml"
    clock.put("18:10:20")
    assert get(feeds, name)[0].status == 404
    clock.put("18:10:30")
    answer, body = get(feeds, name)
    assert answer.status == 200
    assert "レベル３大雨警報".encode() in body
    assert name.encode() in get(feeds, SHORT)[1]
    assert name.encode() not in get(feeds, LONG)[1]
    clock.put("18:35")
    assert name.encode() not in get(feeds, SHORT)[1]
    clock.put("19:00:01")
    assert name.encode() in get(feeds, LONG)[1]


def test_the_short_feed_changes_only_when_its_entries_do(feeds: FeedServer, clock: Clock) -> None:
    clock.put("17:45:00")
    tag = get(feeds, SHORT)[0].getheader("ETag") or ""
    clock.put("17:46:00")
    assert get(feeds, SHORT, If_None_Match=tag)[0].status == 304
    clock.put("17:59:00")
    assert get(feeds, SHORT, If_None_Match=tag)[0].status == 200


def test_the_long_feed_holds_at_the_start_what_happened_before(feeds: FeedServer) -> None:
    _, body = get(feeds, LONG)
    entries = re.findall(rb"<id>(http[^<#]+)</id>", body)
    assert len(entries) >= 15
    assert all(one.startswith(feeds.base.encode()) for one in entries)
    assert b"_990900.xml" in body
    assert re.search(rb"<updated>2026-09-18T17:00:00\+09:00</updated>", body)
    assert re.search(rb"<updated>2026-09-18T\d\d:\d\d:\d\dZ</updated>", body)


def test_a_fast_world_keeps_its_short_feed_longer(rehearsal: Path) -> None:
    recorded = read(rehearsal / "night")
    lengths = []
    for speed in (1.0, 60.0, 600.0):
        edition = Archive(recorded, world(OPENED, speed=speed), "http://x").at(SHORT, moment("18:35"))
        assert edition is not None
        lengths.append(edition.body.count(b"<entry>"))
    assert lengths[0] == lengths[1] < lengths[2]


def test_it_breaks_on_demand(feeds: FeedServer) -> None:
    feeds.fail(503)
    assert get(feeds, SHORT)[0].status == 503
    feeds.fail(DROPPED)
    with pytest.raises((HTTPException, ConnectionError)):
        get(feeds, SHORT)
    feeds.fail(None)
    assert get(feeds, SHORT)[0].status == 200
    assert get(feeds, "/etc/passwd")[0].status == 404
    assert get(feeds, f"{DATA}../feed.json")[0].status == 404
    assert feeds.asked[SHORT] == 1


def test_the_clock_stops_at_the_end(rehearsal: Path) -> None:
    late = OPENED + timedelta(days=2)
    with FeedServer(rehearsal / "night", world(OPENED), wall=lambda: late) as server:
        answer, body = get(server, RIVERS)
    assert answer.status == 200
    assert b"T01:5" in body


def test_a_world_is_what_it_was_told() -> None:
    here: World = world(OPENED, start="21:00", speed=600)
    assert here.now(OPENED) == moment("21:00")
    assert here.now(OPENED + timedelta(seconds=6)) == moment("22:00")
