"""The queue: who is served when, and what becomes of those for whom there is no room."""

from __future__ import annotations

import random
import threading

import pytest
from serving import PATIENCE, until

from summae.errors import InputError
from summae.serve.limits import Limits
from summae.serve.worker_queue import QueuedText, QueueFullError, WorkerQueue


class Worker:
    """Notes its batches; answers with the text in capitals. The first batch waits for ``gate``."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.batches: list[list[str]] = []

    def __call__(self, batch: list[QueuedText]) -> None:
        self.batches.append([each.text for each in batch])
        assert self.gate.wait(PATIENCE)
        for each in batch:
            each.answer.set_result(each.text.upper())


def queued(*texts: str, settings: object = 0) -> list[QueuedText]:
    return [QueuedText(text, settings) for text in texts]


@pytest.fixture
def worker():
    return Worker()


@pytest.fixture
def queue(worker):
    """One whose thread is busy with a first text, so that what is put next waits."""
    made = WorkerQueue("test", worker, most_waiting=40, most_texts=4, most_chars=20)
    made.put(queued("first"))
    until(lambda: worker.batches == [["first"]])
    yield made
    worker.gate.set()
    made.close()


def all_batches(queue: WorkerQueue, worker: Worker) -> list[list[str]]:
    """After the first."""
    worker.gate.set()
    queue.close()
    return worker.batches[1:]


def test_one_text_of_each_request_in_turn(queue, worker):
    queue.put(queued("a1", "a2", "a3", "a4", "a5", "a6"))
    queue.put(queued("b1"))
    queue.put(queued("c1", "c2"))
    assert all_batches(queue, worker) == [["a1", "b1", "c1", "a2"], ["c2", "a3", "a4", "a5"], ["a6"]]


def test_only_texts_of_equal_settings_share_a_call_and_none_is_passed_over_for_ever(queue, worker):
    queue.put(queued(*(f"a{number}" for number in range(9)), settings="a"))
    queue.put(queued("b1", settings="b"))
    found = all_batches(queue, worker)
    assert found == [["a0", "a1", "a2", "a3"], ["b1"], ["a4", "a5", "a6", "a7"], ["a8"]]


def test_characters_are_bounded_but_a_text_beyond_goes_alone(queue, worker):
    queue.put(queued("x" * 50, "y" * 12))
    queue.put(queued("z" * 9, "w" * 8))
    assert all_batches(queue, worker) == [["x" * 50], ["z" * 9, "w" * 8], ["y" * 12]]


def test_a_full_lane_takes_all_or_nothing_and_says_when_to_come_back(queue, worker):
    queue.put(queued(*"x" * 39))
    with pytest.raises(QueueFullError) as full:
        queue.put(queued("y", "z"))
    assert 1 <= full.value.retry_after <= 60 and queue.waiting() == 39
    queue.put(queued("y"))
    assert queue.waiting() == 40


def test_those_who_have_gone_make_room_and_are_not_worked_on(queue, worker):
    gone = queued(*"x" * 40)
    queue.put(gone)
    for each in gone[1:]:
        each.answer.cancel()
    assert queue.waiting() == 1
    queue.put(queued("y"))
    assert all_batches(queue, worker) == [["x", "y"]]


def test_closing_answers_what_was_taken_and_takes_no_more(queue, worker):
    waiting = queued("a", "b")
    queue.put(waiting)
    all_batches(queue, worker)
    assert [each.answer.result(0) for each in waiting] == ["A", "B"]
    with pytest.raises(QueueFullError):
        queue.put(queued("c"))


def test_every_text_is_answered_once_and_every_batch_keeps_to_its_bounds(queue, worker):
    """Requests of any number, size and settings, in any order, from a fixed seed."""
    chosen = random.Random(5)
    queue.most_waiting = 10_000
    waiting = []
    for number in range(60):
        some = [f"{number}.{place}" + "x" * chosen.randrange(12) for place in range(chosen.randint(1, 9))]
        waiting += queued(*some, settings=chosen.randrange(3))
        queue.put(waiting[-len(some) :])
    kinds = {each.text: each.settings for each in waiting}
    found = all_batches(queue, worker)
    assert sorted(text for batch in found for text in batch) == sorted(kinds)
    assert all(len({kinds[text] for text in batch}) == 1 and 1 <= len(batch) <= 4 for batch in found)
    assert all(sum(map(len, batch)) <= 20 for batch in found)
    assert all(each.answer.result(0) == each.text.upper() for each in waiting)


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "8"])
def test_limits_are_whole_numbers_from_one(value):
    with pytest.raises(InputError, match="text_chars must be a whole number from 1"):
        Limits(text_chars=value)


def test_a_list_must_fit_into_the_queue():
    with pytest.raises(InputError, match=r"list_texts must be at most queue_texts \(4\), got 9"):
        Limits(list_texts=9, queue_texts=4)
