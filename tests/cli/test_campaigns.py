"""`angarium campaigns` against the services as they are served."""

import json
from pathlib import Path

import pytest

from angarium.campaign.v1 import campaign_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1.provider_service_pb2 import GetChannelRouteResponse
from tests.campaign.campaigns.conftest import Stage, stage
from tests.cli.conftest import Angarium, Ask, asking
from tests.fakes.neighbours import deny

__all__ = ["stage"]


@pytest.fixture
async def ask(angarium: Angarium, stage: Stage) -> Ask:
    """Runs a command for a tenant with one contact."""
    await stage.configure(campaign_approval_threshold_recipients=1)
    await stage.contacts(1)

    return asking(
        angarium,
        "campaigns",
        tenant=str(stage.served.tenant_id),
        campaign=stage.served.address,
        consent=stage.settings.consent_address,
        delivery=stage.settings.delivery_address,
        analytics=stage.served.address,
    )


async def test_what_keeps_a_campaign_from_leaving_is_said_with_its_mend(
    ask: Ask, stage: Stage, tmp_path: Path
) -> None:
    template_id = await stage.template("letter")
    stage.delivery.route = GetChannelRouteResponse.ROUTE_NO_ACCOUNT
    file = tmp_path / "spring.toml"
    file.write_text(
        f'name = "Spring"\nchannel = "CHANNEL_EMAIL"\ntemplate_id = "{template_id}"\ntarget_all_contacts = true\n'
    )
    made = await ask("create", str(file), "--json")
    assert made.document["warnings"] == ["provider_not_configured"], made.err
    told = (await ask("create", str(file))).out
    assert "no provider account carries the channel: add or enable one" in told
    campaign = made.document["campaign"]["campaign"]
    refused = await ask("submit", campaign)
    assert (refused.code, "no provider account carries email" in refused.err) == (1, True), refused.err
    assert "Mend:" in refused.err
    assert "docs/providers.md" in refused.err
    dry = await ask("dry-run", campaign)
    assert (dry.code, "no provider account carries the channel" in dry.out) == (1, True), dry.out


@pytest.mark.req("CAM-56", "CAM-59", "CAM-60", "CAM-62", "W2", "W9")
async def test_a_campaign_is_planned_approved_and_stopped_from_a_terminal(
    ask: Ask, stage: Stage, tmp_path: Path
) -> None:
    template_id = await stage.template("letter")
    stage.consent.rule = lambda _context, _item: deny(consent_pb.DECISION_REASON_NO_CONSENT)
    file = tmp_path / "spring.toml"
    file.write_text(
        f'name = "Spring"\nchannel = "CHANNEL_EMAIL"\ntemplate_id = "{template_id}"\n'
        'target_all_contacts = true\nschedule_time = 2027-05-01T09:00:00+02:00\n'
    )  # fmt: skip
    answer = await ask("create", str(file), "--as", "anna", "--json")
    assert answer.code == 0, answer.err
    made = answer.document["campaign"]
    assert (made["state"], made["template"], made["estimated_recipients"]) == ("draft", "letter", 1)
    assert made["estimated_cost"] == "0.001 EUR"
    told = await ask("create", str(file), "--as", "anna")
    assert (await ask("show", told.out.split(" is ")[1][:36])).code == 0, told.out
    campaign = made["campaign"]
    answer = await ask("dry-run", campaign, "--json")
    assert answer.out, answer.err
    report = answer.document["report"]
    assert (report["recipients"], report["refused"], answer.code) == (1, 1, 1)
    assert [gate["check"] for gate in report["gates"] if gate["refused"]] == ["consent"]
    assert report["warnings"] == ["approval_required"]
    assert "Cost: 0.00 EUR, 1 segments each" in (await ask("dry-run", campaign)).out
    answer = await ask("submit", campaign, "--as", "anna")
    assert "It is pending approval" in answer.out, answer.err
    answer = await ask("approve", campaign, "--as", "anna")
    assert (answer.code, "somebody else must approve" in answer.err) == (1, True)
    assert (await ask("approve", campaign, "--as", "berta")).code == 0
    answer = await ask("schedule", campaign, "--at", "2027-05-01T09:00:00", "--json")
    assert (answer.code, "offset" in answer.err) == (2, True)
    answer = await ask("schedule", campaign, "--at", "2027-05-01T09:00:00+02:00", "--json")
    assert answer.document["campaign"]["scheduled"] == "2027-05-01 07:00:00Z", answer.err
    answer = await ask("list", "--in", "scheduled")
    assert campaign in answer.out
    assert (await ask("unschedule", campaign, "--json")).document["campaign"]["state"] == "approved"
    answer = await ask("send", campaign)
    assert "goes to 1 contacts" in answer.out, answer.err
    await stage.worker().run_until_idle()
    answer = await ask("show", campaign, "--watch", "--json")
    (run,) = answer.document["runs"]
    assert (answer.document["campaign"]["state"], run["state"], run["counts"]["skipped"]) == (
        "sent",
        "completed",
        1,
    )
    answer = await ask("recipients", campaign, "--in", "skipped", "--json")
    (line,) = answer.document["recipients"]
    assert (line["reason"], line["address"]) == ("no_consent", "reader0@example.com")
    answer = await ask("export", campaign)
    assert answer.out.splitlines()[0] == (
        "message,contact,address,variant,state,reason,sent,delivered,read,retries,provider_message"
    )
    assert answer.out.splitlines()[1].endswith("reader0@example.com,,skipped,no_consent,,,,,")
    answer = await ask("rerun", campaign)
    assert (answer.code, "everybody got it" in answer.err) == (1, True)


@pytest.mark.req("CAM-57", "CAM-58")
async def test_a_draft_is_changed_by_what_a_file_names_and_deleted(
    ask: Ask, stage: Stage, tmp_path: Path
) -> None:
    campaign = (await stage.draft(daily_limit=5)).campaign_id
    file = tmp_path / "change.json"
    file.write_text(json.dumps({"name": "Autumn", "dailyLimit": 0}))
    answer = await ask("change", campaign, str(file))
    assert "Autumn was changed. It is draft." in answer.out, answer.err
    changed = await stage.get(campaign)
    assert (changed.name, changed.daily_limit, changed.target_all_contacts) == ("Autumn", 0, True)
    file.write_text(json.dumps({"state": "STATE_SENT"}))
    answer = await ask("change", campaign, str(file))
    assert (answer.code, "cannot be updated" in answer.err) == (1, True), answer.err
    file.write_text("{}")
    assert (await ask("change", campaign, str(file))).code == 2
    assert (await ask("delete", campaign)).code == 0
    answer = await ask("delete", campaign)
    assert (answer.code, "not found" in answer.err) == (1, True)


async def test_a_draft_is_stopped_and_a_test_needs_somebody(ask: Ask, stage: Stage) -> None:
    campaign = (await stage.draft()).campaign_id
    assert (await ask("test", campaign)).code == 2
    answer = await ask("test", campaign, "--to", "nobody@example.com")
    assert "is nobody's verified address" in answer.err
    answer = await ask("estimate", campaign, "--json")
    assert (answer.document["recipients"], answer.document["eligible"]) == (1, 1)
    answer = await ask("cancel", campaign, "--reason", "not this year", "--json")
    assert answer.document["campaign"]["state"] == "cancelled"


@pytest.mark.req("CAM-56")
async def test_a_file_may_say_words_and_variables_as_people_write_them(
    ask: Ask, stage: Stage, tmp_path: Path
) -> None:
    template_id = await stage.template("letter")
    file = tmp_path / "spring.toml"
    file.write_text(
        f'name = "Spring"\nchannel = "email"\nschedule_zone = "recipient"\ntemplate_id = "{template_id}"\n'
        "target_all_contacts = true\n[variables]\nheight = 1200\nuntil = 2027-05-01\n"
    )
    made = await ask("create", str(file), "--json")
    assert made.code == 0, made.err
    found = await stage.get(made.document["campaign"]["campaign"])
    assert json.loads(found.variables_json) == {"height": 1200, "until": "2027-05-01"}
    assert found.schedule_zone == campaign_pb2.Campaign.SCHEDULE_ZONE_RECIPIENT
    more = tmp_path / "more.toml"
    more.write_text("[variables]\nheight = 1300\n")
    assert (await ask("change", found.campaign_id, str(more))).code == 0
    assert json.loads((await stage.get(found.campaign_id)).variables_json) == {"height": 1300}


async def test_a_field_that_is_none_is_told_without_internals(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "spring.toml"
    for text, said in (
        ('nmae = "Spring"', "'nmae' is no field; is name meant?"),
        ('zzz = "Spring"', "'zzz' is no field"),
        ('channel = "pigeon"', "PIGEON"),
        ('daily_limit = "many"', "daily"),
    ):
        file.write_text(text)
        answer = await ask("create", str(file))
        assert (answer.code, said in " ".join(answer.err.split())) == (1, True), answer.err
        assert "Available" not in answer.err
        assert "angarium.campaign" not in answer.err


async def test_what_cannot_be_read_says_how_to_mend_it(ask: Ask, tmp_path: Path) -> None:
    broken, other = tmp_path / "broken.json", tmp_path / "other.json"
    broken.write_text("{")
    other.write_text(json.dumps({"nmae": "Spring"}))
    for path, words in (
        (broken, "no valid json"),
        (other, "docs/campaigns.md"),
        (tmp_path / "none.json", "cannot be read"),
    ):
        answer = await ask("create", str(path))
        assert (answer.code, words in answer.err) == (1, True), answer.err
    answer = await ask("list", "--in", "nowhere")
    assert (answer.code, "Take one of: draft" in answer.err) == (2, True)
