"""The entrance beyond the first sign-in: locks, sessions, accounts, one's own password, limits."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash

from disaster_hub.portal import accounts, console, passwords
from disaster_hub.portal.limits import Bucket, Limits
from disaster_hub.portal.passwords import Flaw
from disaster_hub.portal.throttle import Throttle
from disaster_hub.store import journal, staff
from disaster_hub.store.staff_locks import TRIES
from disaster_hub.terms.errors import BadInput, Unreachable
from disaster_hub.terms.role import Role
from tests.portal import town
from tests.portal.conftest import Site

WORD = "kawa no mizu ga agaru"
AFAR = {"REMOTE_ADDR": "203.0.113.7"}


def token(client: FlaskClient, path: str = "/hq/sign-in") -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).get_data(as_text=True))[1]


def come(client: FlaskClient, name: str, word: str, **more):
    return client.post("/hq/sign-in", data={"name": name, "password": word, "csrf_token": token(client)}, **more)


def post(client: FlaskClient, path: str, page: str = "/hq/password", **said: str):
    return client.post(path, data=said | {"csrf_token": token(client, page)})


@pytest.fixture(name="office")
def an_office(site: Site) -> Site:
    accounts.add(site.store, "hanako", WORD, Role.AUTHOR, town.NOW, "総務課", "架空 花子")
    site.app.extensions["disaster_hub"].throttle = Throttle(lambda: 0.0)
    return site


def patient(site: Site) -> None:
    """Let the throttle of this process forget, as if other processes had been asked."""
    site.app.extensions["disaster_hub"].throttle.seen.clear()


def account_of(site: Site, name: str = "hanako") -> staff.Account:
    with site.store.read() as tx:
        return staff.find(tx, name)


def test_an_old_hash_still_opens_and_is_made_anew(office: Site) -> None:
    old = generate_password_hash(WORD, "scrypt:32768:8:1")
    with office.store.write() as tx:
        staff.set_password(tx, "hanako", old, town.NOW)
    assert come(office.client, "hanako", "wrong").status_code == 401
    assert account_of(office).password == old
    assert come(office.client, "hanako", WORD).status_code == 302
    assert account_of(office).password.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert come(office.client, "hanako", WORD).status_code == 302


def test_nobody_s_hash_costs_as_much_as_anybody_s() -> None:
    made = passwords.hashed("x" * 12)
    assert passwords.NOBODY.rsplit("$", 2)[0] == made.rsplit("$", 2)[0]
    assert len(passwords.NOBODY) == len(made)
    assert not passwords.fits(None, "")
    assert not passwords.fits(passwords.none(), passwords.NO_PASSWORD)


@pytest.mark.parametrize(
    ("word", "flaw"),
    [
        ("short", Flaw.SHORT), ("x" * 201, Flaw.LONG), ("hanako.yamada1", Flaw.NAME), ("password12345!", Flaw.COMMON),
        ("P@ssw0rdP@ssw0rd", Flaw.COMMON), ("qwertyuiop123", Flaw.COMMON), ("abababababab", Flaw.COMMON),
        ("bousai2026bousai", Flaw.COMMON), ("111122223333", Flaw.COMMON), ("災害対策本部災害対策本部", Flaw.COMMON),
        (WORD, None), ("雨の夜に橋を渡らない人", Flaw.SHORT), ("雨の夜に橋を渡らない賢い人", None),
    ],
)  # fmt: skip
def test_weak_passwords_are_refused(word: str, flaw: Flaw | None) -> None:
    assert passwords.flaw(word, "hanako.yamada") is flaw


def test_a_made_password_is_never_refused() -> None:
    assert all(passwords.flaw(passwords.made(), "admin") is None for _ in range(50))


def test_ten_wrong_tries_lock_strangers_out_but_not_her_own_desk(office: Site) -> None:
    assert come(office.client, "hanako", WORD).status_code == 302, "her desk is known from now on"
    for _ in range(TRIES):
        patient(office)
        assert come(office.client, "hanako", "guess", environ_base=AFAR).status_code == 401
    patient(office)
    right_but_afar = come(office.client, "hanako", WORD, environ_base=AFAR)
    assert right_but_afar.status_code == 401
    assert "管理者に解除" in right_but_afar.get_data(as_text=True)
    assert come(office.client, "hanako", WORD).status_code == 302
    with office.store.read() as tx:
        assert [row.who for row in journal.entries(tx, kinds=("locked_out",))] == ["hanako"]
    office.wall[0] += timedelta(minutes=16)
    patient(office)
    assert come(office.client, "hanako", WORD, environ_base=AFAR).status_code == 302


def test_a_neighbour_s_wrong_tries_do_not_hold_up_who_came_before(office: Site) -> None:
    assert come(office.client, "hanako", WORD).status_code == 302
    for _ in range(8):
        come(office.client, "somebody", "guess")
    assert come(office.client, "other", "guess").status_code == 429
    assert come(office.client, "hanako", WORD).status_code == 302


def test_the_session_outlives_a_restart_and_a_copied_cookie_ends_with_it(office: Site) -> None:
    from disaster_hub.portal.app import create_app

    client = office.client
    come(client, "hanako", WORD)
    copy = client.get_cookie(office.app.config["SESSION_COOKIE_NAME"]).value
    again = create_app(office.config, office.store, wall=lambda: office.wall[0]).test_client()
    again.set_cookie(office.app.config["SESSION_COOKIE_NAME"], copy)
    assert again.get("/hq/password").status_code == 200
    post(client, "/hq/sign-out")
    again.set_cookie(office.app.config["SESSION_COOKIE_NAME"], copy)
    assert again.get("/hq/password").status_code == 302


def test_a_sign_in_makes_a_new_id_and_leaves_the_old_session(office: Site) -> None:
    client = office.client
    come(client, "hanako", WORD)
    with client.session_transaction() as one:
        first = one["id"]
    come(client, "hanako", WORD)
    with client.session_transaction() as one:
        assert one["id"] != first
        one["id"] = first
    assert client.get("/hq/password").status_code == 302


def test_a_session_ends_idle_and_after_twelve_hours_in_use(office: Site) -> None:
    client, start = office.client, office.wall[0]
    come(client, "hanako", WORD)
    office.wall[0] = start + timedelta(minutes=61)
    assert client.get("/hq/password").status_code == 302
    come(client, "hanako", WORD)
    for _ in range(14):
        office.wall[0] += timedelta(minutes=50)
        assert client.get("/hq/password").status_code == 200
    office.wall[0] += timedelta(minutes=50)
    assert client.get("/hq/password").status_code == 302


def test_use_is_written_once_a_minute_at_most(office: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = office.client
    come(client, "hanako", WORD)
    written = []
    write = office.store.write
    monkeypatch.setattr(office.store, "write", lambda: written.append(1) or write())
    for _ in range(5):
        client.get("/hq/password")
    assert written == []
    office.wall[0] += timedelta(seconds=61)
    for _ in range(5):
        client.get("/hq/password")
    assert written == [1]


def test_a_store_that_cannot_be_written_ends_no_session(office: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise Unreachable("store: disk full")

    client = office.client
    with monkeypatch.context() as disk:
        disk.setattr(office.store, "write", full)
        assert come(client, "hanako", WORD).status_code == 302
        for _ in range(5):
            office.wall[0] += timedelta(minutes=50)
            assert client.get("/hq/password").status_code == 200
    office.wall[0] += timedelta(minutes=2)
    assert client.get("/hq/password").status_code == 200
    with client.session_transaction() as one:
        assert "loose" not in one, "it is written down as soon as that is possible"
    accounts.set_password(office.store, "hanako", "another " + WORD, town.NOW)
    assert client.get("/hq/password").status_code == 302


def test_an_administrator_adds_somebody_whose_first_password_must_go(office: Site) -> None:
    boss, fresh = office.client, office.client
    come(boss, "admin", office.password)
    page = post(boss, "/hq/staff", name="taro", shown="架空 太郎", department="土木課", role="department")
    handed = re.search(r"<code>([^<]+)</code>", page.get_data(as_text=True))[1]
    assert "taro" in boss.get("/hq/staff").get_data(as_text=True)
    assert handed not in boss.get("/hq/staff").get_data(as_text=True), "shown once"
    assert come(fresh, "taro", handed).status_code == 302
    for path in ("/hq/", "/hq/status", "/hq/plans"):
        assert fresh.get(path).headers["Location"] == "/hq/password"
    said = {"old": handed, "new": WORD, "again": WORD}
    assert post(fresh, "/hq/password", **(said | {"old": "x"})).status_code == 400
    assert post(fresh, "/hq/password", **(said | {"again": "x"})).status_code == 400
    assert post(fresh, "/hq/password", **(said | {"new": "short", "again": "short"})).status_code == 400
    assert post(fresh, "/hq/password", **said).status_code == 303
    assert fresh.get("/hq/status").status_code == 200
    assert come(office.client, "taro", handed).status_code == 401


def test_wrong_fields_keep_what_was_typed(office: Site) -> None:
    boss = office.client
    come(boss, "admin", office.password)
    for said in (
        {"name": "a b", "role": "viewer"},
        {"name": "hanako", "role": "viewer"},
        {"name": "jiro", "role": "x"},
    ):
        answer = post(boss, "/hq/staff", department="福祉課", **said)
        assert answer.status_code == 400
        assert 'value="福祉課"' in answer.get_data(as_text=True)


def test_the_last_administrator_stays(office: Site) -> None:
    boss = office.client
    come(boss, "admin", office.password)
    demote = {"role": "viewer", "department": "", "shown": ""}
    assert post(boss, "/hq/staff/admin/disable").status_code == 409
    assert post(boss, "/hq/staff/admin/change", **demote).status_code == 409
    assert account_of(office, "admin").role == Role.ADMINISTRATOR
    post(boss, "/hq/staff/hanako/change", role="administrator", department="", shown="")
    assert post(boss, "/hq/staff/admin/change", **demote).status_code == 303
    assert boss.get("/hq/staff").status_code == 403


def test_disabling_ending_resetting_and_unlocking(office: Site) -> None:
    boss, her = office.client, office.client
    come(boss, "admin", office.password)
    for act in ("disable", "end", "reset"):
        come(her, "hanako", WORD)
        assert her.get("/hq/password").status_code == 200
        assert post(boss, f"/hq/staff/hanako/{act}").status_code in {200, 303}
        assert her.get("/hq/password").status_code == 302, act
        if act == "disable":
            assert come(her, "hanako", WORD).status_code == 401
            post(boss, "/hq/staff/hanako/enable")
    for _ in range(TRIES):
        patient(office)
        come(office.client, "hanako", "guess", environ_base=AFAR)
    assert account_of(office).locked_until is not None
    assert "ロック中" in boss.get("/hq/staff").get_data(as_text=True)
    assert post(boss, "/hq/staff/hanako/unlock").status_code == 303
    assert account_of(office).locked_until is None
    assert post(boss, "/hq/staff/nobody/unlock").status_code == 404
    with office.store.read() as tx:
        said = [row.what for row in journal.entries(tx, kinds=("staff_changed",))]
    assert len(said) == 6, "an account, and five acts"


def test_signing_out_everywhere(office: Site) -> None:
    one, other = office.client, office.client
    come(one, "hanako", WORD)
    come(other, "hanako", WORD)
    assert post(one, "/hq/password/end").status_code == 303
    assert one.get("/hq/password").status_code == other.get("/hq/password").status_code == 302


def test_a_leader_begins_where_there_is_a_door(office: Site) -> None:
    accounts.add(office.store, "kaicho", WORD, Role.LEADER, town.NOW)
    client = office.client
    answer = come(client, "kaicho", WORD)
    assert client.get(answer.headers["Location"]).status_code == 200


def test_the_console_adds_lists_and_unlocks(office: Site) -> None:
    assert "first password" in console.add(office.store, "jiro", "field", town.NOW, department="消防団")
    assert console.add(office.store, "saburo", "viewer", town.NOW, password=WORD) == "saburo: added as viewer"
    lines = console.listed(office.store, town.NOW).splitlines()
    assert "jiro\tfield\t消防団\tjiro\tfirst password" in lines
    assert console.unlock(office.store, "jiro", town.NOW) == "jiro: unlocked"
    for wrong in ({"name": "jiro"}, {"name": "a b"}, {"role": "king"}, {"password": "short"}):
        with pytest.raises(BadInput):
            console.add(office.store, **({"name": "shiro", "role": "viewer", "now": town.NOW} | wrong))


def test_buckets_fill_again_and_forget_the_fullest_first() -> None:
    clock = [0.0]
    limits = Limits(lambda: clock[0])
    small = Bucket(2, 0.5)
    assert [limits.take("a", small) for _ in range(3)] == [0.0, 0.0, 2.0]
    assert limits.take("b", small) == 0.0
    clock[0] = 2.0
    assert limits.take("a", small) == 0.0
    assert limits.take("a", small) == 2.0


def test_too_many_posts_are_told_when_to_come_back(office: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("disaster_hub.portal.limits.DESK", Bucket(3, 0.1))
    boss, her = office.client, office.client
    come(boss, "admin", office.password)
    come(her, "hanako", WORD)
    answers = [post(boss, "/hq/staff/hanako/unlock") for _ in range(4)]
    assert [one.status_code for one in answers] == [303, 303, 303, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert "入力した文は残っています" in answers[-1].get_data(as_text=True)
    assert post(her, "/hq/password/end").status_code == 303, "another session has its own bucket"


def test_a_page_asks_for_camera_only_where_its_view_says_so(site: Site) -> None:
    from disaster_hub.portal.security import asks, permissions

    assert "camera=()" in site.client.get("/").headers["Permissions-Policy"]
    asks("camera")(site.app.view_functions["public.unified_map"])
    try:
        policy = site.client.get("/").headers["Permissions-Policy"]
    finally:
        del site.app.view_functions["public.unified_map"].features
    assert policy == permissions({"camera"})
    assert "camera=(self)" in policy
    assert "geolocation=()" in policy
