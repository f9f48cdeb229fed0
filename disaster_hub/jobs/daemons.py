"""How APScheduler runs the clock's jobs: each in a thread that does not outlive the process."""

from __future__ import annotations

import sys
import threading
import time
from datetime import datetime
from typing import Any

from apscheduler.executors.base import BaseExecutor, run_job

PATIENCE_S = 3.0


class Daemons(BaseExecutor):  # type: ignore[misc]  # APScheduler has no types
    """One daemon thread a run. A pool's threads are waited for at exit, for as long as a feed takes to time out."""

    def __init__(self) -> None:
        super().__init__()
        self._running: set[threading.Thread] = set()

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        thread = threading.Thread(target=self._run, args=(job, run_times), name=job.id, daemon=True)
        self._running.add(thread)
        thread.start()

    def _run(self, job: Any, run_times: list[datetime]) -> None:
        try:
            events = run_job(job, job._jobstore_alias, run_times, self._logger.name)  # noqa: SLF001  # as its pools do
        except BaseException:  # noqa: BLE001  # handed on to the scheduler's own log, with its traceback
            self._run_job_error(job.id, *sys.exc_info()[1:])
        else:
            self._run_job_success(job.id, events)
        finally:
            self._running.discard(threading.current_thread())

    def shutdown(self, wait: bool = True) -> None:
        """Let what runs end, but not for long: whatever is cut off here is one transaction, which is not there yet."""
        deadline = time.monotonic() + PATIENCE_S
        for thread in list(self._running) if wait else ():
            thread.join(max(0.0, deadline - time.monotonic()))
