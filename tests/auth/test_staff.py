"""People of the staff: what an admin does with them, what they do with their own account, and from a shell."""

import secrets

import pytest

from tests.schema.world import PEER, Answer, Caller, World

PERSON = "staff { id name email roles status lastSeenAt signInMethods { id kind label } }"


async def invited(world: World, *roles: str) -> str:
    """The address of somebody who was just invited."""
    address = f"{secrets.token_hex(6)}@example.test"
    await world.stampbook.auth.staff.add(address, "Ines Invited", list(roles))
    return address


async def try_to_sign_in(world: World, address: str) -> tuple[int, dict[str, str]]:
    """Sign in by code as a browser does; the status, and the answer or the cookie."""
    headers = {"origin": world.url}
    sent = await world.http.post("/login/code", json={"email": address}, headers=headers)
    assert sent.status_code == 202, sent.text
    mails = await world.stampbook.mails.newest()
    code = next(mail["subject"][:8] for mail in mails if mail["to"] == address)
    answer = await world.http.post("/login/code/verify", json={"email": address, "code": code}, headers=headers)
    world.http.cookies.clear()
    return answer.status_code, answer.json()


async def passkey_of(world: World, person: Caller) -> str:
    """Give somebody a passkey; its id."""
    method = await world.stampbook.auth.identities.add_method(
        person.identity, "passkey", secrets.token_hex(16), "Passkey made with Chrome on Linux", peer=PEER
    )
    return method["_id"]


async def whoami(person: Caller) -> Answer:
    return await person.ask("{ staff { roles scopes } }")


async def test_an_admin_invites_somebody_who_becomes_active_by_signing_in(world: World) -> None:
    admin = await world.staff("admin")
    address = f"{secrets.token_hex(6)}@example.test"
    made = await admin.do("staffAdd", PERSON, email=address, name="Noor", roles=["agent"])
    assert made["userErrors"] == []
    assert made["staff"]["status"] == "INVITED"
    assert made["staff"]["lastSeenAt"] is None
    again = await admin.do("staffAdd", PERSON, email=address, name="Noor", roles=["agent"])
    assert [error["code"] for error in again["userErrors"]] == ["ALREADY_STAFF"]
    assert (await try_to_sign_in(world, address))[0] == 200
    people = (await admin.ask("{ staff { people { id status lastSeenAt signInMethods { kind label } } } }")).data
    noor = next(person for person in people["staff"]["people"] if person["id"] == made["staff"]["id"])
    assert noor["status"] == "ACTIVE"
    assert noor["lastSeenAt"] is not None
    assert noor["signInMethods"] == [{"kind": "EMAIL", "label": address}]


async def test_an_auditor_reads_what_happened_to_the_accounts_of_staff_and_changes_nothing(world: World) -> None:
    admin, auditor, agent = await world.staff("admin"), await world.staff("auditor"), await world.staff("agent")
    made = await admin.do("staffRolesSet", PERSON, staffId=agent.id, roles=["agent_lead"])
    assert made["userErrors"] == []
    query = """query ($id: ID!) { staff { people { id } person(id: $id) {
      roles securityEvents(first: 5) { nodes { type actor at ipPrefix device text } } } } }"""
    found = (await auditor.ask(query, id=agent.id)).data["staff"]
    assert {agent.id, admin.id, auditor.id} <= {person["id"] for person in found["people"]}
    changes = [event for event in found["person"]["securityEvents"]["nodes"] if event["type"] == "roles_changed"]
    # When the account was made is as long ago, on a clock that stands.
    by_admin = next(event for event in changes if event["actor"] == f"agent:{admin.id}")
    assert by_admin["ipPrefix"] == "127.0.0.0/24"
    assert (await auditor.ask(query, id=(await world.member()).identity)).data["staff"]["person"] is None
    for caller in (await world.staff("agent_lead"), await world.staff("manager"), await world.member()):
        assert (await caller.ask(query, id=agent.id)).code in {"FORBIDDEN", "UNAUTHENTICATED"}
    denied = "mutation ($i: StaffDisableInput!) { staffDisable(input: $i) { staff { id } } }"
    assert (await auditor.ask(denied, i={"staffId": agent.id, "reason": "x"})).code == "FORBIDDEN"


async def test_a_role_that_is_taken_away_is_gone_at_the_next_request(world: World) -> None:
    admin, agent = await world.staff("admin"), await world.staff("agent", "auditor")
    done = await admin.do("staffRolesSet", PERSON, staffId=agent.identity, roles=["auditor"])
    assert done["userErrors"] == []
    assert done["staff"]["roles"] == ["auditor"]
    now = (await whoami(agent)).data["staff"]
    assert now["roles"] == ["auditor"]
    assert "support:adjust" not in now["scopes"]


async def test_whoever_gains_a_role_signs_in_again(world: World) -> None:
    admin, agent = await world.staff("admin"), await world.staff("agent")
    await admin.do("staffRolesSet", PERSON, staffId=agent.identity, roles=["agent", "manager"])
    assert (await whoami(agent)).code == "UNAUTHENTICATED"
    by_admin = f"agent:{admin.identity}"
    events = [e for e in await world.stampbook.auth.events.page(agent.identity, 10) if e["actor"] == by_admin]
    assert {event["type"] for event in events} == {"roles_changed", "sessions_ended"}
    for event in events:
        assert event["ip_prefix"] == "127.0.0.0/24"
        assert event["device"]


async def test_who_is_disabled_is_out_at_once_and_cannot_come_back_in_before_enabled(world: World) -> None:
    admin, agent = await world.staff("admin"), await world.staff("agent")
    address = (await agent.ask("{ staff { email } }")).data["staff"]["email"]
    done = await admin.do("staffDisable", PERSON, staffId=agent.identity, reason="Left the company")
    assert done["staff"]["status"] == "DISABLED"
    assert (await whoami(agent)).code == "UNAUTHENTICATED"
    status, refused = await try_to_sign_in(world, address)
    assert (status, refused["error"]) == (400, "disabled")
    assert "administrator" in refused["message"]
    world.stampbook.clock.advance(world.stampbook.auth.policy.code_resend_after)  # type: ignore[attr-defined]  # movable
    done = await admin.do("staffEnable", PERSON, staffId=agent.identity)
    assert done["staff"]["status"] == "ACTIVE"
    assert (await try_to_sign_in(world, address))[0] == 200


async def test_an_admin_takes_a_lost_passkey_away(world: World) -> None:
    admin, agent = await world.staff("admin"), await world.staff("agent")
    passkey = await passkey_of(world, agent)
    done = await admin.do("staffPasskeyRemove", PERSON, staffId=agent.identity, methodId=passkey)
    assert done["userErrors"] == []
    assert [method["kind"] for method in done["staff"]["signInMethods"]] == ["EMAIL"]
    assert (await whoami(agent)).code == "UNAUTHENTICATED"
    again = await admin.do("staffPasskeyRemove", PERSON, staffId=agent.identity, methodId=passkey)
    assert [error["code"] for error in again["userErrors"]] == ["NOT_FOUND"]


async def test_the_address_of_somebody_cannot_be_taken_as_a_passkey(world: World) -> None:
    admin, agent = await world.staff("admin"), await world.staff("agent")
    [address] = await world.stampbook.auth.identities.methods_of(agent.identity)
    refused = await admin.do("staffPasskeyRemove", PERSON, staffId=agent.identity, methodId=address["_id"])
    assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]


async def test_nobody_changes_the_own_account_so(world: World) -> None:
    admin = await world.staff("admin")
    mine = {"staffId": admin.identity}
    for name, sent in (
        ("staffRolesSet", {"roles": ["admin", "manager"]}),
        ("staffDisable", {"reason": "tired"}),
        ("staffEnable", {}),
        ("staffPasskeyRemove", {"methodId": await passkey_of(world, admin)}),
    ):
        refused = await admin.do(name, PERSON, **mine, **sent)
        assert [error["code"] for error in refused["userErrors"]] == ["NOT_YOURSELF"], name
    assert (await whoami(admin)).data["staff"]["roles"] == ["admin"]


async def test_members_and_strangers_are_no_staff_to_change(world: World) -> None:
    admin, member = await world.staff("admin"), await world.member()
    for somebody in (member.identity, member.id, "idn_" + "0" * 24, "", "$where"):
        refused = await admin.do("staffRolesSet", PERSON, staffId=somebody, roles=["admin"])
        assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]
        assert refused["staff"] is None
        refused = await admin.do("staffDisable", PERSON, staffId=somebody, reason="Because")
        assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]
    assert (await member.ask("{ viewer { id } }")).data["viewer"]["id"] == member.id


@pytest.mark.parametrize(("roles", "path"), [([], "roles"), (["king"], "roles")])
async def test_roles_that_do_not_exist_are_refused(world: World, roles: list[str], path: str) -> None:
    admin, agent = await world.staff("admin"), await world.staff("agent")
    refused = await admin.do("staffRolesSet", PERSON, staffId=agent.identity, roles=roles)
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("INVALID", ["input", path])]
    assert (await whoami(agent)).data["staff"]["roles"] == ["agent"]


@pytest.mark.parametrize("role", ["store_manager", "agent", "agent_lead", "manager", "admin", "auditor"])
async def test_everybody_in_the_console_sees_and_ends_the_own_sessions(world: World, role: str) -> None:
    person = await world.staff(role)
    auth = world.stampbook.auth
    identity = await auth.identities.active(person.identity)
    other = await auth.sessions.open(identity, "email", PEER)
    seen = (
        await person.ask(
            "{ staff { sessions { id current } signInMethods { kind } securityEvents { nodes { type } } } }"
        )
    ).data["staff"]
    assert {session["id"]: session["current"] for session in seen["sessions"]} == {
        person.session: True,
        other.session["_id"]: False,
    }
    assert seen["signInMethods"] == [{"kind": "EMAIL"}]
    assert "signed_in" in {event["type"] for event in seen["securityEvents"]["nodes"]}
    left = await person.do("sessionEnd", "sessions { id }", sessionId=other.session["_id"])
    assert left["sessions"] == [{"id": person.session}]


async def test_the_own_passkey_goes_after_a_fresh_proof_only(world: World) -> None:
    manager = await world.staff("manager")
    passkey = await passkey_of(world, manager)
    world.stampbook.clock.advance(world.stampbook.auth.policy.step_up_fresh * 2)  # type: ignore[attr-defined]  # movable
    gone = await manager.do("signInMethodRemove", "methods { kind }", methodId=passkey)
    assert [error["code"] for error in gone["userErrors"]] == ["STEP_UP_REQUIRED"]
    sessions = world.stampbook.auth.sessions
    [session] = await sessions.open_of(manager.identity)
    proved = await sessions.step_up(session, "passkey", PEER)
    assert proved is not None
    manager.headers["cookie"] = f"{world.stampbook.auth.cookie.name}={proved.value}"
    gone = await manager.do("signInMethodRemove", "methods { kind }", methodId=passkey)
    assert gone == {"methods": [{"kind": "EMAIL"}], "userErrors": []}


async def test_an_agent_takes_a_lost_passkey_from_a_member_who_is_told(world: World) -> None:
    agent, member = await world.staff("agent"), await world.member()
    passkey = await passkey_of(world, member)
    sent = {"memberId": member.id, "methodId": passkey, "note": "Knew the last three purchases"}
    done = await agent.do("memberPasskeyRemove", "methods { kind }", **sent)
    assert done == {"methods": [{"kind": "EMAIL"}], "userErrors": []}
    assert (await member.ask("{ viewer { id } }")).code == "UNAUTHENTICATED"
    assert any(mail["subject"] == "A way to sign in was removed" for mail in await world.stampbook.mails.newest(3))
    again = await agent.do("memberPasskeyRemove", "methods { kind }", **sent)
    assert [error["code"] for error in again["userErrors"]] == ["NOT_FOUND"]
    auditor = await world.staff("auditor")
    refused = await auditor.ask(
        "mutation ($input: MemberPasskeyRemoveInput!) { memberPasskeyRemove(input: $input) { userErrors { code } } }",
        input=sent,
    )
    assert refused.code == "FORBIDDEN"
