"""The hamlet's portal in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portal.resident.hamlet import Hamlet, Phone, hamlet_of


@pytest.fixture(name="hamlet")
def a_hamlet(tmp_path: Path) -> Iterator[Hamlet]:
    with hamlet_of(tmp_path) as made:
        yield made


@pytest.fixture(name="phone")
def a_phone(hamlet: Hamlet) -> Phone:
    return hamlet.phone()
