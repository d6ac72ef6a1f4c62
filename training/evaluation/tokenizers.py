"""What the same text costs in every tokenizer of the collection."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.text.tokenizer import Tokenizer
from training.data import corpus, pairs
from training.evaluation import metrics

STORIES, PAIRS = "stories.jsonl.xz", pairs.FILE
LANGUAGES = ("byte-bpe", "multilingual")  # without and with French in training


def evaluate(folder: Path, data: Path) -> metrics.Figures:
    """All tokenizers on the held-out stories, and two of them on held-out sentence pairs."""
    documents = corpus.read(data / STORIES)
    stories = [document.text for document in documents if document.split == "heldout"]
    folders = sorted(path.parent for path in folder.glob("*/tokenizer.json"))
    opened = {path.name: Tokenizer.load(path) for path in folders}
    held_out = [pair for pair in pairs.read(data / PAIRS) if pair.split == "heldout"]
    return {
        "Held-out stories": {name: cost(one, stories) for name, one in opened.items()},
        "Held-out sentence pairs": {name: languages(opened[name], held_out) for name in LANGUAGES},
    }


def cost(tokenizer: Tokenizer, texts: Sequence[str]) -> dict[str, metrics.Value]:
    """Tokens for the words and bytes of some texts; words are what whitespace parts."""
    ids = [token for text in texts for token in tokenizer.encode(text)]
    unknown = sum(token == tokenizer.unknown for token in ids)
    return {
        "vocabulary": tokenizer.vocabulary,
        "tokens": len(ids),
        "tokens per word": round(len(ids) / sum(len(text.split()) for text in texts), 3),
        "bytes per token": round(sum(len(text.encode()) for text in texts) / len(ids), 3),
        "unknown, % of tokens": round(100 * unknown / len(ids), 3),
    }


def languages(tokenizer: Tokenizer, held_out: Sequence[pairs.Pair]) -> dict[str, metrics.Value]:
    """Tokens of the same sentences in both languages."""
    english = sum(len(ids) for ids in tokenizer.encode_batch([p.english for p in held_out]))
    french = sum(len(ids) for ids in tokenizer.encode_batch([p.french for p in held_out]))
    return {
        "pairs": len(held_out),
        "English, tokens per sentence": round(english / len(held_out), 3),
        "French, tokens per sentence": round(french / len(held_out), 3),
        "French / English": round(french / english, 3),
    }
