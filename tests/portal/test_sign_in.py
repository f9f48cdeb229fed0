"""The administrator: made once, let in, thrown out, never guessed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from disaster_hub.portal.accounts import ADMINISTRATOR, ensure_administrator, set_password
from disaster_hub.portal.hq.entrance import local_path
from disaster_hub.portal.throttle import FREE_TRIES, Throttle
from disaster_hub.store import journal, raws, staff
from disaster_hub.terms.errors import BadInput
from tests.portal import town
from tests.portal.conftest import Site


def token(client: FlaskClient) -> str:
    page = client.get("/hq/sign-in").get_data(as_text=True)
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def try_in(client: FlaskClient, name: str, password: str, path: str = "/hq/sign-in"):
    return client.post(path, data={"name": name, "password": password, "csrf_token": token(client)})


def test_the_first_start_makes_one_administrator(site: Site) -> None:
    assert len(site.password) > 20
    assert ensure_administrator(site.store, town.NOW) is None
    with site.store.read() as tx:
        account = staff.find(tx, ADMINISTRATOR)
    assert account.password.startswith("$argon2id$")
    assert site.password not in account.password


def test_signing_in_leads_where_one_wanted_to_go(site: Site) -> None:
    client = site.client
    answer = try_in(client, ADMINISTRATOR, site.password, "/hq/sign-in?next=/hq/status")
    assert answer.headers["Location"] == "/hq/status"
    page = client.get("/hq/status").get_data(as_text=True)
    assert "システムの状態" in page
    with site.store.read() as tx:
        assert journal.entries(tx, kinds=("signed_in",))


def test_the_cookie_is_kept_from_scripts_and_other_sites(site: Site) -> None:
    cookie = try_in(site.client, ADMINISTRATOR, site.password).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie, "plain HTTP on loopback"


def test_over_https_the_cookie_is_secure(site: Site) -> None:
    client = site.client
    page = client.get("/hq/sign-in", base_url="https://localhost").get_data(as_text=True)
    sent = {"name": ADMINISTRATOR, "password": site.password, "csrf_token": re.search(r'value="([^"]+)"', page)[1]}
    headers = {"Referer": "https://localhost/hq/sign-in"}
    answer = client.post("/hq/sign-in", data=sent, base_url="https://localhost", headers=headers)
    assert answer.status_code == 302
    assert "Secure" in answer.headers["Set-Cookie"]


def test_wrong_names_and_passwords_sound_the_same(site: Site) -> None:
    one, other = try_in(site.client, "nobody", "x"), try_in(site.client, ADMINISTRATOR, "x")
    assert one.status_code == other.status_code == 401
    hidden = re.compile(r'(csrf_token" value|id="name"[^>]*value)="[^"]*"')
    assert hidden.sub("", one.get_data(as_text=True)) == hidden.sub("", other.get_data(as_text=True))


def test_without_the_token_nothing_is_accepted(site: Site) -> None:
    answer = site.client.post("/hq/sign-in", data={"name": ADMINISTRATOR, "password": site.password})
    assert answer.status_code == 400
    assert "この画面は古くなっています" in answer.get_data(as_text=True)


def test_signing_out_needs_a_post_with_a_token_and_ends_it(site: Site) -> None:
    client = site.client
    try_in(client, ADMINISTRATOR, site.password)
    assert client.get("/hq/sign-out").status_code == 405
    assert client.post("/hq/sign-out").status_code == 400
    page = client.get("/hq/status").get_data(as_text=True)
    sent = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1]}
    assert client.post("/hq/sign-out", data=sent).status_code == 302
    assert client.get("/hq/status").status_code == 302


def test_a_new_password_ends_old_sessions(site: Site) -> None:
    client = site.client
    try_in(client, ADMINISTRATOR, site.password)
    assert client.get("/hq/status").status_code == 200
    set_password(site.store, ADMINISTRATOR, "a quite different one", town.NOW)
    assert client.get("/hq/status").status_code == 302
    assert try_in(client, ADMINISTRATOR, "a quite different one").status_code == 302


def test_a_session_runs_out(site: Site) -> None:
    client = site.client
    try_in(client, ADMINISTRATOR, site.password)
    site.app.permanent_session_lifetime = timedelta(seconds=-1)
    assert client.get("/hq/status").status_code == 302


def test_a_password_that_is_too_short_is_refused(site: Site) -> None:
    with pytest.raises(BadInput, match="shorter"):
        set_password(site.store, ADMINISTRATOR, "short", town.NOW)
    with pytest.raises(BadInput, match="nobody"):
        set_password(site.store, "somebody", "long enough for anyone", town.NOW)


def test_many_wrong_tries_cost_time(site: Site) -> None:
    client = site.client
    for _ in range(FREE_TRIES):
        assert try_in(client, ADMINISTRATOR, "wrong").status_code == 401
    answer = try_in(client, ADMINISTRATOR, site.password)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


def test_patience_comes_back() -> None:
    time = [0.0]
    throttle = Throttle(lambda: time[0])
    for _ in range(FREE_TRIES + 2):
        throttle.wrong("a")
    waited = throttle.wait_s("a")
    assert waited == 20.0
    assert throttle.wait_s("b") == 0.0
    time[0] += waited
    assert throttle.wait_s("a") == 0.0
    throttle.right("a")
    assert throttle.seen == {}


@pytest.mark.parametrize(
    "wish", ["//evil.example/", "https://evil.example", "/\\evil.example", "hq", "", None, "/a\nb"]
)
def test_a_sign_in_never_leads_elsewhere(site: Site, wish: str | None) -> None:
    with site.app.test_request_context("/"):
        assert local_path(wish) is None


def test_the_status_page_shows_what_was_refused(site: Site) -> None:
    client = site.client
    with site.store.write() as tx:
        number = raws.keep(tx, source="jma", identity="broken.xml", kind="telegram", body=b"<", received_at=town.NOW)
        raws.refuse(tx, number, "not whole XML at line 1")
    try_in(client, ADMINISTRATOR, site.password)
    page = client.get("/hq/status").get_data(as_text=True)
    assert "not whole XML at line 1" in page
    assert "timed out" in page
    assert "Mosquitto" in page or "MQTT" in page
    english = client.get("/hq/status?lang=en").get_data(as_text=True)
    assert "The four processes" in english


def test_staff_get_in_when_nothing_can_be_written(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from disaster_hub.terms.errors import Unreachable

    def full() -> None:
        raise Unreachable("store: disk full")

    monkeypatch.setattr(site.store, "write", full)
    assert try_in(site.client, ADMINISTRATOR, site.password).status_code == 302
