"""Deciding tests when their time is over, and letting the rest leave; any process may, each killable at any instant."""

from services.campaign.campaigns import announce
from services.campaign.campaigns import store as campaigns
from services.campaign.campaigns.domain import Campaign
from services.campaign.campaigns.variants import MIN_PER_VARIANT, fallback_of
from services.campaign.experiments import store
from services.campaign.experiments.convert import outcome_of, outcome_to_proto
from services.campaign.experiments.domain import decide
from services.campaign.runs import store as runs
from services.campaign.runs.domain import Run, RunState, TestPhase
from services.campaign.runs.store import RunKey
from services.campaign.tallies import store as tallies
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.loops import apart


async def decide_due(database: Database) -> int:
    """Starts counting where the tested share is handed over, and decides where the time is over; returns how many."""
    async with database.system() as uow:
        keys = await store.undecided(uow)
    done = 0
    for key in keys:
        done += await apart(f"deciding run {key.run_id}", _look_at(database, key), otherwise=False)
    return done


async def _look_at(database: Database, key: RunKey) -> bool:
    async with database.tenant(key.tenant_id) as uow:
        return await _look(uow, key)


async def _look(uow: UnitOfWork, key: RunKey) -> bool:
    run = await runs.by_id(uow, key.run_id, lock=True)
    campaign = await campaigns.by_id(uow, key.campaign_id)
    if run is None or campaign is None or campaign.ab_test is None:
        return False
    if run.state is not RunState.RUNNING or run.test_phase is not TestPhase.TESTING:
        return False
    if run.test_ends_at is None:
        if await store.is_handed_over(uow, run.run_id):
            await store.start_counting(uow, run.run_id, uow.now() + campaign.ab_test.duration)
            return True
        return False
    return run.test_ends_at <= uow.now() and await _decide(uow, run, campaign)


async def _decide(uow: UnitOfWork, run: Run, campaign: Campaign) -> bool:
    """Decides and releases in one transaction: whoever is killed before its end has done nothing."""
    test = campaign.ab_test
    assert test is not None  # noqa: S101 - the caller looked
    # Lines are counted while nobody changes them.
    await tallies.lock(uow, run.run_id)
    arms = await store.arms(
        uow,
        run.run_id,
        campaign_id=campaign.campaign_id,
        kind=int(test.metric),
        count=len(campaign.variants),
    )
    decision = decide(
        arms,
        fallback=fallback_of(test, campaign.variants),
        minimum=test.min_per_variant or MIN_PER_VARIANT,
    )
    outcome = outcome_of(decision, arms, campaign.variants, uow.now())
    if not await store.decided(uow, run.run_id, outcome):
        return False
    await store.release(uow, run.run_id, decision.winner + 1)
    await store.forget(uow, campaign.campaign_id)
    announce.ab_test_decided(
        uow, campaign.campaign_id, run.run_id, outcome_to_proto(outcome, run.test_ends_at)
    )
    await announce.record(
        uow,
        "decide_test",
        campaign,
        campaign,
        winner=campaign.variants[decision.winner].key,
        basis=decision.basis.name.lower(),
    )
    return True
