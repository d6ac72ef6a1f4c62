"""What the Attention lab costs: maps, their bytes, sweeps, gradients, and a long text on screen.

    python -m benchmarks.attention

The storyteller in float32 on one torch thread, times of its processor, medians of turns. BertViz is
asked where it can be imported (`pip install bertviz ipython`, or a PYTHONPATH to it); where not,
the JSON that its model view holds, all weights as floats, is written here. It fails where both ways
of one thing differ.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import server
from benchmarks.ablation import CHECKPOINT, CLOSE, TEXT, TOKENS, differing, one_call_a_head
from components.attention.maps import heads, token_labels
from components.attention.reading.seen import Seen, Side
from inference.decoding import engine, head_sweep
from inference.decoding.inside.explaining import STEPS, Explaining
from inference.service import Service
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint, packed
from tests.browser.running import running_browser

SHORT, LONG = 15, 256  # tokens
VIEW = "attention-heads"


class OneByOne(Explaining):
    """The obvious loop: one point of the path, one text without a token, a pass."""

    rows = 1


def in_turns(rounds: int, *sides: Callable[[], object]) -> list[float]:
    """Milliseconds of the processor of each side, after a warm-up."""
    for side in sides:
        side()
    found: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds):
        for place, side in enumerate(sides):
            began = time.thread_time()
            side()
            found[place].append(1000 * (time.thread_time() - began))
    return [statistics.median(one) for one in found]


def drained(steps: Any) -> Any:
    """What a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def maps(model: Any, ids: list[int], side: Side, rounds: int) -> tuple[str, list[float]]:
    """All maps of a text as the page gets them, against a pass that keeps none."""
    text = torch.tensor([ids])

    @torch.inference_mode()
    def bare() -> object:
        return model.forward(text)

    def drawn() -> str:
        return str(heads(Seen(engine.attention(model, ids), side, side)))

    return drawn(), in_turns(rounds, drawn, bare)


def bertviz(weights: np.ndarray, labels: list[str]) -> tuple[int, str]:
    """Bytes of its model view, and what was counted."""
    layers = [torch.from_numpy(layer)[None] for layer in weights]
    try:
        from bertviz import model_view  # noqa: PLC0415  # need not be there
    except ImportError:
        told = {"attn": weights.tolist(), "left_text": labels, "right_text": labels}
        return len(json.dumps(told)), "the JSON of its format, since it is not installed"
    shown = model_view(layers, labels, html_action="return")
    return len(shown.data.encode()), "its model view"


def sweeps(model: Any, ids: list[int], rounds: int) -> list[float]:
    """Every head removed: one growing batch, against a call a head."""
    shape = model.config
    nothing = torch.zeros(shape.layers, shape.heads, 1, shape.head_width)
    parts = packed.for_many(model)
    slow = one_call_a_head(model, [block.attention.output for block in model.blocks], shape.heads)
    differing(head_sweep.sweep(model, ids, nothing, parts=parts), slow(ids), "a call a head")
    return in_turns(
        rounds, lambda: head_sweep.sweep(model, ids, nothing, parts=parts), lambda: slow(ids)
    )


def gradients(model: Any, ids: list[int], rounds: int) -> list[float]:
    """Integrated gradients in batches, against a pass a point."""
    sides = [kind(model, ids) for kind in (Explaining, OneByOne)]
    token = int(sides[0].following.argmax())
    ours, theirs = (drained(side.along_path(token)) for side in sides)
    off = np.abs(ours.bits - theirs.bits).max()
    if ours.steps != theirs.steps or off > CLOSE * max(1.0, float(np.abs(ours.bits).max())):
        sys.exit(f"Integrated gradients differ by {off:.2g} bits; nothing to compare.")
    print(f"  ({len(ids)} tokens take {ours.steps} points; {STEPS} at first)")
    return in_turns(rounds, *(lambda side=side: drained(side.along_path(token)) for side in sides))


def on_screen(texts: dict[int, str]) -> list[float]:
    """Seconds from the press of the button to the grid, in Chromium; texts by their tokens."""
    found = []
    with server.running() as app, running_browser() as browser:
        page = browser.new_page()
        page.goto(f"{app.address}/attention?view={VIEW}")
        page.locator(f"#{VIEW}-view .head-grid canvas").first.wait_for(timeout=120_000)
        for tokens, text in texts.items():
            page.locator(f"#{VIEW}-text textarea").fill(text)
            page.wait_for_timeout(500)
            began = time.perf_counter()
            page.locator(f"#{VIEW}-run").click()
            page.wait_for_function(
                "count => document.querySelector('.attention')?.facts?.rows.length === count"
                " && document.querySelector('.head-grid canvas')",
                arg=tokens,
            )
            found.append(time.perf_counter() - began)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="at least 7 for a steady median")
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    model, tokenizer = checkpoint.load(CHECKPOINT), Tokenizer.load(CHECKPOINT)
    ids = tokenizer.encode(TEXT)[:TOKENS]
    reads = Service(Path("checkpoints"), "cpu").preprocessor("storyteller", "attend")
    tokens = reads.cut(TEXT, "sentence", LONG)
    labels = token_labels(tokens)[:TOKENS]
    side = Side(tokens.ids[:TOKENS], tokens.pieces[:TOKENS], tuple(labels))
    shown, (drawn, bare) = maps(model, ids, side, rounds)
    print(
        f"maps of {TOKENS} tokens: {drawn:.1f} ms, a bare pass {bare:.1f}: {drawn / bare:.2f} times"
    )
    theirs, what = bertviz(engine.attention(model, ids), labels)
    ours = len(shown.encode())
    print(f"bytes to the page: {ours:,}; {what}: {theirs:,}: {theirs / ours:.1f} times fewer")
    fast, slow = sweeps(model, ids, rounds)
    print(f"every head removed: {fast:.0f} ms, a call a head {slow:.0f}: {slow / fast:.2f} times")
    for length in (SHORT, TOKENS):
        batch, loop = gradients(model, ids[:length], max(3, rounds // 3))
        print(
            f"integrated gradients, {length} tokens: {batch:.0f} ms, "
            f"a pass a point {loop:.0f}: {loop / batch:.2f} times"
        )
    many = tokenizer.encode(" ".join([TEXT] * 4))
    texts = [tokenizer.decode(many[: LONG - less]) for less in range(2, 9)]
    seconds = on_screen({len(reads.cut(one, "sentence", LONG).ids): one for one in texts})
    print(f"{LONG} tokens from button to grid: {statistics.median(seconds):.2f} s (median)")


if __name__ == "__main__":
    main()
