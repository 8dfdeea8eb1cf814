"""A stranger's program: checks an export with nothing but FORMAT.md in hand. It imports nothing of Stampbook."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_PLACES = {"active": "active", "pending": "pending", "held": "reserved"}


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _without(value: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: each for key, each in value.items() if key not in names}


def check_export(lines: Iterable[bytes], public_key: str) -> dict[str, dict[str, int]]:
    """Returns balances per account; raises ValueError naming what is wrong."""
    accounts: dict[str, dict[str, Any]] = {}
    books: dict[str, int] = defaultdict(int)
    entries, sealed, seals = [], [], []
    ended = False
    for line in lines:
        record = json.loads(line)
        kind, value = record["type"], record["value"]
        if kind == "entry":
            _entry(accounts, books, value)
            entries.append((value["account"], value["seq"], value["hash"], value["postings"]))
        elif kind == "sealed":
            sealed.append(value)
        elif kind == "seal":
            seals.append(value)
        elif kind == "end":
            ended = True
            if value["entries"] != len(entries):
                raise ValueError("entries are missing at the end")
    if not ended:
        raise ValueError("the file was cut off")
    if any(books.values()):
        raise ValueError("the books do not sum to zero")
    _seals(entries, sealed, seals, public_key)
    return {name: account["figures"] for name, account in accounts.items()}


def _entry(accounts: dict[str, dict[str, Any]], books: dict[str, int], entry: dict[str, Any]) -> None:
    name = entry["_id"]
    account = accounts.setdefault(
        entry["account"],
        {"seq": 0, "hash": "0" * 64, "parcels": {}, "figures": defaultdict(int), "operations": set()},
    )
    if entry["seq"] != account["seq"] + 1 or entry["previous"] != account["hash"]:
        raise ValueError(f"{name} does not follow the entry before it")
    if hashlib.sha256(_canonical(_without(entry, "hash"))).hexdigest() != entry["hash"]:
        raise ValueError(f"{name} does not match its hash")
    if entry["operation"] in account["operations"]:
        raise ValueError(f"{name} repeats an operation")
    account["operations"].add(entry["operation"])
    posted: dict[str, int] = defaultdict(int)
    for posting, change in entry["postings"]:
        posted[posting] += change
        books["stock" if entry["account"].startswith("rwd_") else "points"] += change
    moved: dict[str, int] = defaultdict(int)
    for movement in entry["movements"]:
        moved[_PLACES[movement["place"]]] += movement["points"]
        key = (movement["place"], movement["lot"], movement.get("hold"))
        left = account["parcels"].get(key, 0) + movement["points"]
        if left < 0 or left > movement["origin"]:
            raise ValueError(f"{name} leaves {left} points in the lot {movement['lot']}")
        account["parcels"][key] = left
    figures = account["figures"]
    for figure in ("active", "pending", "reserved", "deficit"):
        if figure != "deficit" and moved[figure] != posted[figure]:
            raise ValueError(f"{name} moved other points than it posted")
        figures[figure] += posted[figure]
    if sum(posted.values()) or figures["active"] != entry["balance"] or entry["points"] != posted["active"]:
        raise ValueError(f"{name} has a wrong balance")
    account["seq"], account["hash"] = entry["seq"], entry["hash"]


def _seals(entries: list[Any], sealed: list[dict[str, Any]], seals: list[dict[str, Any]], public_key: str) -> None:
    heads: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for head in sealed:
        heads[head["account"]].append(head)
    counts: dict[int, int] = defaultdict(int)
    totals: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    hashes = {(account, seq): digest for account, seq, digest, _ in entries}
    for account, seq, _, postings in entries:
        number = min((head["seal"] for head in heads[account] if head["seq"] >= seq), default=0)
        counts[number] += 1
        for posting, change in postings:
            totals[number]["stock" if account.startswith("rwd_") else "points"][posting] += change
    previous = "0" * 64
    for number, seal in enumerate(seals, 1):
        own = [head for head in sealed if head["seal"] == number]
        lines = "".join(sorted(f"{head['account']} {head['seq']} {head['hash']}\n" for head in own))
        if seal["_id"] != number or seal["previous"] != previous or seal["key"] != public_key:
            raise ValueError(f"seal {number} is not the one that belongs here")
        if hashlib.sha256(lines.encode()).hexdigest() != seal["root"]:
            raise ValueError(f"seal {number} has another root")
        if hashlib.sha256(_canonical(_without(seal, "hash", "signature"))).hexdigest() != seal["hash"]:
            raise ValueError(f"seal {number} does not match its hash")
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(seal["signature"]), bytes.fromhex(seal["hash"]))
        if any(hashes.get((head["account"], head["seq"])) != head["hash"] for head in own):
            raise ValueError(f"seal {number} covers entries that are not there")
        found = {book: {k: v for k, v in sums.items() if v} for book, sums in totals[number].items()}
        if seal["entries"] != counts[number] or seal["totals"] != found:
            raise ValueError(f"seal {number} has other totals")
        previous = seal["hash"]
