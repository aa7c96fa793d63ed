"""JobService: every service shows its scheduled jobs and lets a platform administrator start them (JOB-8)."""

from typing import Any

from angarium.common.v1 import jobs_pb2 as pb
from angarium.common.v1 import jobs_pb2_grpc
from services.common.db.database import Database
from services.common.job_cases import JobCases
from services.common.jobs import JobRunner
from services.common.service import Registration


class JobServicer(jobs_pb2_grpc.JobServiceServicer):
    """Serves ListJobs and RunJob over the jobs of one service."""

    def __init__(self, jobs: JobCases) -> None:
        self._jobs = jobs

    async def ListJobs(self, request: pb.ListJobsRequest, context: Any) -> pb.ListJobsResponse:
        return await self._jobs.page(request)

    async def RunJob(self, request: pb.RunJobRequest, context: Any) -> pb.RunJobResponse:
        return await self._jobs.run(request)


def registration(database: Database, runner: JobRunner) -> Registration:
    """Returns the service as it is served beside the others of its process."""
    return Registration(
        pb.DESCRIPTOR.services_by_name["JobService"],
        jobs_pb2_grpc.add_JobServiceServicer_to_server,
        JobServicer(JobCases(database, runner)),
    )
