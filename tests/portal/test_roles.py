"""Every route as every role: the table below is written by hand, and each cell of it is really asked for.

Whoever adds a route adds its endpoint to the row of its door. Where one method of an endpoint wants more than the others,
write it as "endpoint METHOD" in the row of what that method wants; the endpoint alone speaks for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from disaster_hub.portal import accounts
from disaster_hub.portal.doors import Door, door_of
from disaster_hub.terms.role import RIGHTS, Right, Role, may
from tests.portal import town
from tests.portal.conftest import Site, site_of

# fmt: off
TABLE: tuple[tuple[Door | Right, tuple[str, ...]], ...] = (
    (Door.ANYONE, (
        "api.area", "api.layer", "api.live", "api.series", "api.situation", "api_gateway.take", "api_line.take",
        "resident.line_code", "resident.number", "resident.proof", "resident.remove",
        "assets.file", "entrance.sign_in",
        "entrance.sign_out", "hq_oidc.back", "hq_oidc.begin", "public.unified_map", "report.done", "report.here",
        "report.is_open", "report.report", "report.send", "resident.answers", "resident.back", "resident.begin",
        "resident.contact", "resident.delete", "resident.found", "resident.from_here", "resident.line",
        "resident.consent", "resident.helper", "resident.helper_asked", "resident.helper_call", "resident.helper_push",
        "resident.helper_removed",
        "resident.mailed", "resident.manifest", "resident.mark", "resident.paper", "resident.part", "resident.plan", "resident.record",
        "resident.received", "resident.review", "resident.reviewed", "resident.settle", "resident.share",
        "resident.shared_plan", "resident.start", "resident.step", "resident.test", "resident.unshare",
        "resident.reply", "resident.reply_taken", "resident.unsubscribe", "resident.unsubscribed",
        "resident.worker", "tiles.tile", "tiles.zones",
        "alerts.alerts", "api_canary.page", "api_canary.receipt", "api_cap.feed", "api_cap.message",
    )),
    (Door.STAFF, (
        "hq_password.end_everywhere", "hq_password.password",
    )),
    (Right.SEE, (
        "hq.first_page", "hq.status", "hq_areas.areas", "hq_areas.decide_by", "hq_checks.checks", "hq_checks.point",
        "hq_criteria.criteria", "hq_criteria.history", "hq_decision.one", "hq_doubts.doubts", "hq_decisions.decisions",
        "hq_layers.as_geojson", "hq_layers.listed", "hq_layers.spot", "hq_layers.tile", "hq_log.as_csv",
        "hq_log.as_pdf", "hq_log.log", "hq_log.part", "hq_map.checks", "hq_map.desk_map", "hq_map.layer_of", "hq_map.now",
        "hq_map.past", "hq_map.reopened", "hq_map.roads", "hq_map.station", "hq_map.still", "hq_map.wishes",
        "hq_papers.damage_pdf", "hq_papers.handover_pdf", "hq_papers.map_png", "hq_papers.papers",
        "hq_papers.situation_pdf", "hq_photos.one", "hq_places.at", "hq_places.places", "hq_plans.as_csv",
        "hq_plans.as_layer", "hq_plans.plans", "hq_report.report", "hq_reports.as_layer", "hq_reports.reports",
        "hq_sensors.one", "hq_sensors.part", "hq_sensors.sensors", "hq_shelters.as_layer", "hq_shelters.shelter",
        "hq_shelters.shelters", "hq_sirens.part", "hq_sirens.sirens", "hq_watch.numbers", "hq_watch.numbers_json", "hq_watch.part", "hq_watch.watch",
    )),
    (Right.REPORT, (
        "hq_field.field", "hq_field.taken", "hq_field.worker",
    )),
    (Right.HANDLE, (
        "hq_call.call", "hq_call.same", "hq_call.taken", "hq_check_list.close", "hq_check_list.download",
        "hq_check_list.edit", "hq_check_list.listed", "hq_check_list.upload", "hq_photos.add",
        "hq_report.close_roads", "hq_report.department", "hq_report.join", "hq_report.state", "hq_report.words",
        "hq_reports.entered", "hq_reports.new",
    )),
    (Right.LOG, (
        "hq_log.correct", "hq_log.correcting", "hq_log.pin", "hq_log.write", "hq_map.draw", "hq_map.erase",
        "hq_papers.count_damage", "hq_papers.note", "hq_papers.situation", "hq_releases.handed",
    )),
    (Right.CHECK, (
        "hq_checks.odd", "hq_checks.tick", "hq_checks.undo",
    )),
    (Right.SHELTER, (
        "hq_shelters.ask", "hq_shelters.capacity", "hq_shelters.count", "hq_shelters.move", "hq_shelters.state",
    )),
    (Right.DECIDE, (
        "hq_alerts.cancel", "hq_alerts.update", "hq_compose.areas", "hq_compose.compose", "hq_compose.draft",
        "hq_compose.elsewhere", "hq_decision.decide", "hq_decisions.new", "hq_decisions.posture", "hq_draft.author",
        "hq_draft.one",
    )),
    (Right.APPROVE, (
        "hq_draft.approve",
    )),
    (Right.ALERTS, (
        "hq_alerts.alerts", "hq_alerts.one", "hq_releases.file", "hq_releases.part", "hq_releases.texts",
        "hq_rules.month", "hq_rules.rules",
    )),
    (Right.BOARD, (
        "hq_board.answer", "hq_board.board", "hq_board.helper", "hq_board.one",
    )),
    (Right.NEIGHBOURS, (
        "hq_neighbours.answer", "hq_neighbours.neighbours", "hq_neighbours.tap",
    )),
    (Right.LEDGER, (
        "hq_ledger.entrance",
    )),
    (Right.LAYERS, (
        "hq_layers.layers", "hq_layers.retire", "hq_layers.upload",
    )),
    (Right.GATE, (
        "hq_gate.change", "hq_gate.gate",
    )),
    (Right.PERSONAL, (
        "hq_areas.home", "hq_board.reveal", "hq_board.sheet", "hq_ledger.find", "hq_ledger.household",
        "hq_opening.reason", "hq_report.forget",
    )),
    (Right.SENSORS, (
        "hq_sensors.maintenance", "hq_sensors.new",
    )),
    (Right.CRITERIA, (
        "hq_areas.set_minutes", "hq_criteria.edit", "hq_rules.edit",
    )),
    (Right.WITNESS, (
        "hq_doubts.fault", "hq_doubts.high",
    )),
    (Right.STAFF, (
        "hq_handsets.add", "hq_handsets.again", "hq_handsets.handsets", "hq_handsets.remove",
        "hq_neighbours.areas", "hq_staff.add", "hq_staff.change", "hq_staff.disable", "hq_staff.enable", "hq_staff.end", "hq_staff.reset",
        "hq_staff.staff", "hq_staff.unlock",
    )),
    (Right.AUDIT, (
        "hq_audit.as_csv", "hq_audit.audit",
    )),
)
# fmt: on
DOORS = {endpoint: door for door, endpoints in TABLE for endpoint in endpoints}
ENDS = {"entrance.sign_out", "hq_password.end_everywhere"}
"""They end the session, and so come last."""
PASSWORD = "seven roles and one password"
METHODS = {"HEAD", "OPTIONS"}


@pytest.fixture(name="house", scope="module")
def a_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_of(tmp_path_factory.mktemp("roles")) as site:
        for role in Role:
            accounts.add(site.store, f"a-{role}", PASSWORD, role, town.NOW)
        yield site


def test_the_table_knows_every_route_and_no_other(house: Site) -> None:
    there = {rule.endpoint for rule in house.app.url_map.iter_rules()}
    named = {endpoint.partition(" ")[0] for endpoint in DOORS}
    assert not there - named, "add these to TABLE, in the row of their door"
    assert not named - there, "nobody answers at these any more; take them out of TABLE"


def test_the_doors_are_the_ones_of_the_table(house: Site) -> None:
    wrong = {e: (door_of(house.app, e), d) for e, d in DOORS.items() if " " not in e and door_of(house.app, e) is not d}
    assert not wrong, "the door is not the one of the table"


def test_every_right_is_somebodys_and_the_strictest_stay_few() -> None:
    assert set(RIGHTS) == set(Right)
    assert RIGHTS[Right.STAFF] == RIGHTS[Right.AUDIT] == {Role.ADMINISTRATOR}
    assert RIGHTS[Right.APPROVE] == {Role.APPROVER}
    assert Role.LEADER not in RIGHTS[Right.SEE]
    assert not may("somebody", Right.SEE)


@pytest.mark.slow
@pytest.mark.parametrize("role", [None, *Role])
def test_every_route_as_this_role(house: Site, role: Role | None) -> None:
    client = house.app.test_client()
    token = sign_in(client, role)
    wrong = []
    rules = sorted(house.app.url_map.iter_rules(), key=lambda rule: (rule.endpoint in ENDS, str(rule)))
    for rule in rules:
        for method in sorted((rule.methods or set()) - METHODS):
            if rule.endpoint in ENDS:
                token = sign_in(client, role)
            fault = asked(client, rule, method, role, token)
            if fault:
                wrong.append(f"{method} {rule} ({rule.endpoint}): {fault}")
    assert not wrong, "\n".join(wrong)


def asked(client: FlaskClient, rule: Rule, method: str, role: Role | None, token: str) -> str | None:
    """Ask once; give what is wrong with the answer, or None."""
    door = DOORS.get(f"{rule.endpoint} {method}", DOORS.get(rule.endpoint))
    path = re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda m: "1" if m[1] == "int" else "nobody", str(rule))
    sent = {} if method == "GET" else {"data": {"csrf_token": token}, "headers": {"X-CSRFToken": token}}
    answer = client.open(path, method=method, **sent)
    code, where = answer.status_code, answer.headers.get("Location", "")
    answer.close()
    out = code == 302 and "/hq/sign-in" in where
    if door is Door.ANYONE:
        return None if code not in {403, 500} else f"open to anyone, and answered {code}"
    if role is None:
        return None if out else f"nobody is signed in, and it answered {code}"
    allowed = door is Door.STAFF or (isinstance(door, Right) and may(role, door))
    if not allowed:
        return None if code == 403 else f"{role} may not, and it answered {code}"
    if code in {403, 429, 500} or (out and rule.endpoint not in ENDS):
        return f"{role} may, and it answered {code}"
    return None


def sign_in(client: FlaskClient, role: Role | None) -> str:
    """Sign in as *role*; give a token for forms."""
    page = client.get("/hq/sign-in").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    if role is None:
        return token
    sent = {"name": f"a-{role}", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/hq/sign-in", data=sent)
    assert answer.status_code == 302
    page = client.get("/hq/password").get_data(as_text=True)
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
