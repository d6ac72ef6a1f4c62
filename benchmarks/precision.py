"""What the layout for speed changes in what the storyteller predicts, on held-out text.

    python -m benchmarks.precision --data FOLDER [--device cuda]

Teacher-forced: both read the same windows of held-out stories, and every position's distribution
is compared with that of the readable model in float32 on the CPU. A path of 16 bit, that of
`--dtype half` on a GPU or that of stored weights on a CPU, is offered only while top-1 agreement
is at least 98 % and the mean KL divergence at most 1e-3 nats; the program fails beyond that.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from inference.loading.device import TorchDevice
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.linear_kernels import FEW, ranking
from training.data import corpus

CHECKPOINT = Path("checkpoints/storyteller")
WINDOWS = 200
LEAST_AGREEMENT, MOST_DIVERGENCE = 0.98, 1e-3


def windows(data: Path, tokenizer: Tokenizer, length: int) -> torch.Tensor:
    """Windows evenly spread over all held-out stories: (windows, length)."""
    stories = corpus.read(data / "stories.jsonl.xz")
    texts = [document.text for document in stories if document.split == "heldout"]
    ids = torch.tensor([token for text in tokenizer.encode_batch(texts) for token in text])
    starts = torch.linspace(0, len(ids) - length, WINDOWS).long()
    return torch.stack([ids[start : start + length] for start in starts])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder with the corpora (default: ORRERY_DATA)")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda", "mps"])
    given = parser.parse_args()
    data = corpus.data_folder(given.data)
    torch.set_num_threads(1)
    model, tokenizer = checkpoint.load(CHECKPOINT), Tokenizer.load(CHECKPOINT)
    device = TorchDevice(given.device, half=True)
    fast = device.for_decoding(device.place(checkpoint.load(CHECKPOINT)))
    agreed, divergence, positions = 0, 0.0, 0
    with torch.inference_mode():
        for window in windows(data, tokenizer, model.context):
            plain = model.forward(window[None])[0].double().log_softmax(dim=-1)
            logits = fast.forward(window[None].to(device.tensors))[0].cpu()
            rounded = logits.double().log_softmax(dim=-1)
            agreed += int((plain.argmax(dim=-1) == rounded.argmax(dim=-1)).sum())
            divergence += float((plain.exp() * (plain - rounded)).sum())
            positions += len(window)
    agreement, divergence = agreed / positions, divergence / positions
    kernel = f"fastest kernel {ranking(FEW)[0].__name__}, " if given.device == "cpu" else ""
    print(
        f"{given.device}, {device.dtype}, {kernel}{positions:,} positions: "
        f"top-1 agreement {agreement:.2%}, mean KL divergence {divergence:.2e} nats"
    )
    if agreement < LEAST_AGREEMENT or divergence > MOST_DIVERGENCE:
        sys.exit("This path changes too much to be offered.")


if __name__ == "__main__":
    main()
