"""Unigram in Train one: cut in every round as its rules and the library cut, and what it says."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import tokenizers

from components.tokens import merges, pieces, train
from components.tokens.train import EXAMPLES, GOATS, SENTENCE, Learning, data, draw
from inference import wire
from inference.entry import LEARNED
from inference.errors import BadTokenizer, OrreryError
from inference.service import Service
from inference.tasks.replay import cut_all, end_of
from inference.tasks.vocabulary.learn_pieces import LearnedPieces
from learning import unigram
from models.text.lattice import lattice
from models.text.protocol import RuledTokenizer
from models.text.rules import UNKNOWN_PENALTY, PieceScores
from models.text.unigram import rounded, written

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def ask(*asked: Any) -> Learning:
    """The result, once it is there."""
    *_, last = train.ask(*asked)
    assert isinstance(last, Learning)
    return last


def trained(service: Service, text: str, longer: int, other: str = SENTENCE) -> LearnedPieces:
    found = ask(service, None, text, "unigram", longer, 0, other).found
    assert isinstance(found, LearnedPieces)
    return found


def cut_by(scores: unigram.Scores, word: str) -> list[str]:
    """The most probable cut, by the lattice of the other views."""
    known = dict(zip(scores, rounded(list(scores.values())), strict=True))
    numbers = {piece: (i, known[piece]) for i, piece in enumerate(scores)}
    ways = lattice(word, PieceScores(numbers, -1, min(known.values()) - UNKNOWN_PENALTY), best=1)
    taken = [ways.arcs[number] for number in ways.paths[0].arcs]
    return [word[arc.start : arc.end] for arc in taken]


def test_r4_every_round_cuts_the_most_probable_way(service: Service) -> None:
    found = trained(service, GOATS, 20)
    rounds = [one for one in unigram.learn(written(GOATS), 20) if one]
    assert len(found.rounds) == len(rounds) == 8
    for number, (one, told) in enumerate(zip(rounds, found.rounds, strict=True)):
        shown = [
            [cut for cut in word.cuts if cut.rank <= number][-1].tokens for word in found.words
        ]
        cuts = [[found.symbols[token] for token in tokens] for tokens in shown]
        assert cuts == [cut_by(one.scores, "".join(cut)) for cut in cuts]  # all of the text
        assert told.tokens == sum(map(len, cuts))
        assert told.pieces == len(one.scores)
    size = sum(len(word) * times for word, times in written(GOATS).items())
    assert size == len(GOATS)
    assert found.rounds[-1].bits[-1] == -rounds[-1].likelihoods[-1] / math.log(2) / size


def test_r4_two_thousand_lines_are_cut_as_the_library_cuts_them(service: Service) -> None:
    root = CHECKPOINTS.parent
    lines = [
        line
        for path in sorted([*root.glob("docs/*.md"), *root.glob("components/**/*.py")])
        for line in path.read_text("utf-8").splitlines()
        if line.strip()
    ]
    found = trained(service, " ".join(lines[:60]), 300)
    library = tokenizers.Tokenizer.from_str(json.dumps(found.file))
    library.encode_special_tokens = True
    read = service.preprocessor(found.name, "cut").tokenizer
    assert isinstance(read, RuledTokenizer) and isinstance(read.rules, PieceScores)
    texts = lines[60:2_060]
    assert len(texts) == 2_000
    for text in texts:
        ids = library.encode(text).ids
        assert ids == read.encode(text)
        ours = [
            token for word in cut_all(read.pretokens(text), read.rules) for token in end_of(word)
        ]
        known = [one for one in ids if one != read.unknown]
        assert [one for one in ours if one != read.unknown] == known


def test_r30_what_is_said_holds_on_the_example(service: Service) -> None:
    told = data(ask(service, None, *EXAMPLES["Unigram"]))["rounds"]
    assert [one["tokens"] for one in told] == [80, 80, 80, 80, 80, 86, 105, 108]
    assert [one["pieces"] for one in told] == [147, 115, 91, 73, 60, 50, 42, 41]
    assert all(one["first"][0]["loss"] < 0.01 for one in told[:5])
    assert all(lost["loss"] > 8 for one in told[5:] for lost in one["first"])


@pytest.mark.parametrize("other", [SENTENCE, "Zürich\n  and 20 goats \U0001f410", "a"])
def test_the_other_text_is_counted_as_the_library_counts(service: Service, other: str) -> None:
    found = data(ask(service, None, GOATS, "unigram", 20, 0, other))
    library = tokenizers.Tokenizer.from_str(json.dumps(found["tokenizer"]))
    ids = library.encode(other).ids
    unknown = ids.count(library.token_to_id("<|unknown|>"))
    assert (found["unseen"]["tokens"], found["unseen"]["unknown"]) == (len(ids), unknown)
    assert unknown > 0 or other == "a"


@pytest.mark.parametrize(
    "text", ["a", "aaaa", "a b c", "\n\n", "<|endoftext|> <|unknown|>", "\u2581 x"]
)
def test_little_or_odd_text_teaches_little(service: Service, text: str) -> None:
    if not text.strip():
        return
    learning = ask(service, None, text, "unigram", 9, 0)
    found = learning.found
    assert isinstance(found, LearnedPieces) and found.name
    assert wire.loads(wire.dumps(found), wire.known()) == found
    assert json.loads(json.dumps(data(learning), allow_nan=False)) == data(learning)
    json.dumps(draw(learning))
    library = tokenizers.Tokenizer.from_str(json.dumps(found.file))
    library.encode_special_tokens = True
    cut = pieces.data(pieces.ask(service, None, text, found.name, "text"))
    assert [one["id"] for one in cut["tokens"]] == library.encode(text).ids
    merges.ask(service, None, text, found.name, 0, 1)


def test_what_cannot_be_learned_is_refused(service: Service) -> None:
    with pytest.raises(OrreryError, match="up to 10,000 characters; yours has 10,001"):
        ask(service, None, "a" * 10_001, "unigram", 9, 0)
    with pytest.raises(OrreryError, match="The number of pieces is a whole number from 1 to 1,000"):
        ask(service, None, "a", "unigram", 0, 0)


@pytest.mark.parametrize("line", ["unigram...AAAA", "unigram.W10..AAAA", "unigram.WyJhIl0..f4AAAA"])
def test_t7_a_damaged_one_is_a_sentence(service: Service, line: str) -> None:
    with pytest.raises(BadTokenizer, match=r"cannot be read: .*Train it again"):
        pieces.ask(service, None, "a", LEARNED + line, "text")
