"""Templates beside a delivery whose providers review them."""

from tests.campaign.campaigns.conftest import stage  # noqa: F401 - a fixture
