"""Reading the programme."""

from zoneinfo import ZoneInfo

from app.core.database import Database
from app.programme.errors import NoProgramme
from app.programme.models import Programme
from app.programme.repository import ProgrammeRepository


class ProgrammeService:
    """The programme that this service runs, read once and kept.

    Its rules do not change under a running service: a change is a new deployment or a restart, so that one purchase is
    never judged by two policies.
    """

    def __init__(self, database: Database) -> None:
        self._repository = ProgrammeRepository(database)
        self._programme: Programme | None = None

    async def current(self) -> Programme:
        """The programme. Raises NoProgramme before the first `ensure`."""
        if self._programme is None:
            self._programme = await self._repository.first()
            if self._programme is None:
                raise NoProgramme
        return self._programme

    async def ensure(self, default: Programme) -> Programme:
        """The programme of this database, set up as `default` when there is none; safe to race and to repeat."""
        if await self._repository.first() is None:
            await self._repository.insert(default)
        return await self.current()


def zone_of(programme: Programme) -> ZoneInfo:
    """The time zone in which the programme counts its days."""
    return ZoneInfo(programme["zone"])
