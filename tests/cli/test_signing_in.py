"""`angarium console`: an address that signs in who may be signed in, and nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gateway.console import tickets
from gateway.console.people import person_of
from services.common.security.jwt import issue_contact, issue_person
from services.common.security.keys import KeySet
from tests.cli.conftest import Angarium, Answer
from tests.common.given import COMPLETE, settings

NAMES = (
    *("service_token_secret", "jwt_issuer", "jwt_audience", "jwt_secret", "public_base_url", "token_keys"),
    *("consent_address", "campaign_address", "delivery_address", "analytics_address"),
)
ENVIRONMENT = {name.upper(): str(COMPLETE[name]) for name in NAMES}
TENANT = str(uuid4())
HARBOUR = str(uuid4())


def ask(angarium: Angarium, *words: str, **changes: str) -> Answer:
    return angarium("console", *words, **{**ENVIRONMENT, **changes})


def read(url: str) -> tickets.Ticket:
    base, _, ticket = url.strip().rpartition("/")
    assert base == "http://127.0.0.1:8080/console/sign-in"
    return tickets.read(KeySet.parse(COMPLETE["token_keys"]), ticket, datetime.now(UTC))


def test_an_address_is_for_one_person_with_the_roles_and_the_time_that_were_asked_for(
    angarium: Angarium,
) -> None:
    words = ("--role", "branch_manager", "--branch", HARBOUR, "--subject", "maya", "--ttl", "8h", "--json")
    answer = ask(angarium, "--tenant", TENANT, *words)
    assert answer.code == 0, answer.err
    ticket = read(answer.document["url"])
    assert (ticket.person.subject, ticket.person.tenant_id) == ("maya", TENANT)
    assert (ticket.person.roles, ticket.person.branches) == ({"branch_manager"}, {HARBOUR})
    left = ticket.person.expires - datetime.now(UTC)
    assert timedelta(hours=7, minutes=58) < left <= timedelta(hours=8)
    assert ticket.expires - datetime.now(UTC) <= tickets.VALIDITY
    assert ticket.bearer not in answer.out


def test_without_a_role_it_is_the_tenants_owner_and_without_a_tenant_an_administrator(
    angarium: Angarium,
) -> None:
    owner = read(ask(angarium, "--tenant", TENANT).out.splitlines()[0])
    admin = read(ask(angarium).out.splitlines()[0])
    assert (owner.person.roles, admin.person.roles) == ({"super_owner"}, {"platform_admin"})
    assert (owner.person.tenant_id, admin.person.tenant_id) == (TENANT, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--role", "super_owner"), "--tenant"),
        (("--tenant", TENANT, "--role", "contact"), "no role of staff"),
        (("--tenant", TENANT, "--ttl", "soon"), "--ttl"),
        (("--tenant", "bazaar"), "no id"),
    ],
)
def test_what_makes_no_sense_is_said_to(angarium: Angarium, words: tuple[str, ...], said: str) -> None:
    answer = ask(angarium, *words)
    assert (answer.code, said in answer.err) == (2, True), answer.err


def test_a_token_of_another_issuer_signs_in_as_it_says_and_a_contacts_does_not(angarium: Angarium) -> None:
    tenant = uuid4()
    theirs = issue_person(settings(), tenant, "berta", ["regional_manager"])
    ticket = read(ask(angarium, ANGARIUM_TOKEN=theirs).out.splitlines()[0])
    assert (ticket.bearer, person_of(theirs).subject) == (theirs, "berta")
    refused = ask(angarium, ANGARIUM_TOKEN=issue_contact(settings(), tenant, uuid4()))
    assert (refused.code, "staff only" in refused.err) == (1, True)


def test_without_the_keys_of_tickets_the_command_names_what_is_missing(angarium: Angarium) -> None:
    answer = ask(angarium, "--tenant", TENANT, TOKEN_KEYS="")
    assert (answer.code, "TOKEN_KEYS" in answer.err) == (1, True), answer.err
