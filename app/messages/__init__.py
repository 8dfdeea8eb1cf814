"""Messages to people: mail, sent with care."""

from app.messages.models import Mail
from app.messages.service import MailService

__all__ = ["Mail", "MailService"]
