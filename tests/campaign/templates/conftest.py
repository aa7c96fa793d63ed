"""Templates beside a delivery that keeps pictures."""

from tests.campaign.campaigns.conftest import stage  # noqa: F401 - a fixture
