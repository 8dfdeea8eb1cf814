"""The demonstration: a real grocer's year, run through the same services as the till.

`loading` reads the data with libraries that nothing else needs; import it where something is to be loaded only.
"""

from app.demo.progress import SilentProgress, TerminalProgress
from app.demo.services import DemoServices, Progress

__all__ = ["DemoServices", "Progress", "SilentProgress", "TerminalProgress"]
