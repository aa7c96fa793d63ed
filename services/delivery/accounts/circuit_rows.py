"""The SQL of circuits: of an account for everybody, and of the platform's accounts for each tenant (DEL-76)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery.accounts.domain import Circuit, CircuitState

_RESET_CIRCUIT = """
UPDATE provider_account SET circuit = 1, consecutive_failures = 0, reopened_count = 0, opened_at = NULL, probe_at = NULL,
    success_count = 0, failure_count = 0, last_error = ''
WHERE tenant_id = %s AND account_id = %s
"""

_CIRCUIT_OF_TENANT = """
SELECT circuit, consecutive_failures, reopened_count, opened_at, probe_at FROM tenant_circuit
WHERE tenant_id = %s AND account_id = %s FOR UPDATE
"""

_SAVE_CIRCUIT_OF_TENANT = """
INSERT INTO tenant_circuit (
    tenant_id, account_id, circuit, consecutive_failures, reopened_count, opened_at, probe_at, last_error)
VALUES (%(tenant_id)s, %(account_id)s, %(state)s, %(failures)s, %(reopened)s, %(opened_at)s, %(probe_at)s, %(error)s)
ON CONFLICT (tenant_id, account_id) DO UPDATE
SET circuit = excluded.circuit, consecutive_failures = excluded.consecutive_failures,
    reopened_count = excluded.reopened_count, opened_at = excluded.opened_at, probe_at = excluded.probe_at,
    last_error = CASE WHEN excluded.last_error = '' THEN tenant_circuit.last_error ELSE excluded.last_error END
"""

_CIRCUIT = """
SELECT circuit, consecutive_failures, reopened_count, opened_at, probe_at FROM provider_account
WHERE tenant_id = %s AND account_id = %s FOR UPDATE
"""

_SAVE_CIRCUIT = """
UPDATE provider_account SET circuit = %(state)s, consecutive_failures = %(failures)s, reopened_count = %(reopened)s,
    opened_at = %(opened_at)s, probe_at = %(probe_at)s, success_count = success_count + %(successes)s,
    failure_count = failure_count + %(faults)s,
    last_error = CASE WHEN %(error)s = '' THEN last_error ELSE %(error)s END,
    last_check_at = coalesce(%(checked_at)s, last_check_at),
    quota_remaining = CASE WHEN %(checked_at)s::timestamptz IS NULL THEN quota_remaining ELSE %(quota)s::bigint END
WHERE tenant_id = %(tenant_id)s AND account_id = %(account_id)s
"""


async def circuit(uow: UnitOfWork, account_id: UUID) -> Circuit | None:
    """Locks an account and returns its circuit."""
    row = await uow.fetch_one(_CIRCUIT, (uow.tenant_id, account_id))
    return None if row is None else Circuit(CircuitState(row[0]), *row[1:])


async def circuit_of_tenant(uow: UnitOfWork, account_id: UUID) -> Circuit:
    """Locks and returns the circuit that an account of the platform has for the unit of work's tenant."""
    row = await uow.fetch_one(_CIRCUIT_OF_TENANT, (uow.tenant_id, account_id))
    return Circuit() if row is None else Circuit(CircuitState(row[0]), *row[1:])


async def save_circuit_of_tenant(
    uow: UnitOfWork, account_id: UUID, circuit: Circuit, error: str = ""
) -> None:
    """Writes the circuit that an account of the platform has for the unit of work's tenant."""
    values = {"tenant_id": uow.tenant_id, "account_id": account_id, "error": error[:500]}
    await uow.execute(_SAVE_CIRCUIT_OF_TENANT, values | _circuit_values(circuit))


async def save_circuit(
    uow: UnitOfWork,
    account_id: UUID,
    circuit: Circuit,
    *,
    successes: int,
    faults: int,
    error: str = "",
    checked_at: datetime | None = None,
    quota: int | None = None,
) -> None:
    """Writes the circuit of a locked account and adds to its counters."""
    await uow.execute(
        _SAVE_CIRCUIT,
        {
            "tenant_id": uow.tenant_id,
            "account_id": account_id,
            "successes": successes,
            "faults": faults,
            "error": error[:500],
            "checked_at": checked_at,
            "quota": quota,
            **_circuit_values(circuit),
        },
    )


def _circuit_values(circuit: Circuit) -> dict[str, Any]:
    return {
        "state": int(circuit.state),
        "failures": circuit.failures,
        "reopened": circuit.reopened,
        "opened_at": circuit.opened_at,
        "probe_at": circuit.probe_at,
    }


async def reset_circuit(uow: UnitOfWork, account_id: UUID) -> None:
    """Closes the circuit of an account and sets its counters to zero."""
    await uow.execute(_RESET_CIRCUIT, (uow.tenant_id, account_id))


async def forget_circuits_of_tenants(uow: UnitOfWork, account_id: UUID) -> list[UUID]:
    """Forgets the circuits tenants have with an account, and returns the tenants whose was not closed."""
    rows = await uow.fetch_all(
        "DELETE FROM tenant_circuit WHERE account_id = %s RETURNING tenant_id, circuit", (account_id,)
    )
    return [tenant_id for tenant_id, circuit in rows if circuit != CircuitState.CLOSED]
