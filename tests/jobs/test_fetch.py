"""The one HTTP door, against a loopback server that misbehaves."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from disaster_hub.terms.errors import Unreachable
from sensors.fetch import Door
from tests.jobs.twins import Handler, Server, serving, throw_away_ca


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def door() -> Door:
    return Door(timeout_s=0.4, max_bytes=100_000)


def test_gives_the_whole_body_unpacked(server: Server, door: Door) -> None:
    server.pages["/a"] = "みなも川".encode() * 1000
    answer = door.get(f"{server.url}/a")
    assert answer is not None
    assert answer.body == "みなも川".encode() * 1000


def test_asks_for_what_has_changed_only(server: Server, door: Door) -> None:
    server.pages["/a"] = b"one"
    assert door.get(f"{server.url}/a") is not None
    assert door.get(f"{server.url}/a") is None
    assert "If-None-Match" in server.asked[-1][1]
    server.pages["/a"] = b"two"
    changed = door.get(f"{server.url}/a")
    assert changed is not None
    assert changed.body == b"two"
    assert door.get(f"{server.url}/a", again=True) is not None
    door.forget(f"{server.url}/a")
    assert door.get(f"{server.url}/a") is not None


def test_last_modified_goes_back_as_it_came(server: Server, door: Door) -> None:
    when = "Fri, 18 Sep 2026 08:00:00 GMT"
    server.pages["/a"] = lambda h: h.reply(200, b"x", **{"Last-Modified": when})
    door.get(f"{server.url}/a")
    door.get(f"{server.url}/a")
    assert server.asked[-1][1]["If-Modified-Since"] == when


@pytest.mark.parametrize("status", [204, 401, 403, 404, 500, 503])
def test_other_answers_are_failures_with_their_number(server: Server, door: Door, status: int) -> None:
    server.pages["/a"] = lambda h: h.reply(status, b"")
    with pytest.raises(Unreachable, match=f"HTTP {status}"):
        door.get(f"{server.url}/a")


def test_an_answer_not_modified_that_nobody_asked_for_is_a_failure(server: Server, door: Door) -> None:
    server.pages["/a"] = lambda h: h.reply(304, b"")
    with pytest.raises(Unreachable, match="HTTP 304"):
        door.get(f"{server.url}/a")


def test_too_large_is_refused_while_it_comes(server: Server, door: Door) -> None:
    server.pages["/a"] = b"x" * 100_001
    with pytest.raises(Unreachable, match=r"more than 0\.1 MB"):
        door.get(f"{server.url}/a")


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(server: Server, door: Door) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    server.pages["/a"] = lambda h: h.reply(200, bomb, **{"Content-Encoding": "gzip"})
    with pytest.raises(Unreachable, match="more than"):
        door.get(f"{server.url}/a")


def cut(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"half")


def cut_chunks(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"4\r\nhalf\r\n")


def broken_gzip(handler: Handler) -> None:
    handler.reply(200, b"not gzip at all", **{"Content-Encoding": "gzip"})


@pytest.mark.parametrize("page", [cut, cut_chunks, broken_gzip])
def test_half_an_answer_is_no_answer(server: Server, door: Door, page) -> None:
    server.pages["/a"] = page
    with pytest.raises(Unreachable, match="cut off"):
        door.get(f"{server.url}/a")


def test_chunks_are_joined(server: Server, door: Door) -> None:
    def page(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"4\r\nhalf\r\n" * 3 + b"0\r\n\r\n")

    server.pages["/a"] = page
    answer = door.get(f"{server.url}/a")
    assert answer is not None
    assert answer.body == b"half" * 3


def test_a_server_that_says_nothing_or_drips_ends_in_time(server: Server) -> None:
    end = threading.Event()

    def silent(_: Handler) -> None:
        end.wait(5)

    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not end.wait(0.05):
            handler.wfile.write(b".")

    server.pages |= {"/silent": silent, "/drip": drip}
    door = Door(timeout_s=0.1)
    with pytest.raises(Unreachable, match="no answer in time"):
        door.get(f"{server.url}/silent")
    with pytest.raises(Unreachable, match="not finished in"):
        door.get(f"{server.url}/drip")
    end.set()


def test_redirects_are_followed_a_few_times(server: Server, door: Door) -> None:
    server.pages["/there"] = b"here"
    server.pages["/a"] = lambda h: h.reply(302, b"", Location="/there")
    server.pages["/round"] = lambda h: h.reply(302, b"", Location="/round")
    answer = door.get(f"{server.url}/a")
    assert answer is not None
    assert answer.body == b"here"
    with pytest.raises(Unreachable, match="led on"):
        door.get(f"{server.url}/round")


def test_nobody_there(door: Door) -> None:
    with serving() as gone:
        url = gone.url
    with pytest.raises(Unreachable, match="no connection"):
        door.get(f"{url}/a")
    with pytest.raises(Unreachable):
        door.get("no address at all")


def test_goes_through_the_proxy_that_is_named(server: Server) -> None:
    server.pages["http://feed.invalid/a"] = b"through"
    answer = Door(timeout_s=1, proxy=server.url).get("http://feed.invalid/a")
    assert answer is not None
    assert answer.body == b"through"


class TestTls:
    def test_trusts_the_offices_own_ca(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        ca, mine = throw_away_ca(tmp_path)
        other = tmp_path / "other"
        other.mkdir()
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(throw_away_ca(other)[0]))
        with serving(mine) as server:
            server.pages["/a"] = b"safe"
            answer = Door(timeout_s=2, ca=ca).get(f"{server.url}/a")
            assert answer is not None
            assert answer.body == b"safe"

    def test_does_not_trust_a_stranger(self, tmp_path: Path) -> None:
        _, mine = throw_away_ca(tmp_path)
        with serving(mine) as server, pytest.raises(Unreachable, match="not trusted"):
            Door(timeout_s=2).get(f"{server.url}/a")

    def test_through_a_proxy(self, tmp_path: Path) -> None:
        ca, mine = throw_away_ca(tmp_path)
        with serving(mine) as server, serving() as proxy:
            server.pages["/a"] = b"safe"
            door = Door(timeout_s=2, ca=ca, proxy=proxy.url)
            answer = door.get(f"{server.url}/a")
            assert answer is not None
            assert answer.body == b"safe"
            assert proxy.asked[0][0] == server.url.removeprefix("https://")

    def test_does_not_let_itself_be_led_away_from_https(self, tmp_path: Path) -> None:
        ca, mine = throw_away_ca(tmp_path)
        with serving(mine) as server, serving() as plain:
            plain.pages["/a"] = b"anything"
            server.pages["/a"] = lambda h: h.reply(302, b"", Location=f"{plain.url}/a")
            with pytest.raises(Unreachable, match="HTTPS"):
                Door(timeout_s=2, ca=ca).get(f"{server.url}/a")
