"""A service process that posts under load and says what was acknowledged; made to be killed."""

import asyncio
import sys

from app.core.clock import SystemClock
from app.core.database import connect
from app.ledger.service import Ledger
from tests.faults.load import Load


async def main(uri: str, name: str, seed: int) -> None:
    client = connect(uri)
    ledger = Ledger(client[name], SystemClock())
    await ledger.start()
    load = Load(ledger, seed, name=f"p{seed}w")
    load.start(16)
    told = 0
    while True:
        for seen in load.seen[told:]:
            if seen.entry is not None:
                sys.stdout.write(f"{seen.entry['_id']} {seen.entry['hash']}\n")
        told = len(load.seen)
        sys.stdout.flush()
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
