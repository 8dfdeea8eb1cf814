"""Writes the committed schema from the code: `python -m schema.export`."""

from pathlib import Path

from strawberry.printer import print_schema

from schema.root import build_schema

COMMITTED = Path(__file__).parent / "schema.graphql"


def text() -> str:
    """The schema in its own language, as it is committed."""
    return print_schema(build_schema()) + "\n"


if __name__ == "__main__":
    COMMITTED.write_text(text())
