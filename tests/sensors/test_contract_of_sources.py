"""Every registered source has a pure reader, payloads, and says of each exactly what stands beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from disaster_hub.terms.errors import BadConfig
from disaster_hub.terms.findings import Findings
from sensors.recognise import read
from sensors.source import SOURCES, reader
from tests.sensors.payloads import EXPECTED, KINDS, PAYLOADS, device, expected, payloads, said

ALL = [path for kind in KINDS for path in payloads(kind)]


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_a_source_has_payloads_good_and_ugly(kind: str) -> None:
    names = [path.name for path in payloads(kind)] if (PAYLOADS / kind).is_dir() else []
    assert any("ugly" in n for n in names), f"put an ugly answer of {kind} into tests/payloads/{kind}/"
    assert any("ugly" not in n for n in names), f"put a good answer of {kind} into tests/payloads/{kind}/"


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.name)
def test_a_payload_reads_as_expected(path: Path) -> None:
    assert expected(path).exists(), f"say what {path.name} holds in {path.name}{EXPECTED}"
    assert said(path) == json.loads(expected(path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.name)
def test_ugly_is_said_and_good_is_understood(path: Path) -> None:
    named = ("ugly", "unknown", "cut_off", "no_model", "without_decoder", "envelope_only", "history")
    assert bool(said(path)["problems"]) == any(word in path.name for word in named)


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.name)
def test_reading_twice_gives_the_same(path: Path) -> None:
    body = path.read_bytes()
    assert read(body, device=device(path)) == read(body, device=device(path))


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_a_source_reads_its_own_and_refuses_every_other(kind: str) -> None:
    for path in ALL:
        found = reader(kind)(path.read_bytes())
        assert isinstance(found, Findings)
        if path.parent.name == kind:
            assert found.kind == read(path.read_bytes()).kind
            assert bool(found.problems) == bool(read(path.read_bytes()).problems)
        else:
            assert found.kind is None
            assert found.problems


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(BadConfig, match="jma-feed, jma-telegram, k-river"):
        reader("kawabou")
