"""Trains the tokenizers of the collection on the training stories.

python -m training.tokenizers --data FOLDER
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

from models.tokenizer import END_OF_TEXT, UNKNOWN
from training import corpus, places

VOCABULARY = 4096
RARE = 10  # a character met fewer times in the training stories is no token of its own


def characters(texts: list[str], rare: int = RARE) -> tokenizers.Tokenizer:
    """One token a character, whitespace included: BPE before its first merge.

    Characters that occur fewer than `rare` times become the unknown token.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    known = sorted(character for character, count in counts.items() if count >= rare)
    pieces = [END_OF_TEXT, UNKNOWN, *known]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    model = models.BPE(vocab=vocabulary, merges=[], unk_token=UNKNOWN)
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.decoder = decoders.Fuse()  # without it the library decodes with spaces between
    tokenizer.add_special_tokens([END_OF_TEXT, UNKNOWN])
    return tokenizer


def byte_bpe(texts: list[str], vocabulary: int = VOCABULARY) -> tokenizers.Tokenizer:
    """Byte-level BPE; Sennrich et al. 2016, arXiv 1508.07909, on bytes as in GPT-2.

    No normaliser: the ids give back exactly the bytes that went in.
    """
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def save(tokenizer: tokenizers.Tokenizer, folder: Path, context: int | None = None) -> None:
    """Write the two files that `transformers.AutoTokenizer` reads.

    context: of the model that the tokenizer serves, in tokens, where it serves one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config: dict[str, object] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": END_OF_TEXT,
        "eos_token": END_OF_TEXT,
        "pad_token": END_OF_TEXT,
        "clean_up_tokenization_spaces": False,
    }
    if tokenizer.token_to_id(UNKNOWN) is not None:
        config["unk_token"] = UNKNOWN
    if context is not None:
        config["model_max_length"] = context
    _write(folder / "tokenizer.json", tokenizer.to_str(pretty=True))
    _write(folder / "tokenizer_config.json", json.dumps(config, indent=2) + "\n")


def _write(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def train(where: places.Places) -> None:
    """Train every tokenizer and write it into `tokenizers/` of the checkpoints."""
    stories = corpus.read(where.data / "stories.jsonl.xz")
    texts = [document.text for document in stories if document.split == "train"]
    folder = where.checkpoints / "tokenizers"
    tokenizer = characters(texts)
    save(tokenizer, folder / "characters")
    print(f"characters: {tokenizer.get_vocab_size()} tokens, from {len(texts)} documents")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    places.add_flags(parser)
    train(places.from_flags(parser.parse_args()))


if __name__ == "__main__":
    main()
