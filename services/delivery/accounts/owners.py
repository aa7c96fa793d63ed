"""Whose accounts and rates a caller keeps."""

from uuid import UUID

from services.common.errors import denied
from services.common.rpc.context import current_caller
from services.common.security.permissions import PLATFORM_ADMIN
from services.delivery.accounts.domain import PLATFORM


def account_owner() -> UUID:
    """Returns the caller's tenant, or what stands for the platform when a service names none."""
    return current_caller().tenant_id or PLATFORM


def owner() -> UUID:
    """Returns the caller's tenant, or what stands for the platform for its administrators."""
    caller = current_caller()
    if caller.tenant_id is not None:
        return caller.tenant_id
    if PLATFORM_ADMIN in caller.roles:
        return PLATFORM
    raise denied("caller names no tenant")
