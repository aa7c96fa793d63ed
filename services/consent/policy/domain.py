"""What a tenant allows, as the areas of this service read it (CON-12)."""

from dataclasses import dataclass, field

from services.consent.decisions.facts import Policy


@dataclass(frozen=True, slots=True)
class Branding:
    """How the pages of a tenant look."""

    logo_url: str = ""
    primary_color: str = ""
    footer_text: str = ""


@dataclass(frozen=True, slots=True)
class TenantPolicy:
    """The policy of a tenant; the defaults are those of one whose settings have not arrived yet."""

    rules: Policy = field(default_factory=Policy)
    name: str = ""
    region_code: str = ""
    double_opt_in_channels: frozenset[str] = frozenset({"email"})
    consent_validity_days: int | None = None
    dnd_registries: tuple[str, ...] = ()
    stale_registries: tuple[str, ...] = ()
    """Registries without a completed import of the last seven days (CON-88)."""
    branding: Branding = field(default_factory=Branding)
    branch_marketing: bool = True
    branch_time_zone: str = ""
    branch_archived: bool = False
    """True when the branch of the message sends nothing any more."""
    has_any_channel_entries: bool = False
    """True when the tenant suppresses some address on every channel at once."""
    has_platform_entries: bool = False
    """True when the platform suppresses some address for everybody."""
