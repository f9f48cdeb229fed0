"""Officers of the made-up town: an account of a role, signed in."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from disaster_hub.portal import accounts
from disaster_hub.terms.role import Role
from tests.portal import town
from tests.portal.conftest import Site

PASSWORD = "a long way down the river"


def signed_in(site: Site, role: str, name: str = "") -> FlaskClient:
    """Make an account and sign it in."""
    who = name or role
    accounts.add(site.store, who, PASSWORD, Role(role), town.NOW)
    client = site.client
    said = {"csrf_token": token(client, "/hq/sign-in"), "name": who, "password": PASSWORD}
    answer = client.post("/hq/sign-in", data=said)
    assert answer.status_code in {302, 303}, answer.get_data(as_text=True)
    return client


def token(client: FlaskClient, path: str) -> str:
    """Give the CSRF token of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).get_data(as_text=True))
    assert found, path
    return found[1]
