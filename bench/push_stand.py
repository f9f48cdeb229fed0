"""A push service that does nothing but take what comes, as fast as a socket gives it: in a process of its own.

`python -m bench.push_stand [DELAY_MS [STATUS]]` prints its port; `GET /count` says how many posts came, and when the
first and the last of them, by the clock that all processes of this machine share.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

TAKEN = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"


class Seen:
    """What came in."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin to count anew."""
        self.count, self.first, self.last = 0, 0.0, 0.0
        self.open = self.most = 0

    def one(self) -> None:
        """Count one post."""
        self.last = time.monotonic()
        self.first = self.first or self.last
        self.count += 1

    def told(self) -> bytes:
        """Write it as an answer, and begin anew where it was asked for."""
        said = {"count": self.count, "first": self.first, "last": self.last, "most": self.most}
        body = json.dumps(said).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class Stand(asyncio.Protocol):
    """One connection: requests with a Content-Length, one after the other."""

    def __init__(self, seen: Seen, delay_s: float, taken: bytes = TAKEN) -> None:
        self.seen, self.delay_s, self.taken = seen, delay_s, taken
        self.held = b""
        self.link: Any = None

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self.link = transport
        self.seen.open += 1
        self.seen.most = max(self.seen.most, self.seen.open)

    def connection_lost(self, fault: Exception | None) -> None:
        """End."""
        del fault
        self.seen.open -= 1

    def data_received(self, data: bytes) -> None:
        """Answer every whole request that has come."""
        held = self.held + data
        while (end := held.find(b"\r\n\r\n")) >= 0:
            head = held[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].partition(b"\r\n")[0]) if at >= 0 else 0
            if len(held) < end + 4 + length:
                break
            held = held[end + 4 + length :]
            if head.startswith(b"get /reset"):
                self.seen.reset()
                self.link.write(self.seen.told())
            elif head.startswith(b"get"):
                self.link.write(self.seen.told())
            elif self.delay_s:
                asyncio.get_running_loop().call_later(self.delay_s, self._take)
            else:
                self._take()
        self.held = held

    def _take(self) -> None:
        self.seen.one()
        self.link.write(self.taken)


async def main(delay_s: float, taken: bytes) -> None:
    """Serve for ever."""
    seen = Seen()
    server = await asyncio.get_running_loop().create_server(lambda: Stand(seen, delay_s, taken), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    delay_ms, status = [*sys.argv[1:], *("0", "201")[len(sys.argv) - 1 :]]
    asyncio.run(main(float(delay_ms) / 1000, TAKEN.replace(b"201 Created", status.encode() + b" Taken")))
