"""Test 4 of the product: at each tick of a replay the top row is the one with least slack; helpers hear in time.

The plans are reckoned by the hub itself as officials speak, the board reads what it keeps; the slack is reckoned here
once more, out of each household's own plan and ways, with nothing that the board uses.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path

import pytest
from sqlalchemy import select

from disaster_hub.config import Config, Keys
from disaster_hub.config import Keys as Folder
from disaster_hub.configfile import load_config
from disaster_hub.jobs.helping import Helping
from disaster_hub.jobs.load import load
from disaster_hub.planning.replan import Replanner
from disaster_hub.rehearsal import opendata, rises
from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.settings import config_toml
from disaster_hub.store import helpers, households
from disaster_hub.store.helper_tables import help_call
from disaster_hub.store.prepare import prepare
from disaster_hub.terms.household import Plan
from disaster_hub.terms.way import Word
