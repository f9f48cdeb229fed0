"""The eight questions without JavaScript: each answer is kept at once, and going back loses nothing."""

from __future__ import annotations

import pytest

from disaster_hub.planning.plans import wishes
from disaster_hub.portal.resident.desk import NAME
from disaster_hub.store import households, levels
from disaster_hub.terms.household import Mode, Need, Plan, Structure
from tests.portal import town
from tests.portal.resident.hamlet import Hamlet, Phone

PAGES = ("/my/1", "/my/2", "/my/3", "/my/4/who", "/my/4/pace", "/my/4/way", "/my/4/ready", "/my/5", "/my/6/1",
         "/my/6/2", "/my/6/3", "/my/6/4", "/my/7", "/my/8")  # fmt: skip


def saved(hamlet: Hamlet) -> list[Plan]:
    keys = hamlet.app.extensions[NAME].keys
    with hamlet.store.read() as tx:
        return [version.plan for _, version in households.everyone(tx, keys)]


def test_all_eight_questions_make_a_plan(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk(helper="となりの佐藤さん", own="薬を持つ")
    (plan,) = saved(hamlet)
    assert plan.home.address == "朝日町一丁目"
    assert (plan.home.storeys, plan.home.structure) == (2, Structure.WOOD)
    assert plan.household.people == 2
    assert plan.household.needs == {Need.ELDER, Need.PET}
    assert (plan.household.mode, plan.household.ten_minutes_m) == (Mode.FOOT, 400)
    assert (plan.household.prepare_min, plan.household.endure_hours) == (20, 72)
    assert [w.name for w in wishes(plan)] == ["北小学校", "北公民館"]
    assert plan.leave_level == 3, "an elder leaves at level 3"
    assert plan.own_words == dict.fromkeys(range(1, 5), "薬を持つ")
    assert plan.seen_by == frozenset(), "nobody unless chosen"
    assert plan.helper == "となりの佐藤さん"
    assert not any(step in plan.steps.get(5, ()) for step in ("leave", "set_out"))
    page = phone.get("/my/plan").get_data(as_text=True)
    assert "北小学校" in page
    assert "薬を持つ" in page


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_where_one_is_and_leads_back(hamlet: Hamlet, phone: Phone, path: str) -> None:
    phone.walk()
    text = phone.get(path).get_data(as_text=True)
    assert f"{path.split('/')[2]} / 8" in text
    assert 'class="back"' in text
    assert hamlet.app.config["SESSION_COOKIE_NAME"]


def test_an_answer_survives_reload_and_going_back(phone: Phone) -> None:
    phone.begin()
    phone.post("/my/3", storeys="3", floor="2", structure="concrete", go="next")
    phone.post("/my/4/who", people="5", needs=["infant"], go="next")
    again = phone.get("/my/3").get_data(as_text=True)
    assert 'name="storeys" value="3" checked' in again
    assert 'name="structure" value="concrete" checked' in again
    assert 'name="needs" value="infant" checked' in phone.get("/my/4/who").get_data(as_text=True)
    assert "/my/4/pace" in phone.post("/my/4/who", people="5", go="next").headers["Location"]
    start = phone.get("/my").get_data(as_text=True)
    assert "4 / 8" in start, "who comes back goes on where the questions stopped"


def test_typing_an_address_finds_it_without_putting_it_into_the_address_bar(phone: Phone) -> None:
    phone.post("/my/begin", **{"for": "self"})
    answer = phone.post("/my/1", typed="あさひまち２")
    assert answer.headers["Location"].endswith("/my/1")
    assert "朝日町二丁目" in phone.get("/my/1").get_data(as_text=True)


def test_a_town_with_blocks_asks_for_the_block_and_one_without_goes_on(phone: Phone) -> None:
    phone.post("/my/begin", **{"for": "self"})
    assert phone.post("/my/1", town="朝日町").headers["Location"].endswith("/my/1")
    assert 'name="block" value="a1"' in phone.get("/my/1").get_data(as_text=True)
    assert phone.post("/my/1", town="桜台").headers["Location"].endswith("/my/2")


def test_the_pin_moves_by_arrows_and_is_confirmed(hamlet: Hamlet, phone: Phone) -> None:
    phone.post("/my/begin", **{"for": "self"})
    phone.post("/my/1", block="a0")
    before = phone.get("/my/2").get_data(as_text=True)
    phone.post("/my/2", move="n")
    after = phone.get("/my/2").get_data(as_text=True)
    assert before != after
    far = phone.post("/my/2", lon="10", lat="50", go="next")
    assert far.status_code == 200
    assert "/my/3" not in str(far.headers)
    assert phone.post("/my/2", lon="nan", lat="nan", go="next").status_code in {200, 303}
    assert hamlet.app.extensions[NAME]


def test_another_home_forgets_the_places_of_the_old_one(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    phone.post("/my/2", lon=str(hamlet.config.city.lon + 0.006), lat=str(hamlet.config.city.lat + 0.004), go="next")
    (plan,) = saved(hamlet)
    assert plan.first is None


def test_dangers_say_no_data_as_no_data_and_never_safe(phone: Phone) -> None:
    phone.begin()
    text = phone.get("/my/3").get_data(as_text=True)
    assert "0.5〜3" in text
    assert "この地点の情報はありません" in text
    assert "安全です" not in text


def test_a_saved_plan_is_changed_by_one_page_and_the_versions_are_kept(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    answer = phone.post("/my/4/who", people="4", go="next")
    assert answer.headers["Location"].startswith("/my/plan")
    (plan,) = saved(hamlet)
    assert plan.household.people == 4
    with hamlet.store.read() as tx:
        keys = hamlet.app.extensions[NAME].keys
        ((name, _),) = households.everyone(tx, keys)
        assert [v.plan.household.people for v in households.versions(tx, keys, name)] == [2, 4]


def test_two_phones_changing_one_plan_lose_nothing(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    other = hamlet.phone()
    for cookie in phone.client._cookies.values():
        if cookie.key.startswith("hub_home"):
            other.client.set_cookie(cookie.key, cookie.value)
    keys = hamlet.app.extensions[NAME].keys
    phone.post("/my/4/who", people="3", go="next")
    (household,) = [name for name, _ in _everyone(hamlet)]
    with hamlet.store.write() as tx:
        draft = households.draft(tx, keys, household)
        assert draft is not None
        households.put_draft(tx, keys, household, {**draft, "number": 1}, hamlet.wall[0])
    answer = other.post("/my/4/who", people="6", go="next")
    assert answer.status_code == 409
    other.post("/my/settle", keep="mine")
    (plan,) = saved(hamlet)
    assert plan.household.people == 6


def _everyone(hamlet: Hamlet) -> list[tuple[str, object]]:
    with hamlet.store.read() as tx:
        return list(households.everyone(tx, hamlet.app.extensions[NAME].keys))


def test_picks_that_were_never_offered_change_nothing(hamlet: Hamlet, phone: Phone) -> None:
    phone.begin()
    phone.post("/my/3", storeys="999", floor="-1", structure="gold", go="next")
    phone.post("/my/4/who", people="10000", needs=["elder", "king"], go="next")
    phone.post("/my/4/way", mode="rocket", go="next")
    assert phone.post("/my/5", first="shelter:E9920100002", go="next").status_code == 200, "not designated: asked again"
    assert phone.get("/my/9").status_code == 404
    assert phone.get("/my/6/5").status_code == 404
    assert phone.get("/my/4/nobody").status_code == 404
    assert saved(hamlet) == []


@pytest.mark.parametrize("path", [p for p in PAGES if p != "/my/1"])
def test_nobody_without_a_token_sees_a_question(phone: Phone, path: str) -> None:
    assert phone.get(path).status_code == 404


def test_a_plan_can_be_made_on_the_night_itself_and_the_night_is_said_first(hamlet: Hamlet, phone: Phone) -> None:
    with hamlet.store.write() as tx:
        levels.put_official(tx, town.official(5, "レベル５氾濫特別警報", "flood"))
    phone.begin()
    page = phone.get("/my/5").get_data(as_text=True)
    assert 'value="shelter:E9920100000"' in page, "what no way leads to tonight is still the right place to plan for"
    assert 'class="said wrong" role="alert"' in page
    phone.walk()
    plan = phone.get("/my/plan").get_data(as_text=True)
    action = plan[plan.index('class="action"') :][:60]
    assert "外へ出ない" in action
