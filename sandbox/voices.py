"""How each provider that is emulated tells its events, by channel of the store."""

from sandbox.aws_sns.webhooks import Events as TextEvents
from sandbox.context import Sandbox
from sandbox.gupshup.webhooks import Webhooks as GupshupWebhooks
from sandbox.mailgun.webhooks import Webhooks as MailgunWebhooks
from sandbox.meta.webhooks import Webhooks as MetaWebhooks
from sandbox.msg91.webhooks import Reports
from sandbox.postmark.webhooks import Webhooks as PostmarkWebhooks
from sandbox.sendgrid.webhooks import EventWebhook
from sandbox.ses.webhooks import Events as SesEvents
from sandbox.twilio.webhooks import Callbacks
from sandbox.wati.webhooks import Webhooks as WatiWebhooks
from sandbox.webhooks import Voice


def voices(sandbox: Sandbox) -> dict[str, Voice]:
    """Returns the voices of one sandbox."""
    return {
        "sendgrid": EventWebhook(sandbox.signer),
        "postmark": PostmarkWebhooks(),
        "mailgun": MailgunWebhooks(sandbox.settings.seed),
        "twilio": Callbacks(),
        "ses": SesEvents(lambda: sandbox.notices),
        "aws_sns": TextEvents(lambda: sandbox.notices),
        "msg91": Reports(),
        "meta": MetaWebhooks(),
        "gupshup": GupshupWebhooks(),
        "wati": WatiWebhooks(),
    }
