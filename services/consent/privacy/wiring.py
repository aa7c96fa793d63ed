"""What privacy gives to the bootstrap."""

from typing import NamedTuple

from angarium.consent.v1 import privacy_service_pb2, privacy_service_pb2_grpc
from services.common.contact_data import servicer as contact_data
from services.common.contact_data.erasing import Eraser
from services.common.db.database import Database
from services.common.jobs import Job
from services.common.rpc.client import Channels
from services.common.security.envelope import Envelope
from services.common.service import Registration
from services.consent.directory.handlers import Directory
from services.consent.directory.lookup import ContactLookup
from services.consent.ledger.receipts import ReceiptKeys
from services.consent.privacy.handlers import Privacy
from services.consent.privacy.job import privacy_job
from services.consent.privacy.neighbours import Neighbours
from services.consent.privacy.pieces import Vault
from services.consent.privacy.records import DATA
from services.consent.privacy.servicer import PrivacyServicer
from services.consent.privacy.workflow import Workflow
from services.consent.settings import ConsentSettings


class Parts(NamedTuple):
    """The parts of privacy."""

    registrations: list[Registration]
    job: Job
    workflow: Workflow
    privacy: Privacy


def parts(
    settings: ConsentSettings,
    database: Database,
    channels: Channels,
    directory: Directory,
    lookup: ContactLookup,
    envelope: Envelope,
) -> Parts:
    """Returns the parts of privacy."""
    vault = Vault(database, envelope)
    privacy = Privacy(database, directory, vault)
    workflow = Workflow(
        database,
        Neighbours(channels, lookup),
        Eraser(database, settings.hash_keys, DATA),
        vault,
        ReceiptKeys(settings.receipt_keys),
    )
    return Parts(
        [
            Registration(
                privacy_service_pb2.DESCRIPTOR.services_by_name["PrivacyService"],
                privacy_service_pb2_grpc.add_PrivacyServiceServicer_to_server,
                PrivacyServicer(privacy),
            ),
            contact_data.registration(database, settings.hash_keys, DATA),
        ],
        privacy_job(workflow),
        workflow,
        privacy,
    )
