"""Train one: learned as the library learns, and what the view says of its examples."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import models, pre_tokenizers, trainers

from components.tokens import cost, duel, merges, pieces, train
from components.tokens.train import EXAMPLES, GOATS, OURS, SENTENCE, Learning, data, draw
from inference import wire
from inference.entry import LEARNED
from inference.errors import BadTokenizer, OrreryError
from inference.scheduling import turns
from inference.service import Service
from inference.tasks.replay import cut_all, end_of
from inference.tasks.vocabulary.cutting import Regrown, Word
from inference.tasks.vocabulary.learn_pieces import LearnedPieces
from inference.types.waiting import Waiting
from models.text.protocol import RuledTokenizer

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


def example(service: Service, name: str) -> Learning:
    return ask(service, None, *EXAMPLES[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_library_reads_the_file_and_cuts_as_many_tokens(service: Service, name: str) -> None:
    found, text = example(service, name).found, str(EXAMPLES[name][0])
    loaded = tokenizers.Tokenizer.from_str(json.dumps(found.file))
    ids = loaded.encode(text).ids
    last = found.rounds[-1] if isinstance(found, LearnedPieces) else found.steps[-1]
    assert len(ids) == last.tokens
    assert cut_into(found.words) == ids  # all of it is shown
    spelled = loaded.decode(ids)
    assert spelled == text or spelled.split()[0] == text.split(",")[0]


def cut_into(words: Sequence[Word], merges: int = 1_000) -> list[int]:
    """The tokens of some words with the first merges, as train.js cuts them."""
    found: list[int] = []
    for word in words:
        if isinstance(word, Regrown):
            found += [one for one in word.cuts if one.rank <= merges][-1].tokens
            continue
        tokens = list(word.letters)
        for one in word.merges:
            if one.rank <= merges:
                tokens[one.place : one.place + 2] = [one.token]
        found += tokens
    return found


@pytest.mark.parametrize("kind", ["bytes", "characters", "wordpiece"])
def test_every_number_of_merges_cuts_as_the_library_does(service: Service, kind: str) -> None:
    whole = ask(service, None, GOATS, kind, 60, 0).found
    assert whole.unseen
    counts = [whole.tokens, *(one.tokens for one in whole.steps)]
    for merges_made in range(1, len(whole.steps) + 1):
        part = ask(service, None, GOATS, kind, merges_made, 0).found
        library = tokenizers.Tokenizer.from_str(json.dumps(part.file))
        ids = library.encode(GOATS).ids
        assert cut_into(whole.words, merges_made) == ids
        assert counts[merges_made] == len(ids)
        assert whole.unseen.tokens[merges_made] == len(library.encode(SENTENCE).ids)


@pytest.mark.parametrize("kind", ["bytes", "characters", "wordpiece"])
def test_r4_two_thousand_texts_are_cut_by_its_rules_as_the_library_cuts_them(
    service: Service, kind: str
) -> None:
    """The rules are applied as the replay does, without the library."""
    root = CHECKPOINTS.parent
    lines = [
        line
        for path in sorted([*root.glob("docs/*.md"), *root.glob("components/**/*.py")])
        for line in path.read_text("utf-8").splitlines()
        if line.strip()
    ]
    found = ask(service, None, " ".join(lines[:300]), kind, 500, 0).found
    library = tokenizers.Tokenizer.from_str(json.dumps(found.file))
    library.encode_special_tokens = True
    read = service.preprocessor(found.name, "cut").tokenizer
    assert isinstance(read, RuledTokenizer) and read.rules is not None
    texts = lines[300:2_300]
    assert len(texts) == 2_000
    for text in texts:
        words = cut_all(read.pretokens(text), read.rules)
        ids = library.encode(text).ids
        assert [token for word in words for token in end_of(word)] == ids == read.encode(text)


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
    learned, unseen = goats, goats["unseen"]
    assert round(merges[-1]["tokens"] / learned["words"], 2) == 1.30
    assert round(learned["ours"] / learned["words"], 2) == 1.44
    assert round(unseen["tokens"] / unseen["words"], 2) == 1.85
    assert round(unseen["ours"] / unseen["words"], 2) == 1.46
    made = [one["text"] for one in data(example(service, "Endings"))["merges"]]
    assert made[2] == "ing" and {"ju", "mp"} <= set(made[3:5]) and "er" in made[5:9]


def test_r30_what_is_said_of_wordpiece_holds_on_its_example(service: Service) -> None:
    found = data(example(service, "WordPiece"))
    merges = found["merges"]
    first = merges[0]["pairs"][0]
    assert (first["left"], first["right"]) == ("o", "w")
    assert (first["count"], first["parts"], first["score"]) == (4, (4, 4), 1 / 4)
    made = [one["text"] for one in merges]
    assert made.index("jump") == 20 and made.index("ing") == 44
    assert (found["unseen"]["unknown"], found["kind"]) == (8, "wordpiece")


def test_the_librarys_trainer_of_wordpiece_merges_by_count() -> None:
    own = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]"))
    own.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=60, show_progress=False)
    own.train_from_iterator([EXAMPLES["WordPiece"][0]], trainer)
    pieces_made = sorted(own.get_vocab(), key=own.token_to_id)
    longer = [piece for piece in pieces_made if len(piece.removeprefix("##")) > 1]
    assert longer[:2] == ["##ng", "##ing"]  # the most frequent pairs, and o with w comes later


@pytest.mark.parametrize(
    ("text", "kind", "merges", "says"),
    [
        ("", "bytes", 5, "is empty"),
        ("a" * 50_001, "bytes", 5, "up to 50,000 characters; yours has 50,001"),
        ("a", "words", 5, "begins with bytes or with characters, or is WordPiece"),
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


@pytest.mark.parametrize("kind", ["bytes", "characters", "wordpiece"])
@pytest.mark.parametrize("text", ["ab " * 199 + "abcde fa fa", "a" * 2_000, "\u4f60" * 900 + "x"])
def test_a_long_text_is_shown_up_to_where_it_is_cut(service: Service, kind: str, text: str) -> None:
    found = ask(service, None, text, kind, 9, 0).found
    assert 0 < len(cut_into(found.words, 0)) <= 1_200
    json.dumps(draw(ask(service, None, text, kind, 9, 0)))


@pytest.mark.parametrize("kind", ["bytes", "characters", "wordpiece"])
def test_t7_hostile_text_is_no_markup(service: Service, kind: str) -> None:
    _, drawn = draw(ask(service, None, "<img src=x> <script>1</script> \"'", kind, 9, 0))
    assert "<img" not in str(drawn) and "<script" not in str(drawn)
    json.loads(html.unescape(re.search('data-value="(.*?)"', str(drawn))[1]))  # type: ignore[index]


OTHERS = (
    "The goats gather.",
    "Zürich, 20 goats?",
    "<|endoftext|> \U0001f410 naïve\n\tgoats",
    GOATS,
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_other_views_cut_as_the_library_does_with_the_saved_file(
    service: Service, name: str
) -> None:
    found = data(example(service, name))
    library = tokenizers.Tokenizer.from_str(json.dumps(found["tokenizer"]))
    library.encode_special_tokens = True
    for text in OTHERS:
        ids = library.encode(text).ids
        cut = pieces.data(pieces.ask(service, None, text, found["name"], "text"))
        assert [one["id"] for one in cut["tokens"]] == ids
        first = duel.ask(service, None, text, "text", found["name"])
        row = duel.data(next(iter(first)))["tokenizers"][0]
        assert [one["id"] for one in row["tokens"]] == ids
        replayed = merges.ask(service, None, text, found["name"], 0, 1).found
        assert list(replayed.tokens.ids) == ids
        by_merges = found["tokenizer"]["model"]["type"] == "BPE"
        assert replayed.merges == (len(found["merges"]) if by_merges else 0)
    costs = cost.data(cost.ask(service, None, OTHERS[1], found["name"]))
    for one in costs["rows"]:
        read = library.encode(one["text"])
        unknown = read.ids.count(library.token_to_id("<|unknown|>"))
        assert (list(one["ids"]), one["unknown"]) == (read.ids, unknown)
    assert [one["tokenizer"] for one in costs["twins"]] == [
        *["byte-bpe"] * 2,
        *["multilingual"] * 2,
    ]
    assert LEARNED not in json.dumps(costs)


def test_the_counts_of_training_come_along(service: Service) -> None:
    found = data(example(service, "Goats"))
    cut = pieces.data(pieces.ask(service, None, "the goats", found["name"], "text"))
    made = {
        one["text"].replace("\N{MIDDLE DOT}", " "): one["pairs"][0]["count"]
        for one in found["merges"]
    }
    assert [one["origin"]["count"] for one in cut["tokens"] if one["origin"]] == [
        made[one["text"]] for one in cut["tokens"] if one["origin"]
    ]


@pytest.mark.parametrize("kind", ["bytes", "characters", "wordpiece"])
@pytest.mark.parametrize("other", [SENTENCE, "Zürich\n  and 20 goats \U0001f410", "a"])
def test_the_other_text_is_counted_as_the_library_counts(
    service: Service, kind: str, other: str
) -> None:
    for merges_made in (1, 12, 60):
        found = data(ask(service, None, GOATS, kind, merges_made, 0, other))
        library = tokenizers.Tokenizer.from_str(json.dumps(found["tokenizer"]))
        tokens = library.encode(other).tokens
        unseen = found["unseen"]
        assert (unseen["tokens"], unseen["unknown"]) == (len(tokens), tokens.count("<|unknown|>"))
        assert (unseen["bytes"], unseen["words"]) == (len(other.encode()), len(other.split()))
    ours = CHECKPOINTS / "tokenizers" / OURS[kind]
    plain = tokenizers.Tokenizer.from_file(str(ours / "tokenizer.json"))
    assert unseen["ours"] == len(plain.encode(other).ids)
    assert found["ours"] == len(plain.encode(GOATS).ids)


def test_without_another_text_nothing_is_compared(service: Service) -> None:
    assert data(ask(service, None, GOATS, "bytes", 3, 0, " "))["unseen"] is None
    with pytest.raises(OrreryError, match="The other text may have up to 600 characters"):
        ask(service, None, GOATS, "bytes", 3, 0, "a" * 601)


@pytest.mark.parametrize(
    "line", ["", "x", "bytes...AAAA", "bytes...AP8A_wAAAAE" * 2, "\0", "bytes..." + "_" * 64_000]
)
def test_t7_a_damaged_tokenizer_is_a_sentence_in_every_view(service: Service, line: str) -> None:
    name = LEARNED + line
    says = "tokenizer that was trained here cannot be read: .*Train it again"
    with pytest.raises(BadTokenizer, match=says):
        pieces.ask(service, None, "a", name, "text")
    with pytest.raises(BadTokenizer, match=says):
        merges.ask(service, None, "a", name, 0, 1)
    with pytest.raises(OrreryError, match=r"cannot be read|Up to 3 tokenizers"):
        next(iter(duel.ask(service, None, "a", "text", name)))


def test_t7_nothing_else_stands_beside_the_others(service: Service) -> None:
    name = data(example(service, "Goats"))["name"]
    for own in (" ".join([name] * 4), "bpe", "storyteller", "../../etc"):
        with pytest.raises(OrreryError, match="Up to 3 tokenizers"):
            next(iter(duel.ask(service, None, "a", "text", own)))
    with pytest.raises(OrreryError, match="Trained here, 60 merges of bytes cannot write"):
        service.preprocessor(name, "write")


def test_a_tokenizer_that_is_too_large_to_be_sent_is_saved_all_the_same(service: Service) -> None:
    found = data(ask(service, None, "".join(map(chr, range(0x4E00, 0x9000))), "characters", 9, 0))
    assert found["name"] == "" and len(found["tokenizer"]["model"]["vocab"]) > 16_000


def long_text() -> str:
    """10,000 characters with many words."""
    lines = [path.read_text("utf-8") for path in sorted(CHECKPOINTS.parent.glob("docs/*.md"))]
    return " ".join("".join(lines).split())[:10_000]


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("unigram", r"Round \d+: [\d,]+ pieces, letters included; 60 and the letters stay\."),
        ("wordpiece", r"[\d,]+ of 60 merges are made\."),
    ],
)
def test_what_takes_long_says_how_far_it_is_and_can_be_left(
    service: Service, monkeypatch: pytest.MonkeyPatch, kind: str, says: str
) -> None:
    monkeypatch.setattr(turns, "SLICE", 0.0)  # every bit of the work
    asked = train.ask(service, None, long_text(), kind, 60, 0)
    told = []
    for news in asked:
        if not isinstance(news, Waiting):
            break
        told.append(news.sentence)
        assert not service.turn.locked()  # others go on
    assert len(told) > 50 and isinstance(news, Learning)
    assert len({one for one in told if re.fullmatch(says, one)}) > 10
    asked = train.ask(service, None, long_text(), kind, 60, 0)
    next(asked)
    begun = time.perf_counter()
    asked.close()  # type: ignore[attr-defined]
    assert not service.turn.locked() and time.perf_counter() - begun < 0.5


def test_another_text_that_is_unfit_is_said_before_the_work(service: Service) -> None:
    for kind in ("unigram", "bytes"):
        with pytest.raises(OrreryError, match="other text may have up to 600"):
            next(train.ask(service, None, long_text(), kind, 60, 0, "a" * 601))


@pytest.mark.parametrize("letters", ["ab", "\u4eba\u5927\u5929\u5c0f"])
def test_a_word_as_long_as_the_text_is_learned_in_parts_and_said_so(
    service: Service, letters: str
) -> None:
    text = "".join(letters[i * i % 7 % len(letters)] for i in range(3_000))
    found = ask(service, None, text, "unigram", 9, 0).found
    assert isinstance(found, LearnedPieces)
    assert found.note == (
        "What has no space for more than 100 characters is learned in parts of as many."
    )
    assert len(found.scores) == len(set(text)) + 9
    library = tokenizers.Tokenizer.from_str(json.dumps(found.file))
    assert found.rounds[-1].tokens == len(library.encode(text).ids)
