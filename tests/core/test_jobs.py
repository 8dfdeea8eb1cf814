import asyncio
import contextlib
from datetime import timedelta

from app.core.clock import MovableClock
from app.core.database import Database
from app.core.jobs import Job, JobRunner


async def test_of_many_processes_one_runs_a_job_and_only_when_it_is_due(
    database: Database, clock: MovableClock
) -> None:
    runs = 0

    async def work() -> None:
        nonlocal runs
        runs += 1

    job = Job("work", timedelta(minutes=5), work)
    runners = [JobRunner(database, clock, [job]) for _ in range(5)]
    ran = await asyncio.gather(*(runner.run_due(job) for runner in runners))
    assert ran.count(True) == 1
    assert not await runners[0].run_due(job)
    clock.advance(timedelta(minutes=5))
    assert await runners[3].run_due(job)
    assert runs == 2


async def test_a_job_that_fails_is_tried_again_the_next_time(database: Database, clock: MovableClock) -> None:
    async def work() -> None:
        raise RuntimeError("bad day")

    job = Job("work", timedelta(minutes=5), work)
    runner = JobRunner(database, clock, [job])
    assert await runner.run_due(job)
    clock.advance(timedelta(minutes=5))
    assert await runner.run_due(job)


async def test_a_dead_owner_is_followed_by_another_after_its_lease(database: Database, clock: MovableClock) -> None:
    started = asyncio.Event()

    async def hang() -> None:
        started.set()
        await asyncio.Event().wait()

    async def work() -> None:
        return

    dying = JobRunner(database, clock, [])
    running = asyncio.create_task(dying.run_due(Job("work", timedelta(seconds=1), hang)))
    await started.wait()
    heir, job = JobRunner(database, clock, []), Job("work", timedelta(seconds=1), work)
    assert not await heir.run_due(job)
    clock.advance(timedelta(seconds=31))
    assert await heir.run_due(job)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_jobs_end_though_a_cancellation_is_lost(database: Database, clock: MovableClock) -> None:
    started = asyncio.Event()

    async def lose_it() -> None:
        started.set()
        # What `asyncio.wait_for` of Python 3.11 does when the reply comes in the same turn.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    runner = JobRunner(database, clock, [Job("work", timedelta(seconds=1), lose_it)])
    await runner.start()
    await started.wait()
    async with asyncio.timeout(20):
        await runner.stop()
    assert not runner.healthy
