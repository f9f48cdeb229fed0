"""Our own small client beside sockets that behave, and sockets that do not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from disaster_hub.terms.errors import Undeliverable
from timelines.outside import Reply
from timelines.push_lines import LOOKS, Lines

TAKEN = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: /m/1\r\n\r\n"


class Far:
    """The other side: it says what the test lets it say, and keeps what it was told."""

    def __init__(self, say: Callable[[int], list[bytes] | None]) -> None:
        self.say, self.asked, self.links = say, [], 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.links += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
                self.asked.append(head + await reader.readexactly(length))
                said = self.say(len(self.asked))
                if said is None:
                    break
                for part in said:
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0.005)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def talk(far: Far, do: Callable[[Lines, str], Awaitable[Any]], timeout_s: float = 5) -> Any:
    async def both() -> Any:
        server = await asyncio.start_server(far.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        lines = Lines("webpush", timeout_s, "")
        try:
            return await do(lines, f"http://127.0.0.1:{port}/push/a?b=c")
        finally:
            lines.close()
            server.close()
            await asyncio.sleep(0.05)

    return asyncio.run(both())


async def three(lines: Lines, url: str) -> list[Reply]:
    return [await lines.post(url, b"sealed", {"TTL": "60"}) for _ in range(3)]


def one(far: Far, timeout_s: float = 5) -> Reply:
    async def do(lines: Lines, url: str) -> Reply:
        return await lines.post(url, b"sealed", {"TTL": "60"})

    reply: Reply = talk(far, do, timeout_s)
    return reply


def test_a_request_is_whole_and_a_connection_serves_again() -> None:
    far = Far(lambda _: [TAKEN])
    assert [reply.status for reply in talk(far, three)] == [201] * 3
    assert far.links == 1
    first = far.asked[0]
    assert first.startswith(b"POST /push/a?b=c HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nTTL: 60\r\n" in first
    assert first.endswith(b"Content-Length: 6\r\n\r\nsealed")


def test_an_answer_in_pieces_is_put_together() -> None:
    said = b'HTTP/1.1 410 Gone\r\ncontent-LENGTH: 9\r\nRetry-After: 7\r\n\r\n{"a": 12}'
    reply = one(Far(lambda _: [said[:5], said[5:40], said[40:70], said[70:]]))
    assert (reply.status, reply.body, reply.headers["retry-after"]) == (410, b'{"a": 12}', "7")


def test_an_interim_answer_is_not_the_answer() -> None:
    assert one(Far(lambda _: [b"HTTP/1.1 100 Continue\r\n\r\n" + TAKEN])).status == 201


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 201 Created\r\n\r\nsome words",
        b"HTTP/1.0 201 Created\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 A second answer\r\n\r\n",
    ],
)
def test_a_connection_of_which_the_end_is_not_sure_is_not_used_again(said: bytes) -> None:
    far = Far(lambda _: [said])
    assert [reply.status for reply in talk(far, three)] == [201] * 3
    assert far.links == 3


def test_no_content_is_an_answer() -> None:
    far = Far(lambda _: [b"HTTP/1.1 204 No Content\r\n\r\n"])
    assert {reply.status for reply in talk(far, three)} == {204}


def test_one_that_was_given_up_meanwhile_is_replaced_without_a_word() -> None:
    far = Far(lambda n: None if n == 2 else [TAKEN])
    assert [reply.status for reply in talk(far, three)] == [201] * 3
    assert far.links == 2
    assert len(far.asked) == 4, "the one that was not answered is said again, once"


def test_the_status_counts_though_the_rest_was_cut_off() -> None:
    def cut(_n: int) -> list[bytes]:
        return [b"HTTP/1.1 404 Not Found\r\nContent-Length: 500\r\n\r\nhalf"]

    far = Far(cut)

    async def do(lines: Lines, url: str) -> Reply:
        asking = asyncio.ensure_future(lines.post(url, b"x", {}))
        await asyncio.sleep(0.1)
        for task in asyncio.all_tasks():
            if "serve" in repr(task.get_coro()):
                task.cancel()
        return await asking

    assert talk(far, do).status == 404


@pytest.mark.parametrize(
    "say",
    [
        lambda _: None,
        lambda _: [b""],
        lambda _: [b"HTTP/1.1 20"],
        lambda _: [b"SSH-2.0-OpenSSH\r\n\r\n"],
        lambda _: [b"HTTP/1.1 2O1 Created\r\n\r\n"],
        lambda _: [b"x" * 40_000],
        lambda _: [b"HTTP/1.1 201 Created\r\nContent-Length: many\r\n\r\n"],
    ],
)
def test_what_is_no_answer_is_said_without_the_address(say: Callable[[int], list[bytes] | None]) -> None:
    with pytest.raises(Undeliverable) as fault:
        one(Far(say), timeout_s=0.3)
    assert not fault.value.forever
    assert "127.0.0.1" not in str(fault.value)


def test_an_answer_is_late_in_time_though_it_took_long_to_get_through(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = Lines._open

    async def slowly(lines: Lines, door: Any, until: float) -> Any:
        line = await reached(lines, door, until)
        await asyncio.sleep(2 * lines.timeout_s / LOOKS)  # whoever looks for late answers finds nobody asked yet
        return line

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    far = Far(lambda _: None)
    monkeypatch.setattr(Lines, "_open", slowly)
    monkeypatch.setattr(far, "serve", silent)

    async def do(lines: Lines, url: str) -> None:
        async with asyncio.timeout(20):  # the lane's, which waits for a whole lease
            await lines.post(url, b"sealed", {})

    with pytest.raises(Undeliverable):
        talk(far, do, 0.3)


def test_nobody_there() -> None:
    async def do(lines: Lines, _url: str) -> Reply:
        return await lines.post("http://127.0.0.1:9/push", b"x", {})

    with pytest.raises(Undeliverable):
        talk(Far(lambda _: None), do)
