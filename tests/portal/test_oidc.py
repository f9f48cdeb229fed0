"""The other way in, against a provider that can lie about everything."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient

from disaster_hub import config_desk
from disaster_hub.config import Oidc
from disaster_hub.portal import accounts
from disaster_hub.portal.app import create_app
from disaster_hub.rehearsal.twins.loopback import DROPPED, Answer
from disaster_hub.rehearsal.twins.oidc import CLIENT, SECRET, OpenIdProvider
from disaster_hub.store import staff
from disaster_hub.terms.errors import BadConfig
from disaster_hub.terms.role import Role
from tests.portal import town
from tests.portal.conftest import Site, site_of
from tests.portal.test_entrance import WORD, come

HANAKO = {
    "sub": "7",
    "preferred_username": "hanako",
    "name": "架空 花子",
    "realm": {"roles": ["desk", "x"]},
    "unit": "総務課",
}
MAP = {"boss": "administrator", "desk": "author"}


def settings(issuer: str, **more) -> Oidc:
    said = {"roles_claim": "realm.roles", "department_claim": "unit", "label": "市の認証"} | more
    return Oidc(issuer, CLIENT, SECRET, MAP, **said)


@pytest.fixture(name="op")
def the_provider(site: Site) -> Iterator[OpenIdProvider]:
    with OpenIdProvider(wall=lambda: site.wall[0]) as made:
        yield made


@pytest.fixture(name="client")
def a_visitor(site: Site, op: OpenIdProvider) -> FlaskClient:
    from dataclasses import replace

    config = replace(site.config, oidc=settings(op.issuer))
    site.app = create_app(config, site.store, wall=lambda: site.wall[0])
    return site.app.test_client()


def sent_off(client: FlaskClient, path: str = "/hq/oidc") -> str:
    answer = client.get(path)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return answer.headers["Location"]


def through(client: FlaskClient, op: OpenIdProvider, claims=HANAKO, path: str = "/hq/oidc"):
    back = urlsplit(op.sign_in(urlsplit(sent_off(client, path)).query, claims))
    return client.get(f"{back.path}?{back.query}")


def test_a_first_sign_in_makes_the_account_with_the_mapped_role(
    site: Site, client: FlaskClient, op: OpenIdProvider
) -> None:
    assert "市の認証" in client.get("/hq/sign-in").get_data(as_text=True)
    asked = parse_qs(urlsplit(sent_off(client)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://localhost/hq/oidc/back"]
    assert through(client, op, path="/hq/oidc?next=/hq/status").headers["Location"] == "/hq/status"
    assert client.get("/hq/status").status_code == 200
    with site.store.read() as tx:
        made = staff.find(tx, "hanako")
    assert (made.role, made.department, made.shown) == ("author", "総務課", "架空 花子")
    assert come(site.client, "hanako", made.password).status_code == 401, "no password lets them in"
    assert "認証基盤で変えて" in client.get("/hq/password").get_data(as_text=True)


def test_the_role_follows_the_provider_and_the_first_of_ours_wins(
    site: Site, client: FlaskClient, op: OpenIdProvider
) -> None:
    through(client, op)
    assert (
        through(client, op, HANAKO | {"realm": {"roles": ["desk", "boss"]}, "preferred_username": "x"}).status_code
        == 302
    )
    with site.store.read() as tx:
        assert staff.find(tx, "hanako").role == Role.ADMINISTRATOR, "the same subject is the same account"
        assert staff.find(tx, "x") is None


@pytest.mark.parametrize("roles", [None, [], ["x"], "x", {"boss": True}, [1]])
def test_without_a_role_of_ours_nobody_comes_in(client: FlaskClient, op: OpenIdProvider, roles: object) -> None:
    answer = through(client, op, HANAKO | {"realm": {"roles": roles}})
    assert answer.status_code == 403
    assert "役割がここでは決められていない" in answer.get_data(as_text=True)
    assert client.get("/hq/status").status_code == 302


def test_a_name_that_is_another_s_is_not_taken_over(site: Site, client: FlaskClient, op: OpenIdProvider) -> None:
    accounts.add(site.store, "hanako", WORD, Role.VIEWER, town.NOW)
    for name in ("hanako", "admin", "a b", ""):
        answer = through(client, op, HANAKO | {"preferred_username": name})
        assert answer.status_code == 403, name
        assert "別の職員" in answer.get_data(as_text=True)


def test_whoever_is_disabled_here_stays_out(site: Site, client: FlaskClient, op: OpenIdProvider) -> None:
    through(client, op)
    with site.store.write() as tx:
        staff.change(tx, "hanako", town.NOW, disabled_at=town.NOW)
    assert client.get("/hq/status").status_code == 302
    assert through(client, op).status_code == 403


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://other.example"}, {"aud": "another"}, {"exp": 1}, {"iat": 9e12}, {"nbf": 9e12}, {"nonce": "x"},
        {"azp": "another"}, {"exp": "soon"}, {"exp": True}, {"sub": None},
    ],
)  # fmt: skip
def test_a_token_that_is_not_ours_now_proves_nothing(
    client: FlaskClient, op: OpenIdProvider, lie: dict[str, object]
) -> None:
    op.more = lie
    assert through(client, op).status_code == 401
    assert client.get("/hq/status").status_code == 302


def test_a_forged_signature_proves_nothing(client: FlaskClient, op: OpenIdProvider) -> None:
    op.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert through(client, op).status_code == 401


def test_a_new_key_is_looked_for_once_a_minute(site: Site, client: FlaskClient, op: OpenIdProvider) -> None:
    assert through(client, op).status_code == 302
    op.new_key("two")
    assert through(client, op).status_code == 401
    assert op.asked_for_keys == 1
    site.wall[0] += timedelta(minutes=2)
    assert through(client, op).status_code == 302
    assert op.asked_for_keys == 2


def test_an_answer_that_nobody_waits_for_is_refused(site: Site, client: FlaskClient, op: OpenIdProvider) -> None:
    back = urlsplit(op.sign_in(urlsplit(sent_off(client)).query, HANAKO))
    assert site.app.test_client().get(f"{back.path}?{back.query}").status_code == 401, "another browser"
    assert client.get(f"{back.path}?{back.query}&state=x".replace("state=", "state=y", 1)).status_code == 401
    assert client.get(f"{back.path}?{back.query}").status_code == 401, "one try is one try"
    back = urlsplit(op.sign_in(urlsplit(sent_off(client)).query, HANAKO))
    site.wall[0] += timedelta(minutes=11)
    assert client.get(f"{back.path}?{back.query}").status_code == 401, "too late"
    for more in ("error=access_denied", "iss=https%3A%2F%2Fother.example&code=x"):
        state = parse_qs(urlsplit(sent_off(client)).query)["state"][0]
        assert client.get(f"/hq/oidc/back?state={state}&{more}").status_code == 401


@pytest.mark.parametrize("error", ["access_denied", "login_required", "server_error", "temporarily_unavailable"])
def test_whoever_the_provider_turns_away_may_come_by_password(
    client: FlaskClient, op: OpenIdProvider, error: str
) -> None:
    back = urlsplit(op.turn_away(urlsplit(sent_off(client)).query, error))
    answer = client.get(f"{back.path}?{back.query}")
    assert answer.status_code == 401
    assert "/hq/sign-in" in answer.get_data(as_text=True)
    assert "rehearsed" not in answer.get_data(as_text=True), "what a provider writes is not shown"


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503, DROPPED])
def test_a_token_that_is_not_given_lets_nobody_in(client: FlaskClient, op: OpenIdProvider, status: int) -> None:
    back = urlsplit(op.sign_in(urlsplit(sent_off(client)).query, HANAKO))
    op.failing = Answer(status)
    away = status in {429, 500, 503, DROPPED}
    assert client.get(f"{back.path}?{back.query}").status_code == (503 if away else 401)
    assert client.get("/hq/status").status_code != 200
    op.failing = None
    assert through(client, op).status_code == 302


def test_the_twin_gives_a_token_only_for_a_code(op: OpenIdProvider) -> None:
    basic = base64.b64encode(b"disaster-hub-rehearsal:rehearsal-secret").decode()
    asked = {"grant_type": "password", "code": "x", "redirect_uri": "http://x"}
    for headers, status, error in (
        ({}, 401, "invalid_client"), ({"Authorization": f"Basic {basic}"}, 400, "unsupported_grant_type"),
    ):  # fmt: skip
        answer = requests.post(f"{op.base}/token", data=asked, headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert ("WWW-Authenticate" in answer.headers) is (status == 401)


def test_a_provider_that_is_away_leaves_the_password(site: Site, client: FlaskClient, op: OpenIdProvider) -> None:
    op.failing = Answer(503)
    answer = client.get("/hq/oidc")
    assert answer.status_code == 503
    assert "名前とパスワードで" in answer.get_data(as_text=True)
    op.failing = None
    op.discovery = {"issuer": "https://other.example"}
    assert client.get("/hq/oidc").status_code == 401


def test_without_a_section_there_is_no_such_door(tmp_path: Path) -> None:
    with site_of(tmp_path) as site:
        assert site.client.get("/hq/oidc").status_code == 404
        assert "oidc" not in site.client.get("/hq/sign-in").get_data(as_text=True)


def test_the_configuration_is_checked_together(site: Site) -> None:
    portal = site.config.portal
    config_desk.check_entrance(portal, settings("https://op.example"), real=True)
    for wrong, word in (
        (settings("http://op.example"), "https"),
        (settings("https://op.example", scopes=("profile",)), "openid"),
        (Oidc("https://op.example", "", SECRET, MAP), "client"),
        (Oidc("https://op.example", CLIENT, SECRET, {"a": "king"}), "king"),
    ):
        with pytest.raises(BadConfig, match=word):
            config_desk.check_entrance(portal, wrong, real=True)
