"""An account for texts at Amazon: a key, a region, one of two services, and who texts come from."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.delivery.providers import checks
from services.delivery.providers.aws import settings
from services.delivery.providers.kinds import Kind, Problem, Rules, Setting
from services.delivery.providers.phones import names_of_templates

SNS: Final = "sns"
END_USER_MESSAGING: Final = "end_user_messaging"
HOSTS: Final = {SNS: "sns", END_USER_MESSAGING: "sms-voice"}
NUMBER: Final = r"\+[1-9][0-9]{6,14}|[0-9]{3,8}"
SENDER_ID: Final = r"(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}"
POOL: Final = r"(?:pool|phone|sender)-[0-9a-z]{10,40}|arn:aws[a-z-]*:sms-voice:[A-Za-z0-9:/_-]{1,200}"
# SNS gives a notification up after an hour.
RETRIED_SECONDS: Final = 3600


def _senders(value: Any, _rules: Rules) -> str | None:
    check = checks.matching(f"{NUMBER}|{SENDER_ID}|{POOL}", "")
    is_good = isinstance(value, dict) and all(
        len(country) == 2 and country.isalpha() and country.isupper() and check(sender, _rules) is None
        for country, sender in value.items()
    )
    return None if is_good else "must name a number or a sender id for each country, by two letters"


def _whole(config: Mapping[str, Any]) -> Iterator[Problem]:
    is_sns = config.get("service", SNS) == SNS
    for name in ("configuration_set", "topic_arn"):
        if is_sns and config.get(name):
            yield f"config.{name}", "belongs to the service end_user_messaging"
    if not is_sns and config.get("log_account"):
        yield "config.log_account", "belongs to the service sns"
    if config.get("topic_arn") and not config.get("configuration_set"):
        yield "config.configuration_set", "belongs to topic_arn: it names the events that are told"
    if config.get("india_template_ids") and not config.get("india_entity_id"):
        yield "config.india_entity_id", "belongs to india_template_ids"


KIND: Final = Kind(
    name="aws_sns",
    channels=("sms",),
    adapter="AwsSns",
    settings={
        "base_url": settings.base_url("sns", "sms-voice", "sns-fips", "sms-voice-fips"),
        "region": settings.region(),
        "service": Setting(checks.one_of(SNS, END_USER_MESSAGING), optional=True),
        "sender_id": Setting(
            checks.matching(SENDER_ID, "must be up to 11 letters, digits and hyphens, a letter among them"),
            optional=True,
        ),
        "origination_number": Setting(
            checks.matching(f"{NUMBER}|{POOL}", "must be a number of E.164, a short code or a pool"),
            optional=True,
        ),
        "senders": Setting(_senders, optional=True),
        "max_price": Setting(
            checks.matching(r"[0-9]{0,2}\.[0-9]{1,5}", "must be US dollars for one text, such as 0.50"),
            optional=True,
        ),
        "india_entity_id": Setting(
            checks.matching("[0-9]{1,50}", "must be an entity id of DLT"), optional=True
        ),
        "india_template_ids": Setting(
            names_of_templates("[0-9]{1,50}", "a template id of DLT"), optional=True
        ),
        "log_account": Setting(
            checks.matching("[0-9]{12}", "must be the twelve digits of the account whose logs are read"),
            optional=True,
        ),
        "configuration_set": settings.name("must be the name of a configuration set"),
        "topic_arn": settings.topic(),
        "allow_signature_version_1": Setting(checks.flag, optional=True),
    },
    credentials=settings.CREDENTIALS,
    config_whole=_whole,
    webhook_seconds=RETRIED_SECONDS,
    priority=20,
    echoes=False,
    polls=True,
)
