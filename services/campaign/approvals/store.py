"""SQL of approvals."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.campaign.approvals.domain import Approval, Spoken, State
from services.common.db.uow import UnitOfWork

_COLUMNS = (
    "template_version_id, language_code, business_account, provider_account_id, whatsapp_template_name, "
    "whatsapp_template_id, state, reason, submitted_at, updated_at"
)


async def of_versions(uow: UnitOfWork, version_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Approval]]:
    """Returns the approvals of versions, by version."""
    rows = await uow.fetch_all(
        f"SELECT {_COLUMNS} FROM whatsapp_approval WHERE tenant_id = %s AND template_version_id = ANY(%s) "
        "ORDER BY language_code, submitted_at",
        (uow.tenant_id, list(version_ids)),
    )
    found: defaultdict[UUID, list[Approval]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(_approval(row))
    return found


async def upsert(uow: UnitOfWork, one: Approval) -> None:
    """Writes an approval, in place of an earlier one of the same content and business account."""
    await uow.execute(
        f"""
        INSERT INTO whatsapp_approval (tenant_id, {_COLUMNS})
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (tenant_id, template_version_id, language_code, business_account) DO UPDATE SET
            provider_account_id = excluded.provider_account_id,
            whatsapp_template_name = excluded.whatsapp_template_name,
            whatsapp_template_id = excluded.whatsapp_template_id, state = excluded.state,
            reason = excluded.reason, submitted_at = excluded.submitted_at, updated_at = excluded.updated_at
        """,
        (
            uow.tenant_id,
            one.version_id,
            one.language_code,
            one.business_account,
            one.provider_account_id,
            one.name,
            one.provider_template_id,
            int(one.state),
            one.reason,
            one.submitted_at,
            one.updated_at,
        ),
    )


async def spoken_of(uow: UnitOfWork, spoken: Spoken) -> list[tuple[UUID, Approval]]:
    """Returns the approvals a provider speaks of, with their tenants, locked; across tenants in a system's unit of work."""
    rows = await uow.fetch_all(
        f"""
        SELECT tenant_id, {_COLUMNS} FROM whatsapp_approval
        WHERE (%(tenant_id)s::uuid IS NULL OR tenant_id = %(tenant_id)s)
            AND (provider_account_id = %(account_id)s OR business_account = %(business_account)s)
            AND ((%(template_id)s <> '' AND whatsapp_template_id = %(template_id)s)
                OR (whatsapp_template_name = %(name)s
                    AND (%(template_id)s = '' OR whatsapp_template_id IN ('', %(template_id)s))
                    AND (%(language)s = '' OR replace(lower(language_code), '-', '_') = %(language)s)))
        FOR UPDATE
        """,
        {
            "tenant_id": uow.tenant_id,
            "account_id": spoken.provider_account_id,
            "business_account": spoken.business_account,
            "template_id": spoken.template_id,
            "name": spoken.name,
            "language": spoken.language.replace("-", "_").lower(),
        },
    )
    return [(row[0], _approval(row[1:])) for row in rows]


async def waiting(uow: UnitOfWork) -> dict[tuple[UUID, UUID], list[str]]:
    """Returns the names that wait for a decision, by tenant and account; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, provider_account_id, array_agg(DISTINCT whatsapp_template_name) "
        "FROM whatsapp_approval WHERE state = %s GROUP BY 1, 2 ORDER BY 1, 2",
        (int(State.PENDING),),
    )
    return {(tenant_id, account_id): names for tenant_id, account_id, names in rows}


def _approval(row: Sequence[Any]) -> Approval:
    version_id, language, business, account_id, name, template_id, state, *rest = row
    return Approval(version_id, language, business, account_id, name, template_id, State(state), *rest)
