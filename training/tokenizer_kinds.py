"""How each kind of tokenizer is learned; all with the `tokenizers` library, on the same words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

from models.text.tokenizer import END_OF_TEXT, UNKNOWN
from models.text.unigram import cutter
from training import merges
from training.data.slurs import is_slur

VOCABULARY = 4096
RARE = 10  # a character met fewer times in the training stories is no token of its own
WORD_END = "</w>"  # as in Sennrich et al. 2016
INSIDE = "##"  # as in BERT
DIGITS, STEP = 9, 1e-4  # of Unigram scores; see `settled`
Words = Mapping[str, int]


@dataclass(frozen=True)
class Recipe:
    """What all tokenizers share; characters take what there is."""

    vocabulary: int = VOCABULARY
    rare: int = RARE


DEFAULT = Recipe()


def words_of(texts: list[str]) -> Counter[str]:
    """Words and their counts, cut at whitespace, each punctuation mark by itself, as in BERT."""
    return merges.count_words(texts, pre_tokenizers.BertPreTokenizer())


def alphabet(texts: list[str], rare: int = RARE) -> list[str]:
    """The characters that occur at least `rare` times, whitespace included, in order."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    return sorted(character for character, count in counts.items() if count >= rare)


def characters(texts: list[str], rare: int = RARE) -> tokenizers.Tokenizer:
    """One token a character, whitespace included: BPE before its first merge.

    Characters that occur fewer than `rare` times become the unknown token.
    """
    pieces = [END_OF_TEXT, UNKNOWN, *alphabet(texts, rare)]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    model = models.BPE(vocab=vocabulary, merges=[], unk_token=UNKNOWN)
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.decoder = decoders.Fuse()  # without it the library decodes with spaces between
    tokenizer.add_special_tokens([END_OF_TEXT, UNKNOWN])
    return tokenizer


def words(counted: Words, size: int = VOCABULARY) -> tokenizers.Tokenizer:
    """The most frequent words, ties in alphabetical order; slurs are no words here."""
    decent = (word for word in counted if not is_slur(word))
    common = sorted(decent, key=lambda word: (-counted[word], word))[: size - 2]
    vocabulary = {piece: i for i, piece in enumerate([END_OF_TEXT, UNKNOWN, *common])}
    tokenizer = tokenizers.Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens([END_OF_TEXT, UNKNOWN])
    return tokenizer


def bpe(texts: list[str], counted: Words, recipe: Recipe) -> tokenizers.Tokenizer:
    """BPE on the characters of words, with a mark at the end of a word.

    Sennrich et al. 2016, arXiv 1508.07909.
    """
    letters = _letters(texts, recipe)
    ends = sorted({word[-1] + WORD_END for word in counted if word[-1] in letters})
    tokenizer = tokenizers.Tokenizer(models.BPE(unk_token=UNKNOWN, end_of_word_suffix=WORD_END))
    tokenizer.decoder = decoders.BPEDecoder(suffix=WORD_END)
    trainer = trainers.BpeTrainer(
        vocab_size=recipe.vocabulary,
        special_tokens=[END_OF_TEXT, UNKNOWN, *ends],
        initial_alphabet=letters,
        limit_alphabet=len(letters),
        end_of_word_suffix=WORD_END,
        show_progress=False,
    )
    return _trained_on_words(tokenizer, texts, trainer)


def wordpiece(texts: list[str], counted: Words, recipe: Recipe) -> tokenizers.Tokenizer:
    """Pieces of words, the longest that fits first, with a mark inside a word, as in BERT.

    Schuster and Nakajima 2012. The library chooses the pieces by count, as BPE does, and not by
    likelihood as in the paper; only the encoding is WordPiece's own.
    """
    letters = _letters(texts, recipe)
    inside = sorted({INSIDE + c for word in counted for c in word[1:] if c in letters})
    tokenizer = tokenizers.Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    tokenizer.decoder = decoders.WordPiece(prefix=INSIDE, cleanup=False)
    trainer = trainers.WordPieceTrainer(
        vocab_size=recipe.vocabulary,
        special_tokens=[END_OF_TEXT, UNKNOWN, *inside],
        initial_alphabet=letters,
        limit_alphabet=len(letters),
        continuing_subword_prefix=INSIDE,
        show_progress=False,
    )
    return _trained_on_words(tokenizer, texts, trainer)


def _letters(texts: list[str], recipe: Recipe) -> list[str]:
    return [letter for letter in alphabet(texts, recipe.rare) if not letter.isspace()]


def _trained_on_words(
    tokenizer: tokenizers.Tokenizer, texts: list[str], trainer: trainers.Trainer
) -> tokenizers.Tokenizer:
    """Train, and make ordinary tokens of the marked letters again.

    They went in as special tokens because the library numbers special tokens in the order given,
    and marked letters as its hash table has them: differently on every run.
    """
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(texts, trainer)
    content = json.loads(tokenizer.to_str())
    special = (END_OF_TEXT, UNKNOWN)
    content["added_tokens"] = [t for t in content["added_tokens"] if t["content"] in special]
    return tokenizers.Tokenizer.from_str(json.dumps(content))


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


def unigram(texts: list[str], vocabulary: int = VOCABULARY) -> tokenizers.Tokenizer:
    """The most probable cut into pieces, each with a probability of its own.

    Kudo 2018, arXiv 1804.10959, with spaces written as in SentencePiece. Pieces are learned inside
    words and their leading space; a line break stands alone. No normaliser, so that only characters
    that never stood in the training stories are lost.
    """
    tokenizer = tokenizers.Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = cutter()
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="never")
    trainer = trainers.UnigramTrainer(
        vocab_size=vocabulary,
        special_tokens=[END_OF_TEXT, UNKNOWN],
        unk_token=UNKNOWN,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    content = json.loads(tokenizer.to_str())
    special, scored = content["model"]["vocab"][:2], content["model"]["vocab"][2:]
    content["model"]["vocab"] = special + settled(scored)
    return tokenizers.Tokenizer.from_str(json.dumps(content))


def settled(scored: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Pieces by falling score, free of what the library decides by chance.

    Sums depend on its threads in the last digits, and characters that it keeps only to lose no text
    get steps above the lowest score in the order of a hash table: here they share that score.
    """
    rounded = [(piece, round(score, DIGITS)) for piece, score in scored]
    floor = min(score for _, score in rounded)

    def kept_only_for_coverage(piece: str, score: float) -> bool:
        steps = (score - floor) / STEP
        return len(piece) == 1 and steps < len(scored) and abs(steps - round(steps)) < STEP

    shared = [(p, floor if kept_only_for_coverage(p, s) else s) for p, s in rounded]
    return sorted(shared, key=lambda one: (-one[1], one[0]))
