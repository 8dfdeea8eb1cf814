"""Passkeys from the server's side, with a hand-made authenticator that can lie as no browser would."""

import os
from typing import Any

import pytest

from app.core.database import Client
from app.core.mongod import EmbeddedMongod
from auth.identities.errors import LastMethod
from tests.auth.authenticator import Authenticator, encoded
from tests.auth.conftest import Service, alone
from tests.auth.person import Page, Person


@pytest.fixture(scope="module")
async def service(client: Client, mongod: EmbeddedMongod) -> Any:
    async with alone(client, mongod) as service:
        yield service


@pytest.fixture
async def device(service: Service) -> Authenticator:
    device = Authenticator(service, (await service.auth.identities.create())["_id"])
    await device.enrol()
    return device


async def test_a_good_answer_signs_in_at_level_three(device: Authenticator) -> None:
    answer = await device.answer(await device.challenge())
    assert answer.json() == {"kind": "member", "newIdentity": False}
    cookie = {"Cookie": f"sso={answer.cookies['sso']}"}
    me = (await device.service.stranger().get("/whoami", headers=cookie)).json()
    assert me["subject"] == device.identity_id
    assert me["acr"] == 3


@pytest.mark.parametrize(
    "lie",
    [
        {"flags": 0x01},
        {"flags": 0x04},
        {"rp_id": "evil.example"},
        {"origin": "https://evil.example"},
        {"type": "webauthn.create"},
    ],
    ids=["without user verification", "without presence", "other rp id", "other origin", "other ceremony"],
)
async def test_a_lie_is_refused(device: Authenticator, lie: dict[str, Any]) -> None:
    answer = await device.answer(await device.challenge(), **lie)
    assert answer.status_code == 400
    assert answer.json()["error"] == "passkey_refused"


async def test_a_challenge_works_once_and_only_if_it_was_ours(device: Authenticator) -> None:
    challenge = await device.challenge()
    assert (await device.answer(challenge)).status_code == 200
    assert (await device.answer(challenge)).status_code == 400
    assert (await device.answer(encoded(os.urandom(32)))).status_code == 400


async def test_a_copied_authenticator_that_counts_backwards_is_refused(device: Authenticator) -> None:
    assert (await device.answer(await device.challenge())).status_code == 200
    device.count = 0
    assert (await device.answer(await device.challenge())).status_code == 400


async def test_a_passkey_of_nobody_and_another_key_are_refused(device: Authenticator) -> None:
    stranger = Authenticator(device.service, device.identity_id)
    assert (await stranger.answer(await stranger.challenge())).status_code == 400
    stranger.credential_id = device.credential_id
    assert (await stranger.answer(await stranger.challenge())).status_code == 400


async def test_the_last_method_stays_and_a_removed_one_opens_nothing(device: Authenticator) -> None:
    identities = device.service.auth.identities
    (method,) = await identities.methods_of(device.identity_id)

    with pytest.raises(LastMethod):
        await identities.remove_method(device.identity_id, method["_id"])
    spare = Authenticator(device.service, device.identity_id)
    await spare.enrol()
    assert (await identities.remove_method(device.identity_id, method["_id"]))["_id"] == method["_id"]
    assert (await device.answer(await device.challenge())).status_code == 400
    assert (await spare.answer(await spare.challenge())).status_code == 200


async def test_who_has_a_passkey_changes_the_account_with_it_and_never_with_a_code(service: Service) -> None:
    async with service.browser() as browser:
        await service.sign_in(browser, "keyed@example.test")
        assert (await browser.post("/passkey/options", json={})).status_code == 200
        identity_id = (await browser.get("/whoami")).json()["subject"]
        device = Authenticator(service, identity_id)
        await device.enrol()
        changes: list[tuple[str, dict[str, Any]]] = [
            ("/passkey/options", {}),
            ("/passkey/verify", {}),
            ("/link/idp/corp", {}),
        ]
        for path, body in changes:
            refused = await browser.post(path, json=body)
            assert refused.status_code == 401, path
            assert refused.json()["acr_values"] == "3", path
        assert (await browser.get("/account/email")).headers["location"].startswith("/stepup?return_to=")
        answer = await device.answer(await device.challenge())
        browser.cookies.set("sso", answer.cookies["sso"], domain="127.0.0.1")
        for path, body in changes:
            assert (await browser.post(path, json=body)).status_code != 401, path
        assert (await browser.get("/account/email")).headers["location"].startswith("/account/email?tx=")


async def test_the_step_up_page_of_who_has_a_passkey_asks_for_it_alone(service: Service) -> None:
    person = Person(service, "stepping-key@example.test")
    await service.sign_in(person.http, "stepping-key@example.test")
    device = Authenticator(service, (await person.http.get("/whoami")).json()["subject"])
    await device.enrol()
    page = await person.open("/stepup?return_to=/whoami")
    assert isinstance(page, Page)
    assert "use your passkey" in page.text
    assert "Send code" not in page.text
    sent = len(service.mails.sent)
    action, fields = page.form("cancel")
    await person.http.post(action, data={**fields, "action": "send"})
    assert len(service.mails.sent) == sent
    answer = await device.answer(await device.challenge())
    person.http.cookies.set("sso", answer.cookies["sso"], domain="127.0.0.1")
    done = await person.open(page.url)
    assert isinstance(done, Page)
    assert done.url == service.url + "/whoami"
    assert done.response.json()["acr"] == 3


async def test_a_removed_way_to_sign_in_is_told_to_every_address(service: Service) -> None:
    async with service.browser() as browser:
        await service.sign_in(browser, "teller@example.test")
        identity_id = (await browser.get("/whoami")).json()["subject"]
    identities = service.auth.identities
    spare = await identities.add_method(identity_id, "email", "spare@example.test", "spare@example.test", peer=None)
    await service.auth.remove_method(identity_id, spare["_id"], None)
    told = {mail["to"]: mail["subject"] for mail in service.mails.sent if mail["kind"] == "security"}
    assert told["teller@example.test"] == told["spare@example.test"] == "A way to sign in was removed"
    with pytest.raises(LastMethod):
        await service.auth.remove_method(identity_id, (await identities.methods_of(identity_id))[0]["_id"], None)
