"""What goes wrong in `post` is written down without its own words."""

from __future__ import annotations

import asyncio
import logging

import pytest

from disaster_hub.jobs import deliver


def test_a_fault_is_logged_by_kind_and_place_and_never_by_its_text(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "TROUBLE_S", 0.0)
    tries = 0

    async def job() -> None:
        nonlocal tries
        tries += 1
        if tries > 1:
            raise asyncio.CancelledError
        raise RuntimeError("sato@example.jp")

    with caplog.at_level(logging.ERROR), pytest.raises(asyncio.CancelledError):
        asyncio.run(deliver._forever(job, 0.0))
    assert tries == 2
    assert "RuntimeError at " in caplog.text
    assert "sato@example.jp" not in caplog.text
