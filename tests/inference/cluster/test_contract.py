"""What every backend promises, asked of one after another: results equal to those in one process.

A subclass is given `far`, a service whose models run elsewhere; `near` has them here.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from inference.entry import TRAINED
from inference.errors import ModelUnavailable
from inference.service import Service
from inference.task import Task
from inference.tasks.attention.ablation import Ablation
from inference.tasks.attention.lens import Lens
from inference.tasks.attention.maps import Attention
from inference.tasks.continuations import Continue
from inference.tasks.draw_many import DrawMany
from inference.tasks.fill_in import FillIn
from inference.tasks.generate import Generate
from inference.tasks.ladder.reach import Reach
from inference.tasks.ladder.train import Train
from inference.tasks.score import Score
from inference.tasks.stepping import NextToken
from inference.tasks.translate import Translate
from inference.types.generation import Generation
from inference.types.options import GenerationOptions, LaneOptions, Settings
from inference.types.waiting import Waiting
from tests.inference.values import equal

PATIENCE = 60.0
GREEDY = GenerationOptions((LaneOptions("Greedy"),), new_tokens=12)
SHORT = GenerationOptions(new_tokens=20)
LONG = GenerationOptions(new_tokens=120)
ASKED: tuple[Task[Any, Any], ...] = (
    Generate("Once\ud800 upon a time", options=GenerationOptions(new_tokens=20, seed=3)),
    Generate("The fox", options=GenerationOptions(new_tokens=20, seed=2**32 - 1)),
    Generate("The fox", options=GenerationOptions((LaneOptions("B", beams=8),), 20)),
    Generate("The fox", "gpt", GREEDY),
    NextToken("Once upon", strategy=LaneOptions("P", sample=True, top_p=0.9), written="12 7"),
    Attention("The cat sat on the mat."),
    Ablation("The cat sat", removal="resample"),
    Lens("The cat sat on"),
    Continue("Once upon a"),
    DrawMany("Once upon a time there was", texts=300),
    Reach("The cat sat on the mat and looked at the dog.", "rnn"),
    Score("The cat sat on the mat.", "lstm"),
    FillIn("The [MASK] slept.", "fill-in"),
    Translate("The cat sleeps.", "translator"),
)


class Contract:
    """Asked of every way in which a page can have its models run elsewhere."""

    @pytest.mark.parametrize("task", ASKED, ids=lambda task: type(task).__name__)
    def test_the_result_is_the_same_to_the_last_bit(
        self, near: Service, far: Service, task: Task[Any, Any]
    ) -> None:
        assert equal(far.answer(task, "me"), near.answer(task, "me"))

    def test_news_begin_with_the_wait_and_only_grow(self, far: Service) -> None:
        first, *rest = far.run(Generate("Once upon a time", options=LONG), "me")
        assert isinstance(first, Waiting)
        written = [len(one.lanes[0].steps) for one in rest if isinstance(one, Generation)]
        assert written == sorted(written) and len(set(written)) > 2
        for one, later in pairwise(rest):
            if isinstance(one, Generation) and isinstance(later, Generation):
                steps = one.lanes[0].steps
                assert later.lanes[0].steps[: len(steps)] == steps

    def test_an_error_comes_with_its_class_code_and_sentence(
        self, near: Service, far: Service
    ) -> None:
        far.answer(Generate("A", options=GREEDY))
        task = far.preprocessor("storyteller", "write")
        prepared = Generate("A", "no such model", GREEDY).of(task.prompt("A", GREEDY.lanes), task)
        with pytest.raises(ModelUnavailable) as here:
            list(near._backend.run(prepared, None))
        with pytest.raises(ModelUnavailable) as there:
            list(far._backend.run(prepared, None))
        assert str(there.value) == str(here.value) and there.value.code == here.value.code

    def test_who_shares_a_batch_changes_no_token(self, near: Service, far: Service) -> None:
        verbs = ("was", "lived", "ran", "sat")
        tasks = [Generate(f"Once upon a time there {verb}", options=SHORT) for verb in verbs]
        alone = [near.answer(task) for task in tasks]
        with ThreadPoolExecutor(8) as people:
            asked = [people.submit(far.answer, task, str(i)) for i, task in enumerate(tasks * 2)]
        for expected, future in zip(alone * 2, asked, strict=True):
            found = future.result()
            for lane, other in zip(expected.lanes, found.lanes, strict=True):
                assert [s.token for s in lane.steps] == [s.token for s in other.steps]

    def test_a_model_that_was_trained_here_is_asked_there(self, far: Service) -> None:
        run = far.answer(Train("", settings=Settings(text="names", width=16, steps=50)), "me")
        assert run.end == "done" and run.kept.startswith(TRAINED)
        twice = [far.answer(Generate("Emm", run.kept, GREEDY), "me") for _ in range(2)]
        assert twice[0] == twice[1] and twice[0].lanes[0].steps

    def test_who_leaves_is_cancelled_and_the_counters_add_up_on_both_sides(
        self, far: Service
    ) -> None:
        backend: Any = far._backend
        before, here = self.settled(far), far.status.requests
        stream = far.run(Generate("Once upon a time", options=LONG), "leaving")
        for news in stream:
            if isinstance(news, Generation):
                break
        stream.close()  # type: ignore[attr-defined]
        far.answer(Generate("Once upon a time"), "staying")
        after, there = self.settled(far), far.status.requests
        assert after.add_up and there.add_up
        for name in ("received", "admitted", "done", "cancelled", "failed"):
            grown = getattr(there, name) - getattr(here, name)
            assert getattr(after, name) - getattr(before, name) == grown, name
        assert there.cancelled == here.cancelled + 1
        assert backend.cluster().backend.waiting == 0

    def settled(self, far: Service) -> Any:
        """The counts of the cluster, once nothing is under way and its reports say so."""
        backend: Any = far._backend
        time.sleep(self.report_seconds)
        ends = time.monotonic() + PATIENCE
        while True:
            found = backend.cluster()
            if not found.backend.waiting and not found.requests.queued + found.requests.running:
                return found.requests
            assert time.monotonic() < ends
            time.sleep(0.05)

    report_seconds = 0.0
