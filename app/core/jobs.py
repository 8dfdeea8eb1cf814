"""Work that repeats, in the service itself, under a lease in MongoDB so that any number of processes may run."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter, Gauge
from pymongo.errors import DuplicateKeyError, PyMongoError

from app.core.clock import Clock
from app.core.database import Database
from app.core.tasks import end

COLLECTION = "jobs"
_LEASE = timedelta(seconds=30)

_runs = Counter("stampbook_job_runs_total", "Runs of each job by outcome", ["job", "outcome"])
_last_success = Gauge("stampbook_job_last_success_seconds", "Unix time of the last good run", ["job"])
_log = structlog.get_logger("jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do about every so often; `run` must do no harm when it is run twice or cut short."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]


class JobRunner:
    """Runs jobs, each on one process at a time; another process takes over 30 s after its owner died."""

    def __init__(self, database: Database, clock: Clock, jobs: Sequence[Job]) -> None:
        self._leases = database[COLLECTION]
        self._clock = clock
        self._jobs = jobs
        self._owner = secrets.token_hex(8)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def healthy(self) -> bool:
        """Whether every job's loop is alive."""
        return bool(self._tasks) and all(not task.done() for task in self._tasks)

    async def start(self) -> None:
        """Start the loops."""
        self._tasks = [asyncio.create_task(self._loop(job), name=f"job:{job.name}") for job in self._jobs]

    async def stop(self) -> None:
        """End the loops, cutting running jobs short; they go on after the next start."""
        await end(*self._tasks)
        self._tasks = []

    async def run_due(self, job: Job) -> bool:
        """Run the job if it is due and nobody else runs it; returns whether it ran."""
        if not await self._claim(job):
            return False
        keeper = asyncio.create_task(self._keep(job))
        next_at = self._clock.now() + job.every
        try:
            await job.run()
        except Exception:
            _runs.labels(job.name, "failed").inc()
            _log.exception("job_failed", job=job.name)
        else:
            _runs.labels(job.name, "done").inc()
            _last_success.labels(job.name).set(self._clock.now().timestamp())
        finally:
            # One that went on would hold the lease for ever.
            await end(keeper)
            with contextlib.suppress(PyMongoError):
                await self._release(job, next_at)
        return True

    async def _loop(self, job: Job) -> None:
        pause = job.every.total_seconds()
        while True:
            try:
                await self.run_due(job)
            except PyMongoError as error:
                _log.warning("job_lease_unreachable", job=job.name, error=str(error)[:200])
            await asyncio.sleep(min(pause, 15.0) * random.uniform(0.9, 1.1))  # noqa: S311 -- spreads processes out

    async def _claim(self, job: Job) -> bool:
        now = self._clock.now()
        mine = {"owner": self._owner, "until": now + _LEASE}
        due = {"_id": job.name, "until": {"$lte": now}, "next_at": {"$lte": now}}
        if await self._leases.find_one_and_update(due, {"$set": mine}):
            return True
        try:
            if await self._leases.find_one({"_id": job.name}, {"_id": 1}) is None:
                await self._leases.insert_one({"_id": job.name, "next_at": now, **mine})
                return True
        except DuplicateKeyError:
            pass
        return False

    async def _keep(self, job: Job) -> None:
        while True:
            await asyncio.sleep(_LEASE.total_seconds() / 3)
            with contextlib.suppress(PyMongoError):
                await self._leases.update_one(
                    {"_id": job.name, "owner": self._owner}, {"$set": {"until": self._clock.now() + _LEASE}}
                )

    async def _release(self, job: Job, next_at: datetime) -> None:
        now = self._clock.now()
        await self._leases.update_one(
            {"_id": job.name, "owner": self._owner}, {"$set": {"until": now, "next_at": next_at}}
        )
