"""How a twin knocks at the hub's own door, as the real service does: a POST, and the status that came back."""

from __future__ import annotations

from collections.abc import Mapping

import requests

from disaster_hub.terms.errors import BadInput

PATIENCE_S = 10.0


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Post *body*; a twin that was not told where the hub is says so."""
    if not url:
        raise BadInput("twin: where is the hub? (hub)")
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(url, data=body, headers=dict(headers), timeout=PATIENCE_S, allow_redirects=False)
        return answer.status_code
