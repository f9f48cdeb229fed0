"""Writes telegrams for tests, in the order and the namespaces of JMA's schema; areas are of the made-up block 99."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

JMX = "http://xml.kishou.go.jp/jmaxml1/"
MUNICIPAL = "気象警報・注意報（市町村等）"
RAIN = "気象警報・注意報（Ｒ０６）（大雨）"
LANDSLIDE = "気象警報・注意報（Ｒ０６）（土砂）"
SURGE = "気象警報・注意報（Ｒ０６）（高潮）"
WIND = "気象警報・注意報（Ｒ０６）（暴風）"
WAVE = "気象警報・注意報（Ｒ０６）（波浪）"
SNOW = "気象警報・注意報（Ｒ０６）（大雪）"
OTHER = "気象警報・注意報（Ｒ０６）（その他注意報）"
OLD53 = "気象特別警報・警報・注意報"
OLD54 = "気象警報・注意報（Ｈ２７）"
SUPPLEMENT = "土砂災害警戒情報"
RIVER = "指定河川洪水予報"
MINAMO = ("9920100", "みなも市")
TANIKAWA = ("9920200", "たにかわ市")
NONE = "発表警報・注意報はなし"


def telegram(
    title: str,
    body: str,
    *,
    status: str = "通常",
    info_type: str = "発表",
    reported: str = "2026-09-18T20:00:00+09:00",
    sent: str = "2026-09-18T11:00:30Z",
    event_id: str = "",
    serial: str = "",
    information: str = "",
    head_title: str = "架空県気象警報・注意報",
    family: str = "meteorology1",
) -> bytes:
    """Give a telegram's bytes around *body*."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Report xmlns="{JMX}" xmlns:jmx="{JMX}">
<Control>
<Title>{title}</Title>
<DateTime>{sent}</DateTime>
<Status>{status}</Status>
<EditorialOffice>架空地方気象台</EditorialOffice>
<PublishingOffice>架空地方気象台</PublishingOffice>
</Control>
<Head xmlns="{JMX}informationBasis1/">
<Title>{head_title}</Title>
<ReportDateTime>{reported}</ReportDateTime>
<TargetDateTime>{reported}</TargetDateTime>
<EventID>{event_id}</EventID>
<InfoType>{info_type}</InfoType>
<Serial>{serial}</Serial>
<InfoKind>架空</InfoKind>
<InfoKindVersion>1.5_0</InfoKindVersion>
<Headline>
<Text>架空県の見出しです。</Text>
{information}</Headline>
</Head>
<Body xmlns="{JMX}body/{family}/" xmlns:jmx_eb="{JMX}elementBasis1/">
{body}</Body>
</Report>
""".encode()


def kind(name: str = "", code: str = "", status: str = "発表", condition: str = "", more: str = "") -> str:
    """Give one Kind; *more* stands behind it as JMA writes it (LastKind, Property …)."""
    fields = (("Name", name), ("Code", code), ("Status", status), ("Condition", condition))
    return "<Kind>\n" + "".join(f"<{tag}>{escape(text)}</{tag}>\n" for tag, text in fields if text) + more + "</Kind>\n"


def item(area: tuple[str, str], *kinds: str) -> str:
    """Give one Item of an area."""
    code, name = area
    return f"<Item>\n{''.join(kinds)}<Area>\n<Name>{name}</Name>\n<Code>{code}</Code>\n</Area>\n</Item>\n"


def block(*items: str, kind_of: str = MUNICIPAL) -> str:
    """Give a Warning block."""
    return f"<Warning type={quoteattr(kind_of)}>\n{''.join(items)}</Warning>\n"


def warnings(title: str, *items: str, **fields: str) -> bytes:
    """Give a warning telegram whose 市町村等 block holds *items*, with an upper block that must not count."""
    upper = item(("990000", "架空県"), kind("レベル５大雨特別警報", "33"))
    return telegram(title, block(upper, kind_of="気象警報・注意報（府県予報区等）") + block(*items), **fields)


def tomorrow(code: str) -> str:
    """Give the Property of a level that is expected later, and must never be taken for the one in force."""
    return f"""<Property>
<Type>大雨浸水危険度</Type>
<SignificancyPart>
<Base>
<Significancy type="大雨浸水危険度">
<Name>警戒レベル２</Name>
<Code>21</Code>
</Significancy>
</Base>
</SignificancyPart>
<CriteriaPeriod>
<Base>
<CriteriaClass type="大雨浸水危険度">
<Name>警戒レベル４相当</Name>
<Code>{code}</Code>
</CriteriaClass>
</Base>
</CriteriaPeriod>
</Property>
"""


def river_information(*areas: tuple[str, str], name: str, code: str) -> str:
    """Give the Headline block of the forecast areas."""
    inner = "".join(f"<Area>\n<Name>{n}</Name>\n<Code>{c}</Code>\n</Area>\n" for c, n in areas)
    block_type = "指定河川洪水予報（予報区域）"
    return (
        f'<Information type="{block_type}">\n<Item>\n<Kind>\n<Name>{name}</Name>\n<Code>{code}</Code>\n</Kind>\n'
        f'<Areas codeType="{block_type}">\n{inner}</Areas>\n</Item>\n</Information>\n'
    )


def value(text: str, *, of: str = "WaterLevel", kind_of: str = "水位", column: int = 1, condition: str = "正常") -> str:
    """Give one value of a series."""
    unit = "m" if of == "WaterLevel" else "立方メートル毎秒"
    return (
        f'<jmx_eb:{of} type="{kind_of}" refID="{column}" unit="{unit}" condition="{condition}">{text}</jmx_eb:{of}>\n'
    )


def gauge(code: str, name: str, *values: str) -> str:
    """Give one station's Item in the series."""
    flow = any("Discharge" in v for v in values)
    part, what = ("DischargePart", "流量") if flow else ("WaterLevelPart", "水位")
    return (
        f"<Item>\n<Kind>\n<Name>{what}</Name>\n<Property>\n<Type>{what}</Type>\n<{part}>\n{''.join(values)}</{part}>\n"
        f'</Property>\n</Kind>\n<Station>\n<Name>{name}</Name>\n<Code type="水位観測所">{code}</Code>\n'
        "<Location>みなも市</Location>\n</Station>\n</Item>\n"
    )


def series(times: Iterable[tuple[str, str]], *items: str) -> str:
    """Give the 水位・流量情報 with columns of (time, name)."""
    columns = "".join(
        f'<TimeDefine timeId="{number}">\n<DateTime>{at}</DateTime>\n<Name>{name}</Name>\n</TimeDefine>\n'
        for number, (at, name) in enumerate(times, 1)
    )
    return (
        '<MeteorologicalInfos type="水位・流量情報">\n<TimeSeriesInfo>\n'
        f"<TimeDefines>\n{columns}</TimeDefines>\n{''.join(items)}</TimeSeriesInfo>\n</MeteorologicalInfos>\n"
    )


def threshold(text: str, kind_of: str, *, of: str = "WaterLevel", condition: str = "有効") -> str:
    """Give one threshold."""
    unit = "m" if of == "WaterLevel" else "立方メートル毎秒"
    return f'<jmx_eb:{of} type="{kind_of}" unit="{unit}" condition="{condition}">{text}</jmx_eb:{of}>\n'


def station_part(code: str, name: str, *thresholds: str) -> str:
    """Give one station's HydrometricStationPart."""
    return (
        f'<HydrometricStationPart>\n<Area codeType="水位観測所">\n<Name>{name}</Name>\n<Code>{code}</Code>\n'
        f"</Area>\n<ChargeSection>みなも川</ChargeSection>\n<Criteria>\n{''.join(thresholds)}</Criteria>\n"
        "</HydrometricStationPart>\n"
    )


def additions(*parts: str) -> str:
    """Give AdditionalInfo with the stations' thresholds."""
    return f"<AdditionalInfo>\n<FloodForecastAddition>\n{''.join(parts)}</FloodForecastAddition>\n</AdditionalInfo>\n"
