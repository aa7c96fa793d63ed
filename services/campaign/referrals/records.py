"""What referrals keep of a person, and how it is forgotten."""

from typing import Final

from services.common.contact_data.collections import Rows
from services.common.contact_data.person import Person
from services.common.db.uow import UnitOfWork

REMAINING: Final = (
    "(SELECT count(*) FROM referral_code WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)",
    "(SELECT count(*) FROM referral WHERE tenant_id = %(tenant_id)s AND referrer_contact_id = %(contact_id)s)",
    "(SELECT count(*) FROM referral WHERE tenant_id = %(tenant_id)s AND referred_contact_id = %(contact_id)s)",
)
COLLECTIONS: Final = (
    Rows(
        "referral_codes",
        "SELECT code, created_at FROM referral_code WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
    ),
    Rows(
        "referrals",
        "SELECT referral_id, CASE WHEN referrer_contact_id = %(contact_id)s THEN 'referrer' ELSE 'referred' END AS role,"
        " referral_code, CASE WHEN referred_contact_id = %(contact_id)s THEN referred_phone END AS phone, state,"
        " first_invoice_id, first_invoice_amount::text, currency, fraud_reason, created_at, expires_at, converted_at,"
        " referrer_rewarded_at, referred_rewarded_at FROM referral WHERE tenant_id = %(tenant_id)s"
        " AND %(contact_id)s IN (referrer_contact_id, referred_contact_id) ORDER BY referral_id",
        {"state": {1: "pending", 2: "converted", 3: "rewarded", 4: "expired", 5: "fraud"}},
    ),
)


async def forget(uow: UnitOfWork, person: Person) -> dict[str, int]:
    """Takes a person out of codes and referrals, which stay as figures; returns how many rows, by table."""
    values = {"tenant_id": uow.tenant_id, "contact_id": person.contact_id, "other": person.tombstone_id}
    codes = await uow.execute(
        "DELETE FROM referral_code c WHERE c.tenant_id = %(tenant_id)s AND (c.contact_id = %(contact_id)s OR EXISTS"
        " (SELECT FROM contact k WHERE k.tenant_id = c.tenant_id AND k.contact_id = c.contact_id"
        " AND k.merged_into = %(contact_id)s))",
        values,
    )
    referrer = await uow.execute(
        "UPDATE referral SET referrer_contact_id = %(other)s WHERE tenant_id = %(tenant_id)s"
        " AND referrer_contact_id = %(contact_id)s",
        values,
    )
    referred = await uow.execute(
        "UPDATE referral SET referred_contact_id = %(other)s, referred_phone = NULL WHERE tenant_id = %(tenant_id)s"
        " AND referred_contact_id = %(contact_id)s",
        values,
    )
    return {"referral_code": codes, "referral": referrer + referred}
