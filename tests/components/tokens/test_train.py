"""Train one: learned as the library learns, and what the view says of its examples."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
import tokenizers
from tokenizers import models, pre_tokenizers, trainers

from components.tokens.train import EXAMPLES, GOATS, Learning, ask, data, draw
from inference import wire
from inference.errors import OrreryError
from inference.service import Service

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def example(service: Service, name: str) -> Learning:
    return ask(service, None, *EXAMPLES[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_library_reads_the_file_and_cuts_as_many_tokens(service: Service, name: str) -> None:
    found, text = example(service, name).found, str(EXAMPLES[name][0])
    loaded = tokenizers.Tokenizer.from_str(json.dumps(found.file))
    ids = loaded.encode(text).ids
    assert len(ids) == found.steps[-1].tokens
    cut = [len(one.letters) - len(one.merges) for one in found.words]
    assert sum(cut) == len(ids)  # all of it is shown
    spelled = loaded.decode(ids)
    assert spelled == text or spelled.split()[0] == text.split(",")[0]


def test_r4_the_library_learns_the_same_merges(service: Service) -> None:
    own = tokenizers.Tokenizer(models.BPE())
    own.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=256 + 60, initial_alphabet=alphabet, show_progress=False
    )
    own.train_from_iterator([GOATS], trainer)
    model = json.loads(own.to_str())["model"]
    assert example(service, "Goats").found.file["model"]["merges"] == model["merges"]


def test_r30_the_answers_hold_on_the_examples(service: Service) -> None:
    goats = data(example(service, "Goats"))
    merges = goats["merges"]
    assert merges[0]["pairs"][0] == {"left": "h", "right": "e", "count": 27}
    assert merges[7]["text"] == "\N{MIDDLE DOT}the"
    assert (goats["tokens"], merges[9]["tokens"], merges[19]["tokens"]) == (276, 149, 120)
    counts = [one["pairs"][0]["count"] for one in merges]
    assert next(i for i, count in enumerate(counts, start=1) if count <= 2) == 17
    made = [one["text"] for one in data(example(service, "Endings"))["merges"]]
    assert made[2] == "ing" and {"ju", "mp"} <= set(made[3:5]) and "er" in made[5:9]


@pytest.mark.parametrize(
    ("text", "kind", "merges", "says"),
    [
        ("", "bytes", 5, "is empty"),
        ("a" * 50_001, "bytes", 5, "up to 50,000 characters; yours has 50,001"),
        ("a", "words", 5, "begins with bytes or with characters"),
        ("a", "bytes", 0, "The number of merges is a whole number from 1 to 1,000"),
        ("a", "bytes", float("nan"), "The number of merges"),
    ],
)
def test_what_cannot_be_learned_is_refused(
    service: Service, text: str, kind: str, merges: int, says: str
) -> None:
    with pytest.raises(OrreryError, match=says):
        ask(service, None, text, kind, merges, 0)


@pytest.mark.parametrize("text", ["a", "aaaa", "a b c", "\U0001f1eb\U0001f1f7", "\ud800"])
def test_little_text_teaches_little(service: Service, text: str) -> None:
    learning = ask(service, None, text, "bytes", 100, 0)
    found = learning.found
    assert found.tokens >= 1 and len(found.steps) <= found.tokens
    assert wire.loads(wire.dumps(found), wire.known()) == found
    assert json.loads(json.dumps(data(learning), allow_nan=False)) == data(learning)


@pytest.mark.parametrize("kind", ["bytes", "characters"])
def test_t7_hostile_text_is_no_markup(service: Service, kind: str) -> None:
    _, drawn = draw(ask(service, None, "<img src=x> <script>1</script> \"'", kind, 9, 0))
    assert "<img" not in str(drawn) and "<script" not in str(drawn)
    json.loads(html.unescape(re.search('data-value="(.*?)"', str(drawn))[1]))  # type: ignore[index]
