from dataclasses import replace

from sandbox.aws.signature import SECRET
from tests.delivery.providers.rigs.texting import Rig

RIG = Rig(
    "aws_sns",
    "sms",
    {"region": "eu-central-1", "origination_number": "+12025550199", "log_account": "000000000000"},
    {"access_key_id": "AKIDEXAMPLE", "secret_access_key": SECRET},
    "access_key_id",
    whole=True,
)
END_USER_MESSAGING = replace(
    RIG,
    label="aws_sns-end_user_messaging",
    config={
        "region": "eu-central-1",
        "service": "end_user_messaging",
        "origination_number": "+12025550199",
        "configuration_set": "texts",
        "topic_arn": "arn:aws:sns:eu-central-1:000000000000:texts",
    },
)
