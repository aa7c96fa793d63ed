"""Which branches a caller has to do with (GEN-11)."""

from uuid import UUID

from services.common.rpc.context import Caller


def limited_to(caller: Caller) -> tuple[UUID, ...]:
    """Returns the branches a caller is limited to; empty means all."""
    return tuple(UUID(one) for one in sorted(caller.branch_ids))


def is_visible(branch_id: UUID, caller: Caller) -> bool:
    """Returns whether a branch is there for a caller."""
    own = limited_to(caller)
    return not own or branch_id in own
