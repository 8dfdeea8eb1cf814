"""Google passes against a stub that answers as Google's reference says."""

import base64
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.core.clock import MovableClock
from app.core.database import Database, ensure_indexes
from app.core.outbox import Outbox
from app.core.settings import Settings
from tests.wallet.conftest import ADA, TILL, Facts
from wallet import codes
from wallet.cards import CardService
from wallet.errors import PassesOff
from wallet.google import repository
from wallet.google.account import GoogleRefused, UnusableAccount, load_account
from wallet.google.routes import google_routes
from wallet.google.service import GoogleWallet
from wallet.models import Trust, Verdict
from wallet.totp import totp

EMAIL = "passes@test.iam.gserviceaccount.test"
TOKEN_URI = "https://oauth2.googleapis.test/token"


class Google:
    """Keeps classes and objects; every call needs the token that its assertion earned."""

    def __init__(self, public: rsa.RSAPublicKey, clock: MovableClock) -> None:
        self.public = public
        self.clock = clock
        self.kept: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str]] = []
        self.tokens = 0
        self.failing: list[int] = []
        routes = [
            Route("/token", self._token, methods=["POST"]),
            Route("/walletobjects/v1/{kind}", self._insert, methods=["POST"]),
            Route("/walletobjects/v1/{kind}/{id}", self._patch, methods=["PATCH"]),
        ]
        self.transport = httpx2.ASGITransport(app=Starlette(routes=routes))

    async def _token(self, request: Request) -> Response:
        async with request.form() as form:
            assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
            options: Any = {"verify_exp": False, "verify_iat": False}
            claims = jwt.decode(
                str(form["assertion"]), self.public, algorithms=["RS256"], audience=TOKEN_URI, options=options
            )
        assert claims["iss"] == EMAIL
        assert claims["scope"] == "https://www.googleapis.com/auth/wallet_object.issuer"
        assert claims["exp"] - claims["iat"] == 3600
        self.tokens += 1
        return JSONResponse({"access_token": f"token {self.tokens}", "expires_in": 3599, "token_type": "Bearer"})

    def _refusal(self, request: Request) -> Response | None:
        self.calls.append((request.method, request.url.path))
        if self.failing:
            return JSONResponse({"error": {"code": self.failing[0]}}, self.failing.pop(0))
        if request.headers["authorization"] != f"Bearer token {self.tokens}":
            return JSONResponse({"error": {"code": 401}}, 401)
        return None

    async def _insert(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        resource = await request.json()
        assert re.fullmatch(r"\d+\.[\w.-]+", resource["id"])
        if resource["id"] in self.kept:
            return JSONResponse({"error": {"code": 409, "status": "ALREADY_EXISTS"}}, 409)
        if request.path_params["kind"] == "loyaltyObject" and resource["classId"] not in self.kept:
            return JSONResponse({"error": {"code": 404, "message": "class not found"}}, 404)
        self.kept[resource["id"]] = resource
        return JSONResponse(resource)

    async def _patch(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        kept = self.kept.get(request.path_params["id"])
        if kept is None:
            return JSONResponse({"error": {"code": 404}}, 404)
        kept |= await request.json()
        return JSONResponse(kept)

    @property
    def card(self) -> dict[str, Any]:
        (found,) = [resource for resource in self.kept.values() if "classId" in resource]
        return found


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def google(key: rsa.RSAPrivateKey, clock: MovableClock) -> Google:
    return Google(key.public_key(), clock)


@pytest.fixture
def configured(settings: Settings, key: rsa.RSAPrivateKey, tmp_path: Path) -> Settings:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    path = tmp_path / "account.json"
    said = {"client_email": EMAIL, "private_key": pem, "private_key_id": "key 1", "token_uri": TOKEN_URI}
    path.write_text(json.dumps(said))
    return settings.model_copy(update={"google_service_account": path, "google_issuer": "3388000000012345678"})


@pytest.fixture
async def wallet(
    database: Database,
    clock: MovableClock,
    configured: Settings,
    cards: CardService,
    facts: Facts,
    outbox: Outbox,
    google: Google,
) -> AsyncIterator[GoogleWallet]:
    await ensure_indexes(database, repository.INDEXES)
    service = GoogleWallet(
        database, clock, configured, cards=cards, facts=facts, outbox=outbox, transport=google.transport
    )
    yield service
    await service.close()


async def test_the_save_link(wallet: GoogleWallet, google: Google, clock: MovableClock) -> None:
    link = await wallet.link(ADA)
    assert len(link) <= 1800
    assert link.startswith("https://pay.google.com/gp/v/save/")
    token = link.rsplit("/", 1)[1]
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": "key 1", "typ": "JWT"}
    options: Any = {"verify_iat": False}
    claims = jwt.decode(token, google.public, algorithms=["RS256"], audience="google", options=options)
    card = google.card
    assert claims == {
        "iss": EMAIL,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(clock.now().timestamp()),
        "origins": ["http://localhost:8000"],
        "payload": {"loyaltyObjects": [{"id": card["id"], "classId": card["classId"]}]},
    }
    secret = card["rotatingBarcode"]["totpDetails"]["parameters"][0]["key"]
    body = token.split(".")[1]
    assert secret not in base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()


async def test_what_google_is_told(wallet: GoogleWallet, google: Google) -> None:
    await wallet.link(ADA)
    card = google.card
    programme = google.kept[card["classId"]]
    assert {"id", "issuerName", "programName", "programLogo", "reviewStatus"} <= set(programme)
    assert re.fullmatch("#[0-9a-f]{6}", programme["hexBackgroundColor"])
    assert card["state"] in {"ACTIVE", "COMPLETED", "EXPIRED", "INACTIVE"}
    assert set(card["loyaltyPoints"]["balance"]) == {"int"}
    assert card["loyaltyPoints"]["balance"]["int"] == 120
    rotating = card["rotatingBarcode"]
    assert (rotating["type"], rotating["renderEncoding"]) == ("QR_CODE", "UTF_8")
    assert rotating["totpDetails"]["algorithm"] == "TOTP_SHA1"
    assert rotating["totpDetails"]["periodMillis"] == "30000"
    (parameter,) = rotating["totpDetails"]["parameters"]
    assert re.fullmatch("[0-9A-F]{40}", parameter["key"])
    assert parameter["valueLength"] == 8
    assert rotating["valuePattern"].count("{totp_timestamp_seconds}{totp_value_0}") == 1


async def test_the_barcode_as_google_draws_it_is_read_at_the_till(
    wallet: GoogleWallet, google: Google, cards: CardService, clock: MovableClock
) -> None:
    await wallet.link(ADA)
    rotating = google.card["rotatingBarcode"]
    secret = bytes.fromhex(rotating["totpDetails"]["parameters"][0]["key"])

    def drawn() -> str:
        seconds = int(clock.now().timestamp())
        value = totp(secret, seconds // 30)
        pattern: str = rotating["valuePattern"]
        return pattern.replace("{totp_timestamp_seconds}", str(seconds)).replace("{totp_value_0}", value)

    code = drawn()
    assert len(code) == 33
    answer = await cards.identify(code, till_id=TILL, basket_id="b1")
    assert (answer.verdict, answer.trust, answer.member_id) == (Verdict.FRESH, Trust.TOTP, ADA)
    assert (await cards.identify(code, till_id=TILL, basket_id="b2")).verdict is Verdict.REPLAY
    clock.advance(timedelta(seconds=60))
    old = drawn()
    clock.advance(timedelta(seconds=90))
    assert (await cards.identify(old, till_id=TILL, basket_id="b3")).verdict is Verdict.STALE
    static = await cards.identify(google.card["barcode"]["value"], till_id=TILL, basket_id="b4")
    assert (static.verdict, static.trust) == (Verdict.FRESH, Trust.STATIC)
    forged = codes.parse(drawn())
    assert isinstance(forged, codes.Totp)


async def test_changes_reach_google_through_the_outbox(
    wallet: GoogleWallet, google: Google, facts: Facts, outbox: Outbox, clock: MovableClock
) -> None:
    await wallet.link(ADA)
    assert await wallet.refresh() == 0
    facts.earn(ADA, 777)
    assert await wallet.refresh() == 1
    google.failing = [503]
    assert await outbox.deliver_due() == 0
    clock.advance(timedelta(minutes=1))
    assert await outbox.deliver_due() == 1
    assert google.card["loyaltyPoints"]["balance"] == {"int": 777}
    assert await wallet.refresh() == 0
    assert google.tokens == 1
    clock.advance(timedelta(hours=1))
    facts.earn(ADA, 778)
    await wallet.refresh()
    await outbox.deliver_due()
    assert google.tokens == 2


async def test_asking_again_gives_the_same_card(wallet: GoogleWallet, google: Google) -> None:
    await wallet.link(ADA)
    before = dict(google.card)
    await wallet.link(ADA)
    assert google.card == before
    assert [call for call in google.calls if "Class" in call[1]] == [("POST", "/walletobjects/v1/loyaltyClass")]


async def test_erasing_ends_the_card(wallet: GoogleWallet, google: Google, outbox: Outbox, database: Database) -> None:
    await wallet.link(ADA)
    await wallet.erase(ADA)
    await outbox.deliver_due()
    assert google.card["state"] == "EXPIRED"
    assert await database["google_passes"].count_documents({}) == 0


async def test_the_route(wallet: GoogleWallet, google: Google) -> None:
    async def authorise(connection: HTTPConnection) -> str | None:
        return connection.headers.get("x-member")

    app = Starlette(routes=google_routes(wallet, authorise))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://card.test") as browser:
        assert (await browser.get("/card/google")).status_code == 401
        assert (await browser.get("/card/google", headers={"x-member": "mbr_x"})).status_code == 404
        google.failing = [500]
        assert (await browser.get("/card/google", headers={"x-member": ADA})).status_code == 503
        answer = await browser.get("/card/google", headers={"x-member": ADA})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("https://pay.google.com/gp/v/save/")


async def test_off_until_configured(
    database: Database, clock: MovableClock, settings: Settings, cards: CardService, facts: Facts, outbox: Outbox
) -> None:
    off = GoogleWallet(database, clock, settings, cards=cards, facts=facts, outbox=outbox)
    assert not off.available
    assert off.jobs() == []
    with pytest.raises(PassesOff):
        await off.link(ADA)
    await off.close()


async def test_an_unreachable_google_is_tried_again(
    database: Database, clock: MovableClock, configured: Settings, cards: CardService, facts: Facts, outbox: Outbox
) -> None:
    class Broken(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("no route")

    wallet = GoogleWallet(database, clock, configured, cards=cards, facts=facts, outbox=outbox, transport=Broken())
    with pytest.raises(GoogleRefused, match="unreachable"):
        await wallet.link(ADA)
    await wallet.close()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"private_key": 7}', '{"private_key": "x", "client_email": "e"}'])
def test_an_unusable_account_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "account.json"
    path.write_text(text)
    with pytest.raises(UnusableAccount, match="service account"):
        load_account(path)
