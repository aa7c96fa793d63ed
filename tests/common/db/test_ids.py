import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from services.common.db.partitions import uuid7_floor
from services.common.ids import uuid7, uuid7_of, uuid7s


def test_ids_are_version_7_and_ascend_within_a_process():
    ids = [uuid7() for _ in range(1000)] + uuid7s(5000) + [uuid7()]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {(made.version, made.variant) for made in ids} == {(7, "specified in RFC 4122")}


def test_an_id_tells_the_millisecond_it_was_made_in():
    before = time.time_ns() // 1_000_000
    milliseconds = uuid7().int >> 80
    assert before <= milliseconds <= time.time_ns() // 1_000_000 + 1


def test_threads_never_make_the_same_id():
    with ThreadPoolExecutor(8) as threads:
        made = [one for block in threads.map(lambda _: uuid7s(500), range(40)) for one in block]
    assert len(set(made)) == 20_000


def test_a_forked_process_makes_other_ids():
    read, write = os.pipe()
    uuid7()
    pid = os.fork()
    if pid == 0:
        os.write(write, uuid7s(100)[-1].bytes)
        os._exit(0)
    mine = set(uuid7s(1000))
    os.waitpid(pid, 0)
    assert os.read(read, 16) not in {one.bytes for one in mine}


def test_the_floor_of_an_instant_lies_below_its_ids_and_above_those_before():
    now = datetime.now(UTC)
    floor, next_floor = uuid7_floor(now - timedelta(milliseconds=1)), uuid7_floor(now + timedelta(minutes=1))
    assert floor < uuid7() < next_floor


def test_the_id_of_an_event_follows_from_its_facts():
    at = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)
    one = uuid7_of(at, b"message", b"open")
    assert one == uuid7_of(at, b"message", b"open")
    assert (one.version, one.variant) == (7, "specified in RFC 4122")
    assert uuid7_floor(at) <= one < uuid7_floor(at + timedelta(milliseconds=1))
    others = [uuid7_of(at, b"messageo", b"pen"), uuid7_of(at, b"message"), uuid7_of(at, b"message", b"click")]
    assert len({one, *others}) == 4
