"""From the 5-digit municipality code (JIS X 0402) to JMA's 7-digit area, where there is exactly one."""

from __future__ import annotations

from disaster_hub.terms.errors import BadInput

PREFECTURES = frozenset({
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県",
    "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県",
    "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県", "滋賀県", "京都府", "大阪府",
    "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県",
    "香川県", "愛媛県", "高知県", "福岡県", "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県",
    "鹿児島県", "沖縄県",
})  # fmt: skip
SPLIT = frozenset({
    "01206", "01208", "01233", "01346", "01484", "01601", "04100", "04213", "04215", "04421", "07203",
    "07344", "09206", "14100", "16201", "20202", "20215", "22100", "22130", "23211", "25201", "29207",
    "30206", "31201", "36207", "36468", "42202", "42209", "42212", "46215",
})  # fmt: skip
"""Municipalities that JMA warns in several parts, so that JIS + 00 does not exist (area list of 2021,
富山市 and 横浜市 from telegrams of 2026); refresh with JMA's list."""
WARDS = {
    "01100": range(1101, 1111), "04100": range(4101, 4106), "11100": range(11101, 11111),
    "12100": range(12101, 12107), "14100": range(14101, 14119), "14130": range(14131, 14138),
    "14150": range(14151, 14154), "15100": range(15101, 15109), "22100": range(22101, 22104),
    "22130": range(22131, 22142), "23100": range(23101, 23117), "26100": range(26101, 26112),
    "27100": range(27102, 27129), "27140": range(27141, 27148), "28100": range(28101, 28112),
    "33100": range(33101, 33105), "34100": range(34101, 34109), "40100": range(40101, 40110),
    "40130": range(40131, 40138), "43100": range(43101, 43106),
}  # fmt: skip
"""政令指定都市: a warning names the city, N03 draws its wards."""


def checked(code: str | None, where: str) -> str:
    """Give a 5-digit code back; anything else raises BadInput."""
    if code is None or len(code) != 5 or not (code.isascii() and code.isdigit()):
        raise BadInput(f"{where}: N03_007 {str(code)[:20]!r} is not a 5-digit municipality code")
    return code


def area_code(code: str) -> str | None:
    """Give JMA's 7-digit area of a municipality or ward; None where JMA splits it."""
    city = next((city for city, wards in WARDS.items() if int(code) in wards), code)
    return None if city in SPLIT else f"{city}00"
