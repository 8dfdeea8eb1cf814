"""The demonstration: a real grocer's year, run through the same services as the till."""

from app.demo.loading import Loaded, load_demo
from app.demo.progress import SilentProgress, TerminalProgress
from app.demo.services import DemoServices, Progress

__all__ = ["DemoServices", "Loaded", "Progress", "SilentProgress", "TerminalProgress", "load_demo"]
