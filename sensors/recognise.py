"""What is this file? By what it holds, never by its name; what nobody knows stays unknown."""

from __future__ import annotations

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.findings import Findings, Kind, Uplink
from sensors import uplinks
from sensors.decoders import decode
from sensors.feeds import atom, k_river, telegram
from sensors.feeds.xml import ATOM, JMX, parse, too_large
from sensors.parsed import parsed

UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read(body: bytes, *, device: str | None = None) -> Findings:
    """Read any file of the kinds known here; *device* is the maker's model of the device that sent an uplink.

    Nothing is raised: what cannot be read stands in `problems`.
    """
    if (reason := too_large(body)) is not None:
        return Findings(None, problems=(reason,))
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")[:1]
    try:
        if start == b"<" or body.startswith(UTF16):
            return _xml(body)
        if start in {b"{", b"["}:
            return _json(body, device)
    except BadInput as fault:
        return Findings(None, problems=(str(fault),))
    return Findings(None, problems=("byte 0: neither XML nor JSON" if start else "file: empty",))


def _xml(body: bytes) -> Findings:
    root = parse(body)
    if root.tag == f"{JMX}Report":
        return telegram.read_root(root)
    if root.tag == f"{ATOM}feed":
        return atom.read_root(root)
    return Findings(None, problems=(f"root element {str(root.tag)[:80]}: neither a telegram nor a feed",))


def _json(body: bytes, device: str | None) -> Findings:
    said = parsed(body)
    if k_river.fits(said):
        return k_river.read_said(said)
    try:
        if uplinks.is_envelope(said):
            return _payload(uplinks.read_said(said), device)
        if uplinks.is_plain(said):
            return Findings(Kind.UPLINK, observations=(uplinks.plain_of_file(body),))
    except BadInput as fault:
        return Findings(Kind.UPLINK, problems=(str(fault),))
    return Findings(None, problems=("JSON: neither gauges nor an uplink",))


def _payload(uplink: Uplink, device: str | None) -> Findings:
    """Read what an uplink carries; without the device's model that would be a guess."""
    if device is None:
        words = "payload: not read without the device's model (--device)"
        return Findings(Kind.UPLINK, uplink=uplink, problems=(words,))
    try:
        observations, problems = decode(device, uplink)
    except BadInput as fault:
        return Findings(Kind.UPLINK, uplink=uplink, problems=(str(fault),))
    return Findings(Kind.UPLINK, uplink=uplink, observations=observations, problems=problems)
