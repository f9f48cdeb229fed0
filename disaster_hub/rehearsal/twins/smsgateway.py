"""The twin of an SMS and telephone gateway: takes texts and calls once a key; its phones can reply and press keys."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from disaster_hub.rehearsal.twins.inbox import Inbox, Item
from disaster_hub.rehearsal.twins.knock import post
from disaster_hub.rehearsal.twins.loopback import Answer, Asked, Loopback, as_json
from disaster_hub.terms.clock import utc_now

NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")
LONGEST = 1_000
SECRET = "twin-gateway-secret"  # noqa: S105  # nobody's: the gateway is on this machine alone
KINDS = ("sms", "voice")


class SmsGateway(Loopback):
    """Answers `POST /sms` and `/voice` with {to, text, key}, as JSON or as a form; `/messages` shows what arrived."""

    def __init__(
        self, port: int = 0, *, secret: str = SECRET, hub: str = "", wall: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__("sms", self._answer, port)
        self.secret, self.wall = secret, wall
        self.hub = hub
        """Address of the hub's endpoint without the kind: `http://127.0.0.1:8000/api/gateway`."""
        self.inbox = Inbox()
        self.calls = 0
        self.key = ""
        """What `X-Api-Key` must say; empty asks for none."""
        self.unknown: set[str] = set()
        """Numbers that nobody has."""
        self.receipts = False
        """True sends a receipt for everything that is taken."""
        self._seen: dict[str, str] = {}
        self._lock = threading.Lock()

    def fail(self, status: int | None, **headers: str) -> None:
        """Answer everything with *status* from now on (`DROPPED`: not at all); None mends it."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        self.failing = None if status is None else Answer(status, b"", named)

    def reply(self, number: str, text: str, kind: str = "sms") -> int:
        """Let a phone answer: by a text, or with the key that was pressed; give what the hub answered."""
        word = "text" if kind == "sms" else "digits"
        return self.send(kind, {"id": secrets.token_hex(8), "from": number, word: text})

    def receipt(self, key: str, state: str, kind: str = "sms") -> int:
        """Tell the hub what became of a message: `delivered`, `failed` or `unknown_number`."""
        return self.send(kind, {"id": secrets.token_hex(8), "key": key, "state": state})

    def send(self, kind: str, said: Any, *, signature: str | None = None) -> int:
        """Post *said* to the hub with the gateway's signature, or another one."""
        body = json.dumps(said, ensure_ascii=False).encode()
        mark = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest() if signature is None else signature
        return post(f"{self.hub}/{kind}" if self.hub else "", body, {
            "Content-Type": "application/json", "X-Signature": mark,
        })  # fmt: skip

    def _answer(self, asked: Asked) -> Answer:
        kind = asked.path.strip("/")
        if kind == "messages":
            return as_json(HTTPStatus.OK, self.inbox.shown())
        if kind in {"reply", "hub"} and asked.method == "POST":
            said = json.loads(asked.body or b"{}")
            self.hub = str(said.get("hub", self.hub))
            status = 200
            if kind == "reply":
                status = self.reply(str(said["number"]), str(said["text"]), str(said.get("kind", "sms")))
            return as_json(HTTPStatus.OK, {"hub": self.hub, "status": status})
        if kind not in KINDS or asked.method != "POST":
            return as_json(HTTPStatus.NOT_FOUND, {"error": "no such path"})
        with self._lock:
            return self._take(kind, asked)

    def _take(self, kind: str, asked: Asked) -> Answer:
        self.calls += 1
        if self.key and asked.headers.get("X-Api-Key") != self.key:
            return as_json(HTTPStatus.UNAUTHORIZED, {"error": "key"})
        said = _read(asked)
        to, text, key = (str(said.get(name, "")) for name in ("to", "text", "key"))
        if not NUMBER.fullmatch(to) or not 0 < len(text) <= LONGEST:
            return as_json(HTTPStatus.BAD_REQUEST, {"error": "to or text"})
        if to in self.unknown:
            return as_json(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": "unknown number"})
        if key and key in self._seen:
            return as_json(HTTPStatus.OK, {"id": self._seen[key], "duplicate": True})
        identity = secrets.token_hex(8)
        self._seen[key] = identity
        self.inbox.keep(Item(self.wall(), kind, to, "", text, (), key))
        if self.receipts:
            threading.Thread(target=self.receipt, args=(key, "delivered", kind), daemon=True).start()
        return as_json(HTTPStatus.ACCEPTED, {"id": identity})


def _read(asked: Asked) -> dict[str, Any]:
    if asked.headers.get_content_type() == "application/x-www-form-urlencoded":
        return dict(parse_qsl(asked.body.decode("utf-8", "replace")))
    try:
        said = json.loads(asked.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
