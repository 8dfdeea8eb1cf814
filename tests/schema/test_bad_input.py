"""Whatever a client sends: a clear refusal that names the field, and never a 5xx."""

import secrets
from datetime import timedelta
from typing import Any

import pytest

from tests.schema.world import Caller, World, instant

ADJUST = {"reasonCode": "OTHER", "note": "n", "idempotencyKey": "k"}
SOLD = "purchase { id } duplicate"
OPERATORS = [
    '{"$gt": ""}',
    "$where",
    "'; return true; //",
    "\u0000",
    "a" * 5000,
    "",
    " ",
    "../../etc/passwd",
    "🍓" * 50,
]


@pytest.fixture(scope="module")
async def till(world: World) -> Caller:
    return await world.till()


@pytest.fixture(scope="module")
async def ada(world: World) -> Caller:
    return await world.member(points=100)


@pytest.fixture(scope="module")
async def lead(world: World) -> Caller:
    return await world.staff("agent_lead", "admin")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"lines": []}, "INVALID", "lines"),
        ({"lines": [{"quantity": 0}]}, "INVALID", "quantity"),
        ({"lines": [{"quantity": -1}]}, "INVALID", "quantity"),
        ({"lines": [{"quantity": 2_000_000_000}]}, "INVALID", "quantity"),
        ({"lines": [{"amount": {"amount": "-1.00", "currencyCode": "USD"}}]}, "INVALID", "amount"),
        ({"lines": [{"amount": {"amount": "9999999999999999", "currencyCode": "USD"}}]}, "INVALID", "amount"),
        ({"lines": [{"amount": {"amount": "1.001", "currencyCode": "USD"}}]}, "INVALID", "amount"),
        ({"lines": [{"amount": {"amount": "1.00", "currencyCode": "EUR"}}]}, "CURRENCY_MISMATCH", "currencyCode"),
        ({"lines": [{"productId": "prd_nothing"}]}, "PRODUCT_UNKNOWN", "productId"),
        ({"lines": [{"productId": None, "sku": "nothing"}]}, "PRODUCT_UNKNOWN", "sku"),
        ({"lines": [{"productId": None, "barcode": "$ne"}]}, "PRODUCT_UNKNOWN", "barcode"),
        ({"lines": [{"productId": None}]}, "INVALID", None),
        ({"lines": [{}] * 2000}, "LIMIT_REACHED", "lines"),
        ({"receiptNumber": ""}, "INVALID", "receiptNumber"),
        ({"receiptNumber": "x" * 1000}, "INVALID", "receiptNumber"),
        ({"idempotencyKey": ""}, "INVALID", "idempotencyKey"),
        ({"idempotencyKey": "k" * 1000}, "INVALID", "idempotencyKey"),
        ({"identification": "idf_nothing"}, "IDENTIFICATION_UNKNOWN", "identification"),
        ({"identification": '{"$ne": null}'}, "IDENTIFICATION_UNKNOWN", "identification"),
        ({"redemptionIds": ["rdm_nothing"]}, "REDEMPTION_NOT_ALLOWED", "redemptionIds"),
        ({"businessDate": "1999-01-01"}, "INVALID", "businessDate"),
        ({"days": 2}, "IN_THE_FUTURE", "occurredAt"),
        ({"days": -4000}, "TOO_OLD", "occurredAt"),
    ],
)
async def test_sales_that_cannot_be(
    world: World, till: Caller, change: dict[str, Any], code: str, field: str | None
) -> None:
    sent = dict(change)
    if "lines" in sent:
        sent["lines"] = [{**world.line(), **line} for line in sent["lines"]]
    if (days := sent.pop("days", None)) is not None:
        at = world.stampbook.clock.now() + timedelta(days=days)
        sent |= {"occurredAt": instant(at), "businessDate": at.date().isoformat()}
    refused = await till.do("purchaseRecord", SOLD, **world.sale(**sent))
    assert refused["purchase"] is None
    (error,) = refused["userErrors"]
    assert error["code"] == code, error
    assert error["field"][0] == "input"
    assert field is None or field in error["field"], error


async def test_a_sale_from_before_the_member_joined(world: World, till: Caller) -> None:
    late = await world.member()
    number = (await late.ask("{ viewer { card { number } } }")).data["viewer"]["card"]["number"]
    seen = await till.do("cardIdentify", "identification", code=number, basketId=secrets.token_hex(4))
    at = world.stampbook.clock.now() - timedelta(days=3)
    sale = world.sale(identification=seen["identification"], occurredAt=instant(at), businessDate=at.date().isoformat())
    (error,) = (await till.do("purchaseRecord", SOLD, **sale))["userErrors"]
    assert (error["code"], error["field"]) == ("BEFORE_MEMBER_JOINED", ["input", "occurredAt"])


@pytest.mark.parametrize(
    "variables",
    [
        {"receiptNumber": {"$gt": ""}},
        {"receiptNumber": 7},
        {"receiptNumber": None},
        {"businessDate": "2026-02-30"},
        {"businessDate": "yesterday"},
        {"occurredAt": "2026-01-01"},
        {"occurredAt": "9999-99-99T99:99:99Z"},
        {"occurredAt": "0001-01-01T00:00:00+14:00"},
        {"occurredAt": 1234567890},
        {"lines": "everything"},
        {"lines": [{"quantity": "two"}]},
        {"lines": [{"quantity": 1.5}]},
        {"lines": [{"quantity": 2**31}]},
        {"lines": [{"quantity": 1, "amount": {"amount": 10.5, "currencyCode": "USD"}}]},
        {"lines": [{"quantity": 1, "amount": {"amount": "1e400", "currencyCode": "USD"}}]},
        {"lines": [{"quantity": 1, "amount": {"amount": "NaN", "currencyCode": "USD"}}]},
        {"unheard": "of"},
        {"lines": [[[[[[]]]]]]},
    ],
)
async def test_values_of_the_wrong_type_are_refused_before_anything_runs(
    world: World, till: Caller, variables: dict[str, Any]
) -> None:
    query = "mutation ($input: PurchaseRecordInput!) { purchaseRecord(input: $input) { purchase { id } } }"
    answer = await till.ask(query, input={**world.sale(), **variables})
    assert (answer.status, answer.code) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("points", [2**53, -(2**53), 1.5, "12", None, True])
async def test_points_are_whole_and_53_bits(lead: Caller, ada: Caller, points: object) -> None:
    query = (
        "query ($id: ID!, $p: Points!) { staff { adjustmentPreview(memberId: $id, points: $p) { after { asOf } } } }"
    )
    assert (await lead.ask(query, id=ada.id, p=points)).status == 400


async def test_operators_and_other_nonsense_find_nothing_and_break_nothing(
    world: World, till: Caller, ada: Caller, lead: Caller
) -> None:
    for text in OPERATORS:
        found = await lead.ask("query ($s: String!) { staff { members(search: $s) { nodes { id } } } }", s=text)
        assert found.status == 200
        products = await till.ask(
            "query ($s: String!) { till { products(search: $s) { nodes { id } } productByBarcode(barcode: $s) { id } "
            "purchase(receiptNumber: $s) { id } } }",
            s=text,
        )
        assert products.status == 200
        assert (await ada.ask("query ($s: ID!) { node(id: $s) { id } }", s=text)).data == {"node": None}
        seen = await till.do("cardIdentify", "verdict identification message", code=text, basketId="b")
        assert seen["identification"] is None
        at = instant(world.stampbook.clock.now())
        back = {"receiptNumber": "r", "occurredAt": at, "idempotencyKey": "k", "lines": []}
        asked: list[tuple[Caller, str, dict[str, Any]]] = [
            (ada, "rewardReserve", {"rewardId": text, "idempotencyKey": "k"}),
            (ada, "rewardReserve", {"rewardId": "rwd_x", "idempotencyKey": text}),
            (ada, "redemptionCancel", {"redemptionId": text}),
            (ada, "memberUpdate", {"displayName": text * 100}),
            (ada, "memberUpdate", {"language": text}),
            (ada, "sessionEnd", {"sessionId": text}),
            (ada, "signInMethodRemove", {"methodId": text}),
            (ada, "cardDeviceRevoke", {"deviceId": text}),
            (ada, "cardDeviceRegister", {"publicKey": text, "name": text}),
            (till, "redemptionConfirm", {"code": text, "idempotencyKey": "k"}),
            # An empty contact is none, which an enrolment may do without.
            (till, "memberEnrol", {"email": text.strip() or "@", "idempotencyKey": "k"}),
            (till, "memberEnrol", {"phone": text.strip() or "-", "idempotencyKey": "k"}),
            (till, "purchaseReturn", {"purchaseId": text, **back}),
            (lead, "pointsAdjust", {"memberId": text, "points": 1, **ADJUST}),
            (
                lead,
                "entryReverse",
                {"memberId": ada.id, "entryId": text, "reasonCode": "OTHER", "note": "n", "idempotencyKey": "k"},
            ),
            (lead, "memberMerge", {"survivorId": text, "mergedId": ada.id, "reason": "r", "idempotencyKey": "k"}),
            (lead, "memberMergeApprove", {"requestId": text}),
            (lead, "memberMergeDecline", {"requestId": text, "reason": "r"}),
            (lead, "memberUnmerge", {"mergedId": text, "reason": "r", "idempotencyKey": "k"}),
            (lead, "memberSessionsEnd", {"memberId": text, "note": "n"}),
            (lead, "cardReplace", {"memberId": text, "reason": "r"}),
            (lead, "tillPairingCreate", {"storeId": text, "name": "t"}),
            (lead, "tillDisable", {"tillId": text, "reason": "r"}),
            (lead, "staffAdd", {"email": text, "name": "n", "roles": ["agent"]}),
            (lead, "staffAdd", {"email": "a@example.com", "name": "n", "roles": [text]}),
        ]
        for caller, mutation, sent in asked:
            payload = await caller.do(mutation, "__typename", **sent)
            assert payload["userErrors"], (mutation, text)


@pytest.mark.parametrize("cursor", ["", "x", "00", "5b5d", "zz" * 5000, "[1,2,3]", "WyJhIiwgImIiXQ=="])
async def test_cursors_of_nothing_get_a_clear_error(ada: Caller, lead: Caller, till: Caller, cursor: str) -> None:
    for field in ("activity", "purchases", "rewards", "redemptions", "securityEvents"):
        answer = await ada.ask(
            f"query ($a: String) {{ viewer {{ {field}(after: $a) {{ nodes {{ id }} }} }} }}", a=cursor
        )
        assert (answer.status, answer.code) == (200, "BAD_CURSOR")
    search = 'query ($a: String) { staff { members(search: "ada", after: $a) { nodes { id } } } }'
    assert (await lead.ask(search, a=cursor)).status == 200
    timeline = "query ($a: String, $id: ID!) { staff { timeline(memberId: $id, after: $a) { nodes { id } } } }"
    assert (await lead.ask(timeline, a=cursor, id=ada.id)).code == "BAD_CURSOR"
    products = 'query ($a: String) { till { products(search: "milk", after: $a) { nodes { id } } } }'
    assert (await till.ask(products, a=cursor)).status == 200


async def test_a_cursor_is_good_for_its_own_list_only(world: World, ada: Caller) -> None:
    await world.reward()
    page = (await ada.ask("{ viewer { rewards(first: 1) { pageInfo { endCursor } } } }")).data["viewer"]["rewards"]
    answer = await ada.ask(
        "query ($a: String) { viewer { activity(after: $a) { nodes { id } } } }", a=page["pageInfo"]["endCursor"]
    )
    assert answer.code == "BAD_CURSOR"


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
async def test_pages_are_one_to_a_hundred(ada: Caller, first: int) -> None:
    for field in ("activity", "purchases", "rewards", "redemptions"):
        answer = await ada.ask(f"query ($n: Int!) {{ viewer {{ {field}(first: $n) {{ nodes {{ id }} }} }} }}", n=first)
        assert answer.code == "BAD_USER_INPUT"


async def test_an_identity_without_a_membership_is_told_to_join(world: World) -> None:
    somebody = await world.somebody()
    for mutation in ("memberUpdate", "cardDeviceRevoke"):
        kind = mutation[0].upper() + mutation[1:]
        query = f"mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
        assert (await somebody.ask(query, input={})).code == "NOT_A_MEMBER"
    assert (await somebody.ask("subscription { memberChanged { cause } }")).status == 406
