"""A token's way as a program for plain `transformers`: the same states, weights and logits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.shared.program import HEAD, opened

if TYPE_CHECKING:
    from inference.service import Service
    from inference.tasks.attention.journey import Journey

TITLE = "One token's way through a layer, by plain transformers."
BODY = """
layer, head, token = {layer}, {head}, {token}  # counted from 0
model.set_attn_implementation("eager")  # other kernels give no weights
with torch.inference_mode():
    found = model(torch.tensor([ids]), output_hidden_states=True, output_attentions=True)
*stream, read = (state[0, token] for state in found.hidden_states)  # the last is normed
print("stream into every layer, length:", [round(one.norm().item(), 2) for one in stream])
print("after the last norm, length:", round(read.norm().item(), 2))
weights = found.attentions[layer][0, head, token]
for share, at in zip(*weights.topk(min(5, token + 1)), strict=True):
    print(f"weight {{share:.4f}} on {{tokenizer.decode(ids[at])!r}}, token {{at + 1}}")
for share, one in zip(*found.logits[0, token].double().softmax(-1).topk(5), strict=True):
    print(f"next {{share:.4f}} {{tokenizer.decode(one)!r}}")
"""


def way_program(service: Service, asked: Journey) -> str:
    """Raises OrreryError where the text cannot be used, or the model is none of transformers."""
    task = asked.prepare(service.preprocessor(asked.model, *asked.needs))
    place = {"layer": task.layer - 1, "head": task.head - 1, "token": task.token - 1}
    body = opened(service, task.model, task.tokens) + BODY.format(**place)
    return HEAD.format(title=TITLE, remark="") + body
