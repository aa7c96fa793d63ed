"""What the tests of whole ways share."""

from tests.e2e.city import city  # noqa: F401 - a fixture
