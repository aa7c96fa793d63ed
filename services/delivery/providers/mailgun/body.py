"""Forms of Mailgun's messages: one content with recipient variables, one entry of values per recipient."""

import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from services.delivery.mail.headers import wire_address
from services.delivery.providers.base import TENANT_ARGUMENT, Block, Outcome, Outgoing
from services.delivery.providers.form import Field, multipart
from services.delivery.providers.mailboxes import mailbox
from services.delivery.providers.parting import arguments, headers, lots, refusal, refused, waves
from services.delivery.providers.showing import Shown

MAX_RECIPIENTS: Final = 1000
MAX_BODY: Final = 20_000_000
MAX_ARGUMENTS: Final = 4000
MAX_TAG: Final = 128
MARK: Final = "%recipient"
PARTS: Final = (("subject", "subject"), ("text", "text"), ("amp", "amp-html"), ("html", "html"))
FORBIDDEN_HEADERS: Final = frozenset(
    {"to", "from", "subject", "reply-to", "cc", "bcc", "content-type", "content-transfer-encoding", "received",
     "dkim-signature", "sender", "mime-version", "list-unsubscribe", "list-unsubscribe-post"}
)  # fmt: skip


@dataclass(slots=True)
class Request:
    """Recipients of one request, all with the same headers and arguments; `whole` ones bring their full content."""

    outgoing: list[Outgoing]
    whole: bool = False


class BodyBuilder:
    """What all requests of a block have in common, made once."""

    def __init__(self, block: Block, *, amp: bool = False) -> None:
        self._shown = Shown(block.content, amp=amp)
        parts = self._shown.parts
        self._content = [(field, parts[name]) for name, field in PARTS if name in parts]
        self._tenant_id = block.tenant_id
        self._names = _names(self._shown)
        name_of = dict(zip(self._shown.numbers, self._names, strict=True))
        self.has_marks = any(MARK in constant for _, part in self._content for constant in part.constants)
        self._shared: list[Field] = [
            ("from", mailbox(block.sender.name, block.sender.address)),
            ("o:tracking", "no"),
            ("o:tracking-clicks", "no"),
            ("o:tracking-opens", "no"),
        ]
        if block.sender.reply_to:
            self._shared.append(("h:Reply-To", wire_address(block.sender.reply_to)))
        words = [word[:MAX_TAG] for word in (block.category, block.template_name) if word and word.isascii()]
        self._shared += [("o:tag", word) for word in dict.fromkeys(words)]
        self._parts: list[Field] = [
            (field, part.shared(lambda number: f"%recipient.{name_of[number]}%"))
            for field, part in self._content
        ]
        self._files = [("inline" if one.content_id else "attachment", one) for one in block.attachments]

    def body(self, request: Request) -> tuple[str, bytes]:
        """The content type and the form of a request."""
        first = request.outgoing[0]
        everybody = ", ".join([mailbox(one.name, one.address) for one in request.outgoing])
        fields = [*self._shared, ("to", everybody)]
        if request.whole:
            fields += [(field, part.join(first.slots)) for field, part in self._content]
            fields += [(f"h:{name}", value) for name, value in headers(first).items()]
            fields += [(f"v:{name}", value) for name, value in self.arguments(first).items()]
        else:
            fields += self._parts
            fields += [(f"h:{name}", f"%recipient.h:{name}%") for name in headers(first)]
            fields += [(f"v:{name}", f"%recipient.v:{name}%") for name in self.arguments(first)]
            variables = {wire_address(one.address): self._variables(one) for one in request.outgoing}
            fields.append(("recipient-variables", orjson.dumps(variables).decode()))
        return multipart([field for field in fields if field[1]], self._files)

    def arguments(self, one: Outgoing) -> dict[str, str]:
        """Our references, which come back with every event."""
        found = arguments(one)
        return {TENANT_ARGUMENT: self._tenant_id, **found} if self._tenant_id else found

    def fits(self, one: Outgoing) -> bool:
        """Whether the values of a message can travel as variables: none of them may look like one itself."""
        return not self.has_marks and not any(MARK in slot for slot in self._shown.values(one.slots))

    def _variables(self, one: Outgoing) -> Mapping[str, str]:
        found = dict(zip(self._names, self._shown.values(one.slots), strict=True))
        for name, value in headers(one).items():
            found[f"h:{name}"] = value
        for name, value in self.arguments(one).items():
            found[f"v:{name}"] = value
        return found


def partition(builder: BodyBuilder, block: Block) -> tuple[list[Outcome], list[Request]]:
    """Requests that Mailgun takes: equal headers and arguments, an address once; and what it never would."""
    outcomes: list[Outcome] = []
    whole: list[Request] = []
    alike: defaultdict[tuple[object, ...], list[Outgoing]] = defaultdict(list)
    for one in block.outgoing:
        outcome = _refusal(one)
        if outcome is not None:
            outcomes.append(outcome)
        elif builder.fits(one):
            key = (*one.headers, bool(one.unsubscribe_url), bool(one.campaign_id), *one.custom_args)
            alike[key].append(one)
        else:
            whole.append(Request([one], whole=True))
    requests = [
        Request(lot)
        for group in alike.values()
        for wave in waves(group)
        for lot in lots(wave, MAX_RECIPIENTS, MAX_BODY, _weight)
    ]
    return outcomes, requests + whole


def _weight(one: Outgoing) -> int:
    return 1000 + 2 * sum(map(len, one.slots))


def _refusal(one: Outgoing) -> Outcome | None:
    outcome = refusal(one, FORBIDDEN_HEADERS)
    if outcome is None and one.custom_args:
        size = sum(len((name + value).encode("utf-8", "replace")) for name, value in arguments(one).items())
        if size > MAX_ARGUMENTS:
            return refused(one, "custom arguments are too large")
    return outcome


def _names(shown: Shown) -> list[str]:
    """A variable per slot, whose name no value can foresee."""
    nonce = secrets.token_hex(4)
    return [f"s{nonce}_{number}" for number in shown.numbers]
