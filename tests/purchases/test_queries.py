"""No query of these rooms walks through a collection."""

from datetime import timedelta

from app.purchases.models import PreviewPurchase
from tests.purchases.shop import MILK, TILL, Shop, line

OURS = ("purchases", "earning_days", "rewards", "redemptions", "vouchers")


async def test_every_query_uses_an_index(shop: Shop) -> None:
    database, clock = shop.database, shop.clock
    await database.command("profile", 2)
    member = await shop.member()
    await shop.give(member["_id"], 1000)
    reward = await shop.offer(stock=5, per_member=3)
    vouchers = await shop.offer(kind="VOUCHER_CODE")
    await shop.rewards.add_codes(vouchers, ["A", "B"])
    redemption, second = await shop.reserve(member, reward), await shop.reserve(member, vouchers)
    sale = shop.sale(line(MILK, "57.00", 3), member=member, redemption_ids=(redemption["_id"],))
    await shop.purchases.preview(PreviewPurchase(sale.lines, member["_id"]))
    purchase = (await shop.purchases.record(sale)).purchase
    await shop.purchases.record(sale)
    returned = await shop.bring_back(purchase)
    await shop.purchases.by_return(returned.return_["id"])
    await shop.purchases.by_ids([purchase["_id"]])
    await shop.purchases.by_receipt(purchase["receipt_number"])
    await shop.purchases.by_receipt(
        purchase["receipt_number"], store=purchase["store"], business_date=clock.now().date()
    )
    await shop.purchases.recent(TILL)
    await shop.purchases.of_member([member["_id"]], 5, (clock.now(), "pur_z"))
    await shop.purchases.of_member([member["_id"], "mbr_other"], 5)
    await shop.purchases.by_day(clock.now().date())
    await shop.rewards.catalog(5, (0, "rwd_0"))
    await shop.rewards.of_member([member["_id"]], 5, (clock.now(), "rdm_z"), ["CONFIRMED"])
    await shop.rewards.ready([member["_id"]])
    await shop.rewards.confirm(second["code"], till=TILL, actor="till:x", idempotency_key="k")
    shop.clock.advance(timedelta(days=2))
    for job in [*shop.purchases.jobs(), *shop.rewards.jobs()]:
        await job.run()
    await shop.purchases.stop()
    await database.command("profile", 0)

    wanted = {"ns": {"$in": [f"{database.name}.{name}" for name in OURS]}}
    profiled = await database["system.profile"].find(wanted).to_list()
    assert len(profiled) > 40
    scans = [entry["command"] for entry in profiled if "COLLSCAN" in entry.get("planSummary", "")]
    assert scans == []
    [per_day] = [entry for entry in profiled if entry["command"].get("aggregate") == "purchases"]
    assert per_day["docsExamined"] == 0, "the dashboard reads the index alone"
    wasteful = [
        (entry["command"], entry["docsExamined"])
        for entry in profiled
        if entry.get("docsExamined", 0) > 5 * max(1, entry.get("nreturned", 1))
    ]
    assert wasteful == []
