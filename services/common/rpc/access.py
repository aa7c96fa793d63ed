"""Who may call a method, as the contract's `access` option says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import MethodDescriptor

from angarium.options.v1 import options_pb2
from services.common.rpc.context import Caller
from services.common.security.permissions import PERMISSION_ROLES, PLATFORM_ADMIN, STAFF_ROLES

_STAFF = STAFF_ROLES - {PLATFORM_ADMIN}


class ContractError(Exception):
    """The contract leaves something open that a server must know; it stops the start."""


@dataclass(frozen=True, slots=True)
class Access:
    """The access rule of one method: a permission, calling services, staff for what is theirs, or anybody."""

    permission: str
    services: frozenset[str]
    public: bool
    roles: frozenset[str]
    """The roles that have the permission."""
    staff: bool = False
    """People who work for the tenant may call, for what is their own."""

    def admits(self, caller: Caller) -> bool:
        """Returns whether the caller may call; silence means no."""
        if caller.service is not None and caller.service in self.services:
            return True
        if (
            self.staff
            and caller.kind == "person"
            and caller.tenant_id
            and not _STAFF.isdisjoint(caller.roles)
        ):
            return True
        return not self.roles.isdisjoint(caller.roles)


def access_of(method: MethodDescriptor) -> Access:
    """Returns the access rule of a method; ContractError names a method that has none or an unknown word."""
    options = method.GetOptions()
    extension: Any = options_pb2.access
    if not options.HasExtension(extension):
        raise ContractError(f"{method.full_name} does not say who may call it (option access)")
    rule: options_pb2.Access = options.Extensions[extension]
    if not (rule.public or rule.permission or rule.services):
        raise ContractError(f"{method.full_name} admits nobody: its option access is empty")
    if rule.permission and rule.permission not in PERMISSION_ROLES:
        raise ContractError(f"{method.full_name} asks for the unknown permission {rule.permission}")
    return Access(
        permission=rule.permission,
        services=frozenset(rule.services),
        public=rule.public,
        roles=PERMISSION_ROLES.get(rule.permission, frozenset()),
        staff=rule.staff,
    )
