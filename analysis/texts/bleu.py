"""BLEU of one sentence, as sacreBLEU has it: Papineni et al. 2002; Post 2018, arXiv 1804.08771.

Of one sentence it is unreliable (truth: R34): a synonym costs as much as a mistake.
"""

from __future__ import annotations

import math
import re
import string
from collections import Counter

SIGNATURE = "nrefs:1|case:mixed|eff:yes|tok:13a|smooth:exp"
ORDERS = 4
SIGNS = re.escape("".join(sign for sign in string.punctuation if sign not in "'-.,"))
CUTS = (
    (rf"([{SIGNS}])", r" \1 "),
    (r"([^0-9])([.,])", r"\1 \2 "),
    (r"([.,])([^0-9])", r" \1 \2"),
    (r"([0-9])(-)", r"\1 \2 "),
)
"""Where mteval-v13a cuts, one rule after another: at every sign, at a full stop or comma that is
not between digits, and at a dash after a digit."""
ENTITIES = {"&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">"}


def words(text: str) -> list[str]:
    """A text cut as mteval-v13a does, the default of sacreBLEU."""
    line = text.rstrip().replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, sign in ENTITIES.items():
        line = line.replace(entity, sign)
    line = f" {line} "
    for pattern, cut in CUTS:
        line = re.sub(pattern, cut, line)
    return line.split()


def sentence_bleu(written: str, reference: str) -> float:
    """BLEU of one sentence against one reference, from 0 to 100; `SIGNATURE` says how.

    Exponential smoothing: the first order of n-grams without a match counts half a match, the next
    a quarter. Orders that a short text cannot have are left out (effective order).
    """
    ours, theirs = words(written), words(reference)
    logs, halved, any_right = [], 1, False
    for order in range(1, min(ORDERS, len(ours)) + 1):
        grams = ngrams(ours, order)
        right, total = (grams & ngrams(theirs, order)).total(), grams.total()
        any_right = any_right or right > 0
        halved *= 1 if right else 2
        logs.append(math.log((right or 1 / halved) / total))
    if not any_right:
        return 0.0
    brevity = min(0.0, 1 - len(theirs) / len(ours))
    return 100 * math.exp(brevity + sum(logs) / len(logs))


def ngrams(tokens: list[str], order: int) -> Counter[tuple[str, ...]]:
    """How often each run of so many words is there."""
    return Counter(zip(*(tokens[start:] for start in range(order)), strict=False))
