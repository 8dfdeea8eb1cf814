"""Signing in by code, the browser's session, staff."""

import asyncio
from datetime import timedelta

import pytest

from app.core.database import Database
from app.core.errors import DomainError
from auth.web import Peer
from tests.auth.conftest import Service
from tests.profiling import profiling, scans


async def test_a_code_signs_up_and_the_next_one_signs_in(service: Service) -> None:
    async with service.browser() as browser:
        assert await service.sign_in(browser, "alma@example.test") == {"kind": "member", "newIdentity": True}
        first = (await browser.get("/web/session")).json()
        assert first["signedIn"]
        assert first["email"] == "alma@example.test"
        assert (await browser.delete("/web/session")).json() == {"signedIn": False}
        assert (await browser.get("/web/session")).json() == {"signedIn": False, "ended": False, "providers": []}
        assert await service.sign_in(browser, "alma@example.test") == {"kind": "member", "newIdentity": False}
        assert (await browser.get("/web/session")).json()["identityId"] == first["identityId"]


async def test_a_pasted_code_with_spaces_works(service: Service) -> None:
    async with service.browser() as browser:
        await browser.post("/login/code", json={"email": "a@example.test"})
        code = service.mails.code("a@example.test")
        pasted = f" {code[:4]} {code[4:]}\u00a0"
        answer = await browser.post("/login/code/verify", json={"email": "A@example.test", "code": pasted})
        assert answer.status_code == 200


async def test_a_code_is_too_old_after_ten_minutes(service: Service) -> None:
    async with service.browser() as browser:
        await browser.post("/login/code", json={"email": "a@example.test"})
        service.clock.advance(timedelta(minutes=10))
        code = service.mails.code("a@example.test")
        answer = await browser.post("/login/code/verify", json={"email": "a@example.test", "code": code})
        assert answer.status_code == 400
        assert answer.json()["field"] == "code"


async def test_a_new_code_ends_the_old_one(service: Service) -> None:
    async with service.browser() as browser:
        await browser.post("/login/code", json={"email": "a@example.test"})
        old = service.mails.code("a@example.test")
        too_soon = await browser.post("/login/code", json={"email": "a@example.test"})
        assert too_soon.status_code == 429
        assert too_soon.headers["retry-after"] == "60"
        service.clock.advance(timedelta(seconds=60))
        assert (await browser.post("/login/code", json={"email": "a@example.test"})).status_code == 202
        new = service.mails.code("a@example.test")
        answer = await browser.post("/login/code/verify", json={"email": "a@example.test", "code": old})
        assert answer.status_code == (200 if old == new else 400)


async def test_staff_sign_in_with_their_roles_and_lose_them_at_once(service: Service) -> None:
    member = await service.auth.staff.add("ines@example.test", "Ines", ["agent", "auditor"])
    async with service.browser() as browser:
        assert await service.sign_in(browser, "ines@example.test") == {"kind": "staff", "newIdentity": False}
        session = (await browser.get("/web/session")).json()
        assert session["kind"] == "staff"
        assert session["name"] == "Ines"
        assert "support:adjust" in session["scopes"]
        await service.auth.staff.set_roles(member.id, ["auditor"], actor="system:test")
        session = (await browser.get("/web/session")).json()
        assert session["scopes"] == ["account:manage", "audit:read", "support:read"]


@pytest.mark.parametrize(
    ("email", "name", "roles", "field"),
    [
        ("not an address", "Ines", ["agent"], "email"),
        ("ines@example.test", " ", ["agent"], "name"),
        ("ines@example.test", "Ines", ["king"], "roles"),
        ("ines@example.test", "Ines", [], "roles"),
        ("taken@example.test", "Ines", ["agent"], "email"),
        ("member@example.test", "Ines", ["agent"], "email"),
    ],
)
async def test_staff_are_refused_with_the_field_to_blame(
    service: Service, email: str, name: str, roles: list[str], field: str
) -> None:
    await service.auth.staff.add("taken@example.test", "Other", ["agent"])
    async with service.browser() as browser:
        await service.sign_in(browser, "member@example.test")
    with pytest.raises(DomainError) as refused:
        await service.auth.staff.add(email, name, roles)
    assert refused.value.field == (field,)


async def test_a_request_reads_one_document_once_the_member_is_known(service: Service) -> None:
    async with service.browser() as browser:
        await service.sign_in(browser, "alma@example.test")
        identity = (await browser.get("/whoami")).json()["subject"]
        service.members.joined[identity] = "mbr_alma"
        assert (await browser.get("/whoami")).json()["memberId"] == "mbr_alma"
        asked = service.members.asked
        assert (await browser.get("/whoami")).json()["actor"] == "member:mbr_alma"
        assert service.members.asked == asked


async def test_a_session_idles_out_and_ends_for_good(service: Service) -> None:
    async with service.browser() as browser:
        await service.sign_in(browser, "alma@example.test")
        for _ in range(7):
            service.clock.advance(timedelta(days=25))
            assert (await browser.get("/whoami")).json()["kind"] == "member"
        service.clock.advance(timedelta(days=6))
        assert (await browser.get("/whoami")).json()["kind"] == "anonymous"
    async with service.browser() as browser:
        await service.sign_in(browser, "alma@example.test")
        service.clock.advance(timedelta(days=31))
        assert (await browser.get("/whoami")).json()["kind"] == "anonymous"
        assert (await browser.get("/web/session")).json() == {"signedIn": False, "ended": False, "providers": []}


async def test_a_browser_learns_that_its_session_was_ended_elsewhere(service: Service) -> None:
    async with service.browser() as browser:
        await service.sign_in(browser, "alma@example.test")
        identity = (await browser.get("/web/session")).json()["identityId"]
        await service.auth.sessions.end_all(identity)
        assert (await browser.get("/web/session")).json() == {"signedIn": False, "ended": True, "providers": []}


async def test_checks_at_the_same_time_share_a_read_and_never_each_others_answers(
    service: Service, database: Database
) -> None:
    sessions, peer = service.auth.sessions, Peer("203.0.113.0/24", "Test")
    opened = [await sessions.open(await service.auth.identities.create(), "email", peer) for _ in range(10)]
    ended = opened.pop()
    await sessions.end_session(ended.session)
    values = [*(each.value for each in opened), ended.value, "nobody's"] * 5
    async with profiling(database) as seen:
        found = await asyncio.gather(*(sessions.check(value) for value in values))
    mine = {each.value: each.session["_id"] for each in opened}
    assert [session and session["_id"] for session in found] == [mine.get(value) for value in values]
    assert len(seen) <= 8
    assert scans(seen) == []
    await sessions.end_session(opened[0].session)
    assert await sessions.check(opened[0].value) is None
