from app.members.models import Member
from app.purchases.models import ReturnLineInput
from tests.purchases.shop import MILK, TILL, Shop, ids, line


async def merged(shop: Shop, survivor: Member, other: Member) -> None:
    asked = await shop.members.merge(
        survivor["_id"], other["_id"], actor="agent:idn_1", reason="The same person", idempotency_key="merge"
    )
    assert asked.request is not None, "both of them have an account"
    await shop.members.approve_merge(asked.request["_id"], actor="agent:idn_2")


async def test_what_a_merged_member_bought_comes_back_on_the_survivor(shop: Shop) -> None:
    survivor, other = await shop.member(), await shop.member()
    purchase = (await shop.buy(line(MILK, "70.00", 7), member=other)).purchase
    await shop.buy(line(MILK, "5.00"), member=survivor)
    await merged(shop, survivor, other)
    assert (await shop.balance(survivor)).active == 75
    returned = await shop.bring_back(purchase, ReturnLineInput(purchase["lines"][0]["id"], quantity=2))
    assert returned.receipt.points_after == 55
    assert (await shop.balance(survivor)).active == 55
    everybody = [survivor["_id"], *await shop.members.aliases(survivor["_id"])]
    assert purchase["_id"] in ids(await shop.purchases.of_member(everybody))


async def test_a_sale_on_a_merged_members_card_earns_for_the_survivor(shop: Shop) -> None:
    survivor, other = await shop.member(), await shop.member()
    sale = shop.sale(line(MILK, "70.00", 7), member=other)
    await merged(shop, survivor, other)
    recorded = await shop.purchases.record(sale)
    assert recorded.purchase["member"] == survivor["_id"]
    assert (await shop.balance(survivor)).active == 70


async def test_a_reservation_of_a_merged_member_is_handed_over_or_cancelled(shop: Shop) -> None:
    survivor, other = await shop.member(), await shop.member()
    await shop.give(other["_id"], 300)
    reward = await shop.offer(stock=5)
    handed, cancelled, sold = [await shop.reserve(other, reward) for _ in range(3)]
    await merged(shop, survivor, other)
    await shop.rewards.confirm(handed["code"], till=TILL, actor="till:x", idempotency_key="k")
    await shop.rewards.cancel(cancelled["_id"], actor="member:x")
    await shop.buy(line(MILK, "10.00"), member=survivor, redemption_ids=(sold["_id"],))
    balance = await shop.balance(survivor)
    assert (balance.active, balance.reserved) == (105, 0)
    assert (await shop.ledger.balance(reward)).active == 3
