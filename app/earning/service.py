"""Publishing rule sets and finding the one in force."""

from dataclasses import replace
from datetime import datetime, timedelta

from app.core.clock import Clock
from app.core.database import Database
from app.earning import codec
from app.earning.checks import check
from app.earning.errors import NoRules, RulesChanged
from app.earning.models import RuleSet
from app.earning.repository import RuleSetRepository
from app.programme.service import ProgrammeService

_FRESH_FOR = timedelta(seconds=5)


class EarningService:
    """The programme's rule sets, kept in memory; another process's publication is seen within 5 seconds."""

    def __init__(self, database: Database, clock: Clock, programmes: ProgrammeService) -> None:
        self._repository = RuleSetRepository(database)
        self._clock = clock
        self._programmes = programmes
        self._sets: list[RuleSet] = []
        self._read_at: datetime | None = None

    async def ensure(self, default: RuleSet) -> None:
        """Publish `default` as version 1 when there are no rules yet; safe to race and to repeat."""
        if not await self._load():
            await self._insert(replace(default, version=1), "system:setup")
            await self._load()

    async def publish(self, rules: RuleSet, actor: str) -> RuleSet:
        """Publish as the version after `rules.version`, the one that was edited.

        Raises InvalidRules, or RulesChanged when that version is not the newest any more.
        """
        check(rules)
        next_rules = replace(rules, version=rules.version + 1)
        known = await self._load()
        newest = known[-1].version if known else 0
        if newest != rules.version or not await self._insert(next_rules, actor):
            raise RulesChanged(max(newest, next_rules.version))
        await self._load()
        return next_rules

    async def at(self, instant: datetime) -> RuleSet:
        """The rules in force at an instant: the newest version effective by then, else the first ever.

        Raises NoRules before anything was published.
        """
        sets = await self._known()
        in_force = [rules for rules in sets if rules.effective_from <= instant]
        return in_force[-1] if in_force else sets[0]

    async def version(self, number: int) -> RuleSet:
        """One version by its number. Raises NoRules for a version that was never published."""
        for rules in self._sets or await self._known():
            if rules.version == number:
                return rules
        for rules in await self._load():
            if rules.version == number:
                return rules
        raise NoRules

    async def _known(self) -> list[RuleSet]:
        now = self._clock.now()
        if self._read_at is None or abs(now - self._read_at) >= _FRESH_FOR:
            await self._load()
        if not self._sets:
            raise NoRules
        return self._sets

    async def _load(self) -> list[RuleSet]:
        documents = await self._repository.all_of((await self._programmes.current())["_id"])
        self._sets = [codec.decode(doc["version"], doc["effective_from"], doc["rules"]) for doc in documents]
        self._read_at = self._clock.now()
        return self._sets

    async def _insert(self, rules: RuleSet, actor: str) -> bool:
        check(rules)
        programme = (await self._programmes.current())["_id"]
        return await self._repository.insert(
            {
                "_id": f"{programme}:{rules.version}",
                "programme": programme,
                "version": rules.version,
                "effective_from": rules.effective_from,
                "published_at": self._clock.now(),
                "published_by": actor,
                "rules": codec.encode(rules),
            }
        )
