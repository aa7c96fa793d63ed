"""Settings of those who sign passes; a part without the others stops the start."""

from collections.abc import Iterator

from pydantic import SecretStr

from services.common.settings import BaseSettings
from services.delivery.wallet import apple, google
from services.delivery.wallet.apple import AppleIssuer
from services.delivery.wallet.google import GoogleIssuer

_APPLE = (
    "apple_pass_type_id",
    "apple_team_id",
    "apple_pass_certificate",
    "apple_pass_key",
    "apple_wwdr_certificate",
)
_GOOGLE = ("google_issuer_id", "google_service_account_email", "google_service_account_key")


class WalletSettings(BaseSettings):
    """The certificate of Apple's passes and the service account of Google's; PEM texts, usually given as files."""

    apple_pass_type_id: str = ""
    apple_team_id: str = ""
    apple_pass_certificate: str = ""
    apple_pass_key: SecretStr = SecretStr("")
    apple_wwdr_certificate: str = ""
    google_issuer_id: str = ""
    google_service_account_email: str = ""
    google_service_account_key: SecretStr = SecretStr("")

    def problems(self) -> Iterator[str]:
        """Yields what is wrong between settings, each naming its variable."""
        yield from super().problems()
        for names, build in ((_APPLE, self.apple_issuer), (_GOOGLE, self.google_issuer)):
            missing = [name.upper() for name in names if not _text(getattr(self, name))]
            if missing and len(missing) < len(names):
                yield f"{', '.join(missing)}: belong together with the other variables of the wallet"
            elif not missing:
                try:
                    build()
                except (ValueError, TypeError) as error:
                    yield f"{names[-1].upper()} and the others of the wallet: {error}"

    def apple_issuer(self) -> AppleIssuer | None:
        """Returns who signs passes for Apple Wallet; None when nobody does."""
        if not self.apple_pass_certificate:
            return None
        return apple.issuer(
            self.apple_pass_type_id,
            self.apple_team_id,
            self.apple_pass_certificate.encode(),
            self.apple_pass_key.get_secret_value().encode(),
            self.apple_wwdr_certificate.encode(),
        )

    def google_issuer(self) -> GoogleIssuer | None:
        """Returns who signs passes for Google Wallet; None when nobody does."""
        key = self.google_service_account_key.get_secret_value()
        if not key:
            return None
        return google.issuer(self.google_issuer_id, self.google_service_account_email, key.encode())


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
