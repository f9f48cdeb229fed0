"""The one door to JSON from outside: whatever is wrong with it becomes one BadInput."""

from __future__ import annotations

import json
import re
from typing import Any

from disaster_hub.terms.errors import BadInput

UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters and halves of characters: no name has them, and no store or terminal should get them."""


def parsed(body: bytes) -> Any:
    """Parse JSON; what is none, nests too deep or holds an absurd number raises BadInput saying where."""
    try:
        return json.loads(body)
    except UnicodeDecodeError as fault:
        raise BadInput(f"byte {fault.start}: not {fault.encoding}, so not JSON") from None
    except json.JSONDecodeError as fault:
        raise BadInput(f"line {fault.lineno}, column {fault.colno}: not JSON ({fault.msg})") from None
    except RecursionError:
        raise BadInput("JSON nested deeper than anything we read") from None
    except ValueError:
        raise BadInput("JSON with a number of too many digits") from None


def text(value: Any, field: str, *, longest: int = 200) -> str:
    """Give a text fit to be stored and shown, white space around it stripped; anything else raises BadInput."""
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{field}: missing")
    if len(value) > longest or UNFIT.search(value):
        raise BadInput(f"{field}: {value[:20]!r} is too long, or has characters that no text has")
    return value.strip()
