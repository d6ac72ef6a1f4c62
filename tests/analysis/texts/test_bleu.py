"""BLEU of one sentence against sacreBLEU itself."""

from __future__ import annotations

import random

import pytest
from sacrebleu.metrics.bleu import BLEU

from analysis.texts.bleu import SIGNATURE, sentence_bleu, words

PAIRS = (
    ("Elle a acheté un chat noir.", "Elle a acheté un chat noir et un chien blanc."),
    ("Elle a acheté un chat et un chat noir.", "Elle a acheté un chat noir et un chien blanc."),
    ("Où est le chat noir ?", "Où est le chat noir ?"),
    ("Oui.", "Oui, merci."),
    ("Non", "Oui"),
    ("", "Oui"),
    ("Oui", ""),
    ("Il a payé 1,50 euro (1.5)...", "Il paya 1,50 euro; 10-12 &quot;fois&quot; &amp; plus."),
    ("a, b.c 3,d e,4 5.6-7 x-y", "a , b . c 3 , d e , 4 5.6 - 7 x - y"),
    ("aujourd'hui_ici [non] {si} ~/`^", "aujourd'hui _ ici <skipped> [non"),
)


@pytest.mark.parametrize(("written", "reference"), PAIRS)
def test_r34_it_is_what_sacrebleu_gives(written: str, reference: str) -> None:
    metric = BLEU(effective_order=True)
    theirs = metric.sentence_score(written, [reference])
    assert sentence_bleu(written, reference) == pytest.approx(theirs.score, abs=1e-9)
    assert str(metric.get_signature()).startswith(SIGNATURE)


def test_r34_also_of_many_random_texts() -> None:
    metric, dice = BLEU(effective_order=True), random.Random(5)
    pieces = ("le", "chat", "noir", "dort", ".", ",", "1", "2-", "'", " ", "&", "-\n", "é")
    for _ in range(500):
        written, reference = (
            "".join(
                dice.choice(pieces) + dice.choice(("", " ")) for _ in range(dice.randint(1, 12))
            )
            for _ in range(2)
        )
        theirs = metric.sentence_score(written, [reference]).score
        assert sentence_bleu(written, reference) == pytest.approx(theirs, abs=1e-9)


def test_a_sentence_by_hand() -> None:
    """Of 4 words 3 are right, of 3 pairs 1, no triple and no four; one word shorter: e^(-1/4)."""
    expected = 100 * (3 / 4 * 1 / 3 * 1 / 2 / 2 * 1 / 4 / 1) ** 0.25 * 2.718281828459045**-0.25
    assert sentence_bleu("a b x d", "a b c d e") == pytest.approx(expected)
    assert words("3,50, oui.") == ["3,50", ",", "oui", "."]
