"""Texts cut on the server and on the page, and a tokenizer trained, against plain ways to do so.

    python -m benchmarks.tokens

Times are of the processor, medians of turns in which both sides come after one another; those of
the page are seconds of a clock, from the key to the new picture. It fails where the merges that are
learned are not those of the `tokenizers` library, and where a text that is too long is not refused.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import tokenizers
from markupsafe import Markup
from tokenizers import models, pre_tokenizers, trainers

from components.tokens import duel, pieces
from components.tokens.strips import figures
from components.tokens.tokenizers import grouped
from components.tokens.tokenizers import tokenizers as all_of
from inference.errors import TooLong
from inference.service import Service
from inference.tasks.cut import Cut
from learning import bpe
from models.text.symbols import counted
from models.text.tokenizer import ALPHABET
from tests.browser import running

ROOT = Path(__file__).parents[1]
CHECKPOINTS = ROOT / "checkpoints"
LONG, TYPED, TRAINED, MERGES = 10_000, 2_000, 200_000, 1_000
KEYS = 15
CHANGED = """(drawn) => {
    const start = {}, read = () => document.querySelector(drawn)?.textContent;
    const before = read();
    const begin = () => { start.at = performance.now(); };
    document.addEventListener("input", begin, { once: true, capture: true });
    window.changed = new Promise((done) => {
        const look = () => {
            const now = read(); // nothing between an answer and the frame that draws it
            const there = start.at && now !== undefined && now !== before;
            requestAnimationFrame(there ? () => done(performance.now() - start.at) : look);
        };
        look();
    });
}"""
"""From the next key until the text on the page is drawn anew, in ms."""


def text_of(characters: int) -> str:
    """Of our own: what the project says of itself."""
    paths = sorted(ROOT.glob("docs/*.md")) + sorted((ROOT / "components").rglob("*.md"))
    return " ".join(path.read_text(encoding="utf-8") for path in paths)[:characters]


def cpu(run: Callable[[], object]) -> float:
    """Milliseconds of the processor."""
    before = time.process_time()
    run()
    return 1e3 * (time.process_time() - before)


def in_turns(runs: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The median of each."""
    taken = [[cpu(run) for run in runs] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def whole(service: Service, text: str, name: str) -> object:
    """One answer of Pieces, drawn."""
    return pieces.draw(pieces.ask(service, None, text, name, "text"))


def side_by_side(service: Service, text: str) -> object:
    """One answer of Side by side, drawn, before any model reads the text."""
    return duel.draw(next(duel.ask(service, None, text, "text")))  # type: ignore[arg-type]


def naive(service: Service, text: str) -> str:
    """Every tokenizer, and all of its tokens as markup."""
    drawn = []
    for entry in all_of(service.catalog):
        found = service.answer(Cut(text, entry.name))
        chips = (chip for group in grouped(found) for chip in group.chips)
        drawn += [
            Markup('<li class="chip" title="{}"><b>{}</b><span>{}</span></li>').format(
                chip.hexadecimal, chip.spelled, chip.token
            )
            for chip in chips
        ]
        drawn.append(Markup("<p>{}</p>").format(figures(found)))
    return str(Markup("").join(drawn))


def cutting(service: Service, rounds: int) -> None:
    names = [entry.name for entry in all_of(service.catalog)]
    text, typed = text_of(LONG), text_of(TYPED)
    for name in names:
        whole(service, typed, name)
    runs = [lambda name=name: whole(service, text, name) for name in names]  # type: ignore[misc]
    one = dict(zip(names, in_turns(runs, rounds), strict=True))
    cuts = [lambda name=name: service.answer(Cut(text, name)) for name in names]  # type: ignore[misc]
    alone = in_turns(cuts, rounds)
    (every,) = in_turns([lambda: side_by_side(service, text)], rounds)
    low, high = min(one.values()), max(one.values())
    print(f"{LONG:,} characters cut by one tokenizer: {min(alone):.0f} to {max(alone):.0f} ms, "
          f"by all: {sum(alone):.0f} ms; cut and drawn: {low:.0f} to {high:.0f} ms, "
          f"by all: {every:.0f} ms")  # fmt: skip
    ours, other = in_turns(
        [lambda: whole(service, typed, "byte-bpe"), lambda: naive(service, typed)], rounds
    )
    print(f"a key in {TYPED:,} characters: {ours:.1f} ms against {other:.1f} ms the naive way, "
          f"{other / ours:.1f} times less")  # fmt: skip
    try:
        service.answer(Cut("a" * 100_000))
    except TooLong as error:
        print(f"100,000 characters: {error}")
    else:
        sys.exit("100,000 characters are not refused.")


def training(rounds: int) -> None:
    paths = [*ROOT.glob("docs/*.md"), *ROOT.glob("*.md"), *(ROOT / "components").rglob("*.*")]
    texts = (path.read_text("utf-8") for path in sorted(paths) if path.suffix in (".md", ".py"))
    text = " ".join(texts)[:TRAINED]
    learned: list[list[str]] = []
    library: list[list[str]] = []

    def ours() -> None:
        words = counted(text, "bytes")
        learned[:] = [list(one.pair) for one in bpe.learn(words, sorted(ALPHABET), MERGES, 1)]

    def theirs() -> None:
        made = tokenizers.Tokenizer(models.BPE())
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        trainer = trainers.BpeTrainer(
            vocab_size=256 + MERGES,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        made.train_from_iterator([text], trainer)
        library[:] = json.loads(made.to_str())["model"]["merges"][:MERGES]

    taken, other = in_turns([ours, theirs], rounds)
    print(f"{MERGES:,} merges learned from {len(text.encode()):,} bytes: {taken:.0f} ms against "
          f"{other:.0f} ms, {taken / other:.2f} times as long")  # fmt: skip
    if learned != library:
        first = next(i for i, pair in enumerate(zip(learned, library, strict=False))
                     if pair[0] != pair[1])  # fmt: skip
        sys.exit(f"Merge {first + 1} is not that of the library.")
    print("the same merges")


def page(view: str, drawn: str, keys: int) -> None:
    """From a key to the picture, in Chromium; the pause before asking is in it."""
    text = text_of(TYPED - keys)
    with (
        tempfile.TemporaryDirectory() as folder,
        running.running_app(CHECKPOINTS, Path(folder) / "log") as address,
        running.running_browser() as browser,
        running.new_context(browser) as context,
    ):
        shown = running.open_view(context, address, view)
        box = shown.locator(f"#{view}-view textarea").first
        box.fill(text)
        shown.wait_for_timeout(3_000)  # until the whole of it is there
        taken = []
        for count in range(keys):
            shown.wait_for_timeout(700)
            shown.evaluate(CHANGED, drawn)
            box.press_sequentially("!" if count % 2 else "z")
            taken.append(shown.evaluate("() => window.changed"))
    print(f"{view}, a key in {TYPED:,} characters, to the new picture in Chromium: "
          f"{statistics.median(taken):.0f} ms, of which 100 ms are the pause before asking; "
          f"from {min(taken):.0f} to {max(taken):.0f} ms")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    cutting(Service(CHECKPOINTS, "cpu"), rounds)
    training(rounds)
    page("tokens-pieces", ".running", KEYS)
    page("tokens-duel", ".strip", KEYS)


if __name__ == "__main__":
    main()
