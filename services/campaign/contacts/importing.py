"""Taking blocks of contacts: good rows go in, bad rows are reported (CAM-26, GEN-31)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from services.campaign.contacts import announce, blocks, homes, scope
from services.campaign.contacts.domain import MAX_ATTRIBUTES, Contact
from services.common.db.uow import UnitOfWork
from services.common.errors import Violation
from services.common.rpc.context import current_caller
from services.common.security.keys import KeySet

Row = tuple[Contact, list[Violation]]


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was not taken."""

    index: int
    violations: list[Violation]


@dataclass(slots=True)
class BlockResult:
    """What became of one block of contacts."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    contact_ids: list[UUID | None] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


async def upsert_block(uow: UnitOfWork, rows: Sequence[Row], keys: KeySet) -> BlockResult:
    """Takes the good rows of a block and reports the bad ones; a repeat changes nothing."""
    result = BlockResult(contact_ids=[None] * len(rows))
    good: list[tuple[int, Contact]] = []
    for index, (contact, violations) in enumerate(rows):
        if not contact.external_id and not any(v.field == "contact.external_id" for v in violations):
            violations = [
                *violations,
                Violation("contact.external_id", "is needed, so that a repeat finds the row"),
            ]
        if violations:
            result.errors.append(RowError(index, violations))
        else:
            good.append((index, contact))
    written: dict[UUID, blocks.Written] = {}
    named = (*(contact.branch_id for _, contact in good), *current_caller().own_branches())
    absent = await homes.absent(uow, named)
    for turn in _turns(good):
        await _take(uow, turn, result, written, absent)
    result.errors.sort(key=lambda error: error.index)
    announce.written(uow, list(written.values()), keys)
    return result


async def _take(
    uow: UnitOfWork,
    turn: list[tuple[int, Contact]],
    result: BlockResult,
    written: dict[UUID, blocks.Written],
    absent: frozenset[UUID],
) -> None:
    """Takes rows of which each external id stands once."""
    before = await blocks.known(uow, [contact for _, contact in turn])
    moved = {external_id: one for external_id, one in before.items() if one.merged_into}
    later: list[tuple[int, Contact]] = []
    if moved:
        turn, later = await _redirected(uow, turn, moved)
        before = {external_id: one for external_id, one in before.items() if external_id not in moved}
    turn = _allowed(turn, before, result, absent)
    if turn:
        found, ids = await blocks.upsert(uow, [contact for _, contact in turn], before)
        created = sum(one.created for one in found)
        result.created += created
        result.updated += len(found) - created
        result.unchanged += len(turn) - len(found)
        for index, contact in turn:
            result.contact_ids[index] = ids[contact.external_id or ""]
        for one in found:
            _remember(written, one)
    for again in _turns(later):
        await _take(uow, again, result, written, absent)


async def _redirected(
    uow: UnitOfWork, turn: list[tuple[int, Contact]], moved: Mapping[str, blocks.Known]
) -> tuple[list[tuple[int, Contact]], list[tuple[int, Contact]]]:
    """Returns the rows that mean who they name, and those that mean the contact theirs became part of."""
    kept = await blocks.external_ids(uow, [one.merged_into for one in moved.values() if one.merged_into])
    same = [(index, contact) for index, contact in turn if contact.external_id not in moved]
    others = [
        (index, replace(contact, external_id=kept[moved[contact.external_id].merged_into]))  # type: ignore[index]
        for index, contact in turn
        if contact.external_id in moved
    ]
    return same, others


def _allowed(
    turn: list[tuple[int, Contact]],
    before: Mapping[str, blocks.Known],
    result: BlockResult,
    absent: frozenset[UUID],
) -> list[tuple[int, Contact]]:
    """Returns the rows that the caller may bring in, in the caller's branch; reports the others."""
    own = current_caller().own_branches()
    taken = []
    for index, contact in turn:
        known = before.get(contact.external_id or "")
        if own and known is None and len(own) == 1 and contact.branch_id is None:
            contact = replace(contact, branch_id=own[0])
        problem = _problem(contact, known, limited=bool(own))
        if problem is None and contact.branch_id in absent:
            problem = homes.ABSENT
        if problem:
            result.errors.append(RowError(index, [problem]))
        else:
            taken.append((index, contact))
    return taken


def _problem(contact: Contact, known: blocks.Known | None, *, limited: bool) -> Violation | None:
    if limited:
        caller = current_caller()
        if known and not scope.is_own(known.branch_id, caller):
            return Violation(scope.FIELD, "belongs to a contact of another branch")
        if (contact.branch_id or not known) and not scope.is_own(contact.branch_id, caller):
            return Violation(scope.FIELD, "must be a branch of the caller")
    if contact.attributes and known:
        count = len(known.values["attributes"].keys() | contact.attributes.keys())
        if count > MAX_ATTRIBUTES:
            return Violation("contact.attributes", f"would be {count}; at most {MAX_ATTRIBUTES} are allowed")
    return None


def _remember(written: dict[UUID, blocks.Written], one: blocks.Written) -> None:
    """Notes what became of a contact; of one that was written twice, all that changed."""
    before = written.get(one.reference.contact_id)
    if before:
        changed = () if before.created else tuple(dict.fromkeys(before.changed + one.changed))
        one = blocks.Written(one.reference, before.created, changed)
    written[one.reference.contact_id] = one


def _turns(rows: list[tuple[int, Contact]]) -> list[list[tuple[int, Contact]]]:
    """Returns the rows in turns in which each external id stands once; later rows change what earlier ones made."""
    turns: list[list[tuple[int, Contact]]] = []
    seen: dict[str, int] = {}
    for row in rows:
        turn = seen.get(row[1].external_id or "", 0)
        seen[row[1].external_id or ""] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(row)
    return turns
