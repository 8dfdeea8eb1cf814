"""People in the programme: joining, enrolment at the till, claiming, profiles, cards, finding and merging."""

from app.members.service import MemberService

__all__ = ["MemberService"]
