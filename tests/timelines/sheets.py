"""One family's sheet to print: six people, every step there is, in a made-up town."""

from __future__ import annotations

from shapely import LineString, Polygon

from disaster_hub.terms.household import Destination, Home, Household, Kind, Mode, Need, Plan, Structure
from disaster_hub.terms.place import LonLat
from timelines import hub1, qrtext
from timelines.paper import LevelSteps, Sheet
from timelines.picture import Area, Label, MapPicture, Street

STEPS = {
    1: ("水と食べもの7日分を確かめる", "薬とお薬手帳を袋に入れる", "家族の連絡先を紙に書く", "ミルクとおむつを用意する", "ペットのえさとケージ"),
    2: ("ハザードマップを見る", "ラジオと電池を出す", "車を高い所へ移す", "離れた家族に電話する", "逃げる服と靴を出す"),
    3: ("お年寄りと赤ちゃんは今出る", "介護の車を呼ぶ", "ガスと電気を切る", "ペットを連れて出る", "となりの人に声をかける"),
    4: ("まだの人も今すぐ出る", "車は使わない", "川と用水路に近づかない", "着いたら受付で名前を言う"),
    5: ("外へ出ない", "2階の山と反対の部屋へ", "119に電話する"),
}  # fmt: skip
NAMES = {1: "早期注意情報", 2: "大雨・洪水注意報", 3: "高齢者等避難", 4: "避難指示", 5: "緊急安全確保"}
PHRASES = {
    "qr.title": "避難の計画（マイ・タイムライン）",
    "qr.for_parent": "はなれて暮らす親のため",
    "qr.home": "家",
    "qr.first": "1 行き先",
    "qr.second": "2 行き先",
    "qr.leave_level": "レベル{level}で家を出る",
    "qr.level": "レベル{level}",
    "qr.own": "自分の言葉",
    "qr.helper": "手伝う人",
    "qr.upper_floors": "上の階だけ",
    "qr.shortened": "+ の続きは紙にあります",
    "kind.shelter": "避難場所",
    "kind.relatives": "親せき・知人",
    "kind.upstairs": "家の上の階",
}
ALIKE = iter(hub1.STEPS.split())
"""Ids such as the town's choices have."""
LEVELS = {level: tuple(next(ALIKE) for _ in every) for level, every in STEPS.items()}
IDS = {name: words for level, every in STEPS.items() for name, words in zip(LEVELS[level], every, strict=True)}


def say(key: str) -> str:
    """Give a phrase, or a step's words."""
    return IDS.get(key.removeprefix("step.")) or PHRASES.get(key) or key.removeprefix("step.")


PLAN = Plan(
    home=Home(LonLat(139.8267812, 38.7271344), "鶴川市馬場町9番25号", 2, 1, Structure.WOOD),
    household=Household(6, frozenset(Need), Mode.FOOT, 300, stairs=False, pram=True, prepare_min=30, endure_hours=72),
    first=Destination(Kind.SHELTER, "E0620300012", "朝日第一小学校", upper_floors=True),
    second=Destination(Kind.RELATIVES, None, "おばの家", LonLat(139.8367812, 38.9171344)),
    leave_level=3,
    steps=LEVELS,
    own_words={2: "仏壇の写真を2階へ", 3: "青いかばんを忘れない"},
    seen_by=frozenset({"family"}),
    helper="町内会長",
)


def ground(east: float, north: float) -> tuple[float, float]:
    """Give lon/lat so many metres from the home."""
    return 139.82 + east / 86_900, 38.72 + north / 111_000


def town(*, streets: int = 10) -> MapPicture:
    """Draw up a map of a small grid of streets with a river, two zones, a closed road and a way."""
    grid = [
        line
        for n in range(-streets, streets + 1)
        for line in (
            Street(LineString([ground(n * 90, -1000), ground(n * 90 + 9, 1000)]), "main" if n % 6 == 0 else "street"),
            Street(LineString([ground(-1000, n * 80), ground(1000, n * 80 + 9)]), "main" if n % 7 == 0 else "path"),
        )
    ]
    way = tuple(ground(*at) for at in ((5, -75), (0, -80), (0, 80), (90, 80), (90, 240), (270, 240), (300, 405)))
    return MapPicture(
        title="避難の地図",
        said="家から朝日第一小学校まで620メートル。",
        home=LonLat(*way[0]),
        home_words="家",
        way=way,
        end=LonLat(*way[-1]),
        end_words="朝日第一小学校",
        floods=LonLat(*ground(0, 10)),
        floods_words="ここが先に水につかる",
        streets=(*grid, Street(LineString([ground(180, 160), ground(270, 162)]), closed=True)),
        rivers=(LineString([ground(-800, -140), ground(0, -170), ground(800, -120)]),),
        zones=(
            Area(Polygon([ground(-900, -500), ground(900, -500), ground(900, -50), ground(-900, 60)]), "depth"),
            Area(Polygon([ground(300, 300), ground(700, 300), ground(650, 560)]), "landslide"),
        ),
        labels=(Label(LonLat(*ground(-150, -150)), "内川"), Label(LonLat(*ground(-150, 330)), "馬場町")),
        legend={"depth": "水につかる区域 (0.5〜3 m)", "landslide": "土砂災害警戒区域", "closed": "通行止め"},
        north="北",
    )


def sheet(language: str = "ja", drill: str = "") -> Sheet:
    """Give the family's sheet."""
    return Sheet(
        language=language,
        title="マイ・タイムライン（わが家の避難計画）",
        act="朝日第一小学校へ歩いて行く",
        leave="20:58までに家を出る（あと29分）",
        code=qrtext.write(PLAN, say),
        code_words="この計画そのものです。カメラで読めます。",
        made_at="2026年11月21日（土）18:30 作成",
        why=("赤川の水が危ない高さになると予想されています。", "発表：山川地方気象台 18:20"),
        places=("1 朝日第一小学校（上の階だけ）620 m・25分", "2 おばの家 車で40分"),
        way_heading="行き方",
        way=("家を出て北へ 80 m", "馬場町通りを右へ 90 m", "角を左へ 160 m", "右へ 180 m", "左へ 160 m", "右に門"),
        map=town(),
        steps_heading="レベルごとにすること",
        levels=tuple(
            LevelSteps(f"警戒レベル{level} {NAMES[level]}", every, PLAN.own_words.get(level, ""))
            for level, every in STEPS.items()
        ),
        contacts_heading="連絡先",
        contacts=("市役所 0235-00-0000", "災害用伝言ダイヤル 171", "手伝う人 町内会長"),
        unknown_heading="わからないこと",
        unknown=("浸水がどれだけ続くか：情報がありません。", "家屋倒壊等氾濫想定区域：情報がありません。"),
        drill=drill,
    )
