"""Ten thousand records, meant in earnest or not, thrown at every way in and out of a real world and of a drill.

No exercise reaches a real queue, nothing real bears the mark of one, and whatever leaves a drill begins with 【訓練】.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import etree

from disaster_hub.alerts import answering, hearing, helping, issuing, replying
from disaster_hub.alerts import releases as desk_releases
from disaster_hub.alerts.hearing import Incoming
from disaster_hub.alerts.spread import Moment, Spreader
from disaster_hub.config_desk import CHANNELS, check_outside
from disaster_hub.config_outside import Sending
from disaster_hub.desk import approving
from disaster_hub.desk.acting import Act
from disaster_hub.desk.composing import Wish, compose
from disaster_hub.jobs.automatic import automatic_notices
from disaster_hub.jobs.canary import Canaries
from disaster_hub.jobs.ingest import Poller
from disaster_hub.jobs.judge import judge_waiting
from disaster_hub.jobs.listen import Intake
from disaster_hub.rules.unanswered import Unheard
from disaster_hub.running import same_world
from disaster_hub.store import briefs, drafts, household_helpers, households, observations, outbox
from disaster_hub.store import releases as kept_releases
from disaster_hub.terms.alert import Alert, AlertKind, Because
from disaster_hub.terms.errors import BadConfig, WrongWorld
from disaster_hub.terms.notice import Notice, of_contact
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.way import Word
from disaster_hub.terms.world import World, WorldKind
from sensors.fetch import Answer
from sensors.mail_reply import Reply
from tests.desk.alert_town import order
from tests.jobs.hub import Telegram
from tests.rules.said import at
from tests.whole.worlds_rig import (
    BROWSER,
    CITY,
    EARNEST,
    HOUR,
    NOW,
    PHONE,
    PRETEND,
    USER,
    Dice,
    Out,
    Outside,
    Side,
    exercises,
    listening,
    siblings,
    side,
    tried,
)
from timelines.channels.email import mark
from timelines.phrases import Reviews
from timelines.releases import area_mail, cap, lalert, loudspeaker, social
from timelines.releases.words import Matter

pytestmark = pytest.mark.slow
ADDRESSES = {
    "email": "a@example.jp", "line": USER, "sms": PHONE, "voice": PHONE, "webpush": BROWSER, "console": "当直",
    "webhook": "webhook:signage",
}  # fmt: skip
MINUTE = timedelta(minutes=1)
TELEGRAM = re.compile(r"/data/\S+")


@dataclass(frozen=True, slots=True)
class Worlds:
    """The real world and the drill beside it."""

    real: Side
    drill: Side
    outside: Outside

    @property
    def both(self) -> tuple[Side, Side]:
        return self.real, self.drill


@pytest.fixture(name="worlds")
def two_worlds(addresses: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worlds]:
    with ExitStack() as stack:
        outside = stack.enter_context(Outside())
        listening(monkeypatch, outside)
        real = stack.enter_context(side(tmp_path / "real", WorldKind.REAL, outside, addresses("real")))
        drill = stack.enter_context(side(tmp_path / "drill", WorldKind.DRILL, outside, addresses("drill")))
        siblings(real, drill)
        siblings(drill, real)
        yield Worlds(real, drill, outside)


def test_ten_thousand_records_never_mix(worlds: Worlds) -> None:
    dice = Dice(20260918)
    for path in (
        telegrams, uplinks, drafted, decided, announced, canaries, helpers, answers, releases, configured, spoken,
    ):  # fmt: skip
        path(worlds, dice)
    for one in worlds.both:
        clean_queue(one)
    corrupted(worlds, dice)
    for one in worlds.both:
        one.post(NOW + HOUR)
        worlds.outside.got += printed(one)
    clean_outside(worlds.outside.got)
    assert dice.made.total() >= 10_000, dice.made
    carried = Counter((one.world, one.channel) for one in worlds.outside.got)
    assert {(one.kind, channel) for one in worlds.both for channel in ADDRESSES} <= set(carried), carried
    assert min(carried.values()) > 20, carried


def test_the_oracle_sees_what_it_must_not_miss() -> None:
    for said in ("【訓練】x", "pretend1x"):
        with pytest.raises(AssertionError):
            clean_outside([Out(WorldKind.REAL, "sms", (said,))])
    for said in ("x", "x【訓練】"):
        with pytest.raises(AssertionError):
            clean_outside([Out(WorldKind.DRILL, "sms", (said,))])
    with pytest.raises(AssertionError):
        clean_outside([Out(WorldKind.DRILL, "sms", ("【訓練】earnest1x",))])


# What is thrown --------------------------------------------------------------------------------------------------


def telegrams(worlds: Worlds, dice: Dice) -> None:
    """Telegrams of the JMA: of every status and kind, of this town and of a made-up one, at the door of both."""
    feed = SimpleNamespace(name="jma", kind="jma-feed")
    for n in range(600):
        status = dice.choice(("通常", "通常", "訓練", "訓練", "試験", "試 験", "", "訓練 "))
        word = dice.word("telegram", earnest=status == "通常")
        codes = dice.sample(("10", "03", "43"), dice.randrange(3))
        info = dice.choice(("発表", "発表", "訂正", "取消", "遅延"))
        area = dice.choice((CITY, CITY, CITY, "9920100"))
        said = Telegram("VPWW55", n / 10 - 60, tuple(codes), area, status, info).xml
        title = dice.choice(("架空県の情報", "【訓練】架空県の情報", "架空県の情報（これは訓練ではありません）"))
        said = said.replace("架空県の情報".encode(), title.encode())
        for one in worlds.both:
            poller = Poller(one.store, feed, None)  # type: ignore[arg-type]
            poller._telegram(f"/data/{word}.xml", Answer("", said), at(0))
            if n % 10 == 9:
                judge_waiting(one.store, one.config)
                automatic_notices(one.store, one.config, at(n / 10 - 60))
    for one in worlds.both:
        assert any(alert["rule"] for alert in one.rows("alert")), "no rule ever spoke"
        for table in ("official", "level_change"):
            rows = one.rows(table)
            assert rows
            assert not any(PRETEND.search(str(row["evidence"])) for row in rows)


def uplinks(worlds: Worlds, dice: Dice) -> None:
    """Readings of the town's own devices and of made-up ones, by message and as finished facts."""
    devices = ("24e124000000aa01", "fe99plain00001", "FE99PLAIN00001", "24e124000000aa02")
    for one in worlds.both:
        intake = Intake(one.store, one.config.world, {s.id: s for s in one.config.sensors}, lambda: NOW)
        for _ in range(12):
            batch = []
            for n in range(100):
                device = dice.choice(devices)
                dice.word("uplink", earnest=not device.lower().startswith("fe99"))
                said = {
                    "device": device, "at": f"2026-09-18T08:0{n % 5}:{dice.randrange(60):02}Z",
                    "quantity": "water_level", "value": round(dice.uniform(1, 9), 2), "unit": "m",
                }  # fmt: skip
                batch.append((f"hub/devices/{device}/up", json.dumps(said).encode()))
            intake.keep(batch)
    made_up = Observation("fe99plain00001", at(0), "water_level", 2.0, "m")
    with worlds.real.store.write() as tx, pytest.raises(WrongWorld):
        observations.add(tx, [made_up], raw_id=None)
    stations = {str(row["station"]) for row in worlds.real.rows("series")}
    assert stations
    assert not any("fe99" in name.lower() for name in stations)
    assert any("fe99" in str(row["station"]) for row in worlds.drill.rows("series"))


def drafted(worlds: Worlds, dice: Dice) -> None:
    """Drafts of whatever status was typed, in both worlds; some approved, some sent by one officer alone."""
    for n in range(300):
        one, other = dice.sample(worlds.both, 2)
        config = one.config if dice.random() < 0.7 else replace(one.config, siblings=())
        status = dice.choice(("actual", "actual", "exercise", "test", "", "ACTUAL", "訓練"))
        marked = dice.random() < 0.3
        word = dice.word("draft", earnest=status == "actual" and not marked)
        kind = "information" if n % 4 else dice.choice(("3", "4", "5", "lift"))
        wish = Wish(status, kind, "flood", ("N",), "all", dice.typed(word, mark=marked), dice.typed("", mark=marked))
        made: list[Any] = []
        refused = dice.refused(partial(lambda c, w, s, out: out.append(compose(s.store, w, c, "sato", NOW)),
                                       config, wish, one, made))  # fmt: skip
        assert refused or status in {"actual", "exercise", "test"}
        if made:
            at_home = made[0].place.sibling is None
            approved(dice, one if at_home else other, made[0].draft)


def approved(dice: Dice, where: Side, draft: Any) -> None:
    """Send a draft by one of the two ways, or leave it."""
    way = dice.choice(("two", "two", "alone", "left"))

    def by_two() -> None:
        with where.store.write() as tx:
            one = drafts.find(tx, draft.id)
            assert one is not None
            act = Act(one.id, one.version, "ito", NOW)
            approving.approve(tx, act, one.area_name, where.config, NOW)

    def alone() -> None:
        with where.store.write() as tx:
            act = Act(draft.id, draft.version, "sato", NOW)
            kept = approving.alone_first(tx, act, "承認者がいません", draft.area_name, NOW - HOUR)
            act = replace(act, version=kept.version)
            approving.alone_second(tx, act, draft.area_name, where.config, NOW)

    if way != "left":
        dice.refused(by_two if way == "two" else alone)


def decided(worlds: Worlds, dice: Dice) -> None:
    """Alerts of every world at either store, and what follows them."""
    passed = {WorldKind.REAL: 0, WorldKind.DRILL: 0}
    for n in range(350):
        one = dice.choice(worlds.both)
        settings = one if dice.random() < 0.8 else dice.choice(worlds.both)
        world = dice.choice((one.kind, *WorldKind))
        marked = dice.random() < 0.3
        word = dice.word("alert", earnest=world is WorldKind.REAL and not marked)
        kind = dice.choice((AlertKind.ORDER, AlertKind.INFORMATION, AlertKind.AUTOMATIC))
        areas = ("N",) if dice.random() < 0.9 else ("9920100",)
        alert = order(
            NOW, id=f"{word}-{n}", world=world, kind=kind, areas=areas, why=dice.typed(word, mark=marked),
            rule="town@1" if kind is AlertKind.AUTOMATIC else "", level=dice.choice((3, 4, 5)),
        )  # fmt: skip
        if not dice.refused(partial(issued, one, settings, alert)):
            passed[one.kind] += 1
            assert world is one.kind
            assert settings is one
            followed(dice, one, alert)
        if n % 50 == 49:
            spread(worlds)
    assert min(passed.values()) > 20
    spread(worlds)
    for one in worlds.both:
        one.post()


def issued(one: Side, settings: Side, alert: Alert) -> None:
    with one.store.write() as tx:
        issuing.issue(tx, alert, settings.config, NOW)


def followed(dice: Dice, one: Side, alert: Alert) -> None:
    """Say another word on an alert, or none."""
    marked = dice.random() < 0.3
    word = dice.word("follow", earnest=one.kind is WorldKind.REAL and not marked)
    step = dice.choice((issuing.update, issuing.cancel, issuing.lift))

    def act() -> None:
        with one.store.write() as tx:
            step(tx, alert.id, one.config, NOW, why=dice.typed(word, mark=marked), who="sato")

    dice.refused(act)


def spread(worlds: Worlds) -> None:
    for one in worlds.both:
        Spreader(one.store, one.keys, slice_s=600).run(Moment(NOW, NOW))


def announced(worlds: Worlds, dice: Dice) -> None:
    """Notices of every world, kind and text, straight into either outbox."""
    for n in range(25):
        one = worlds.both[n % 2]
        with one.store.write() as tx:
            for _ in range(120):
                notice = noticed(dice, "notice")
                to = [(channel, ADDRESSES[channel]) for channel in dice.sample(sorted(ADDRESSES), 1)]
                if dice.random() < 0.5:
                    dice.refused(partial(outbox.enqueue, tx, notice, to))
                else:
                    dice.refused(partial(addressed, tx, notice, to[0]))
        one.post()


def noticed(dice: Dice, path: str) -> Notice:
    """Give a notice of any world, with a mark in it or none; what is meant in earnest says so."""
    world, marked = dice.choice(list(WorldKind)), dice.random() < 0.4
    kind = dice.choice(("level_changed", "level_changed", "alert_alone", "test"))
    word = dice.word(path, earnest=world is WorldKind.REAL and not marked and kind != "test")
    texts = [dice.typed(word, mark=False), dice.typed(word, mark=False)]
    if marked:
        number = dice.randrange(2)
        texts[number] = dice.typed(word, mark=True)
    if kind == "test" and world is WorldKind.REAL:
        # A test of the real world's own phones is no exercise: it may go, as a test.
        texts, word = [one.replace(word, "") for one in texts], word.replace("pretend", "tried")
    return Notice(f"{path}:{word}", world, kind, *texts, NOW, NOW + HOUR, dice.randrange(1, 6))


def addressed(tx: Any, notice: Notice, to: tuple[str, str]) -> None:
    number = outbox.announce(tx, notice)
    if number is not None:
        outbox.address(tx, number, notice, [(*to, "")])


def canaries(worlds: Worlds, dice: Dice) -> None:
    """Canaries of both worlds, and of one world's configuration at the other's store."""
    for one in worlds.both:
        other = worlds.drill if one is worlds.real else worlds.real
        for n in range(30):
            wall = NOW + n * 5 * MINUTE
            for _ in one.config.canaries:
                dice.word("canary", earnest=one.kind is WorldKind.REAL)
            assert Canaries(one.store, one.config, one.keys).run(NOW, wall) == len(one.config.canaries)
            assert dice.refused(partial(Canaries(one.store, other.config, other.keys).run, NOW, wall + 4 * MINUTE))
        one.post()


def helpers(worlds: Worlds, dice: Dice) -> None:
    """Calls to helpers, invitations and thanks; by the other world's configuration none."""
    for one in worlds.both:
        other = worlds.drill if one is worlds.real else worlds.real
        asked, roots = 0, [row["id"] for row in one.rows("alert")]
        assert len(roots) > 60
        for n in range(60):
            dice.word("helper", earnest=one.kind is WorldKind.REAL)
            home = dice.choice(one.homes)
            config = one.config if n % 3 else other.config
            asked += not dice.refused(partial(called, one, home, config, roots[n]))
        assert asked == 40
        one.post()


def called(one: Side, home: str, config: Any, root: str) -> None:
    with one.store.write() as tx:
        found = household_helpers.of_household(tx, one.keys, home)
        if not found:
            made, _ = household_helpers.invite(tx, one.keys, home, NOW)
            helper = household_helpers.find(tx, one.keys, made)
            assert helper is not None
            household_helpers.confirm(
                tx, one.keys, helper, NOW, channel="email", address="h@example.jp", language="ja", load=9
            )
            found = household_helpers.of_household(tx, one.keys, home)
        who = found[0].id
        unheard = Unheard(home, root, root, "N", NOW + HOUR, Word.LEAVE_BY)
        assert helping.ask(tx, one.keys, unheard, f"helper:{who}", config, NOW)


def answers(worlds: Worlds, dice: Dice) -> None:
    """Answers that name an alert of the other world, by link, LINE, gateway, mail and the desk; and own ones."""
    told = {one.kind: chosen(one) for one in worlds.both}
    for _ in range(600):
        one, asked = dice.choice(worlds.both), dice.choice(worlds.both)
        word = dice.word("answer", earnest=asked.kind is WorldKind.REAL)
        alert, home = dice.choice(told[asked.kind])
        token = briefs.answer_token(asked.keys.key(home), alert)
        before = len(one.rows("alert_answer"))
        taken = answered(dice, one, asked, (alert, home, token), word)
        after = len(one.rows("alert_answer"))
        assert (after > before) is taken
        if one is not asked:
            assert not taken, "an answer to the other world's alert counted"
    for one in worlds.both:
        own = {row["id"] for row in one.rows("alert")}
        rows = one.rows("alert_answer")
        assert len(rows) > 50
        assert {row["alert"] for row in rows} <= own


def chosen(one: Side) -> list[tuple[str, str]]:
    """Give alert and household of whom one world's alerts were for."""
    rows = one.rows("alert_household")
    return [(row["alert"], row["household"]) for row in rows if row["because"] == Because.CHOSEN.value]


def answered(dice: Dice, one: Side, asked: Side, told: tuple[str, str, str], word: str) -> bool:
    alert, home, token = told
    with asked.store.read() as tx:
        contact = households.contacts(tx, asked.keys, home)[0]
    way = dice.choice(("token", "take", "mail", "quoted"))
    with one.store.write() as tx:
        if way == "token":
            came = Incoming(dice.choice(("line", "sms", "voice")), USER, word, NOW)
            return hearing.by_token(tx, one.keys, came, token, "left", NOW).outcome is hearing.Outcome.TAKEN
        if way == "take":
            return answering.take(tx, one.keys, alert, home, "left", NOW, NOW, "desk")
        about = (mark(f"alert:{alert}/email/{of_contact(contact.id)}"),) if way == "mail" else ()
        links = (token,) if way == "quoted" else ()
        came_back = Reply(word, "a@example.jp", about, links, "1")
        said = replying.take(tx, one.keys, one.config, Reviews(Path("none")), came_back, NOW)
        return said is replying.Outcome.TAKEN


def releases(worlds: Worlds, dice: Dice) -> None:
    """Hand-over texts of alerts of every world: what each says of itself, and at the other world's store."""
    town = desk_releases.town(worlds.real.config)
    writers = (
        area_mail.write, loudspeaker.write, lalert.write, social.post,
        lambda matter, who: social.page(matter, who, ["ja", "en", "vi"]),
        lambda matter, who: cap.write(matter, who, ["ja", "en"]),
    )  # fmt: skip
    for n in range(150):
        world, marked = dice.choice(list(WorldKind)), dice.random() < 0.3
        kind = dice.choice((AlertKind.ORDER, AlertKind.INFORMATION, AlertKind.LIFT, AlertKind.CANCEL))
        for write in writers:
            word = dice.word("release", earnest=world is WorldKind.REAL and not marked)
            why = dice.typed(word, mark=marked)
            alert = order(NOW, id=f"r{n}-{word}", world=world, kind=kind, why=why, note=dice.choice(("", word)))
            if dice.refused(partial(handed, worlds, write, alert, town)):
                assert world is WorldKind.REAL
                assert marked


def handed(worlds: Worlds, write: Any, alert: Alert, town: Any) -> None:
    found = write(Matter(alert), town)
    if found is None:
        return
    real = alert.world is WorldKind.REAL
    looked_at(found, real=real)
    wrong = worlds.drill if real else worlds.real
    with wrong.store.write() as tx, pytest.raises(WrongWorld):
        kept_releases.add(tx, found)


def looked_at(found: Any, *, real: bool) -> None:
    """Judge one hand-over text by itself."""
    if real:
        assert not exercises(found.content)
        assert not tried(found.content)
        assert not PRETEND.search(found.content)
        assert "Exercise" not in found.content
        return
    assert not EARNEST.search(found.content)
    if found.form == "cap":
        root = etree.fromstring(found.content.encode())
        space = "{urn:oasis:names:tc:emergency:cap:1.2}"
        assert root.findtext(f"{space}status") == "Exercise"
        firsts = [one.text or "" for tag in ("event", "headline", "description", "instruction")
                  for one in root.iter(f"{space}{tag}")]  # fmt: skip
    elif found.form == "lalert":
        cells = {part.name: part.text for part in found.parts}
        assert cells["運用種別"] == "訓練"
        firsts = [cells[name] for name in ("見出し", "対象地区名", "理由", "本文")]
    else:
        firsts = [part.text for part in found.parts]
    assert firsts
    assert all(one.startswith("【訓練】") for one in firsts), firsts


def configured(worlds: Worlds, dice: Dice) -> None:
    """Hubs with keys of any world: one whose keys are another world's does not start, nor at another's store."""
    for _ in range(400):
        one, store = dice.choice(worlds.both), dice.choice(worlds.both)
        named = dice.choice(["real", "drill", "replay", "", "REAL"])
        holds = set(dice.sample(CHANNELS, dice.randrange(len(CHANNELS) + 1)))
        dice.word("config", earnest=one.kind is WorldKind.REAL)
        empty = {name: type(getattr(one.config, name))() if isinstance(getattr(one.config, name), tuple) else None
                 for name in CHANNELS if name not in holds}  # fmt: skip
        config = replace(one.config, sending=Sending(world=named), siblings=(), canaries=(), **empty)
        keys = [name for name in CHANNELS if getattr(config, name)]
        starts = not dice.refused(partial(check_outside, config))
        if named not in {"real", "drill", "replay"} or (named != one.kind.value and keys):
            assert not starts, (named, one.kind, keys)
        wrong = replace(config, store=store.config.store)
        if store is not one:
            with pytest.raises(WrongWorld):
                same_world(wrong)


def spoken(worlds: Worlds, dice: Dice) -> None:
    """Channels called directly, with notices of any world."""
    for _ in range(1500):
        one = dice.choice(worlds.both)
        notice = noticed(dice, "spoken")
        channel = dice.choice(sorted(ADDRESSES))
        send = one.give(channel).send
        refused = dice.refused(partial(send, notice, ADDRESSES[channel], notice.key))
        assert refused or notice.world is one.kind


def corrupted(worlds: Worlds, dice: Dice) -> None:
    """Rows that were changed behind our back: what is of another world now, or bears a mark, does not leave."""
    real, drill = worlds.both
    for one, foreign in ((real, "drill"), (real, "replay"), (drill, "real"), (drill, "replay")):
        for n in range(80):
            word = dice.word("corrupted", earnest=foreign == "real")
            key, channel = f"corrupt:{foreign}:{word}", sorted(ADDRESSES)[n % len(ADDRESSES)]
            honest = Notice(key, one.kind, "level_changed", "x", "x", NOW, NOW + 2 * HOUR, 3)
            with one.store.write() as tx:
                outbox.enqueue(tx, honest, [(channel, ADDRESSES[channel])])
            one.run("UPDATE notice SET world = :w, headline = :t, text = :t WHERE key = :k", w=foreign, t=word, k=key)
            if one is real:
                typed = dice.typed(dice.word("corrupted", earnest=False), mark=True)
                marked = replace(honest, key=f"{key}:marked")
                with one.store.write() as tx:
                    outbox.enqueue(tx, marked, [(channel, ADDRESSES[channel])])
                one.run("UPDATE notice SET text = :t WHERE key = :k", t=typed, k=marked.key)
    # One of each channel and address: no notice has two deliveries to the same.
    real.run(
        "WITH other AS (SELECT min(id) AS id FROM notice WHERE world = 'drill') "
        "UPDATE delivery SET notice_id = (SELECT id FROM other) WHERE id IN ("
        "SELECT min(id) FROM delivery d WHERE id % 3 = 0 AND state = 'due' "
        "AND notice_id NOT IN (SELECT id FROM notice WHERE world = 'drill') "
        "AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.notice_id = (SELECT id FROM other) "
        "AND o.channel = d.channel AND o.address = d.address) GROUP BY channel, address)"
    )
    for one, foreign in ((real, WorldKind.DRILL), (drill, WorldKind.REAL)):
        word = dice.word("corrupted", earnest=one.kind is not WorldKind.REAL)
        issued(one, one, order(NOW, id=f"c-{word}", world=one.kind))
        one.run("UPDATE alert SET world = :w, why = :t WHERE id = :i", w=foreign.value, t=word, i=f"c-{word}")
    spread(worlds)
    for one in worlds.both:
        one.post()
        bad = [row for row in one.rows("delivery") if row["state"] == "sent"]
        keys = {row["id"]: row["key"] for row in one.rows("notice")}
        assert not [keys[row["notice_id"]] for row in bad if keys[row["notice_id"]].startswith("corrupt:")]


# What must hold --------------------------------------------------------------------------------------------------


def clean_queue(one: Side) -> None:
    """Look at every row that may go out: of the real world what is truly actual alone, of the drill nothing else."""
    real = one.kind is WorldKind.REAL
    columns = {
        "notice": ("key", "headline", "text", "alert"), "alert": ("id", "area_name", "why", "note", "evidence"),
        "draft": ("id", "why", "note", "area_name"), "release": ("alert", "content", "parts"),
    }  # fmt: skip
    for table, names in columns.items():
        rows = one.rows(table)
        assert rows, table
        for row in rows:
            said = "\n".join(str(row[name]) for name in names)
            if real:
                assert not PRETEND.search(said), (table, said)
                assert not exercises(said), (table, said)
                tested = table == "notice" and row["kind"] in {"test", "canary"}
                assert tested or not tried(said), (table, said)
            else:  # a drill lives on the telegrams of a real night, and names them
                assert not EARNEST.search(TELEGRAM.sub("", said)), (table, said)
            assert row.get("world", one.kind.value) == one.kind.value
        if table == "draft":
            assert {row["status"] for row in rows} <= ({"actual"} if real else {"exercise", "test"})
    orphans = {row["notice_id"] for row in one.rows("delivery")} - {row["id"] for row in one.rows("notice")}
    assert not orphans


def printed(one: Side) -> list[Out]:
    """Give what the console of a world printed."""
    return [Out(one.kind, "console", (line,)) for line in one.console.getvalue().splitlines()]


def clean_outside(got: list[Out]) -> None:
    """Look at everything that anybody outside was given."""
    assert got
    for out in got:
        whole = "\n".join(out.parts)
        if out.world is WorldKind.REAL:
            assert not exercises(whole), out
            assert not PRETEND.search(whole), out
            assert not tried(whole) or all(part.startswith("【テスト】") for part in out.parts), out
        else:
            assert all(part.startswith("【訓練】") for part in out.parts), out
            assert not EARNEST.search(TELEGRAM.sub("", whole)), out


def test_a_hub_at_another_worlds_store_does_not_start(worlds: Worlds) -> None:
    wrong = replace(worlds.drill.config, world=World(WorldKind.REAL, "本番"))
    with pytest.raises(WrongWorld):
        same_world(wrong)
    with pytest.raises(BadConfig):
        check_outside(replace(worlds.drill.config, sending=Sending(world="real")))
