"""Addresses in the one form that is matched, hashed and sent to (GEN-21, GEN-22)."""

from __future__ import annotations

import re
from unicodedata import normalize

LONGEST_EMAIL = 254
STAFF = "staff:"
"""Begins what leads to the inbox and the devices of somebody who works for a tenant; their id follows."""

# What nearly every address looks like. It needs no parser: letters are folded, nothing else changes. A label that
# could be punycode goes the long way.
_PLAIN_EMAIL = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*"
    r"@(?:(?!xn--)[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,62}\.){1,8}[A-Za-z]{2,63}"
)
_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f<>,;\"()]")
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_REGION = re.compile(r"[A-Z]{2}")


def canonical_email(address: str) -> str:
    """Returns an e-mail address in canonical form; ValueError when it is not exactly one valid address.

    Canonical is: NFC, domain in lower case and IDNA, local part in lower case.
    """
    if len(address) > LONGEST_EMAIL:
        raise ValueError("is longer than 254 characters")
    if _PLAIN_EMAIL.fullmatch(address):
        return address.lower()
    if _UNSAFE.search(address):
        raise ValueError("must be one e-mail address without name, quotes or spaces")
    # Imported where it is needed: most processes see only plain addresses.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            address,
            check_deliverability=False,
            strict=True,
            allow_smtputf8=True,
            allow_quoted_local=False,
            allow_domain_literal=False,
            test_environment=True,
        )
    except EmailNotValidError:
        raise ValueError("is not a valid e-mail address") from None
    canonical = f"{normalize('NFC', found.local_part).lower()}@{found.ascii_domain.lower()}"
    if len(canonical) > LONGEST_EMAIL:
        raise ValueError("is longer than 254 characters")
    return canonical


def parse_phone(text: str, region: str = "") -> str:
    """Returns a phone number in E.164; ValueError when it cannot be one.

    A national number is read with `region` (ISO 3166, two letters); without one only an international number is a
    number: ten digits are nobody's (GEN-21).
    """
    if _E164.fullmatch(text):
        return text
    if region and not _REGION.fullmatch(region):
        raise ValueError("region must be two capital letters (ISO 3166)")
    if len(text) > 40:
        raise ValueError("is not a phone number")
    # Imported where it is needed: its tables cost more time and memory than all else here together.
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        raise ValueError("is not a phone number") from None
    if number.extension or not phonenumbers.is_possible_number(number):
        raise ValueError("is not a phone number")
    formatted: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not _E164.fullmatch(formatted):
        raise ValueError("is not a phone number")
    return formatted


def country_of_phone(number: str) -> str:
    """Returns the country (ISO 3166) of a number's calling code, the main one where several share it; empty for others."""
    if not number.startswith("+"):
        return ""
    # Late: its tables are large, and most processes never ask.
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as REGIONS

    for length in (1, 2, 3):
        code = number[1 : 1 + length]
        if code.isdecimal() and (regions := REGIONS.get(int(code))):
            return str(regions[0]) if _REGION.fullmatch(regions[0]) else ""
    return ""
