"""Runs one process of the hub for a test: python -m tests.jobs.alone clock|post STORE FEED…"""

from __future__ import annotations

import logging
import sys

from disaster_hub.config import Feed
from disaster_hub.jobs.deliver import run_post
from disaster_hub.jobs.schedule import run_clock
from tests.jobs.hub import config

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
    name, store, *urls = sys.argv[1:]
    feeds = [Feed(f"feed{n}", "jma-feed", url, 0.5, offices=("990000",)) for n, url in enumerate(urls)]
    {"clock": run_clock, "post": run_post}[name](config(store, feeds=feeds, judge_every_s=0.3))
