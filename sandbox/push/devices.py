"""Which device answers how: forced by its token, or said when a simulated device is made."""

from dataclasses import dataclass

SERVICES = ("fcm", "apns", "webpush")


@dataclass(frozen=True)
class DeviceBehaviour:
    """What a push service says of messages to a device.

    Attributes:
        name: Stored with each message and shown in the truth.
        word: What a token of FCM begins with to force it, followed by a hyphen.
        digits: What a token of APNs ends with to force it.
        summary: One line for people.
    """

    name: str
    word: str
    digits: str
    summary: str


DEVICES = (
    DeviceBehaviour("device_healthy", "", "", "shows it"),
    DeviceBehaviour("device_unregistered", "unregistered", "0410", "has removed the app"),
    DeviceBehaviour("device_invalid", "invalid", "0400", "has a token that is none"),
    DeviceBehaviour("device_wrong_app", "wrongapp", "0401", "has a token of another app"),
    DeviceBehaviour("device_busy", "busy", "0429", "gets too many messages at once"),
    DeviceBehaviour(
        "device_unavailable", "unavailable", "0503", "belongs to a push service that is not well"
    ),
)
BY_DEVICE = {behaviour.name: behaviour for behaviour in DEVICES}
HEALTHY = DEVICES[0]


def by_word(token: str) -> DeviceBehaviour:
    """Returns the behaviour of a device of FCM."""
    word = token.partition("-")[0].lower()
    return next((one for one in DEVICES if one.word and one.word == word), HEALTHY)


def by_digits(token: str) -> DeviceBehaviour:
    """Returns the behaviour of a device of APNs."""
    return next((one for one in DEVICES if one.digits and token.endswith(one.digits)), HEALTHY)
