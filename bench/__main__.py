"""Run the benches: `python -m bench [JOB]`; writes results.json for programs and RESULTS.md for people."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.missing import Missing

HERE = Path(__file__).parent
JOBS = {
    "mqtt": "bench.mqtt:run",
    "telegram": "bench.telegram:run",
    "live": "bench.live:run",
    "situation": "bench.situation:run",
    "demo": "bench.demo:run",
    "leave_by": "bench.routes:leave_by",
    "replan": "bench.routes:replan",
    "plan": "bench.plan:run",
    "homes": "bench.home:run_homes",
    "home": "bench.home:run_home",
    "map": "bench.map:run",
    "officers": "bench.officers:run",
    "people_in_area": "bench.people:run_people",
    "decide_by": "bench.people:run_decide_by",
    "alerts_fanout": "bench.alerts:run_fanout",
    "alerts_first": "bench.alerts:run_first",
    "alerts_telegram": "bench.alert_telegram:run",
    "alerts_mail": "bench.alert_channels:run_mail",
    "alerts_line": "bench.alert_channels:run_line",
    "alerts_growth": "bench.alerts:run_growth",
    "alerts_two_posts": "bench.alerts:run_two",
}
"""Job → the function that measures it and gives entries of contract section 3, by job name."""


def measure(job: str) -> Mapping[str, Mapping[str, Any]]:
    """Run one job and give its entries, its own and those that go with it."""
    module, _, name = JOBS[job].partition(":")
    entries: Mapping[str, Mapping[str, Any]] = getattr(import_module(module), name)()
    return entries


def table(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the results as the page people read."""
    rows = [
        "| job | ours | peer | unit | ratio | goal | noise | size | peer is |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for job, r in sorted(results.items()):
        cells = (r[k] for k in ("ours", "peer", "unit", "ratio", "goal", "noise", "size", "peer_name"))
        rows.append(f"| {job} | " + " | ".join("–" if c is None else _short(c) for c in cells) + " |")
    return "\n".join(rows)


def _short(cell: Any) -> str:
    return (
        f"{cell:,.3g}"
        if isinstance(cell, float) and abs(cell) < 1000
        else f"{cell:,.0f}"
        if isinstance(cell, float)
        else str(cell)
    )


def write(results: Mapping[str, Mapping[str, Any]]) -> None:
    """Write both files; the prose of RESULTS.md below its table is kept."""
    ordered = dict(sorted(results.items()))
    (HERE / "results.json").write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page = HERE / "RESULTS.md"
    _, mark, prose = page.read_text(encoding="utf-8").partition("\n## ") if page.exists() else ("", "", "")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    head = (
        "# Results\n\n"
        f"Measured on: {machine}. `ratio` is ours/peer for rates and peer/ours for times (limit/ours where\n"
        "the peer is a limit), so higher is better. `noise` is the interquartile range over the median of\n"
        "at least five rounds, ours and peer by turns.\n\n"
    )
    page.write_text(head + table(ordered) + "\n" + mark + prose, encoding="utf-8")


def main(jobs: list[str]) -> int:
    """Measure *jobs* (all when none is named); 3 where a job misses what it needs, 2 for an unknown name."""
    unknown = [job for job in jobs if job not in JOBS]
    if unknown:
        print(f"bench: no job {unknown[0]!r}; there are {', '.join(JOBS)}", file=sys.stderr)
        return 2
    code = 0
    for job in jobs or list(JOBS):
        try:
            entries = measure(job)
        except Missing as missing:
            print(f"bench {job}: needs {missing}", file=sys.stderr)
            code = 3
            continue
        stored = json.loads((HERE / "results.json").read_text()) if (HERE / "results.json").exists() else {}
        write(stored | dict(entries))
        for name, entry in entries.items():
            what = f"{entry['ours']} {entry['unit']}, ratio {entry['ratio']} (goal {entry['goal']})"
            print(f"{name}: {what}, noise {entry['noise']}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
