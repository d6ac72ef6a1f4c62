"""A run as a program for plain `transformers`: it writes the same greedy and beam texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from components.shared.program import HEAD, opened
from inference.errors import OrreryError

if TYPE_CHECKING:
    from inference.service import Service
    from inference.tasks.beam_trail import FollowBeams
    from inference.tasks.generate import Generate
    from inference.tasks.stepping import NextToken
    from inference.types.options import LaneOptions

CUTS = {"top_k", "top_p", "min_p"}  # none of them takes the most probable token
UNKNOWN = {"typical_p", "presence_penalty", "frequency_penalty"}
DICE = "The dice of transformers show other numbers."
NEXT = 20  # tokens that a program goes on for where one is written at a time
LISTED = 10  # of what can come next
WRITTEN = "ids = ids + {ids}  # the tokens written since\n"
ROW = "ids = torch.tensor([ids])\n"
RUN = """
searches = {{
{searches}}}
for name, search in searches.items():
    found = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens={length},
        do_sample=False,
        **search,
    )
    written = found[0, ids.shape[1] :]
    print(f"{{name}}: {{tokenizer.decode(written, skip_special_tokens=True)!r}}")
"""
LOOK = """
with torch.inference_mode():
    logits = model(ids).logits[0, -1].double(){heat}
for share, token in zip(*logits.softmax(-1).topk({listed}), strict=True):
    print(f"{{share:.4f}} {{tokenizer.decode(token)!r}}")
"""


def lanes_program(service: Service, tasks: Sequence[Generate]) -> str:
    """The greedy and beam lanes of these tasks, one after another.

    Raises OrreryError where a text cannot be used, a model is none of `transformers`, or nothing
    that can be written is left.
    """
    parts: list[str] = []
    left_out: dict[str, list[str]] = {}
    for asked in tasks:
        task = asked.prepare(service.preprocessor(asked.model, "write"))
        searches = {}
        for name, lane in named(task.options.lanes):
            reason = unlike(lane)
            if reason:
                left_out.setdefault(reason, []).append(name)
            else:
                searches[name] = search(lane)
        if searches:
            run = RUN.format(searches=listed(searches), length=task.options.new_tokens)
            parts.append(opened(service, task.model, task.tokens) + ROW + run)
    remark = "".join(
        f"\nLeft out: {', '.join(names)}. {reason}" for reason, names in left_out.items()
    )
    if not parts:
        raise OrreryError(f"No lane of this run can be copied.{remark}")
    title = "Greedy and beam texts of this run, written by plain transformers."
    return HEAD.format(title=title, remark=remark) + "\n".join(parts)


def beam_program(service: Service, asked: FollowBeams) -> str:
    """A beam search with its penalty and its end, and greedy decoding, which it is compared with.

    Raises OrreryError where a text cannot be used or the model is none of `transformers`.
    """
    task = asked.prepare(service.preprocessor(asked.model, "write"))
    searches: dict[str, Mapping[str, object]] = {"Greedy": {"num_beams": 1}}
    if task.beams > 1:
        searches["Beam"] = {
            "num_beams": task.beams,
            "length_penalty": float(task.alpha),
            "early_stopping": task.early_stopping,
        }
    run = RUN.format(searches=listed(searches), length=task.new_tokens)
    title = "This beam search, and greedy decoding, by plain transformers."
    start = HEAD.format(title=title, remark="")
    return start + opened(service, task.model, task.tokens) + ROW + run


def step_program(service: Service, asked: NextToken) -> str:
    """What can come next in a text that is written token by token, and how greedy goes on.

    Raises OrreryError as `lanes_program` does, or where the tokens lead nowhere.
    """
    task = asked.prepare(service.preprocessor(asked.model, "write"))
    at, strategy = task.trajectory, task.strategy
    body = opened(service, task.model, task.tokens)
    if at.chosen:
        body += WRITTEN.format(ids=list(at.chosen))
    heat = "" if strategy.temperature == 1 else f" / {strategy.temperature:g}"
    body += ROW + LOOK.format(heat=heat, listed=LISTED)
    left = min(NEXT, at.new_tokens - at.steps)
    if left and not strategy.sample:
        body += RUN.format(searches=listed({"Greedy": search(strategy)}), length=left)
    dice = f"\nLeft out: what Step writes. {DICE}"
    title = "What can come next in this text, by plain transformers."
    return HEAD.format(title=title, remark=dice if strategy.sample else "") + body


def named(lanes: Sequence[LaneOptions]) -> Iterator[tuple[str, LaneOptions]]:
    """Every lane by a name of its own."""
    seen: dict[str, int] = {}
    for lane in lanes:
        seen[lane.name] = number = seen.get(lane.name, 0) + 1
        yield lane.name if number == 1 else f"{lane.name} {number}", lane


def unlike(lane: LaneOptions) -> str:
    """Why `transformers` does not write the text of a lane; empty where it does."""
    if lane.beams:
        return ""
    if lane.sample:
        return DICE
    unknown = UNKNOWN & set(lane.filters)
    if unknown:
        return f"Greedy decoding in transformers has no {' and no '.join(sorted(unknown))}."
    minding = [place for place, name in enumerate(lane.filters) if name in RENAMED]
    if minding and CUTS & set(lane.filters[: minding[-1]]):
        return "transformers puts the penalties before the cuts."
    return ""


RENAMED: Mapping[str, str] = {
    "repetition_penalty": "repetition_penalty",
    "no_repeat_ngram": "no_repeat_ngram_size",
}
"""Filters that greedy decoding feels, and what `generate` calls them."""


def search(lane: LaneOptions) -> dict[str, object]:
    """What `generate` is given for a lane; its beam search has no length penalty, as ours (R23)."""
    if lane.beams:
        return {"num_beams": lane.beams, "length_penalty": 0.0, "early_stopping": "never"}
    felt = {RENAMED[name]: getattr(lane, name) for name in lane.filters if name in RENAMED}
    return {"num_beams": 1, **felt}


def listed(searches: Mapping[str, Mapping[str, object]]) -> str:
    """Lines of a dictionary that names every search."""
    return "".join(f"    {name!r}: {given!r},\n" for name, given in searches.items())
