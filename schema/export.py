"""Writes the committed schema from the code: `python -m schema.export`; with `--check`, says whether it is stale."""

import sys
from pathlib import Path

from strawberry.printer import print_schema

from schema.root import build_schema

COMMITTED = Path(__file__).parent / "schema.graphql"


def text() -> str:
    """The schema in its own language, as it is committed."""
    return print_schema(build_schema()) + "\n"


def main(check: bool) -> None:
    """Write the schema, or exit with a message when what is committed is not what the code says."""
    if not check:
        COMMITTED.write_text(text())
    elif COMMITTED.read_text() != text():
        sys.exit("schema/schema.graphql is stale: run `make schema` and commit it")


if __name__ == "__main__":
    main("--check" in sys.argv[1:])
