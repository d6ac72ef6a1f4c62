"""The models that may be asked, one entry each: what it is called, where it lies, what it can do.

Bounds are not written here: they are read from the `config.json` of each model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from inference.errors import ModelUnavailable, OrreryError
from inference.limits import Limits
from inference.types import NEW_TOKENS
from models.files import CheckpointError, read_json
from models.opened import ModelFacts

Capability = Literal[
    "write", "attend", "remove heads", "cut", "embed", "fill in", "translate", "count"
]
Kind = Literal["transformer", "ladder", "tokenizer", "word vectors", "elsewhere"]
STORYTELLER = "storyteller"
"""The model that is asked where nobody names one."""
STORIES = (
    "Children's books and fairy tales, most of them more than a hundred years old, and picture "
    "books of today."
)
SIMPLE = "Very short stories in simple English of today."
WORDS = (
    "Old stories and novels, a factbook, and sentences of today; 1.94 % of the text are sentences "
    "that we wrote from facts."
)
PAIRS = "English sentences of today and their French translations."
DOES: Mapping[str, frozenset[Capability]] = {
    "llama": frozenset({"write", "attend", "remove heads"}),
    "bert": frozenset({"fill in", "attend"}),
    "orrery-ngram": frozenset({"write", "count"}),
    "orrery-window": frozenset({"write"}),
    "orrery-recurrent": frozenset({"write"}),
    "marian": frozenset({"translate", "cut"}),
    "orrery-recurrent-translator": frozenset({"translate", "cut"}),
}
"""What a model of the collection can do, by the `model_type` of its config.json."""
CONTEXTS = ("context", "max_position_embeddings", "n_positions", "n_ctx", "max_seq_len")
VOCABULARIES = ("vocabulary", "vocab_size")
CARD = 1_000_000  # characters of a card that are shown
UNSTATED = 512  # tokens of context where a model names none, as with relative positions


@dataclass(frozen=True)
class Entry:
    """One model, tokenizer or set of word vectors."""

    name: str
    """What a link, a request and the status line call it."""
    title: str
    kind: Kind
    can: frozenset[Capability]
    folder: str
    """Under the checkpoints; of a model from elsewhere, its path or its id on the Hub."""
    unit: str = "tokens"
    """What one token of it is."""
    about: str = ""
    """How it works, in a sentence."""
    read: str = ""
    """What it was trained on, in a sentence."""
    card: str = ""
    """Its model card: under the checkpoints, or an address of the Hub; empty where it has none."""
    opens: bool = False
    """Every text it was trained on began after an end-of-text; so does every text it reads here."""
    closes: bool = False
    """Likewise, every text is followed by an end-of-text."""
    listed: bool = True
    """False for one that may be asked but is not offered in every list."""


@dataclass(frozen=True)
class Bounds:
    """How much a model may be asked for, in its own tokens."""

    context: int
    """The longest text, prompt and continuation together."""
    vocabulary: int
    prompt: int
    """The longest prompt."""
    new_tokens: int
    """The longest continuation of a short prompt."""

    @classmethod
    def of(cls, config: Mapping[str, Any], limits: Limits) -> Bounds:
        """From the content of a `config.json`. Raises ValueError where it states too little."""
        context = next((config[key] for key in CONTEXTS if key in config), UNSTATED)
        vocabulary = next((config[key] for key in VOCABULARIES if key in config), None)
        for number in (context, vocabulary):
            if type(number) is not int or number < 2:
                raise ValueError("config.json is damaged: it states no context or vocabulary.")
        return cls.within(limits, context, int(vocabulary or 0))

    @classmethod
    def within(cls, limits: Limits, context: int, vocabulary: int) -> Bounds:
        """Those of a model, within the limits for all of them."""
        prompt, most = min(limits.prompt_tokens, context - 1), min(NEW_TOKENS[1], context - 1)
        return cls(context, vocabulary, prompt, most)

    def room(self, prompt: int) -> int:
        """How many tokens may follow a prompt of so many."""
        return min(self.new_tokens, self.context - prompt)


def _storyteller(name: str, title: str, read: str) -> Entry:
    return Entry(
        name,
        f"{title}, over tokens",
        "transformer",
        frozenset({"write", "attend", "remove heads", "cut"}),
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


def _vectors(name: str, title: str, about: str) -> Entry:
    can: frozenset[Capability] = frozenset({"embed"})
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
    _rung("bigram", "Bigram", "Counts which character follows which.", "count"),
    _rung("trigram", "Trigram", "Counts which character follows which two.", "count"),
    _rung("five-gram", "5-gram", "Counts which character follows which four.", "count"),
    _rung("mlp", "Window MLP", "A perceptron over the last characters."),
    _rung("rnn", "Vanilla RNN", "A recurrent network without gates."),
    _rung("gru", "GRU", "A recurrent network with two gates."),
    _rung("lstm", "LSTM", "A recurrent network with a cell and three gates."),
    _rung("gpt", "Small GPT", "A transformer over characters.", "attend", "remove heads"),
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
    _vectors("skip-gram-1", "Skip-gram", "Learned to predict the words around a word."),
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
    ),
    _vectors("ppmi", "Counts (PPMI)", "Counts of which words stand near, and no learning."),
    _vectors(
        "ppmi-svd", "Counts, reduced (PPMI, SVD)", "The counts, reduced to their main directions."
    ),
)
"""The collection's own models, in the order in which they are offered."""


class Catalog:
    """Every entry by its name. Reads small files, and no weights; imports torch only where models
    from elsewhere are named."""

    def __init__(
        self,
        checkpoints: Path,
        limits: Limits | None = None,
        elsewhere: Mapping[str, str] | None = None,
    ) -> None:
        """elsewhere: folders or Hub ids of other models, by the names that they are to have.

        Raises ValueError that names the model where one cannot be used.
        """
        self.checkpoints = checkpoints
        self._limits = limits or Limits()
        self._entries = {one.name: one for one in (*COLLECTION, *_found(checkpoints))}
        self.elsewhere: dict[str, ModelFacts] = {}
        for name, reference in (elsewhere or {}).items():
            if name in self._entries:
                raise ValueError(f"two models are called {name}.")
            self.elsewhere[name] = _described(name, reference, self._limits)
            self._entries[name] = _elsewhere(name, self.elsewhere[name])

    def entries(self, *can: Capability, listed: bool = True) -> tuple[Entry, ...]:
        """Who can do all this, in order. listed: False also gives those that are not offered."""
        return tuple(
            entry
            for entry in self._entries.values()
            if entry.can.issuperset(can) and (entry.listed or not listed)
        )

    def entry(self, name: object, *can: Capability) -> Entry:
        """The entry of this name. Raises ModelUnavailable, or OrreryError where it cannot `can`."""
        entry = self._entries.get(name) if isinstance(name, str) else None
        able = ", ".join(one.name for one in self.entries(*can)) if can else ""
        if entry is None:
            choose = f" Choose one of {able}." if able else ""
            raise ModelUnavailable(str(name)[:40], f"there is none of this name.{choose}")
        for one in can:
            if one not in entry.can:
                raise OrreryError(f"{entry.name} cannot {one}. Choose one of {able}.")
        return entry

    def folder(self, entry: Entry) -> Path:
        """Where its files are."""
        return self.checkpoints / entry.folder

    def card(self, name: str) -> str:
        """The text of a model's card. Raises ModelUnavailable where there is none here."""
        entry = self.entry(name)
        try:
            path = self.checkpoints / entry.card
            return path.read_text(encoding="utf-8", errors="replace")[:CARD]
        except OSError as error:
            raise ModelUnavailable(entry.name, "its card is not here.") from error

    def sources(self) -> dict[str, Path | ModelFacts]:
        """Where everything is loaded from that runs on a device, by its name."""
        return {
            entry.name: self.elsewhere.get(entry.name) or self.folder(entry)
            for entry in self._entries.values()
            if entry.can - {"cut", "embed"}
        }

    def bounds(self, name: object) -> Bounds:
        """From its config.json. Raises ModelUnavailable where that cannot be read."""
        entry = self.entry(name)
        facts = self.elsewhere.get(entry.name)
        if facts is not None:
            return Bounds.within(self._limits, facts.context, facts.vocabulary)
        try:
            stored = _config(self.folder(entry) / "config.json")
            return Bounds.of(stored, self._limits)
        except ValueError as error:
            raise ModelUnavailable(entry.name, str(error)) from error


def _found(checkpoints: Path) -> Iterator[Entry]:
    """Models in the folder that are not among the collection's own, such as ages of one model."""
    own = {entry.folder for entry in COLLECTION}
    paths: Iterable[Path] = [
        *checkpoints.glob("*/config.json"),
        *checkpoints.glob("*/*/config.json"),
    ]
    for path in sorted(paths):
        folder = path.parent.relative_to(checkpoints).as_posix()
        try:
            can = DOES.get(str(_config(path).get("model_type")))
        except ValueError:
            continue
        if can is None or folder in own:
            continue
        card = f"{folder.split('/')[0]}/README.md"
        nested = "/" in folder
        yield Entry(
            folder,
            folder,
            "transformer",
            can,
            folder,
            card=card,
            closes="translate" in can,
            listed=not nested,
        )


def _described(name: str, reference: str, limits: Limits) -> ModelFacts:
    """What a model from elsewhere is. Raises ValueError that names it."""
    from models.loading import describe  # noqa: PLC0415  # torch, and transformers if need be

    try:
        return describe(reference, most=int(limits.megabytes * 1e6 / 4))  # bytes of a float32
    except ValueError as error:
        raise ValueError(f"model {name} cannot be used. {error}") from error


def _elsewhere(name: str, facts: ModelFacts) -> Entry:
    can: frozenset[Capability] = facts.can | frozenset[Capability]({"cut"})
    about = f"{facts.name}, a model from elsewhere with {facts.parameters:,} parameters."
    readme = facts.folder / "README.md"
    card = str(readme.resolve()) if readme.is_file() else ""
    if not Path(facts.reference).is_dir():
        card = f"https://huggingface.co/{facts.reference.partition('@')[0]}"
    read = f"{about} Its own card says what it has read." if card else about
    return Entry(name, name, "elsewhere", can, facts.reference, "tokens", about, read, card)


def _config(path: Path) -> Mapping[str, Any]:
    stored = read_json(path)
    if not isinstance(stored, dict):
        raise CheckpointError(f"{path.name} in {path.parent.name} is no JSON object.")
    return stored
