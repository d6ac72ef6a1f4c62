"""Every answer of the view of costs: by sums, and where it is of this machine, measured here."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.attention import cost
from components.attention.placing.cost_figures import amount
from inference.errors import OrreryError, OutOfRange
from inference.service import Service
from inference.tasks.attention.cost import AttentionSeconds

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
LENGTHS = np.array([128, 256, 512, 1024, 2048])
READ = np.array([16, 32, 64])
MADE = AttentionSeconds(
    *(LENGTHS, 1e-9 * LENGTHS**2.0, 2e-9 * LENGTHS**1.5, READ, 1e-4 * READ, 0.001 + 0.0 * READ),
    *(6, 4, 64, 1, "cpu"),
)


@cache
def measured() -> dict[str, Any]:
    power, model = cost.EXAMPLES["2,048 tokens"]
    *_, last = cost.ask(Service(CHECKPOINTS, "cpu"), None, power, model)
    return cost.data(last)  # type: ignore[arg-type]


@pytest.mark.weights
def test_r30_memory_has_slopes_of_two_and_one() -> None:
    found = measured()
    assert found["slopes"]["memory"]["written out"] == pytest.approx(2)
    assert found["slopes"]["memory"]["fused kernel"] == pytest.approx(1)
    assert round(found["sums"]["written_out_bytes"] / 1e6) == 201
    assert round(found["sums"]["fused_bytes"] / 1e6, 1) == 2.1


@pytest.mark.weights
def test_r30_the_fused_kernel_is_faster_and_still_grows_faster_than_the_text() -> None:
    found = measured()
    assert found["fused"][-1] < found["written_out"][-1]
    assert found["fused"][-1] / found["fused"][0] > found["lengths"][-1] / found["lengths"][0]


@pytest.mark.weights
def test_r30_the_cache_saves_several_times_and_its_line_is_nearly_flat() -> None:
    found = measured()
    assert found["without_cache"][-1] > 5 * found["with_cache"][-1]
    grown = {k: found[k][-1] / found[k][0] for k in ("without_cache", "with_cache")}
    assert grown["without_cache"] > 3 * grown["with_cache"]


@pytest.mark.weights
def test_r30_a_book_in_the_cache_is_a_hundred_times_the_weights() -> None:
    size = 2 * 6 * 4 * 64 * 4 * 131_072
    assert amount(size) == "1.61 GB"
    weights = sum(p.stat().st_size for p in (CHECKPOINTS / "storyteller").glob("*.safetensors"))
    assert size > 100 * weights
    assert cost.EXAMPLES["A book"][0] == 17


def test_slopes_are_those_of_the_curves() -> None:
    slopes = cost.data(cost.Cost(MADE, "Storyteller", 2048))["slopes"]
    assert slopes["time"] == {"written out": pytest.approx(2), "fused kernel": pytest.approx(1.5)}
    assert slopes["token"] == {"without cache": pytest.approx(1), "with cache": pytest.approx(0)}


def test_all_of_it_is_drawn_and_said() -> None:
    said, legend, *plots, table = cost.draw(cost.Cost(MADE, "Storyteller", 2048))
    assert "on the machine that serves this page (CPU, one torch thread)" in str(said)
    assert str(legend).count("<li>") == 4
    for plot, top in zip(plots, (1e-6 * 2048**2, 201.326592, 6.4), strict=True):
        drawn = json.loads(plot.plot)  # type: ignore[attr-defined]
        assert (drawn["layout"]["xaxis"]["type"], drawn["layout"]["yaxis"]["type"]) == (
            "log",
            "log",
        )
        values = drawn["data"][0]["y"]
        assert len(drawn["data"]) == 2
        if isinstance(values, dict):
            import base64

            values = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
        assert values[-1] == pytest.approx(top)
    for words in (
        "4 heads \N{MULTIPLICATION SIGN} 2,048² = 16,777,216",
        "201 MB",
        "2.1 MB",
        "25.2 MB",
        "N<sup>1.5</sup>",
    ):
        assert words in str(table)


def test_bytes_by_hand() -> None:
    assert [amount(n) for n in (12, 12_288, 999_900, 10**13)] == [
        "12 bytes",
        "12.3 kB",
        "1,000 kB",
        "10 TB",
    ]


@pytest.mark.weights
def test_what_cannot_be_measured_is_refused() -> None:
    service = Service(CHECKPOINTS, "cpu")
    with pytest.raises(OutOfRange):
        next(cost.ask(service, None, 21, "storyteller"))
    with pytest.raises(OrreryError, match=r"^lstm cannot time attention\. Choose one of story"):
        next(cost.ask(service, None, 11, "lstm"))
    offered = [name for _, name in cost.inputs(service.catalog)["model"].choices]
    assert offered == ["storyteller", "storyteller-books", "gpt"]
