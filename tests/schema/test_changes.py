from typing import Any

from app.core.changes import Change
from schema.changes import messages_of

ENTRY = {"_id": "mbr_1:0000000001", "kind": "earn"}
HELD = {"_id": "rdm_1", "status": "RESERVED", "step": None}


def causes(*changes: Change) -> list[tuple[str, Any]]:
    return [
        (message["cause"], message.get("entry") or message.get("redemption")) for message in messages_of(list(changes))
    ]


def test_a_burst_becomes_one_message_for_each_cause_with_what_is_newest_of_it() -> None:
    newer = {**ENTRY, "_id": "mbr_1:0000000002"}
    burst = [Change("entries", ENTRY), Change("redemptions", HELD), Change("entries", newer), Change("members", {})]
    assert causes(*burst) == [("POINTS", newer["_id"]), ("REDEMPTION", HELD["_id"]), ("PROFILE", None)]


def test_a_redemption_that_has_not_come_about_is_nobodys_news() -> None:
    assert causes(Change("redemptions", {**HELD, "step": "reserving"})) == []
    assert causes(Change("redemptions", {**HELD, "status": "REFUSED"})) == []
    assert causes(Change("redemptions", HELD), Change("redemptions", {**HELD, "status": "REFUSED"})) == [
        ("REDEMPTION", HELD["_id"])
    ]


def test_missed_changes_start_over_and_foreign_collections_are_left_out() -> None:
    assert causes(Change("", {})) == [("CONNECTED", None)]
    assert causes(Change("unheard-of", {})) == []
    assert causes(Change("card_credentials", {})) == [("CARD", None)]
