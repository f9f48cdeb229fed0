"""The page of test handsets: an administrator's alone, its forms bear their token, and no resident's phone gets in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from disaster_hub.config_outside import Canary, Push
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import canary, handsets, households, journal
from disaster_hub.terms.siren import Handset
from tests.jobs.test_handsets import BROWSER
from tests.portal import town
from tests.portal.conftest import Site, site_of
from tests.portal.staff import signed_in, token

PAGE = "/hq/handsets"


@pytest.fixture(name="site")
def a_site(tmp_path: Path) -> Iterator[Site]:
    with site_of(tmp_path) as made:
        config = replace(
            made.config, push=Push("mailto:a@example.jp"), canaries=(Canary("email", "a@example.jp", "本部のメール"),)
        )
        made.app.extensions["disaster_hub"].config = config
        yield made


def every(site: Site) -> list[Handset]:
    with site.store.read() as tx:
        return handsets.every(tx)


def add(site: Site, client: FlaskClient, name: str = "試験機", push: str = BROWSER) -> int:
    said = {"csrf_token": token(client, PAGE), "name": name, "push": push}
    return client.post(PAGE, data=said).status_code


def test_a_browser_becomes_a_handset_is_proved_and_goes_again(site: Site) -> None:
    admin = signed_in(site, "administrator")
    assert add(site, admin) == 303
    page = admin.get(PAGE).get_data(as_text=True)
    assert "試験機" in page
    assert "未確認" in page
    assert "fcm.googleapis.com" not in page, "an address is never shown"
    (one,) = every(site)
    with site.store.write() as tx:
        canary.refuse(tx, "webpush", one.mark, "", town.NOW, one.asked_wall, one.asked_wall)
    said = {"csrf_token": token(admin, PAGE)}
    before = one.asked_wall
    site.wall[0] = before.replace(year=before.year + 1)
    admin = signed_in(site, "administrator", "later")
    said = {"csrf_token": token(admin, PAGE)}
    assert admin.post(f"{PAGE}/{one.id}/again", data=said).status_code == 303
    assert every(site)[0].asked_wall > before
    assert admin.post(f"{PAGE}/{one.id}/remove", data=said).status_code == 303
    assert every(site) == []
    assert admin.post(f"{PAGE}/{one.id}/remove", data=said).status_code == 404
    with site.store.read() as tx:
        rows = [(e.who, e.what) for e in journal.entries(tx, kinds=("handset_changed",))]
    assert rows[::-1] == [
        ("administrator", "試験用の端末「試験機」を加えた"), ("later", "試験用の端末「試験機」を外した"),
    ]  # fmt: skip


@pytest.mark.parametrize("push", ["", "{}", "x" * 9000, BROWSER.replace("fcm.googleapis.com", "evil.example")])
def test_what_is_no_subscription_of_a_known_service_is_refused(site: Site, push: str) -> None:
    assert add(site, signed_in(site, "administrator"), push=push) == 400
    assert every(site) == []


def test_name_and_browser_stand_once_and_not_without_end(site: Site) -> None:
    admin = signed_in(site, "administrator")
    assert add(site, admin, "本部のメール") == 409, "config.toml has that name"
    assert add(site, admin, "  ") == 400
    assert add(site, admin) == 303
    assert add(site, admin, "また") == 409
    for n in range(9):
        assert add(site, admin, f"n{n}", BROWSER.replace("/abc", f"/{n}")) == 303
    assert add(site, admin, "one more", BROWSER.replace("/abc", "/more")) == 409


def test_without_the_forms_token_nothing_happens(site: Site) -> None:
    admin = signed_in(site, "administrator")
    assert admin.post(PAGE, data={"name": "x", "push": BROWSER}).status_code == 400
    assert add(site, admin) == 303
    (one,) = every(site)
    for act in ("again", "remove"):
        assert admin.post(f"{PAGE}/{one.id}/{act}").status_code == 400
    assert every(site) == [one]


def test_a_residents_phone_is_refused_by_its_plan_and_by_its_address(site: Site) -> None:
    admin = signed_in(site, "administrator")
    with site.app.app_context():
        keys = desk().keys
    with site.store.write() as tx:
        opened = households.create(tx, keys, None, town.NOW)
        households.add_contact(tx, keys, opened.household, "webpush", BROWSER, town.NOW)
    assert add(site, admin) == 409, "an address of a household, proved or not"
    cookie = f"hub_home_{str(site.app.config['SESSION_COOKIE_NAME']).removeprefix('hub_')}"
    admin.set_cookie(cookie, opened.token)
    other = BROWSER.replace("/abc", "/other")
    assert add(site, admin, push=other) == 409, "the phone holds a household's plan"
    admin.delete_cookie(cookie)
    assert add(site, admin, push=other) == 303


def test_where_push_is_not_set_up_the_page_says_so(tmp_path: Path) -> None:
    with site_of(tmp_path) as site:
        site.app.extensions["disaster_hub"].config = replace(site.config, push=None)
        admin = signed_in(site, "administrator")
        assert "プッシュ通知が設定されていません" in admin.get(PAGE).get_data(as_text=True)
        said = {"csrf_token": token(admin, "/hq/staff"), "name": "x", "push": BROWSER}
        assert admin.post(PAGE, data=said).status_code == 404


def test_only_an_administrator_is_led_there(site: Site) -> None:
    admin = signed_in(site, "administrator")
    assert PAGE in admin.get("/hq/sirens").get_data(as_text=True)
    viewer = signed_in(site, "viewer")
    assert PAGE not in viewer.get("/hq/sirens").get_data(as_text=True)
    assert viewer.get(PAGE).status_code == 403
