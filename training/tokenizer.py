"""Trains the byte-level BPE tokenizer on the training stories.

python -m training.tokenizer --data FOLDER
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

from models.tokenizer import END_OF_TEXT
from training import corpus

VOCABULARY = 4096


def train(texts: list[str], vocabulary: int = VOCABULARY) -> tokenizers.Tokenizer:
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


def save(tokenizer: tokenizers.Tokenizer, folder: Path, context: int) -> None:
    """Write the two files that `transformers.AutoTokenizer` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": END_OF_TEXT,
        "eos_token": END_OF_TEXT,
        "pad_token": END_OF_TEXT,
        "clean_up_tokenization_spaces": False,
        "model_max_length": context,
    }
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with the corpora (default: ORRERY_DATA)")
    parser.add_argument("--out", type=Path, default=Path("checkpoints/storyteller"))
    parser.add_argument("--context", type=int, default=256, help="context of the model it serves")
    options = parser.parse_args()
    stories = corpus.read(corpus.data_folder(options.data) / "stories.jsonl.xz")
    texts = [document.text for document in stories if document.split == "train"]
    save(train(texts), options.out, options.context)
    print(f"{VOCABULARY} tokens, trained on {len(texts)} documents, in {options.out}")


if __name__ == "__main__":
    main()
