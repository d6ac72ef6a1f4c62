"""Trains the tokenizers of the collection on the training stories, all of the same size.

python -m training.tokenizers --data FOLDER

Each gets a folder of its own in `checkpoints/tokenizers/`. The byte-level BPE is the storyteller's,
whose weights know its ids: where a storyteller has one already, that one is taken over.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import tokenizers

from models import files
from models.text.merges import COUNTS
from models.text.tokenizer import END_OF_TEXT, MASK, UNKNOWN, Tokenizer
from training import merges, paths
from training.data import corpus, pairs
from training.data.slurs import is_slur
from training.tokenizer_kinds import (
    DEFAULT,
    Recipe,
    Words,
    bpe,
    byte_bpe,
    characters,
    unigram,
    wordpiece,
    words,
    words_of,
)

NAMES = ("characters", "words", "bpe", "byte-bpe", "wordpiece", "unigram", "multilingual")
STORYTELLER = "storyteller"


def replayed(tokenizer: tokenizers.Tokenizer, counted: Words) -> merges.Replay:
    """The counts of a BPE's merges over words that its own pre-tokenizer has cut."""
    model = json.loads(tokenizer.to_str())["model"]
    learned = [(left, right) for left, right in model["merges"]]
    letters = {piece for piece in model["vocab"] if len(piece) == 1}
    split = merges.in_symbols(counted, letters, model["end_of_word_suffix"] or "")
    return merges.replay(split, learned, model["vocab"])


def save(tokenizer: tokenizers.Tokenizer, folder: Path, context: int | None = None) -> None:
    """Write the two files that `transformers.AutoTokenizer` reads.

    context: of the model that the tokenizer serves, in tokens, where it serves one. Raises
    ValueError where a token is a slur.
    """
    if slurs_in(tokenizer):
        raise ValueError(f"A token of {folder.name} is on the list of slurs; it is not written.")
    config: dict[str, object] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": END_OF_TEXT,
        "eos_token": END_OF_TEXT,
        "pad_token": END_OF_TEXT,
        "clean_up_tokenization_spaces": False,
    }
    if tokenizer.token_to_id(UNKNOWN) is not None:
        config["unk_token"] = UNKNOWN
    if tokenizer.token_to_id(MASK) is not None:
        config["mask_token"] = MASK
    if context is not None:
        config["model_max_length"] = context
    files.write_text(folder / "tokenizer.json", tokenizer.to_str(pretty=True))
    files.write_json(folder / "tokenizer_config.json", config)


def copy(source: Path, folder: Path, context: int | None) -> None:
    """Lay a stored tokenizer into the folder of a model that reads it, with the model's context."""
    files.write_text(
        folder / "tokenizer.json", (source / "tokenizer.json").read_text(encoding="utf-8")
    )
    config = json.loads((source / "tokenizer_config.json").read_text(encoding="utf-8"))
    config.pop("model_max_length", None)
    if context is not None:
        config["model_max_length"] = context
    files.write_json(folder / "tokenizer_config.json", config)


def of_the_storyteller(texts: list[str], where: paths.Paths, size: int) -> tokenizers.Tokenizer:
    """The byte-level BPE that the storyteller has; trained and given to it where it has none."""
    folder = where.checkpoints / STORYTELLER
    path = folder / "tokenizer.json"
    if path.exists():
        return tokenizers.Tokenizer.from_file(str(path))
    trained = byte_bpe(texts, size)
    save(trained, folder)
    return trained


def slurs_in(tokenizer: tokenizers.Tokenizer) -> list[str]:
    """The tokens that are slurs by themselves, without marks and spaces."""
    opened = Tokenizer(tokenizer)
    held = (opened.bytes_of(token) for token in range(opened.vocabulary))
    written = (piece.decode("utf-8", errors="replace").strip() for piece in held)
    return [text for text in written if is_slur(text)]


def sentences(path: Path, size: int) -> list[str]:
    """Every different training sentence of both languages, in order.

    Where a merge would make a slur of a part of harmless words, sentences with it are passed over.
    """
    trained = [pair for pair in pairs.read(path) if pair.split == "train"]
    english, french = (p.english for p in trained), (p.french for p in trained)
    texts = list(dict.fromkeys((*english, *french)))
    while found := slurs_in(byte_bpe(texts, size)):
        texts = [text for text in texts if not any(part in text for part in found)]
    return texts


def train(where: paths.Paths, recipe: Recipe = DEFAULT, names: Sequence[str] = NAMES) -> None:
    """Train these tokenizers and write them into `tokenizers/` of the checkpoints."""
    stories = corpus.read(where.data / "stories.jsonl.xz")
    texts = [document.text for document in stories if document.split == "train"]
    counted, size = words_of(texts), recipe.vocabulary
    tongues = sentences(where.data / pairs.FILE, size)
    trainings: dict[str, Callable[[], tokenizers.Tokenizer]] = {
        "characters": lambda: characters(texts, recipe.rare),
        "words": lambda: words(counted, size),
        "bpe": lambda: bpe(texts, counted, recipe),
        "byte-bpe": lambda: of_the_storyteller(texts, where, size),
        "wordpiece": lambda: wordpiece(texts, counted, recipe),
        "unigram": lambda: unigram(texts, size),
        "multilingual": lambda: byte_bpe(tongues, size),
    }
    merging = {"bpe": texts, "byte-bpe": texts, "multilingual": tongues}
    for name in names:
        began = time.monotonic()
        tokenizer, folder = trainings[name](), where.checkpoints / "tokenizers" / name
        save(tokenizer, folder)
        print(f"{name}: {tokenizer.get_vocab_size()} tokens", end="", flush=True)
        if name in merging:
            replay = replayed(tokenizer, merges.count_words(merging[name], tokenizer.pre_tokenizer))
            files.write_text(folder / COUNTS, json.dumps({"counts": replay.counts}) + "\n")
            print(f", {len(replay.counts)} merges", end="")
            print(f", {replay.passed_over} of them out of turn", end="")
            print(f" by at most {replay.behind:.2%}", end="")
        print(f", {time.monotonic() - began:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    paths.add_flags(parser)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    flags = parser.parse_args()
    unknown = set(flags.names) - set(NAMES)
    if unknown:
        parser.error(f"no tokenizer named {', '.join(sorted(unknown))}")
    train(paths.from_flags(flags), names=flags.names or NAMES)


if __name__ == "__main__":
    main()
