"""Files of codes for the pool of a coupon: one per line, sent in blocks, never held in memory."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from angarium.campaign.v1 import coupon_service_pb2 as pb
from cli.importing.pump import BlockPump
from services.common.rpc.status import from_status

BLOCK = 5_000
# One more than a code may have: what is longer is refused all the same, and a block stays small.
_LONGEST_SENT = 51


class Line(NamedTuple):
    """A code, and where it stands."""

    number: int
    code: str


@dataclass(slots=True)
class CodesReport:
    """What became of a file."""

    read: int = 0
    added: int = 0
    known: int = 0
    """Lines with a code that the coupon has already, from before or from a line above."""
    refused: dict[str, "array[int]"] = field(default_factory=dict)
    """Numbers of lines by the reason; eight bytes each, however many they are."""

    @property
    def refused_count(self) -> int:
        """Returns how many lines were refused."""
        return sum(map(len, self.refused.values()))

    def first_refused(self, most: int) -> list[tuple[int, str]]:
        """Returns the first lines that were refused, each with the reason."""
        found = ((line, reason) for reason, lines in self.refused.items() for line in lines[:most])
        return sorted(found)[:most]


def lines(file: Path) -> Iterator[Line]:
    """Yields the codes of a file; empty lines and those that begin with # are passed over."""
    with file.open(encoding="utf-8-sig", errors="replace") as rows:
        for number, row in enumerate(rows, 1):
            text = row.strip()
            if text and text[0] != "#":
                yield Line(number, text[:_LONGEST_SENT])


async def add(coupons: Any, coupon_id: str, file: Path, on_lines: Callable[[int], None]) -> CodesReport:
    """Adds the codes of a file to a pool; the same file may be sent again, whole or after an interruption."""
    report = CodesReport()

    async def answered(
        _block: pb.AddCouponCodesRequest, numbers: list[int], answer: pb.AddCouponCodesResponse
    ) -> None:
        report.read += len(numbers)
        report.added += answer.added_count
        report.known += answer.known_count
        for wrong in answer.errors:
            error = from_status(wrong.status, "campaign")
            reason = error.violations[0].description if error.violations else error.message
            report.refused.setdefault(reason, array("Q")).append(numbers[wrong.index])
        on_lines(len(numbers))

    pump: BlockPump[pb.AddCouponCodesRequest, pb.AddCouponCodesResponse, list[int]] = BlockPump(
        coupons.AddCouponCodes, answered
    )
    rows = lines(file)
    async with pump:
        while block := list(islice(rows, BLOCK)):
            request = pb.AddCouponCodesRequest(coupon_id=coupon_id, codes=[one.code for one in block])
            await pump.send(request, [one.number for one in block])
        await pump.finish()
    return report
