"""The collection's own models: an entry each."""

from __future__ import annotations

from collections.abc import Mapping

from inference.entry import Capability, Entry
from models.opened import INSIDE

STORYTELLER = "storyteller"
"""The model that is asked where nobody names one."""
GROWING = "storyteller-growing"
"""The model that was kept at several ages."""
STORIES = (
    "Children's books and fairy tales, most of them more than a hundred years old, and picture "
    "books of today."
)
SIMPLE = "Very short stories in simple English of today."
WORDS = (
    "Old stories and novels, a factbook, simple stories, textbooks and sentences of today; 1.5 % "
    "of the text are sentences that we wrote from facts."
)
PAIRS = "English sentences of today and their French translations."
DOES: Mapping[str, frozenset[Capability]] = {
    "llama": INSIDE | {"write", "attend", "remove heads"},
    "bert": frozenset({"fill in", "attend"}),
    "orrery-table": frozenset({"write"}),
    "orrery-ngram": frozenset({"write", "count"}),
    "orrery-window": frozenset({"write", "slide a window"}),
    "orrery-recurrent": frozenset({"write", "keep a state"}),
    "marian": frozenset({"translate", "cut"}),
    "orrery-recurrent-translator": frozenset({"translate", "cut"}),
}
"""What a model of the collection can do, by the `model_type` of its config.json."""


def _storyteller(name: str, title: str, read: str) -> Entry:
    return Entry(
        name,
        f"{title}, over tokens",
        "transformer",
        INSIDE | {"write", "attend", "remove heads", "cut"},
        name,
        about="A small GPT: six layers of four attention heads.",
        read=read,
        card=f"{name}/README.md",
        opens=True,
    )


def _rung(name: str, title: str, about: str, *more: Capability) -> Entry:
    return Entry(
        name,
        f"{title}, over characters",
        "ladder",
        frozenset({"write", *more}),
        f"ladder/{name}",
        "characters",
        about,
        STORIES,
        "ladder/README.md",
    )


def _tokenizer(name: str, title: str, about: str, read: str = STORIES) -> Entry:
    can: frozenset[Capability] = frozenset({"cut"})
    folder, card = f"tokenizers/{name}", "tokenizers/README.md"
    return Entry(name, title, "tokenizer", can, folder, "tokens", about, read, card)


def _translator(name: str, title: str, about: str) -> Entry:
    can: frozenset[Capability] = frozenset({"translate", "cut"})
    return Entry(
        name,
        f"{title}, English to French",
        "translator",
        can,
        name,
        about=about,
        read=PAIRS,
        card=f"{name}/README.md",
        closes=True,
    )


def _vectors(name: str, title: str, about: str, *more: Capability) -> Entry:
    can: frozenset[Capability] = frozenset({"embed", *more})
    folder, card = "word-vectors", "word-vectors/README.md"
    return Entry(name, title, "word vectors", can, folder, "words", about, WORDS, card)


COLLECTION = (
    _storyteller(STORYTELLER, "Storyteller", SIMPLE),
    _storyteller("storyteller-books", "Storyteller of old books", STORIES),
    Entry(
        "fill-in",
        "Fill-in, over tokens",
        "transformer",
        frozenset({"fill in", "attend", "cut"}),
        "fill-in",
        about="A small BERT: it reads what stands on both sides of a gap.",
        read="Very short stories of today, old stories, and English sentences of today.",
        card="fill-in/README.md",
        opens=True,
        closes=True,
    ),
    _translator(
        "translator", "Translator", "A transformer that reads a sentence, and one that writes it."
    ),
    _translator(
        "translator-rnn",
        "Recurrent translator",
        "A recurrent network that looks back at every word of the sentence.",
    ),
    _translator(
        "translator-rnn-bottleneck",
        "Recurrent translator through one vector",
        "The same without attention: one vector holds the whole sentence.",
    ),
    _rung("bigram", "Bigram", "Counts which character follows which.", "count"),
    _rung("trigram", "Trigram", "Counts which character follows which two.", "count"),
    _rung("five-gram", "5-gram", "Counts which character follows which four.", "count"),
    _rung("mlp", "Window MLP", "A perceptron over the last characters.", "slide a window"),
    _rung("rnn", "Vanilla RNN", "A recurrent network without gates.", "keep a state"),
    _rung("gru", "GRU", "A recurrent network with two gates.", "keep a state"),
    _rung("lstm", "LSTM", "A recurrent network with a cell and three gates.", "keep a state"),
    _rung(
        *("gpt", "Small GPT", "A transformer over characters."),
        *("attend", "remove heads", *INSIDE),
    ),
    _tokenizer(
        "characters", "Characters", "One token a character that occurs ten times in the stories."
    ),
    _tokenizer("words", "Words", "The most frequent words and punctuation marks of the stories."),
    _tokenizer(
        "bpe",
        "BPE",
        "Characters of a word, merged by counted pairs; </w> marks the end of a word.",
    ),
    _tokenizer(
        "byte-bpe",
        "Byte-level BPE",
        "Bytes, merged by counted pairs. This is what the storyteller reads.",
    ),
    _tokenizer(
        "wordpiece",
        "WordPiece",
        "The longest piece that fits, from the left; ## marks the inside of a word.",
    ),
    _tokenizer(
        "unigram",
        "Unigram",
        "The most probable cut; every piece has a probability of its own.",
    ),
    _tokenizer(
        "multilingual",
        "English and French",
        "Byte-level BPE trained on sentences in both languages.",
        PAIRS,
    ),
    _vectors(
        "skip-gram-1", "Skip-gram", "Learned to predict the words around a word.", "draw a map"
    ),
    _vectors(
        "skip-gram-2",
        "Skip-gram, trained again (seed 2)",
        "The same training with other random numbers.",
    ),
    _vectors(
        "skip-gram-3",
        "Skip-gram, trained again (seed 3)",
        "The same training with other random numbers.",
    ),
    _vectors("cbow", "CBOW", "Learned to predict a word from the words around it."),
    _vectors(
        "fasttext",
        "fastText",
        "Skip-gram over pieces of words, so that unknown words have vectors.",
        "draw a map",
    ),
    _vectors(
        "glove",
        "GloVe",
        "Fitted to the logarithms of how often words stand near each other.",
        "draw a map",
    ),
    _vectors("ppmi", "Counts (PPMI)", "Counts of which words stand near, and no learning."),
    _vectors(
        "ppmi-svd", "Counts, reduced (PPMI, SVD)", "The counts, reduced to their main directions."
    ),
)
"""The collection's own models, in the order in which they are offered."""
