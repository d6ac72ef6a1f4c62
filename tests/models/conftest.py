"""Folders as strangers write them: small random models of `transformers`, each with a tokenizer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
import torch
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

from models.contract import Trace
from models.hub.load import load
from models.opened import OpenedModel
from models.translators.recurrent import RecurrentTranslator, RecurrentTranslatorConfig
from models.translators.transformer import Translator, TranslatorConfig
from tests.conftest import stirred

TEXT = [
    "The cat sat on the mat, and the dog sat by the door.",
    "A café in the rain; the owner's cat was unbelievably tired.",
]
WIDTH, HEADS, CONTEXT = 32, 4, 64
SPECIALS = {
    "byte-level": ["<|endoftext|>"],
    "sentencepiece": ["<unk>", "<s>", "</s>"],
    "wordpiece": ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
    "unigram": ["<pad>", "</s>", "<unk>"],
}


def byte_level() -> tokenizers.Tokenizer:
    """As GPT-2 does it."""
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=SPECIALS["byte-level"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    return tokenizer


def sentencepiece() -> tokenizers.Tokenizer:
    """As Llama 2 does it: BPE over U+2581, bytes for what it has never seen."""
    alphabet = sorted({*"".join(TEXT).replace(" ", "\u2581"), "\u2581"})
    pieces = [*SPECIALS["sentencepiece"], *(f"<0x{byte:02X}>" for byte in range(256)), *alphabet]
    pieces += ["\u2581t", "he", "\u2581the", "at"]
    tokenizer = tokenizers.Tokenizer(
        models.BPE(
            vocab={piece: i for i, piece in enumerate(pieces)},
            merges=[("\u2581", "t"), ("h", "e"), ("\u2581t", "he"), ("a", "t")],
            unk_token="<unk>",
            byte_fallback=True,
        )
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]
    )
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("\u2581", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(content=" ", left=1),
        ]
    )
    tokenizer.add_special_tokens(SPECIALS["sentencepiece"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", 1)]
    )
    return tokenizer


def wordpiece() -> tokenizers.Tokenizer:
    """As BERT does it: lower case, accents gone, spaces gone."""
    letters = sorted({*"".join(TEXT).lower().replace("é", "e")} - {" "})
    words = ["the", "cat", "sat", "un", "##believ", "##ably", "rain", "tired", "owner"]
    pieces = [*SPECIALS["wordpiece"], *letters, *(f"##{letter}" for letter in letters), *words]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = tokenizers.Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(SPECIALS["wordpiece"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def unigram() -> tokenizers.Tokenizer:
    """As T5 and translators do it: SentencePiece's Unigram, the source closed by </s>."""
    letters = sorted({*"".join(TEXT)} - {" "})
    words = ["\u2581The", "\u2581the", "\u2581cat", "\u2581sat", "\u2581mat", "er", "\u2581"]
    vocabulary = [(piece, 0.0) for piece in SPECIALS["unigram"]]  # as its trainer stores them
    vocabulary += [(word, -2.0) for word in words] + [(letter, -4.0) for letter in letters]
    tokenizer = tokenizers.Tokenizer(models.Unigram(vocabulary, unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(SPECIALS["unigram"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    return tokenizer


def save(model: Any, tokenizer: tokenizers.Tokenizer, folder: Path) -> Path:
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": CONTEXT}))
    return folder


@pytest.fixture(scope="session")
def gpt2_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Learned absolute positions, transposed weights."""
    from transformers import GPT2Config, GPT2LMHeadModel

    tokenizer = byte_level()
    torch.manual_seed(1)
    config = GPT2Config(
        vocab_size=tokenizer.get_vocab_size(),
        n_positions=CONTEXT,
        n_embd=WIDTH,
        n_layer=2,
        n_head=HEADS,
        initializer_range=0.2,
        bos_token_id=0,
        eos_token_id=0,
    )
    return save(GPT2LMHeadModel(config), tokenizer, tmp_path_factory.mktemp("hub") / "gpt2")


@pytest.fixture(scope="session")
def llama_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rotary positions, and two heads of keys and values for four of queries."""
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = sentencepiece()
    torch.manual_seed(2)
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=CONTEXT,
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=HEADS,
        num_key_value_heads=2,
        initializer_range=0.2,
        bos_token_id=1,
        eos_token_id=2,
    )
    return save(LlamaForCausalLM(config), tokenizer, tmp_path_factory.mktemp("hub") / "llama")


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import BertConfig, BertForMaskedLM

    tokenizer = wordpiece()
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=CONTEXT,
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=HEADS,
        initializer_range=0.2,
        pad_token_id=0,
    )
    return save(BertForMaskedLM(config), tokenizer, tmp_path_factory.mktemp("hub") / "bert")


@pytest.fixture(scope="session")
def marian_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sinusoidal positions, a target that starts with padding, and padding never written."""
    from transformers import MarianConfig, MarianMTModel

    tokenizer = unigram()
    torch.manual_seed(4)
    config = MarianConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=CONTEXT,
        d_model=WIDTH,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS,
        encoder_ffn_dim=2 * WIDTH,
        decoder_ffn_dim=2 * WIDTH,
        init_std=0.2,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
        forced_eos_token_id=None,
        scale_embedding=True,  # this and the next: or it would write one token for ever
        tie_word_embeddings=False,
    )
    model = MarianMTModel(config)
    model.generation_config.bad_words_ids = [[0]]
    return save(model, tokenizer, tmp_path_factory.mktemp("hub") / "marian")


class Translating:
    """An encoder-decoder model with one source text, so that it is a LanguageModel like others."""

    def __init__(self, model: Any, source: list[int]) -> None:
        self.model = model
        self.vocabulary = model.vocabulary
        self.context = model.context
        self.source = torch.tensor([source])

    def new_cache(self, rows: int) -> Any:
        return self.model.new_cache(rows, source=self.source.expand(rows, -1))

    def forward(
        self, ids: torch.Tensor, cache: Any = None, trace: Trace | None = None
    ) -> torch.Tensor:
        found: torch.Tensor = self.model.forward(ids, cache or self.new_cache(len(ids)), trace)
        return found


@pytest.fixture(scope="session")
def hub_gpt2(gpt2_folder: Path) -> OpenedModel:
    return load(str(gpt2_folder))


@pytest.fixture(scope="session")
def hub_llama(llama_folder: Path) -> OpenedModel:
    return load(str(llama_folder))


@pytest.fixture(scope="session")
def hub_bert(bert_folder: Path) -> OpenedModel:
    return load(str(bert_folder))


@pytest.fixture(scope="session")
def hub_marian(marian_folder: Path) -> OpenedModel:
    return load(str(marian_folder))


@pytest.fixture(scope="session")
def gpt2(hub_gpt2: OpenedModel) -> Any:
    return hub_gpt2.model


@pytest.fixture(scope="session")
def llama(hub_llama: OpenedModel) -> Any:
    return hub_llama.model


@pytest.fixture(scope="session")
def tiny_translator() -> Translating:
    torch.manual_seed(24)
    config = TranslatorConfig(64, 64, 1, 2, heads=2, width=16, feed_forward=24)
    return Translating(stirred(Translator(config)), [5, 9, 12, 7, 0])


@pytest.fixture(scope="session")
def tiny_rnn_translator() -> Translating:
    return tiny_recurrent_translator(attends=True)


@pytest.fixture(scope="session")
def tiny_bottleneck() -> Translating:
    return tiny_recurrent_translator(attends=False)


def tiny_recurrent_translator(attends: bool) -> Translating:
    torch.manual_seed(25)
    config = RecurrentTranslatorConfig(
        attends, 64, embedding=8, encoder=6, decoder=12, attention=6, context=64
    )
    return Translating(stirred(RecurrentTranslator(config)), [5, 9, 12, 7, 0])


@pytest.fixture(scope="session")
def marian(hub_marian: OpenedModel) -> Translating:
    return Translating(hub_marian.model, [5, 9, 12, 7, 1])
