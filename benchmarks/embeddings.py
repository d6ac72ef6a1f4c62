"""Word vectors against gensim, and a file of a million words.

    ORRERY_DATA=/path/to/data python -m benchmarks.embeddings

Both sides have the same vectors, one thread each and turns in one run; times are of the processor.
The questions are Google's 19,544 (Mikolov et al. 2013, arXiv 1301.3781), from `eval/analogies` of
the data folder. It fails where a neighbour, or the verdict on a question, is not the same.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors
from threadpoolctl import threadpool_limits

from analysis import embeddings
from analysis.words.benchmark import answers
from models.words import vectors as word_vectors
from models.words.elsewhere.opening import open_vectors
from models.words.vectors import WordVectors

CHECKPOINT = Path(__file__).parents[1] / "checkpoints" / "word-vectors"
QUERIES, TURNS, NEAR, ROUNDS = 300, 10, 10, 3
LARGE, WIDTH, BLOCK = 1_000_000, 300, 10_000
Question = tuple[str, ...]


def cpu(run: Callable[[], object]) -> float:
    """Seconds of the processor."""
    before = time.process_time()
    run()
    return time.process_time() - before


def reference(vectors: WordVectors) -> KeyedVectors:
    """The same vectors in gensim."""
    theirs = KeyedVectors(len(vectors.unit[0]))
    theirs.add_vectors(list(vectors.words), np.asarray(vectors.unit))
    theirs.fill_norms()
    return theirs


def neighbours(vectors: WordVectors, theirs: KeyedVectors) -> None:
    """One query after another, both in turns, each word `TURNS` times."""
    words = np.random.default_rng(7).choice(vectors.words, QUERIES, replace=False).tolist()
    taken: list[tuple[float, float]] = []
    for turn, word in enumerate(words * TURNS):
        found: dict[str, list[str]] = {}

        def here(word: str = word, found: dict[str, list[str]] = found) -> None:
            asked = vectors.look_up(word)
            assert asked is not None
            near = embeddings.neighbours(vectors.unit, asked, NEAR)
            found["here"] = [vectors.words[one.row or 0] for one in near]

        def there(word: str = word, found: dict[str, list[str]] = found) -> None:
            found["gensim"] = [one for one, _ in theirs.most_similar(word, topn=NEAR)]

        if turn % 2:  # whoever comes second finds the cache in another state
            other, ours = cpu(there), cpu(here)
        else:
            ours, other = cpu(here), cpu(there)
        if found["here"] != found["gensim"]:
            sys.exit(f"{word}: {found}")
        taken.append((ours, other))
    ours, other = (statistics.median(one) for one in zip(*taken, strict=True))
    print(f"one neighbour query: {1e3 * ours:.2f} ms against {1e3 * other:.2f} ms, "
          f"{other / ours:.2f} times as fast; the same words")  # fmt: skip


def read(folder: Path) -> list[Question]:
    """All questions, in lower case."""
    lines = (path.read_text(encoding="utf-8").splitlines() for path in sorted(folder.glob("*.txt")))
    return [tuple(line.lower().split()) for some in lines for line in some]


def right(vectors: WordVectors, questions: list[Question]) -> set[Question]:
    """Those that are answered with the expected word."""
    known = [one for one in questions if vectors.index.keys() >= set(one)]
    rows = np.array([[vectors.index[word] for word in one] for one in known])
    found = answers(vectors.unit, rows).best == rows[:, 3]
    return {one for one, hit in zip(known, found.tolist(), strict=True) if hit}


def analogies(vectors: WordVectors, theirs: KeyedVectors, folder: Path) -> None:
    """All questions: ours, gensim's, and ours again."""
    questions = read(folder)
    ours: list[set[Question]] = []
    verdict: list[set[Question]] = []
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(": all\n" + "".join(" ".join(one) + "\n" for one in questions))
        file.flush()

        def gensim() -> None:
            _, sections = theirs.evaluate_word_analogies(file.name)
            verdict.append({tuple(w.lower() for w in one) for one in sections[0]["correct"]})

        taken = [cpu(lambda: ours.append(right(vectors, questions)))]
        other = cpu(gensim)
        taken += [cpu(lambda: ours.append(right(vectors, questions))) for _ in range(ROUNDS - 1)]
    differ = len(ours[0] ^ verdict[0])
    mean = statistics.median(taken)
    print(f"{len(questions):,} questions, {len(ours[0]):,} right: {mean:.1f} s against "
          f"{other:.1f} s, {other / mean:.1f} times as fast; {differ} verdicts differ")  # fmt: skip
    if differ:
        sys.exit("The answers are not those of gensim.")


def million(folder: Path) -> None:
    """A file of word2vec with a million words: opened twice, then asked."""
    path = folder / "large.bin"
    generator = np.random.default_rng(0)
    with path.open("wb") as file:
        file.write(f"{LARGE} {WIDTH}\n".encode())
        for start in range(0, LARGE, BLOCK):
            rows = generator.standard_normal((BLOCK, WIDTH), dtype=np.float32)
            file.writelines(f"w{start + i} ".encode() + row.tobytes() for i, row in enumerate(rows))
    for what in ("laid out and opened", "opened again"):
        wall, before = time.perf_counter(), time.process_time()
        vectors = open_vectors(path, folder / "cache")
        wall, used = time.perf_counter() - wall, time.process_time() - before
        print(f"{LARGE:,} words of {WIDTH} numbers {what}: {wall:.1f} s, {used:.1f} s of processor")
    asked = vectors.look_up("w77")
    assert asked is not None
    taken = [cpu(lambda: embeddings.neighbours(vectors.unit, asked, NEAR)) for _ in range(9)]
    print(f"one neighbour query there: {statistics.median(taken):.2f} s of processor")
    print(f"memory: {memory()}")


def memory() -> str:
    """Of this process, where the system tells it."""
    status = Path(f"/proc/{os.getpid()}/status")
    if not status.exists():
        return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:,} at most"
    told = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    own, mapped = (int(told[key].split()[0]) / 1e6 for key in ("RssAnon", "RssFile"))
    return f"{own:.2f} GB of its own, {mapped:.2f} GB of files that the system may drop"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=os.environ.get("ORRERY_DATA"), help="the data folder")
    parser.add_argument("--model", default="skip-gram-1", help="the vectors")
    parser.add_argument("--small", action="store_true", help="without the file of a million words")
    given = parser.parse_args()
    if not given.small:
        with tempfile.TemporaryDirectory() as folder:
            million(Path(folder))
    vectors = word_vectors.load(CHECKPOINT, given.model)
    theirs = reference(vectors)
    with threadpool_limits(1):
        neighbours(vectors, theirs)
        if given.data:
            analogies(vectors, theirs, Path(given.data) / "eval" / "analogies")
        else:
            print("no questions: name the data folder in ORRERY_DATA")


if __name__ == "__main__":
    main()
