"""What becomes of a campaign between real services: who is explained, who gets it again, and when it stops by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.struct_pb2 import Struct

from angarium.campaign.v1 import campaign_pb2, campaign_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import provider_service_pb2
from bench import given
from services.delivery.accounts.domain import FAILURES_TO_OPEN
from tests.cli.conftest import Angarium, Ask, angarium, asking, state
from tests.privacy.conftest import Town, town

__all__ = ["angarium", "state", "town"]

ADA, BERT, CARO = (
    {"external_id": name, "email": f"silent+{name}@example.com", "first_name": name.title()}
    for name in ("ada", "bert", "caro")
)


async def behave(town: Town, *rules: dict[str, Any], verified: bool = True) -> str:
    """Has the only account answer by rules from now on, and returns its id."""
    providers = town.cast.ada.providers
    request = provider_service_pb2.ListProviderAccountsRequest()
    [account] = (await providers.ListProviderAccounts(request)).provider_accounts
    config = Struct()
    config.update({"rules": list(rules), "verified": verified})
    account.config.CopyFrom(config)
    await providers.UpdateProviderAccount(
        provider_service_pb2.UpdateProviderAccountRequest(
            provider_account=account, update_mask=FieldMask(paths=["config"])
        )
    )
    return str(account.provider_account_id)


def asked(angarium: Angarium, town: Town) -> Ask:
    addresses = {
        name: town.given[f"{name}_address"] for name in ("consent", "campaign", "delivery", "analytics")
    }
    return asking(angarium, "campaigns", tenant=str(town.tenant_id), **addresses)


@pytest.mark.req("W2", "CAM-106", "CAM-127")
async def test_a_campaign_is_explained_sent_again_to_who_missed_it_and_held_when_no_provider_is_left(
    town: Town, angarium: Angarium
) -> None:
    ask = asked(angarium, town)
    await town.people(ADA, BERT, CARO)
    ada, bert, caro = [await town.contact_of(one["external_id"]) for one in (ADA, BERT, CARO)]
    await behave(town, {"address": BERT["email"], "result": "permanent", "code": "content_refused"})
    template_id, _ = await given.template(town.cast.ada, enums_pb2.CATEGORY_NEWSLETTER)
    await town.settled()
    await town.rows(
        "UPDATE consent.consent SET status = 'revoked', revoked_at = now() WHERE contact_id = %s", caro
    )
    campaign = await town.campaign(template_id, total=3)

    # Each recipient's line, and why, from the command of an operator.
    told = await ask("explain", campaign, "--contact", str(ada))
    assert (told.code, "the recipient is sent" in told.out) == (0, True), told.err
    assert "recording took it" in told.out
    told = await ask("explain", campaign, "--contact", str(caro))
    assert "the recipient is skipped, because of" in told.out, told.err
    assert "consent" in told.out
    # What was seen then is kept, whatever holds now.
    await town.rows(
        "UPDATE consent.consent SET status = 'granted', revoked_at = NULL WHERE contact_id = %s", caro
    )
    found = (await ask("explain", campaign, "--contact", str(caro), "--json")).document
    [decision] = found["explanation"]["decisions"]
    assert (decision["moment"], decision["reason"]) == ("acceptance", "consent_revoked")
    by_check = {gate["check"]: gate["outcome"] for gate in decision["gates"]}
    assert by_check["suppression"] == "passed"
    assert by_check["consent"] == "refused"
    assert by_check["provider"] == "not_reached"
    await town.rows(
        "UPDATE consent.consent SET status = 'revoked', revoked_at = now() WHERE contact_id = %s", caro
    )
    found = (await ask("explain", campaign, "--contact", str(bert), "--json")).document
    assert found["recipient"]["state"] == "failed"
    assert found["explanation"]["decisions"]
    told = await ask("explain", campaign, "--contact", campaign)
    assert (told.code, "not in the audience" in told.out) == (1, True)

    # Again, to nobody but who missed it.
    await behave(town)
    answer = await ask("rerun", campaign, "--as", "anna", "--json")
    assert answer.document["recipients"] == 1, answer.err
    again = answer.document["run"]
    await town.until(
        "SELECT count(*) FROM delivery.message m JOIN delivery.content c USING (tenant_id, content_id)"
        " WHERE c.run_id = %s AND m.sent_at IS NOT NULL",
        1,
        again,
    )
    assert await town.rows("SELECT contact_id FROM campaign.campaign_recipient WHERE run_id = %s", again) == [
        (bert,)
    ]

    # The only account refuses everything: the campaign holds itself once that has lasted.
    down = {"result": "retryable", "code": "unavailable", "provider_fault": True}
    account_id = await behave(town, down, verified=False)
    another, _ = await given.template(town.cast.ada, enums_pb2.CATEGORY_OFFER)
    made = await town.cast.ada.campaigns.CreateCampaign(
        campaign_service_pb2.CreateCampaignRequest(
            campaign=campaign_pb2.Campaign(
                name="unlucky",
                channel=enums_pb2.CHANNEL_EMAIL,
                template_id=another,
                target_all_contacts=True,
            )
        )
    )
    unlucky = made.campaign.campaign_id
    await ask("submit", unlucky, "--as", "anna")
    await ask("approve", unlucky, "--as", "berta")
    assert (await ask("send", unlucky)).code == 0
    for _ in range(FAILURES_TO_OPEN):
        await town.cast.ada.providers.VerifyProviderAccount(
            provider_service_pb2.VerifyProviderAccountRequest(provider_account_id=account_id)
        )
    await town.until("SELECT count(*) FROM campaign.channel_outage", 1)
    town.clock.ahead += timedelta(minutes=11)
    await town.until(
        "SELECT pause_reason FROM campaign.campaign WHERE campaign_id = %s", "provider_outage", unlucky
    )
