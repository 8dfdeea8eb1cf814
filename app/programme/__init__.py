"""The programme: its name, money, time zone, tiers and the policies that the other parts follow."""

from app.programme.service import ProgrammeService

__all__ = ["ProgrammeService"]
