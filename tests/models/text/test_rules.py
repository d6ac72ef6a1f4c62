"""A tokenizer replayed step by step writes what the library writes (truth: R4)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from learning import names
from models.text.lattice import lattice
from models.text.rules import LongestMatch, Merged, Merges, PieceScores, Product, matched, merged
from models.text.tokenizer import Tokenizer
from tests.conftest import CHECKPOINTS

pytestmark = pytest.mark.weights
NAMES = ("byte-bpe", "bpe", "multilingual", "wordpiece", "unigram")
LOADED = {name: Tokenizer.load(CHECKPOINTS / "tokenizers" / name) for name in NAMES}
TEXTS = some.text(some.characters(exclude_categories=("Cs",)), max_size=60)
WORDS = some.text("theanigrsud ,.'\n", max_size=60)
STRANGE = "Ünïcode 你好 \U0001f1eb\U0001f1f7 e\u0301 aaaaaaaaa  \n\n x<|endoftext|>"


def replayed(tokenizer: Tokenizer, text: str) -> list[int]:
    """All tokens, by our own steps."""
    rules, ids = tokenizer.rules, []
    for word in tokenizer.pretokens(text):
        if isinstance(rules, Merges):
            tokens = list(rules.letters(word.written))
            for one in merged(tuple(tokens), rules):
                tokens[one.place : one.place + 2] = [one.token]
            ids += tokens
        elif isinstance(rules, LongestMatch):
            ids += [one.token for one in matched(word.written, rules)]
        else:
            assert isinstance(rules, PieceScores)
            ways = lattice(word.written, rules, best=1)
            taken = [ways.arcs[number].token for number in ways.paths[0].arcs]
            # the library makes one token of unknown characters that stand together
            ids += taken[:1] + [b for a, b in pairwise(taken) if a != b or b != rules.unknown]
    return ids


@pytest.mark.parametrize("name", NAMES)
def test_r4_ten_thousand_names_are_cut_as_the_library_cuts_them(name: str) -> None:
    whole = [one.capitalize() for one in names.read()]
    assert len(whole) == 10_000
    wanted = LOADED[name].encode_batch(whole)
    assert [replayed(LOADED[name], one) for one in whole] == wanted


@pytest.mark.parametrize("name", NAMES)
@given(text=TEXTS | WORDS)
def test_r4_any_text_is_cut_as_the_library_cuts_it(name: str, text: str) -> None:
    assert replayed(LOADED[name], text) == LOADED[name].encode(text)


@pytest.mark.parametrize("name", NAMES)
def test_strange_texts_are_cut_as_the_library_cuts_them(name: str) -> None:
    assert replayed(LOADED[name], STRANGE) == LOADED[name].encode(STRANGE)


@pytest.mark.parametrize("name", ["byte-bpe", "bpe", "multilingual"])
def test_ranks_never_fall_so_that_the_first_merges_are_those_of_a_smaller_tokenizer(
    name: str,
) -> None:
    rules = LOADED[name].rules
    assert isinstance(rules, Merges)
    for word in names.read()[:2_000]:
        ranks = [one.rank for one in merged(rules.letters(word), rules)]
        assert ranks == sorted(ranks)


def test_a_word_by_hand() -> None:
    products = {(0, 1): Product(2, 9), (1, 2): Product(1, 8), (0, 8): Product(3, 7)}
    rules = Merges({}, products, None, "", "")
    assert merged((0, 1, 2), rules) == (Merged(1, 1, 8), Merged(3, 0, 7))
    assert merged((0, 1, 0, 1), rules) == (Merged(2, 0, 9), Merged(2, 1, 9))


def test_words_that_are_only_looked_up_have_no_rules() -> None:
    assert Tokenizer.load(CHECKPOINTS / "tokenizers" / "words").rules is None


def test_every_word_covers_its_own_bytes() -> None:
    text = "Grün: 你 好\n\ndone"
    for tokenizer in LOADED.values():
        spans = [(one.start, one.end) for one in tokenizer.pretokens(text)]
        assert spans == sorted(spans)
        covered = b"".join(text.encode()[a:b] for a, b in spans)
        assert b"".join(covered.split()) == b"".join(text.encode().split())
