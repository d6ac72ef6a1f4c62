"""Gaps are filled from both sides, and every number is that of plain `transformers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inference import wire
from inference.errors import ModelUnavailable, NoGap, OrreryError, OutOfRange, TooLong
from inference.service import Service
from inference.tasks.attention.ablation import Ablation
from inference.tasks.attention.maps import Attention
from inference.tasks.fill_in import GAPS, FilledGaps, FillIn
from inference.tasks.generate import Generate
from models.loading import open_model
from models.transformer import bert_checkpoint
from models.transformer.bidirectional import Bidirectional, BidirectionalConfig
from tests.conftest import stirred
from training import tokenizer_kinds, tokenizers
from training.fill_in import with_mask

NAME = "fill-in"
TEXT = "The fox [MASK] in the [MASK]."
CONTEXT = 32
NOTHING = np.zeros((0, 0, 1, 4), dtype=np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checkpoints that hold a model of random weights, in float32 so that nothing is rounded."""
    root = tmp_path_factory.mktemp("checkpoints")
    texts = ["The fox slept in the wood. The dog sat in the garden. " * 9]
    counted = tokenizer_kinds.words_of(texts)
    cut = tokenizer_kinds.wordpiece(texts, counted, tokenizer_kinds.Recipe(90, rare=1))
    tokenizers.save(cut, root / "tokenizers" / "wordpiece")
    masked = with_mask(root / "tokenizers" / "wordpiece")
    tokenizers.save(masked, root / NAME, CONTEXT)
    size = masked.get_vocab_size()
    torch.manual_seed(4)
    shape = BidirectionalConfig(size, size - 1, CONTEXT, 2, 4, 32, 64)
    bert_checkpoint.save(stirred(Bidirectional(shape)), root / NAME, torch.float32)
    return root


@pytest.fixture(scope="module")
def service(folder: Path) -> Service:
    return Service(folder, device="cpu")


def filled(service: Service, *args: Any, **named: Any) -> FilledGaps:
    *_, last = service.run(FillIn(*args, model=NAME, **named))
    assert isinstance(last, FilledGaps)
    return last


def expected(folder: Path, ids: list[int], gaps: list[int]) -> NDArray[np.float64]:
    from transformers import AutoModelForMaskedLM

    theirs = AutoModelForMaskedLM.from_pretrained(folder / NAME, dtype=torch.float32).eval()
    with torch.inference_mode():
        logits = theirs(torch.tensor([ids])).logits[0, gaps]
    found: NDArray[np.float64] = logits.double().softmax(-1).numpy()
    return found


def test_every_gap_has_the_distribution_of_plain_transformers(
    service: Service, folder: Path
) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder / NAME)
    inner = tokenizer(TEXT, add_special_tokens=False)["input_ids"]
    ids = [tokenizer.eos_token_id, *inner, tokenizer.eos_token_id]  # as in training
    gaps = [place for place, token in enumerate(ids) if token == tokenizer.mask_token_id]
    found = filled(service, TEXT, shown=5)
    assert (list(found.tokens.ids), list(found.gaps)) == (ids, gaps)
    assert found.tokens.text == TEXT
    right = expected(folder, ids, gaps)
    np.testing.assert_allclose(found.probabilities, right, atol=1e-5)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
    for gap, row in enumerate(found.probabilities.tolist()):
        order = sorted(range(len(row)), key=lambda token: -row[token])
        assert list(found.likeliest[gap]) == order[:5]
        assert [found.rank(gap, token) for token in order] == list(range(1, len(row) + 1))
        assert (
            found.pieces[order[0]]
            == tokenizer.convert_ids_to_tokens(order[0]).removeprefix("##").encode()
        )


def test_a_hidden_token_is_a_gap_and_the_text_keeps_it(service: Service) -> None:
    text = "The fox slept in the [MASK]."
    (slept,) = (i for i, one in enumerate(filled(service, text).tokens.pieces) if one == b"slept")
    found, typed = filled(service, text, hide=(slept,)), filled(service, TEXT)
    assert found.gaps == typed.gaps and found.gaps[0] == slept
    np.testing.assert_array_equal(found.probabilities, typed.probabilities)
    hidden = found.tokens.ids[slept]
    assert hidden != typed.tokens.ids[slept] and found.pieces[hidden] == b"slept"


def test_what_stands_after_a_gap_moves_it(service: Service) -> None:
    one, other = (filled(service, f"The [MASK] {verb}.") for verb in ("slept", "sat"))
    assert np.abs(one.probabilities - other.probabilities).max() > 0.01


def test_equals_share_a_rank() -> None:
    tokens = wire.loads(b'{"class":"Tokenized","text":"","ids":[],"pieces":[]}', wire.known())
    found = FilledGaps(tokens, (0,), np.array([[0.1, 0.4, 0.1, 0.4]]), ((1, 3),), {}, NOTHING)
    assert [found.rank(0, token) for token in range(4)] == [3, 1, 3, 1]


@pytest.mark.parametrize(
    ("text", "hide", "error", "sentence"),
    [
        ("The fox slept.", (), NoGap, r"There is no gap in the text\. .* Write \[MASK\] where"),
        ("The [mask] slept.", (), NoGap, "no gap"),
        ("[MASK] " * (GAPS + 1), (), TooLong, "up to 16 gaps; yours has 17"),
        ("The fox " * 20, (1,), TooLong, "up to 30 tokens; yours has 40"),
        ("The fox.", (0,), OutOfRange, "hidden token is a whole number from 1 to 3, not 0"),
        ("The fox.", (4,), OutOfRange, "from 1 to 3, not 4"),
        ("The fox.", (True,), OutOfRange, "from 1 to 3, not True"),
        ("The <|endoftext|> [MASK].", (), OrreryError, r"<\|endoftext\|> ends a text"),
        (" ", (), OrreryError, "The text is empty"),
        (7, (), OrreryError, "must be text"),
    ],
)
def test_what_cannot_be_filled_is_refused_in_a_sentence(
    service: Service, text: object, hide: tuple[int, ...], error: type[OrreryError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence) as told:
        filled(service, text, hide=hide)
    assert str(told.value).endswith(".")


@pytest.mark.parametrize("shown", [0, 101, 2.5])
def test_the_number_shown_has_bounds(shown: Any) -> None:
    with pytest.raises(OutOfRange, match="from 1 to 100"):
        FillIn(TEXT, NAME, shown=shown)


def test_what_is_no_token_of_the_text_stays_text(service: Service) -> None:
    """A name that the vocabulary gives to unknown text is not a gap, and is not refused."""
    found = filled(service, "The fox <|unknown|> [MASK] \u00e9.")
    assert len(found.gaps) == 1 and any(one.unknown for one in found.tokens.details)


def test_r27_a_masked_model_fills_gaps_and_neither_writes_nor_is_swept(service: Service) -> None:
    for task in (Generate("The fox", NAME), Ablation("The fox", NAME)):
        with pytest.raises(OrreryError, match=r"fill-in cannot (write|remove heads)"):
            list(service.run(task))
    with pytest.raises(OrreryError, match=r"cannot fill in\. Choose one of fill-in"):
        list(service.run(FillIn(TEXT, "bigram")))


def test_its_heads_look_to_both_sides(service: Service) -> None:
    *_, maps = service.run(Attention(TEXT, NAME))
    count = len(maps.tokens.ids)
    assert maps.weights.shape == (2, 4, count, count)
    assert maps.tokens.ids[0] == maps.tokens.ids[-1] and maps.tokens.pieces[-1] == b""
    np.testing.assert_allclose(maps.weights.sum(-1), 1, atol=1e-5)
    assert (np.triu(maps.weights, 1).sum(-1) > 0.1).any(axis=(0, 1))[:-1].all()
    with pytest.raises(TooLong, match="up to 30 tokens"):  # the context, less the two ends
        list(service.run(Attention("The fox " * 20, NAME)))


def test_it_is_opened_as_ours_and_without_its_folder_nothing_else_fails(
    folder: Path, tmp_path: Path
) -> None:
    opened = open_model(folder / NAME)
    assert isinstance(opened.model, Bidirectional)
    assert (opened.can, opened.context) == ({"fill in", "attend"}, CONTEXT)
    assert (opened.layers, opened.heads) == (2, 4)
    without = Service(tmp_path, device="cpu")
    with pytest.raises(ModelUnavailable, match="fill-in tokenizer is not available"):
        list(without.run(FillIn(TEXT, NAME)))
    without.close()


def test_the_task_and_its_result_go_through_bytes(service: Service) -> None:
    task, found = FillIn(TEXT, NAME, hide=(2,), shown=3), filled(service, TEXT)
    assert wire.loads(wire.dumps(task), wire.known()) == task
    again = wire.loads(wire.dumps(found), wire.known())
    assert again.probabilities.tobytes() == found.probabilities.tobytes()
    assert (again.tokens, again.gaps, again.likeliest) == (
        *(found.tokens, found.gaps, found.likeliest),
    )
    assert again.pieces == found.pieces
