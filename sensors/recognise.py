"""What is this file? By what it holds, never by its name; what nobody knows stays unknown."""

from __future__ import annotations

import json
from typing import Any

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.findings import Findings, Kind
from sensors import uplinks
from sensors.decoders import decode
from sensors.feeds import atom, k_river, telegram
from sensors.feeds.xml import ATOM, JMX, MAX_BYTES, parse


def read(body: bytes, *, device: str | None = None) -> Findings:
    """Read any file of the kinds known here; *device* is the maker's model of the device that sent an uplink."""
    if len(body) > MAX_BYTES:
        return Findings(None, problems=(f"{len(body)} bytes: more than {MAX_BYTES // 1_000_000} MB are not read",))
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<" or body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _xml(body)
    if start in {b"{", b"["}:
        return _json(body, device)
    return Findings(None, problems=("file: empty" if not start else "byte 0: neither XML nor JSON",))


def _xml(body: bytes) -> Findings:
    try:
        root = parse(body)
    except BadInput as fault:
        return Findings(None, problems=(str(fault),))
    if root.tag == f"{JMX}Report":
        return telegram.read_root(root)
    if root.tag == f"{ATOM}feed":
        return atom.read_root(root)
    return Findings(None, problems=(f"root element {str(root.tag)[:80]}: neither a telegram nor a feed",))


def _json(body: bytes, device: str | None) -> Findings:
    try:
        said = json.loads(body)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as fault:
        return Findings(None, problems=(f"not JSON: {fault}",))
    if k_river.fits(said):
        return k_river.read_said(said)
    if uplinks.fits(said):
        return _uplink(said, body, device)
    return Findings(None, problems=("JSON object: neither gauges nor an uplink",))


def _uplink(said: Any, body: bytes, device: str | None) -> Findings:
    if "quantity" in said:
        return _plain(said, body)
    try:
        uplink = uplinks.read_said(said)
    except BadInput as fault:
        return Findings(Kind.UPLINK, problems=(str(fault),))
    if device is None:
        words = "payload: not read without the device's model (--device)"
        return Findings(Kind.UPLINK, uplink=uplink, problems=(words,))
    try:
        observations, problems = decode(device, uplink)
    except BadInput as fault:
        return Findings(Kind.UPLINK, uplink=uplink, problems=(str(fault),))
    return Findings(Kind.UPLINK, uplink=uplink, observations=observations, problems=problems)


def _plain(said: Any, body: bytes) -> Findings:
    try:
        seen = uplinks.plain(f"hub/devices/{said.get('device')}/up", body)
    except BadInput as fault:
        return Findings(Kind.UPLINK, problems=(str(fault),))
    return Findings(Kind.UPLINK, observations=(seen,))
