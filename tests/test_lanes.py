"""The queue: who is served when, and what becomes of those for whom there is no room."""

from __future__ import annotations

import random
import threading

import pytest
from serving import PATIENCE, until

from summae.errors import InputError
from summae.serve.lanes import Lane, LaneFullError, Task
from summae.serve.limits import Limits


class Worker:
    """Notes its batches; answers with the text in capitals. The first batch waits for ``gate``."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.batches: list[list[str]] = []

    def __call__(self, tasks: list[Task]) -> None:
        self.batches.append([task.text for task in tasks])
        assert self.gate.wait(PATIENCE)
        for task in tasks:
            task.answer.set_result(task.text.upper())


def tasks(*texts: str, kind: object = 0) -> list[Task]:
    return [Task(text, kind) for text in texts]


@pytest.fixture
def worker():
    return Worker()


@pytest.fixture
def lane(worker):
    """One whose thread is busy with a first text, so that what is put next waits."""
    made = Lane("test", worker, most_waiting=40, most_texts=4, most_chars=20)
    made.put(tasks("first"))
    until(lambda: worker.batches == [["first"]])
    yield made
    worker.gate.set()
    made.close()


def all_batches(lane: Lane, worker: Worker) -> list[list[str]]:
    """After the first."""
    worker.gate.set()
    lane.close()
    return worker.batches[1:]


def test_one_text_of_each_request_in_turn(lane, worker):
    lane.put(tasks("a1", "a2", "a3", "a4", "a5", "a6"))
    lane.put(tasks("b1"))
    lane.put(tasks("c1", "c2"))
    assert all_batches(lane, worker) == [["a1", "b1", "c1", "a2"], ["c2", "a3", "a4", "a5"], ["a6"]]


def test_only_texts_of_one_kind_share_a_call_and_no_kind_is_passed_over_for_ever(lane, worker):
    lane.put(tasks(*(f"a{number}" for number in range(9)), kind="a"))
    lane.put(tasks("b1", kind="b"))
    found = all_batches(lane, worker)
    assert found == [["a0", "a1", "a2", "a3"], ["b1"], ["a4", "a5", "a6", "a7"], ["a8"]]


def test_characters_are_bounded_but_a_text_beyond_goes_alone(lane, worker):
    lane.put(tasks("x" * 50, "y" * 12))
    lane.put(tasks("z" * 9, "w" * 8))
    assert all_batches(lane, worker) == [["x" * 50], ["z" * 9, "w" * 8], ["y" * 12]]


def test_a_full_lane_takes_all_or_nothing_and_says_when_to_come_back(lane, worker):
    lane.put(tasks(*"x" * 39))
    with pytest.raises(LaneFullError) as full:
        lane.put(tasks("y", "z"))
    assert 1 <= full.value.retry_after <= 60 and lane.waiting() == 39
    lane.put(tasks("y"))
    assert lane.waiting() == 40


def test_those_who_have_gone_make_room_and_are_not_worked_on(lane, worker):
    gone = tasks(*"x" * 40)
    lane.put(gone)
    for task in gone[1:]:
        task.answer.cancel()
    assert lane.waiting() == 1
    lane.put(tasks("y"))
    assert all_batches(lane, worker) == [["x", "y"]]


def test_closing_answers_what_was_taken_and_takes_no_more(lane, worker):
    waiting = tasks("a", "b")
    lane.put(waiting)
    all_batches(lane, worker)
    assert [task.answer.result(0) for task in waiting] == ["A", "B"]
    with pytest.raises(LaneFullError):
        lane.put(tasks("c"))


def test_every_text_is_answered_once_and_every_batch_keeps_to_its_bounds(lane, worker):
    """Requests of any number, size and kind, in any order, from a fixed seed."""
    chosen = random.Random(5)
    lane.most_waiting = 10_000
    waiting = []
    for number in range(60):
        some = [f"{number}.{place}" + "x" * chosen.randrange(12) for place in range(chosen.randint(1, 9))]
        waiting += tasks(*some, kind=chosen.randrange(3))
        lane.put(waiting[-len(some) :])
    kinds = {task.text: task.kind for task in waiting}
    found = all_batches(lane, worker)
    assert sorted(text for batch in found for text in batch) == sorted(kinds)
    assert all(len({kinds[text] for text in batch}) == 1 and 1 <= len(batch) <= 4 for batch in found)
    assert all(sum(map(len, batch)) <= 20 for batch in found)
    assert all(task.answer.result(0) == task.text.upper() for task in waiting)


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "8"])
def test_limits_are_whole_numbers_from_one(value):
    with pytest.raises(InputError, match="text_chars must be a whole number from 1"):
        Limits(text_chars=value)


def test_a_list_must_fit_into_the_queue():
    with pytest.raises(InputError, match=r"list_texts must be at most queue_texts \(4\), got 9"):
        Limits(list_texts=9, queue_texts=4)
