"""What an account shows of a content, and as which letter it leaves where a provider takes whole messages."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.common.templating import CompiledContent, CompiledPart
from services.delivery.mail.compose import Letter, MailFile
from services.delivery.providers.base import Account, Attachment, Outgoing

AMP: Final = "amp"


def shows_amp(account: Account) -> bool:
    """Whether mail clients know the sender of an account: nobody else's AMP parts are shown (DEL-99)."""
    return account.flag("amp_registered")


class Shown:
    """The parts that travel, the AMP one only where it is wanted, and the numbers of the slots they have."""

    def __init__(self, content: CompiledContent, *, amp: bool) -> None:
        self.parts: Mapping[str, CompiledPart] = {
            name: part for name, part in content.parts.items() if amp or name != AMP
        }
        self.numbers = sorted({number for part in self.parts.values() for number in part.numbers})
        self._is_whole = len(self.numbers) == content.slot_count

    def values(self, slots: Sequence[str]) -> Sequence[str]:
        """The values of one message that travel, in the order of `numbers`."""
        return slots if self._is_whole else [slots[number] for number in self.numbers]


def letter_of(outgoing: Outgoing) -> Letter:
    """A message in the words of mail."""
    return Letter(
        outgoing.message_id,
        outgoing.address,
        outgoing.slots,
        outgoing.name,
        outgoing.unsubscribe_url,
        outgoing.unsubscribe_mailto,
        outgoing.campaign_id,
        outgoing.headers,
    )


def mail_files(attachments: Sequence[Attachment]) -> list[MailFile]:
    """Files in the words of mail."""
    return [MailFile(one.filename, one.content_type, one.content, one.content_id) for one in attachments]
