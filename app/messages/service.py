"""Sending mail: kept for the outbox page in development, by SMTP through the outbox in production."""

import asyncio
import smtplib
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from app.core.clock import Clock
from app.core.database import Database, Document
from app.core.ids import new_id
from app.core.jobs import Job
from app.core.outbox import Outbox
from app.core.settings import Settings
from app.messages.models import Mail
from app.messages.repository import MailRepository

_SMTP_SECONDS = 20
# A code is good for ten minutes; nobody needs to read it after that.
_CODE_LIFE = timedelta(minutes=10)


class MailService:
    """Sends plain-text mail to one address at a time."""

    def __init__(self, database: Database, clock: Clock, settings: Settings, outbox: Outbox) -> None:
        self._mails = MailRepository(database)
        self._clock = clock
        self._settings = settings
        self._outbox = outbox
        outbox.register("mail", self._deliver)

    async def send(self, *, to: str, subject: str, text: str, kind: str, member_id: str | None = None) -> None:
        """Send a mail; returns once it is stored, delivery follows and is retried for days."""
        mail = Mail(
            _id=new_id("mai"),
            to=to,
            subject=subject,
            text=text,
            kind=kind,
            member_id=member_id,
            created_at=self._clock.now(),
            sent_at=None,
        )
        await self._mails.insert(mail)
        if self._settings.smtp_url is not None:
            await self._outbox.add("mail", to, {"mail_id": mail["_id"]}, message_id=mail["_id"])

    async def newest(self, first: int = 50) -> list[Mail]:
        """The newest mails for the development page, newest first."""
        return await self._mails.newest(first)

    async def of_member(self, member_id: str, before: datetime | None = None, first: int = 50) -> list[Mail]:
        """What a member was sent, newest first."""
        return await self._mails.of_member(member_id, before, first)

    def jobs(self) -> list[Job]:
        """In production a code is forgotten when its time is over; the development page keeps its mails."""
        if not self._settings.is_production:
            return []
        return [Job("forget_codes", timedelta(seconds=20), self._forget_codes)]

    async def _forget_codes(self) -> None:
        await self._mails.forget_codes(self._clock.now() - _CODE_LIFE)

    async def _deliver(self, payload: Document) -> None:
        mail = await self._mails.by_id(payload["mail_id"])
        if mail is None or mail["sent_at"] is not None:
            return
        if mail["kind"] == "code" and mail["created_at"] + _CODE_LIFE <= self._clock.now():
            return  # Nobody could use it any more.
        message = EmailMessage()
        message["From"] = self._settings.mail_from
        message["To"] = mail["to"]
        message["Subject"] = mail["subject"]
        message["Message-ID"] = f"<{mail['_id']}@stampbook>"
        message.set_content(mail["text"])
        await asyncio.to_thread(self._send_by_smtp, message)
        await self._mails.mark_sent(mail, self._clock.now())

    def _send_by_smtp(self, message: EmailMessage) -> None:
        assert self._settings.smtp_url is not None  # noqa: S101 -- queued only when it is set
        url = urlsplit(self._settings.smtp_url.get_secret_value())
        kind = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
        with kind(url.hostname or "localhost", url.port or 0, timeout=_SMTP_SECONDS) as server:
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(message)
