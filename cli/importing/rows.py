"""From the cells of a row to the contact, consents and suppressions it means, or to what is wrong with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from angarium.campaign.v1 import contact_pb2
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_pb2, consent_service_pb2, suppression_service_pb2
from cli.importing import fields, values
from cli.importing.header import Layout
from cli.importing.problems import Problem
from cli.importing.reader import BrokenRow, Row
from cli.importing.seen import SeenIds

T = TypeVar("T")

_CHANNELS = {
    "email": enums_pb2.CHANNEL_EMAIL,
    "sms": enums_pb2.CHANNEL_SMS,
    "whatsapp": enums_pb2.CHANNEL_WHATSAPP,
    "push": enums_pb2.CHANNEL_PUSH,
}
_LONGEST_EVIDENCE = 2000
_LONGEST_SOURCE = 200
_CONSENT_COLUMNS = ("consent_source", "consent_at", "consent_evidence")
_MOST_ALIKE = 1000
"""How many different consents are remembered: those of most files were given in few ways."""

_Put = Callable[[contact_pb2.Contact, str, str], None]
"""Writes a cell into a contact: the contact, the column, the value."""


@dataclass(slots=True)
class ContactRow:
    """What one row of the file means."""

    line: int
    contact: contact_pb2.Contact
    consents: list[consent_service_pb2.ConsentImportRow] = field(default_factory=list)
    """Of nobody yet: rows that say the same share them, and whose they are is known once the contact has its id."""
    suppressions: list[suppression_service_pb2.SuppressionImportRow] = field(default_factory=list)


class RowReader:
    """Reads rows of one file; a row is taken whole or not at all."""

    def __init__(self, layout: Layout, now: datetime, region: str = "") -> None:
        """Takes the instant that withdrawals without a time get, and the country national numbers are read with."""
        self._layout = layout
        self._now = now
        self._region = region
        self._seen = SeenIds()
        self._cells: list[str] = []
        self._problems: list[Problem] = []
        self._line = 0
        puts: dict[str, _Put] = {
            **dict.fromkeys(fields.PLAIN, self._put_plain),
            **dict.fromkeys((*fields.PAST, *fields.AHEAD), self._put_instant),
            "phone": self._put_phone,
            "branch": self._put_branch,
            "tags": self._put_tags,
        }
        self._puts = [
            (column, layout.fields[column], put) for column, put in puts.items() if column in layout.fields
        ]
        self._known: dict[tuple[str, ...], consent_service_pb2.ConsentImportRow] = {}

    def read(self, row: Row | BrokenRow) -> ContactRow | list[Problem]:
        """Returns what a row means, or everything that is wrong with it."""
        if isinstance(row, BrokenRow):
            return [Problem(row.line, "", row.code, row.reason)]
        self._line, self._cells = row
        self._problems = list(self._unreadable())
        if self._problems:
            return self._problems
        contact = self._contact()
        found = ContactRow(row.line, contact)
        found.consents.extend(self._consents())
        found.suppressions.extend(self._suppressions(contact))
        return self._problems or found

    def _unreadable(self) -> Iterator[Problem]:
        """Yields the cells whose bytes are no text."""
        for position, cell in enumerate(self._cells):
            if not cell.isascii() and any("\udc80" <= mark <= "\udcff" for mark in cell):
                yield Problem(
                    self._line,
                    self._column_at(position),
                    "not_utf8",
                    "holds bytes that are not UTF-8; save the file in UTF-8",
                )

    def _contact(self) -> contact_pb2.Contact:
        contact = contact_pb2.Contact(source="import", external_id=self._external_id())
        for column, position, put in self._puts:
            if value := self._cells[position]:
                put(contact, column, value)
        for key, position in self._layout.attributes:
            if value := self._cells[position]:
                self._set_attribute(contact, key, value)
        return contact

    def _put_plain(self, contact: contact_pb2.Contact, column: str, value: str) -> None:
        name, parse = fields.PLAIN[column]
        if (found := self._read(column, parse, value)) is not None:
            setattr(contact, name, found)

    def _put_instant(self, contact: contact_pb2.Contact, column: str, value: str) -> None:
        ahead = fields.AHEAD.get(column)
        found = self._read(column, values.moment if ahead else self._past, value)
        if found is not None:
            getattr(contact, ahead or fields.PAST[column]).FromDatetime(found)

    def _put_phone(self, contact: contact_pb2.Contact, column: str, value: str) -> None:
        contact.phone = self._read(column, self._phone, value) or ""

    def _put_branch(self, contact: contact_pb2.Contact, _: str, value: str) -> None:
        self._set_branch(contact, value)

    def _put_tags(self, contact: contact_pb2.Contact, column: str, value: str) -> None:
        contact.tags.extend(self._read(column, values.tags, value) or ())

    def _set_attribute(self, contact: contact_pb2.Contact, key: str, value: str) -> None:
        """Sets an attribute as what its column says it is, so that segments compare numbers as numbers."""
        column, kind = f"attributes.{key}", self._layout.kinds[key]
        if "\x00" in value:
            self._wrong(column, "invalid_attribute", "holds a NUL character; remove it")
        elif kind == "number":
            number = self._read(column, values.number, value)
            contact.attributes.fields[key].number_value = number or 0.0
        elif kind == "bool":
            contact.attributes.fields[key].bool_value = bool(self._read(column, values.truth, value))
        elif kind == "date":
            contact.attributes.fields[key].string_value = self._read(column, values.day, value) or ""
        else:
            contact.attributes.fields[key].string_value = value

    def _external_id(self) -> str:
        if not self._value("external_id"):
            self._wrong("external_id", "missing_external_id", "is missing; every person needs one")
            return ""
        found = self._text("external_id", 100)
        if found and (before := self._seen.line_of(found, self._line)):
            self._wrong(
                "external_id",
                "duplicate_external_id",
                f"{values.shown(found)} stands on line {before} already; the first one counts",
            )
        return found

    def _phone(self, value: str) -> str:
        return values.phone(value, self._region)

    def _set_branch(self, contact: contact_pb2.Contact, value: str) -> None:
        branch_id = values.branch(value)
        if branch_id:
            contact.branch_id = branch_id
        else:
            contact.attributes.fields["branch"].string_value = self._text("branch", 100)

    def _consents(self) -> Iterator[consent_service_pb2.ConsentImportRow]:
        for channel, position in self._layout.consents.items():
            if not (cell := self._cells[position]):
                continue
            column = f"consent_{channel}"
            answer = self._read(column, values.answer, cell)
            if channel not in _CHANNELS:
                if answer == "revoked":
                    self._wrong(
                        column,
                        "no_such_consent",
                        "cannot be revoked: in-app items need no consent; switch the channel off instead",
                    )
            elif answer == "yes":
                yield self._alike(channel) or self._grant(channel)
            elif answer == "revoked":
                yield self._consent(channel, consent_pb2.Consent.STATE_REVOKED)

    def _alike(self, channel: str) -> consent_service_pb2.ConsentImportRow | None:
        """Returns what an earlier row with the same words about its consent meant."""
        return self._known.get(self._words(channel))

    def _words(self, channel: str) -> tuple[str, ...]:
        return channel, *(self._value(column) for column in _CONSENT_COLUMNS)

    def _grant(self, channel: str) -> consent_service_pb2.ConsentImportRow:
        source = self._value("consent_source")
        if not source:
            self._wrong(
                "consent_source",
                "missing_consent_source",
                "is missing; a consent needs to say where it was given, such as newsletter form",
            )
        if not self._value("consent_at"):
            self._wrong(
                "consent_at",
                "missing_consent_at",
                "is missing; a consent needs the time at which it was given, as 2026-03-01T09:30:00Z",
            )
        row = self._consent(channel, consent_pb2.Consent.STATE_GRANTED)
        row.evidence.fields["source"].string_value = self._text("consent_source", _LONGEST_SOURCE)
        if self._value("consent_evidence"):
            evidence = self._text("consent_evidence", _LONGEST_EVIDENCE, lines=True)
            row.evidence.fields["evidence"].string_value = evidence
        if not self._problems and len(self._known) < _MOST_ALIKE:
            self._known[self._words(channel)] = row
        return row

    def _consent(
        self, channel: str, state: consent_pb2.Consent.State
    ) -> consent_service_pb2.ConsentImportRow:
        given = self._value("consent_at")
        when = self._read("consent_at", self._instant, given) if given else None
        row = consent_service_pb2.ConsentImportRow(
            channel=_CHANNELS[channel],
            message_class=enums_pb2.MESSAGE_CLASS_MARKETING,
            state=state,
            source=consent_pb2.CONSENT_SOURCE_IMPORT,
        )
        row.event_time.FromDatetime(when or self._now)
        return row

    def _past(self, value: str) -> datetime:
        return values.instant(value, self._now, "future_time")

    def _instant(self, value: str) -> datetime:
        return values.instant(value, self._now)

    def _suppressions(
        self, contact: contact_pb2.Contact
    ) -> Iterator[suppression_service_pb2.SuppressionImportRow]:
        value = self._value("suppressed")
        if not value:
            return
        reason = self._read("suppressed", values.suppression, value)
        of_texts = reason == suppression_service_pb2.SUPPRESSION_REASON_SMS_STOP
        addresses = [(contact.phone, enums_pb2.CHANNEL_UNSPECIFIED)]
        if not of_texts:
            addresses.append((contact.email, enums_pb2.CHANNEL_EMAIL))
        scope = (
            suppression_service_pb2.SUPPRESSION_SCOPE_MARKETING
            if reason == suppression_service_pb2.SUPPRESSION_REASON_CUSTOMER_UNSUBSCRIBE
            else suppression_service_pb2.SUPPRESSION_SCOPE_ALL
        )
        if not self._problems and not any(address for address, _ in addresses):
            self._wrong(
                "suppressed",
                "nothing_to_suppress",
                f"needs {'a phone number' if of_texts else 'an email or a phone number'} in the same row",
            )
        for address, channel in addresses:
            if address:
                yield suppression_service_pb2.SuppressionImportRow(
                    address=address, channel=channel, scope=scope, reason=reason, detail="imported"
                )

    def _value(self, column: str) -> str:
        position = self._layout.fields.get(column)
        return "" if position is None else self._cells[position]

    def _text(self, column: str, limit: int, *, lines: bool = False) -> str:
        """Returns the text of a cell; empty when there is none, or a bad one."""
        value = self._value(column)
        if not value or (value.isprintable() and len(value) <= limit):
            return value
        return self._read(column, lambda given: values.text(given, limit, lines=lines), value) or ""

    def _read(self, column: str, parse: Callable[[str], T], value: str) -> T | None:
        """Returns what `parse` makes of a cell; None, and one more problem, of a bad one."""
        try:
            return parse(value)
        except values.BadValue as bad:
            self._wrong(column, bad.code or f"invalid_{column}", bad.reason)
            return None

    def _wrong(self, column: str, code: str, reason: str) -> None:
        problem = Problem(self._line, column, code, reason)
        if problem not in self._problems:
            self._problems.append(problem)

    def _column_at(self, position: int) -> str:
        named = {place: column for column, place in self._layout.fields.items()}
        named |= {place: f"consent_{channel}" for channel, place in self._layout.consents.items()}
        named |= {place: f"attributes.{key}" for key, place in self._layout.attributes}
        return named.get(position, f"column {position + 1}")
