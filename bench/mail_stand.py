"""A mail server that does nothing but take what comes, and a door at which one asks how much.

`python -m bench.mail_stand [DELAY_MS]` prints the port of the door, which answers as that of `bench.push_stand` does,
and the port of the mail server.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from bench.push_stand import Seen, Stand

ANSWERS = {b"EHLO": b"250 stand\r\n", b"HELO": b"250 stand\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
OK = b"250 2.0.0 Ok\r\n"


class Mail(asyncio.Protocol):
    """One connection: commands line by line, and after DATA a message up to its lonely dot."""

    def __init__(self, seen: Seen, delay_s: float) -> None:
        self.seen, self.delay_s = seen, delay_s
        self.held, self.reading = b"", False
        self.link: Any = None

    def connection_made(self, transport: Any) -> None:
        """Greet."""
        self.link = transport
        self.link.write(b"220 stand\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every whole command, and every whole message."""
        self.held += data
        while True:
            mark = b"\r\n.\r\n" if self.reading else b"\r\n"
            said, found, rest = self.held.partition(mark)
            if not found:
                return
            self.held = rest
            if self.reading:
                self.reading = False
                asyncio.get_running_loop().call_later(self.delay_s, self._take)
                continue
            word = said[:4].upper()
            self.reading = word == b"DATA"
            self.link.write(ANSWERS.get(word, OK))

    def _take(self) -> None:
        self.seen.one()
        self.link.write(OK)


async def main(delay_s: float) -> None:
    """Serve for ever."""
    seen, loop = Seen(), asyncio.get_running_loop()
    door = await loop.create_server(lambda: Stand(seen, 0), "127.0.0.1", 0)
    mail = await loop.create_server(lambda: Mail(seen, delay_s), "127.0.0.1", 0)
    print(door.sockets[0].getsockname()[1], mail.sockets[0].getsockname()[1], flush=True)
    await asyncio.gather(door.serve_forever(), mail.serve_forever())


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) / 1000 if len(sys.argv) > 1 else 0.0))
