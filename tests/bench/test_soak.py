"""The soak's own arithmetic, and a short soak of everything."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from bench.processes import memory
from bench.soak.samples import Growth, Sample, growth

MB = 2**20


def samples(*sizes: int) -> list[Sample]:
    return [Sample(float(second), {"delivery": size * MB}, {}) for second, size in enumerate(sizes)]


def test_growth_is_that_of_the_medians_at_either_end_and_one_spike_counts_for_nothing() -> None:
    sizes = [50] * 20 + [100] * 40 + [900] + [100] * 36 + [130, 130, 700, 130]
    [found] = growth(samples(*sizes), 20.0, 100.0)
    assert (found.early, found.late, found.most) == (100 * MB, 100 * MB, 900 * MB)
    [found] = growth(samples(*[100] * 90, *[130] * 11), 20.0, 100.0)
    assert found.share == pytest.approx(0.3)
    assert not found.is_flat(0.10)


def test_a_few_megabytes_are_no_growth_whatever_their_share() -> None:
    assert Growth("gateway", 40 * MB, 47 * MB, 47 * MB).is_flat(0.10)
    assert not Growth("gateway", 40 * MB, 49 * MB, 49 * MB).is_flat(0.10)
    assert Growth("campaign", 200 * MB, 219 * MB, 219 * MB).is_flat(0.10)


def test_without_looks_at_both_ends_nothing_is_said_of_growth() -> None:
    assert growth(samples(50, 50), 20.0, 100.0) == []


def test_the_memory_of_a_process_is_that_of_its_tree() -> None:
    found = memory({"we": os.getpid(), "nobody": None})
    assert found.keys() == {"we"}
    assert found["we"] > 10 * MB


@pytest.mark.chaos
@pytest.mark.req("REL-21")
async def test_a_short_soak_refuses_whom_it_cannot_serve_and_loses_nothing(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.soak", "--json", "--seconds", "8", "--overload-seconds", "3"),
        *("--callers", "300", "--contacts", "200", "--keep-state", str(tmp_path / "state")),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "RPC_MAX_RUNNING": "60"},
    )
    out, _ = await process.communicate()
    found = json.loads(out)
    assert (found["failures"], process.returncode) == ([], 0)
    assert found["overload"]["answers"].keys() == {"OK", "RESOURCE_EXHAUSTED"}
    assert found["proof"]["accepted"] == found["proof"]["sent"] - 200 * (1 + found["proof"]["campaigns"])
    assert {"blocks of messages", "single messages", "opens and clicks"} <= found["work"].keys()
