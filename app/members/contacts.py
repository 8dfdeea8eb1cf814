"""Contacts in one writing, so that the same address is always the same text."""

import phonenumbers

from app.core.addresses import normal_address
from app.members.errors import EmailInvalid, PhoneInvalid

_LONGEST_PHONE = 40


def normal_email(address: str) -> str:
    """The address in its one writing. Raises EmailInvalid."""
    try:
        return normal_address(address)
    except ValueError as error:
        raise EmailInvalid(str(error)) from error


def normal_phone(number: str, region: str) -> str:
    """The number in E.164 ("+12125550100"), of `region` when it names no country. Raises PhoneInvalid."""
    found = parse_phone(number, region)
    if found is None:
        raise PhoneInvalid(region)
    return found


def parse_phone(number: str, region: str) -> str | None:
    """The number in E.164, or None when it cannot be one."""
    if len(number) > _LONGEST_PHONE:
        return None
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if parsed.extension or not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
