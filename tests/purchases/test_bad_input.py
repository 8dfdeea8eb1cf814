import secrets
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core.clock import MovableClock
from app.core.database import Client
from app.core.errors import DomainError
from app.purchases.models import LineInput, PreviewPurchase
from tests.purchases.shop import MILK, Shop, at, line, open_shop

LINES = ("input", "lines")


@pytest.fixture(scope="module")
async def shop(client: Client) -> AsyncIterator[Shop]:
    """One shop for all refusals: none of them may leave anything behind."""
    database = client[f"test_{secrets.token_hex(6)}"]
    async with open_shop(database, MovableClock(at("2026-03-14T15:09:26+00:00"))) as shop:
        yield shop
    await client.drop_database(database.name)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"lines": ()}, "INVALID", LINES),
        ({"lines": (line(MILK, "1.00"),) * 501}, "LIMIT_REACHED", LINES),
        ({"lines": (line(MILK, "1.00", 0),)}, "INVALID", (*LINES, "0", "quantity")),
        ({"lines": (line(MILK, "1.00", -1),)}, "INVALID", (*LINES, "0", "quantity")),
        ({"lines": (line(MILK, "1.00"), line(MILK, "1.00", 10_000))}, "INVALID", (*LINES, "1", "quantity")),
        ({"lines": (line(MILK, "-0.01"),)}, "INVALID", (*LINES, "0", "amount", "amount")),
        ({"lines": (line(MILK, "1000000.01"),)}, "INVALID", (*LINES, "0", "amount", "amount")),
        ({"lines": (line(MILK, "0.001"),)}, "INVALID", (*LINES, "0", "amount", "amount")),
        ({"lines": (line(MILK, "NaN"),)}, "INVALID", (*LINES, "0", "amount", "amount")),
        ({"lines": (line(MILK, "Infinity"),)}, "INVALID", (*LINES, "0", "amount", "amount")),
        (
            {"lines": (line(MILK, "1.00", currency="EUR"),)},
            "CURRENCY_MISMATCH",
            (*LINES, "0", "amount", "currencyCode"),
        ),
        ({"lines": (LineInput(1, Decimal(1), "USD", name="Milk"),)}, "INVALID", (*LINES, "0", "productId")),
        ({"lines": (LineInput(1, Decimal(1), "USD", product_id="\ud800"),)}, "INVALID", (*LINES, "0")),
        ({"lines": (LineInput(1, Decimal(1), "USD", product_id=MILK, name="x" * 201),)}, "INVALID", (*LINES, "0")),
        ({"lines": (line("prd_none", "1.00"),)}, "PRODUCT_UNKNOWN", (*LINES, "0", "productId")),
        ({"lines": (LineInput(1, Decimal(1), "USD", sku="none"),)}, "PRODUCT_UNKNOWN", (*LINES, "0", "sku")),
        ({"lines": (LineInput(1, Decimal(1), "USD", barcode="1"),)}, "PRODUCT_UNKNOWN", (*LINES, "0", "barcode")),
        ({"receipt_number": ""}, "INVALID", ("input", "receiptNumber")),
        ({"receipt_number": "x" * 41}, "INVALID", ("input", "receiptNumber")),
        ({"receipt_number": "a\nb"}, "INVALID", ("input", "receiptNumber")),
        ({"receipt_number": "\ud800"}, "INVALID", ("input", "receiptNumber")),
        ({"receipt_number": " 1"}, "INVALID", ("input", "receiptNumber")),
        ({"idempotency_key": ""}, "INVALID", ("input", "idempotencyKey")),
        ({"idempotency_key": "x" * 129}, "INVALID", ("input", "idempotencyKey")),
        ({"occurred_at": at("2026-03-14T15:20:00+00:00")}, "IN_THE_FUTURE", ("input", "occurredAt")),
        ({"occurred_at": datetime(2026, 3, 14, 15, 0)}, "INVALID", ("input", "occurredAt")),  # noqa: DTZ001 -- the point
        (
            {"occurred_at": at("2025-02-01T12:00:00+00:00"), "business_date": date(2025, 2, 1)},
            "TOO_OLD",
            ("input", "occurredAt"),
        ),
        (
            {"occurred_at": at("2026-03-13T12:00:00+00:00"), "business_date": date(2026, 3, 13)},
            "BEFORE_MEMBER_JOINED",
            ("input", "occurredAt"),
        ),
        ({"business_date": date(2026, 3, 20)}, "INVALID", ("input", "businessDate")),
        ({"member_id": "mbr_nobody"}, "IDENTIFICATION_UNKNOWN", ("input", "identification")),
        ({"redemption_ids": ("rdm_a",) * 2}, "INVALID", ("input", "redemptionIds")),
        ({"redemption_ids": tuple(f"rdm_{n}" for n in range(11))}, "LIMIT_REACHED", ("input", "redemptionIds")),
        ({"redemption_ids": ("rdm_none",)}, "REDEMPTION_NOT_FOUND", ("input", "redemptionIds")),
        ({"redemption_ids": ("rdm_a",), "member_id": None}, "REDEMPTION_NOT_ALLOWED", ("input", "redemptionIds")),
        ({"redemption_ids": ("rdm_a",), "deferred": True}, "REDEMPTION_NOT_ALLOWED", ("input", "redemptionIds")),
        ({"redemption_ids": ("rdm_a",), "may_redeem": False}, "REDEMPTION_NOT_ALLOWED", ("input", "redemptionIds")),
    ],
)
async def test_a_sale_that_cannot_be_is_refused_by_field(
    shop: Shop, changes: dict[str, Any], code: str, field: tuple[str, ...]
) -> None:
    member = await shop.member()
    before = await shop.database["purchases"].count_documents({})
    with pytest.raises(DomainError) as refused:
        await shop.buy(member=member, **changes)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.message.endswith(".")
    assert await shop.database["purchases"].count_documents({}) == before
    assert await shop.ledger.entries(member["_id"]) == []


async def test_clocks_may_differ_a_little(shop: Shop) -> None:
    member = await shop.member()
    ahead = await shop.buy(member=member, occurred_at=shop.clock.now() + timedelta(minutes=4))
    behind = await shop.buy(member=member, occurred_at=shop.clock.now() - timedelta(minutes=4))
    assert ahead.purchase["earned"] == behind.purchase["earned"] == 10


async def test_the_age_limit_can_be_lifted_for_a_known_history(shop: Shop) -> None:
    old = shop.sale(occurred_at=at("2020-01-05T12:00:00+00:00"), business_date=date(2020, 1, 5))
    assert not (await shop.purchases.record(old, oldest=timedelta(days=10_000))).duplicate


async def test_a_preview_is_as_strict(shop: Shop) -> None:
    with pytest.raises(DomainError) as refused:
        await shop.purchases.preview(PreviewPurchase((line(MILK, "1.00", 0),)))
    assert refused.value.field == (*LINES, "0", "quantity")


@pytest.mark.parametrize("text", ['{"$gt": ""}', "$where", "a" * 200, "\u202e"])
async def test_odd_ids_find_nothing(shop: Shop, text: str) -> None:
    assert await shop.purchases.by_id(text) is None
    assert await shop.purchases.by_return(text) is None
    assert await shop.purchases.by_receipt(text) == []
