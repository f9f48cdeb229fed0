"""The twin of LINE's Messaging API: push, multicast, reply, quota, retry keys, limits; its people can tap and write."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from time import monotonic
from typing import Any
from uuid import UUID

from disaster_hub.rehearsal.twins.inbox import Inbox, Item, Tap
from disaster_hub.rehearsal.twins.knock import post
from disaster_hub.rehearsal.twins.loopback import Answer, Asked, Loopback, as_json
from disaster_hub.terms.clock import utc_now

USER = re.compile(r"U[0-9a-f]{32}")
PUSH, MULTICAST, REPLY = "/v2/bot/message/push", "/v2/bot/message/multicast", "/v2/bot/message/reply"
QUOTA, USED = "/v2/bot/message/quota", "/v2/bot/message/quota/consumption"
MOST_PEOPLE, MOST_PARTS, LONGEST = 500, 5, 5_000
MOST_BUTTONS, LONGEST_LABEL, LONGEST_DATA, LONGEST_QUESTION, LONGEST_ALT = 4, 20, 300, 160, 1_500
KEY_LIFE = timedelta(hours=24)
"""So long LINE knows a retry key."""
TOKEN, SECRET = "twin-line-token", "twin-line-secret"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a request, as LINE says it."""

    status: int
    message: str


class LineBot(Loopback):
    """Answers like `api.line.me`; `/messages` shows what people got, `/tap` and `/say` let one of them answer."""

    def __init__(
        self,
        port: int = 0,
        *,
        token: str = TOKEN,
        secret: str = SECRET,
        hub: str = "",
        wall: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__("bot", self._answer, port)
        self.token, self.secret, self.hub, self.wall = token, secret, hub, wall
        self.inbox = Inbox()
        self.quota: int | None = None
        """Messages of this month; None is no limit."""
        self.used = 0
        self.calls = 0
        self.per_second: int | None = None
        self.multicast_per_second: int | None = None
        self.blocked: set[str] = set()
        """People who blocked the account: LINE takes what is for them and says nothing."""
        self._keys: dict[str, tuple[str, datetime]] = {}
        self._replies: dict[str, str] = {}
        self._seconds: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def fail(self, status: int | None, message: str = "", **headers: str) -> None:
        """Answer everything with *status* from now on (`DROPPED`: not at all); None mends it."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        self.failing = None if status is None else as_json(status, {"message": message}, **named)

    def tap(self, user: str, data: str) -> int:
        """Let a person tap a button; give what the hub answered."""
        return self.event(user, {"type": "postback", "postback": {"data": data}})

    def say(self, user: str, text: str) -> int:
        """Let a person write."""
        return self.event(user, {"type": "message", "message": {"type": "text", "id": _id(), "text": text}})

    def follow(self, user: str, *, gone: bool = False) -> int:
        """Let a person add the account as a friend, or block it."""
        (self.blocked.add if gone else self.blocked.discard)(user)
        return self.event(user, {"type": "unfollow" if gone else "follow"})

    def event(self, user: str, said: dict[str, Any], *, again: bool = False, identity: str = "") -> int:
        """Send one event to the hub, signed; *again* marks it as a redelivery."""
        token = secrets.token_hex(16)
        with self._lock:
            self._replies[token] = user
        row = {
            "mode": "active", "timestamp": int(self.wall().timestamp() * 1000),
            "source": {"type": "user", "userId": user}, "webhookEventId": identity or _id(),
            "deliveryContext": {"isRedelivery": again}, **said,
        }  # fmt: skip
        if said["type"] != "unfollow":
            row["replyToken"] = token
        return self.send({"destination": "U" + "0" * 32, "events": [row]})

    def send(self, said: Any, *, signature: str | None = None) -> int:
        """Post *said* to the hub's webhook with LINE's signature, or another one."""
        body = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
        mark = base64.b64encode(hmac.digest(self.secret.encode(), body, hashlib.sha256)).decode()
        headers = {"x-line-signature": mark if signature is None else signature}
        return post(self.hub, body, {"Content-Type": "application/json; charset=utf-8", **headers})

    def _answer(self, asked: Asked) -> Answer:
        if asked.path in {"/messages", "/tap", "/say", "/hub"}:
            return self._side(asked)
        if asked.headers.get("Authorization") != f"Bearer {self.token}":
            return _no(HTTPStatus.UNAUTHORIZED, "Authentication failed. Confirm that the access token is valid.")
        if asked.method == "GET":
            return self._told(asked.path)
        if asked.path not in {PUSH, MULTICAST, REPLY}:
            return _no(HTTPStatus.NOT_FOUND, "Not found")
        if asked.headers.get_content_type() != "application/json":
            return _no(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json")
        with self._lock:
            return self._take(asked)

    def _side(self, asked: Asked) -> Answer:
        """Answer the people's side: what they got, and what they do."""
        if asked.path == "/messages":
            return as_json(HTTPStatus.OK, self.inbox.shown())
        said = json.loads(asked.body or b"{}")
        self.hub = str(said.get("hub", self.hub))
        status = 200
        if asked.path == "/tap":
            status = self.tap(str(said["user"]), str(said["data"]))
        elif asked.path == "/say":
            status = self.say(str(said["user"]), str(said["text"]))
        return as_json(HTTPStatus.OK, {"hub": self.hub, "status": status})

    def _told(self, path: str) -> Answer:
        if path == QUOTA:
            said = {"type": "none"} if self.quota is None else {"type": "limited", "value": self.quota}
            return as_json(HTTPStatus.OK, said)
        return (
            as_json(HTTPStatus.OK, {"totalUsage": self.used})
            if path == USED
            else _no(HTTPStatus.NOT_FOUND, "Not found")
        )

    def _take(self, asked: Asked) -> Answer:
        """Take one request, or say in LINE's words why not."""
        self.calls += 1
        key, identity = asked.headers.get("X-Line-Retry-Key"), _id()
        if early := self._early(key, asked.path, identity):
            return early
        said = _read(asked.body)
        people = said if isinstance(said, Fault) else self._people(asked.path, said)
        if isinstance(said, Fault) or isinstance(people, Fault):
            fault = said if isinstance(said, Fault) else people
            assert isinstance(fault, Fault)
            return _no(fault.status, fault.message)
        if asked.path != REPLY:
            if self.quota is not None and self.used + len(people) > self.quota:
                return _no(HTTPStatus.TOO_MANY_REQUESTS, "You have reached your monthly limit.")
            self.used += len(people)
        if key is not None:
            self._keys[key] = identity, self.wall()
        for user in people:
            if user not in self.blocked:
                self.inbox.keep(self._item(user, said["messages"], key or ""))
        return as_json(HTTPStatus.OK, {"sentMessages": [{"id": _id()}]}, **{"X-Line-Request-Id": identity})

    def _early(self, key: str | None, path: str, identity: str) -> Answer | None:
        """Answer what is answered before the body is looked at: how fast, and which key."""
        if self._too_fast(path):
            return _no(HTTPStatus.TOO_MANY_REQUESTS, "The API rate limit has been exceeded. Try again later.")
        if fault := _key_fault(key, path):
            return _no(fault.status, fault.message)
        before, at = self._keys.get(key or "", ("", None))
        if at is None or self.wall() - at >= KEY_LIFE:
            return None
        told = {"X-Line-Request-Id": identity, "X-Line-Accepted-Request-Id": before}
        return as_json(HTTPStatus.CONFLICT, {"message": "The retry key is already accepted"}, **told)

    def _people(self, path: str, said: dict[str, Any]) -> Sequence[str] | Fault:
        if path == REPLY:
            user = self._replies.pop(str(said.get("replyToken")), None)
            return Fault(HTTPStatus.BAD_REQUEST, "Invalid reply token") if user is None else [user]
        to = said.get("to")
        if path == PUSH:
            to = [to]
        if not isinstance(to, list) or not 0 < len(to) <= MOST_PEOPLE:
            return _property("to")
        bad = next((n for n, one in enumerate(to) if not isinstance(one, str) or not USER.fullmatch(one)), None)
        return [str(one) for one in to] if bad is None else _property(f"to[{bad}]" if path == MULTICAST else "to")

    def _too_fast(self, path: str) -> bool:
        """Tell whether this second is full: LINE counts multicasts on their own."""
        room, most = (path, self.multicast_per_second) if path == MULTICAST else ("", self.per_second)
        second = int(monotonic())
        before, count = self._seconds.get(room, (second, 0))
        count = count + 1 if before == second else 1
        self._seconds[room] = second, count
        return most is not None and count > most

    def _item(self, user: str, parts: Sequence[dict[str, Any]], key: str) -> Item:
        text = "\n".join(str(one["text"]) for one in parts if one["type"] == "text")
        taps = tuple(
            Tap(str(action["label"]), str(action["data"]))
            for one in parts
            if one["type"] == "template"
            for action in one["template"]["actions"]
        )
        return Item(self.wall(), "line", user, "", text, taps, key)


def _key_fault(key: str | None, path: str) -> Fault | None:
    if key is None:
        return None
    try:
        good = str(UUID(key)) == key.lower()
    except ValueError:
        good = False
    if not good or path == REPLY:
        return Fault(HTTPStatus.BAD_REQUEST, "The X-Line-Retry-Key header is invalid")
    return None


def _read(body: bytes) -> dict[str, Any] | Fault:
    """Read a request and say what is wrong with its messages."""
    try:
        said = json.loads(body)
    except ValueError:
        return Fault(HTTPStatus.BAD_REQUEST, "The request body could not be parsed as JSON")
    parts = said.get("messages") if isinstance(said, dict) else None
    if not isinstance(parts, list) or not 0 < len(parts) <= MOST_PARTS:
        return _property("messages")
    for number, one in enumerate(parts):
        if not isinstance(one, dict) or not _part_is_good(one):
            return _property(f"messages[{number}]")
    return dict(said)


def _part_is_good(one: dict[str, Any]) -> bool:
    if one.get("type") == "text":
        return isinstance(one.get("text"), str) and 0 < _units(one["text"]) <= LONGEST
    if one.get("type") != "template":
        return False
    shape = one.get("template", {})
    actions = shape.get("actions", [])
    return (
        0 < _units(str(one.get("altText", ""))) <= LONGEST_ALT
        and shape.get("type") == "buttons"
        and 0 < _units(str(shape.get("text", ""))) <= LONGEST_QUESTION
        and 0 < len(actions) <= MOST_BUTTONS
        and all(
            action.get("type") == "postback"
            and 0 < _units(str(action.get("label", ""))) <= LONGEST_LABEL
            and 0 < len(str(action.get("data", ""))) <= LONGEST_DATA
            for action in actions
        )
    )


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _property(name: str) -> Fault:
    return Fault(HTTPStatus.BAD_REQUEST, f"The property, '{name}', in the request body is invalid")


def _no(status: int, message: str) -> Answer:
    return as_json(status, {"message": message})


def _id() -> str:
    return secrets.token_hex(13).upper()
