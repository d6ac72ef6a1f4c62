"""The Tokens tab: what the model reads instead of letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import gradio as gr
from gradio.events import Dependency
from markupsafe import Markup

from analysis import tokens
from components import view
from components.action import Action, examples, plain_errors, wire
from components.links import take_away
from components.parts.chips import chips, tally
from components.parts.spelling import note
from components.parts.strips import missing, strip, strips
from inference.errors import ModelUnavailable
from inference.service import Service
from inference.types import Tokenized

VIEW = view.View(
    key="tokens",
    title="Tokens",
    lead=(
        "A model reads no letters. It reads these pieces, each one a number. How a text is cut was "
        "learned from stories, and there are several ways to learn it."
    ),
    look_for=(
        (
            "Does BPE merge the most frequent pair of my text?",
            "No. Counting is over when training ends. In your text, inside each word, of all pairs "
            "that have a merge the one learned first is merged first, then again until none is "
            "left. WordPiece takes the longest piece that fits, from the left; Unigram weighs all "
            "cuts of a word and takes the most probable one.",
        ),
        (
            "Why is a common word one token and a rare name many?",
            "A merge is learned for pairs that occur often in the training stories. Common words "
            "have been merged to the end; a rare one is left in the pieces it shares with others. "
            "Pick a token: the count is that of its last merge.",
        ),
        (
            "Which of them can give the text back?",
            "Byte-level BPE, always: every byte has a token. Words, BPE and WordPiece throw away "
            "whitespace, and what their vocabulary does not hold becomes unknown: one character in "
            "BPE, the whole word in WordPiece. Try the examples Emoji and Code.",
        ),
        (
            "Where does the space belong?",
            "In byte-level BPE and Unigram to the word that follows, wherever that was worth a "
            "token: the dot at the start of a chip is its space. So a word at the start of a text "
            "and the same word inside it are different tokens. BPE marks the end of a word and "
            "WordPiece its inside.",
        ),
        (
            "Why do some characters take several tokens?",
            "Byte-level BPE cuts bytes. A character that is rare in the stories, such as an emoji, "
            "was never merged, so each of its bytes, written in hexadecimal, is a token.",
        ),
        (
            "What does the same sentence cost in French?",
            "Compare the two byte-level tokenizers on the example French. One was trained on "
            "English stories, the other on English and French sentences. People whose language "
            "was rare in training pay for every text with more tokens.",
        ),
        (
            "What if somebody types the name of a special token?",
            "It depends on the program. The end of a text is a token of its own that no text "
            "should contain. A program that reads it out of what people type lets them end the "
            "text, or, in a chat, speak as somebody else. Try the last example both ways. "
            "Everywhere else on this page what you type is text.",
        ),
        (
            "Do tokens with close numbers mean close things?",
            "No. In BPE a number is only the order in which a merge was learned, in the words how "
            "frequent a word was.",
        ),
    ),
)
TOKENIZERS = {
    "characters": "Characters",
    "words": "Words",
    "bpe": "BPE",
    "byte-bpe": "Byte-level BPE",
    "wordpiece": "WordPiece",
    "unigram": "Unigram",
    "multilingual": "English and French",
}
OPENED = "byte-bpe"
ABOUT = {
    "characters": "One token a character that occurs ten times in the stories.",
    "words": "The most frequent words and punctuation marks of the stories.",
    "bpe": "Characters of a word, merged by counted pairs; </w> marks the end of a word.",
    "byte-bpe": "Bytes, merged by counted pairs. This is what the storyteller reads.",
    "wordpiece": "The longest piece that fits, from the left; ## marks the inside of a word.",
    "unigram": "The most probable cut; every piece has a probability of its own.",
    "multilingual": "Byte-level BPE trained on sentences in both languages.",
}
OPENING = (
    "Once upon a time there lived a little tailor, unbelievably clever, named Rumpelstiltskin."
)
EXAMPLES = (
    ("A story", OPENING),
    ("Digits", "1234 and 12345, 3.14159, and 1,000,000"),
    ("Emoji", "A family: 👩\u200d👩\u200d👧, a flag: 🇫🇷, one letter spelled twice: \u00e9 e\u0301"),
    ("Scripts", "Hello, bonjour, привет, שלום, नमस्ते, 你好"),
    ("French", "Le petit tailleur vivait dans une vieille maison, tout près de la forêt."),
    ("Code", "def add(a, b):\n    return a + b"),
    ("Special?", "The first story ends.<|endoftext|>The second begins."),
)


def stage(chosen: str, tokenized: Tokenized, cut: Mapping[str, Tokenized | str]) -> Markup:
    """Counts and every token of the chosen tokenizer; below, the same text in all of them."""
    counts = tokens.counts(tokenized.text, tokenized.ids)
    about = Markup('<p class="about"><b>{}</b> {}</p>').format(TOKENIZERS[chosen], ABOUT[chosen])
    return (
        about
        + tally(counts)
        + note(tokenized.note)
        + chips(grouped(tokenized), tokenized.details)
        + strips("The same text in every tokenizer", rows(chosen, cut))
    )


def rows(chosen: str, cut: Mapping[str, Tokenized | str]) -> Iterator[Markup]:
    """A row for every tokenizer."""
    for key, found in cut.items():
        name = TOKENIZERS[key]
        if isinstance(found, Tokenized):
            yield strip(name, grouped(found), found.details, key == chosen)
        else:
            yield missing(name, found)


def grouped(found: Tokenized) -> list[tokens.Group]:
    """The tokens in groups of whole characters, with what is lost between them."""
    return tokens.groups(found.ids, found.pieces, found.gaps)


def compared(service: Service, text: str, specials: bool) -> dict[str, Tokenized | str]:
    """The text in every tokenizer, or why there is none. Raises OrreryError on unusable text."""
    cut: dict[str, Tokenized | str] = {}
    for key in TOKENIZERS:
        try:
            cut[key] = service.tokenize(text, tokenizer=key, specials=specials)
        except ModelUnavailable as error:
            cut[key] = f"not available: {error.reason}"
    return cut


def build(service: Service, page: gr.Blocks) -> list[Dependency]:
    """Lay out the tab and wire it."""

    def run(text: str, tokenizer: str, special_tokens: str) -> str:
        with plain_errors():
            specials = special_tokens == "special"
            tokenized = service.tokenize(text, tokenizer=tokenizer, specials=specials)
            return str(stage(tokenizer, tokenized, compared(service, text, specials)))

    with view.frame(VIEW) as (controls, shown, _):
        with controls:
            text = gr.Textbox(OPENING, label="Text", lines=4, max_lines=8, elem_id="tokens-text")
            choices = [(name, key) for key, name in TOKENIZERS.items()]
            tokenizer = gr.Dropdown(choices, value=OPENED, label="Tokenizer", filterable=False)
            special_tokens = gr.Radio(
                [("as text", "text"), ("as the special token", "special")],
                value="text",
                label="Reads <|endoftext|>",
                elem_id="tokens-special",
            )
            button = gr.Button("Cut into tokens", variant="primary")
        with shown:
            picture = gr.HTML(elem_id="tokens-stage", min_height=320, js_on_load=None)
        inputs = {"text": text, "tokenizer": tokenizer, "special_tokens": special_tokens}
        action = Action("tokenize", run, inputs, [picture])
        with controls:
            chosen = examples(action, [[t] for _, t in EXAMPLES], [n for n, _ in EXAMPLES])
            take_away(VIEW.key, action.inputs)
        return wire(page, VIEW.key, action, button, chosen, tokenizer.input, special_tokens.input)
