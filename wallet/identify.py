"""Who stands at the till: reads a scan, proves it, accepts it once, and says what it allows.

Live, a code is accepted by one conditional update of its credential and one unique scan. Deferred (the till was
offline), the unique scan alone decides, and the answer allows earning only. An unknown credential and a bad MAC do the
same work and get the same answer.
"""

import asyncio
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter

from app.core.clock import Clock
from app.core.errors import InvalidInput
from app.core.limits import Limit, Limiter, RateLimited
from wallet import codes, verdicts
from wallet.codes import CardNumber, LegacyNumber, Malformed, Rotating, Static, Totp
from wallet.conclude import Attempt, Concluder, recall, scan_of
from wallet.keys import KeyRing
from wallet.models import Acceptance, CredentialDocument, CredentialKind, Identification, Trust, Verdict
from wallet.repository import WalletRepository
from wallet.totp import TotpSecrets

DEFERRED_LIFE: Final = timedelta(hours=72)
LONGEST_DRIFT: Final = timedelta(minutes=10)
LOCK: Final = timedelta(minutes=15)
PER_TILL: Final = Limit(60, timedelta(minutes=1))
PER_TILL_DEFERRED: Final = Limit(240, timedelta(minutes=1))
NUMBERS_PER_TILL: Final = Limit(20, timedelta(minutes=1))
FAILURES: Final = Limit(9, timedelta(minutes=10))  # the tenth locks
TOTP_FAILURES: Final = Limit(4, timedelta(minutes=10))  # the fifth locks: a value has 26 bits only
_TILL_CLOCK_TOLERANCE: Final = timedelta(minutes=2)
_LONGEST_BASKET: Final = 64

Token = Rotating | Static | Totp
_KINDS: Final[dict[type[Token], tuple[CredentialKind, Trust]]] = {
    Rotating: ("rotating", Trust.ROTATING),
    Static: ("static", Trust.STATIC),
    Totp: ("totp", Trust.TOTP),
}

_scans = Counter("stampbook_card_scans_total", "Card scans by verdict and trust", ["verdict", "trust"])
_log = structlog.get_logger("wallet.scans")


class Identifier:
    """Answers scans."""

    def __init__(
        self,
        repository: WalletRepository,
        keys: KeyRing,
        totp: TotpSecrets,
        limiter: Limiter,
        concluder: Concluder,
        clock: Clock,
        derive_key: Callable[[str], bytes],
    ) -> None:
        self._repository = repository
        self._keys = keys
        self._totp = totp
        self._limiter = limiter
        self._concluder = concluder
        self._clock = clock
        self._identity_key = derive_key("wallet.identifications")

    async def identify(
        self, code: str, *, till_id: str, basket_id: str, scanned_at: datetime | None, deferred: bool
    ) -> Identification:
        """Answer a scan; the same till, basket and code get the same answer again for 15 minutes.

        `scanned_at` matters for deferred scans only and is required there: the till's time, corrected by what it knows
        of its clock's error. Raises InvalidInput and RateLimited.
        """
        attempt = self._attempt(code, till_id, basket_id, scanned_at, deferred=deferred)
        credential = codes.parse(code)
        answer = await self._answer(credential, attempt)
        _scans.labels(answer.verdict.value, answer.trust.value if answer.trust else "").inc()
        log = _log.debug if answer.verdict is Verdict.FRESH else _log.info
        log("card_scan", verdict=answer.verdict.value, till=till_id, deferred=deferred, **_describe(credential))
        return answer

    def _attempt(self, code: str, till: str, basket: str, scanned_at: datetime | None, *, deferred: bool) -> Attempt:
        now = self._clock.now()
        if not basket.isprintable() or not 0 < len(basket) <= _LONGEST_BASKET:
            raise InvalidInput(("basketId",), f"A basket id has 1 to {_LONGEST_BASKET} printable characters.")
        if deferred and scanned_at is None:
            raise InvalidInput(("scannedAt",), "A deferred scan needs the time when it was scanned.")
        when = scanned_at.astimezone(UTC) if deferred and scanned_at is not None else now
        if when > now + _TILL_CLOCK_TOLERANCE:
            raise InvalidInput(("scannedAt",), "The scan's time lies ahead of the server's; correct the till's clock.")
        text = code[: codes.MAX_CODE_LENGTH + 1].strip().upper()
        named = f"{till}\0{basket}\0{text}".encode(errors="replace")
        identity = "idf_" + hmac.digest(self._identity_key, named, "sha256").hex()[:24]
        return Attempt(till, basket, when, now, deferred, identity)

    async def _answer(self, credential: codes.Credential | Malformed, attempt: Attempt) -> Identification:
        if isinstance(credential, Malformed):
            await self._hit_till(attempt)
            return verdicts.malformed(credential.fault)
        if attempt.received_at - attempt.scanned_at > DEFERRED_LIFE:
            await self._hit_till(attempt)
            return verdicts.refusal(Verdict.STALE, verdicts.DEFERRED_TOO_OLD, deferred=True)
        if isinstance(credential, CardNumber | LegacyNumber):
            known, *_ = await asyncio.gather(
                self._repository.identification.begin(attempt.identity),
                self._hit_till(attempt),
                self._limiter.hit(f"card:number:{attempt.till}", NUMBERS_PER_TILL),
            )
            return recall(known, attempt) or await self._concluder.conclude_number(credential, attempt)
        name = credential.credential.hex()
        # All four at once, with no task of their own: at fifty scans in flight, tasks took a third of the processor.
        reads = asyncio.gather(
            self._repository.identification.begin(attempt.identity),
            self._repository.credential.begin(name),
            self._repository.lock.begin(name),
        )
        try:
            await self._hit_till(attempt)
        except RateLimited:
            reads.cancel()
            raise
        known, document, locked_until = await reads
        return recall(known, attempt) or await self._by_token(credential, document, locked_until, attempt)

    async def _hit_till(self, attempt: Attempt) -> None:
        kind, limit = ("deferred", PER_TILL_DEFERRED) if attempt.deferred else ("scan", PER_TILL)
        await self._limiter.hit(f"card:{kind}:{attempt.till}", limit)

    async def _by_token(
        self, token: Token, document: CredentialDocument | None, locked_until: datetime | None, attempt: Attempt
    ) -> Identification:
        kind, trust = _KINDS[type(token)]
        proven = await self._prove(token, document if document and document["kind"] == kind else None)
        if locked_until is not None and locked_until > attempt.received_at:
            return verdicts.refusal(Verdict.LOCKED, verdicts.LOCKED, trust)
        if document is None or not proven:
            await self._count_failure(token, attempt)
            return verdicts.refusal(Verdict.UNKNOWN, verdicts.UNKNOWN, trust)
        if _is_revoked(document, token, attempt):
            return verdicts.refusal(Verdict.REVOKED, verdicts.REVOKED, trust)
        if isinstance(token, Static):
            member = await self._concluder.member(document["member_id"])
            number = document.get("card_number")
            return await self._concluder.conclude(member, Verdict.FRESH, trust, attempt, card_number=number)
        return await self._by_step(token, document, trust, attempt)

    async def _prove(self, token: Token, document: CredentialDocument | None) -> bool:
        """Whether the code was made with the credential's key; without a document the same work is done in vain."""
        if isinstance(token, Totp):
            return self._totp.verify(token, document)
        epoch = await self._keys.find(token.epoch)
        if document is not None and not document["epoch"] == token.epoch == epoch.number:
            document = None
        if isinstance(token, Static):
            return codes.is_authentic(token, self._keys.static_key(None if document is None else epoch))
        public_key = None if document is None else document["public_key"]
        return codes.is_authentic(token, self._keys.device_key(epoch, token.credential, public_key))

    async def _count_failure(self, token: Token, attempt: Attempt) -> None:
        name = token.credential.hex()
        try:
            await self._limiter.hit(f"card:failure:{name}", TOTP_FAILURES if isinstance(token, Totp) else FAILURES)
        except RateLimited:
            await self._repository.put_lock(name, attempt.received_at + LOCK)
            _log.warning("card_locked", credential=name, till=attempt.till)

    async def _by_step(
        self, token: Rotating | Totp, document: CredentialDocument, trust: Trust, attempt: Attempt
    ) -> Identification:
        now_step = codes.step_at(attempt.scanned_at.timestamp())
        if codes.steps_outside(token.step, now_step):
            drift = (token.step - now_step) * codes.STEP_SECONDS
            return await self._outside_window(token, document, trust, attempt, drift)
        member = self._concluder.member.begin(document["member_id"])
        refused = await self._accept(token, document, trust, attempt)
        if refused is not None:
            member.cancel()
            return refused
        return await self._concluder.conclude(
            await member,
            Verdict.FRESH,
            trust,
            attempt,
            scan_id=_scan_id(document, token),
            wants_to_redeem=isinstance(token, Rotating) and token.wants_to_redeem,
        )

    async def _outside_window(
        self, token: Rotating | Totp, document: CredentialDocument, trust: Trust, attempt: Attempt, drift: int
    ) -> Identification:
        """A genuine code of another time: earns when the clock is a little off and the code is unused."""
        if drift > 0:
            verdict, refused, earns = Verdict.CLOCK_AHEAD, verdicts.AHEAD, verdicts.AHEAD_EARNS
        else:
            verdict, refused, earns = Verdict.STALE, verdicts.STALE, verdicts.STALE_EARNS
        await self._repository.note_drift(document["_id"], drift, attempt.received_at)
        if abs(drift) > LONGEST_DRIFT.total_seconds():
            return verdicts.refusal(verdict, refused, trust, deferred=attempt.deferred)
        if not await self._use(token, document, attempt):
            return verdicts.refusal(Verdict.REPLAY, verdicts.REPLAY, trust, deferred=attempt.deferred)
        member = await self._concluder.member(document["member_id"])
        scan_id = _scan_id(document, token)
        return await self._concluder.conclude(member, verdict, trust, attempt, scan_id=scan_id, earn_only=earns)

    async def _accept(
        self, token: Rotating | Totp, document: CredentialDocument, trust: Trust, attempt: Attempt
    ) -> Identification | None:
        """Use a code up for this till and basket; None when that worked, now or earlier, else the refusal."""
        if not attempt.deferred:
            acceptance = Acceptance(document["_id"], token.step, attempt.till, attempt.basket, attempt.received_at)
            if not await self._repository.accept(acceptance):
                refused = await self._read_back(token, trust, attempt)
                if refused is not None:
                    return refused
        if await self._use(token, document, attempt):
            return None
        return verdicts.refusal(Verdict.REPLAY, verdicts.REPLAY, trust, deferred=attempt.deferred)

    async def _read_back(self, token: Rotating | Totp, trust: Trust, attempt: Attempt) -> Identification | None:
        """Why an acceptance was refused; None when it was this till and basket that used the code."""
        document = await self._repository.credential_now(token.credential.hex())
        if document is None:
            return verdicts.refusal(Verdict.UNKNOWN, verdicts.UNKNOWN, trust)
        if document["revoked_at"] is not None:
            return verdicts.refusal(Verdict.REVOKED, verdicts.REVOKED, trust)
        last = (document["last_step"], document["last_till"], document["last_basket"])
        if last == (token.step, attempt.till, attempt.basket):
            return None
        return verdicts.refusal(Verdict.REPLAY, verdicts.REPLAY, trust)

    async def _use(self, token: Rotating | Totp, document: CredentialDocument, attempt: Attempt) -> bool:
        """Use a step up; False when another till or basket did, now or while this one was offline."""
        scan = scan_of(_scan_id(document, token), document["member_id"], attempt)
        if await self._repository.add_scan(scan):
            return True
        earlier = await self._repository.scan(scan["_id"])
        return earlier is not None and (earlier["till"], earlier["basket"]) == (attempt.till, attempt.basket)


def _scan_id(document: CredentialDocument, token: Rotating | Totp) -> str:
    return f"{document['credential']}:{token.step}"


def _is_revoked(document: CredentialDocument, token: Token, attempt: Attempt) -> bool:
    """A deferred code made before the credential was revoked was good then, and earns."""
    revoked_at = document["revoked_at"]
    if revoked_at is None:
        return False
    if not attempt.deferred or isinstance(token, Static):
        return True
    return token.step >= codes.step_at(revoked_at.timestamp())


def _describe(credential: codes.Credential | Malformed) -> dict[str, str | int]:
    """What of a code may stand in a log: never the whole of it."""
    match credential:
        case Malformed():
            return {"fault": credential.fault.value}
        case CardNumber() | LegacyNumber():
            return {"number_ending": credential.number[-4:]}
        case Static():
            return {"credential": credential.credential.hex()}
        case _:
            return {"credential": credential.credential.hex(), "step": credential.step}
