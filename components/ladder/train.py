"""ladder-train: a small model learns in front of the class."""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gradio.components import Component
from markupsafe import Markup

from components.ladder.bench import dials
from components.ladder.bench.dials import MODELS, OPTIMISERS
from components.ladder.bench.experiments import EXPERIMENTS
from components.ladder.bench.watched import Watched
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import View, read_text
from inference.tasks.ladder.train import Run, Train
from inference.types.options import Settings
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

WAITING = '<p class="waiting">Nothing has been trained yet. Press Train.</p>'
CLOSED = "This link names an experiment that there is none of; the dials are used instead."
NOBODY = Waiting()
LATE = "The time for one run was over; what it has learned by then stays."


@dataclass(frozen=True)
class Bench:
    """Trainings that were asked for together, and how far each of them is."""

    settings: Mapping[str, Settings]
    """By what sets each of them apart."""
    runs: tuple[Run, ...] = ()
    """Of the first of them, in their order."""
    question: str = ""
    answer: str = ""
    """Known from the beginning; told once all are done."""
    remark: str = ""
    waiting: Waiting = NOBODY
    limit: float = math.inf
    """Seconds that each may train."""
    keeps: float = math.inf
    """Seconds for which the models are kept."""
    can: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What each model can do that was trained and is kept, by its name."""
    stopped: bool = False
    """Whether they ended with an error, before all were done."""

    @property
    def ended(self) -> bool:
        return len(self.runs) == len(self.settings) and bool(self.runs[-1].end)

    @property
    def note(self) -> str:
        """What is special about these trainings, in sentences; empty for nothing."""
        late = LATE if any(run.end == "late" for run in self.runs) else ""
        return " ".join(filter(None, (self.remark, late, self.waiting.sentence)))


def ask(
    service: Service,
    session: str | None,
    experiment: str | None,
    text: str,
    own: str | None,
    model: str,
    width: int,
    rate: float,
    steps: int,
    optimiser: str,
    layers: int,
    window: int,
    batch: int,
    schedule: str,
    weight_decay: float,
    dropout: float,
    clip: float,
    seed: int,
    watched: str | None = "",
) -> Iterator[Bench]:
    """The trainings of an experiment, or the one that the dials describe, as they go on.

    experiment: one of `EXPERIMENTS`, which sets the dials itself; empty for the dials.
    watched: the key of the link under which others watch; empty where nobody is to.
    """
    chosen = EXPERIMENTS.get(experiment or "")
    if chosen is not None:
        bench = Bench(chosen.runs, question=chosen.question, answer=chosen.answer)
    else:
        settings = Settings(
            *(text, model, width, layers, window, batch, steps, rate),
            *(schedule, optimiser, weight_decay, dropout, clip, seed),
        )
        changed = Train(own, settings=settings).changed(service.limits)
        remark = " ".join(filter(None, (CLOSED if experiment else "", changed)))
        bench = Bench({named(settings): settings}, remark=remark)
    bench = replace(
        bench, limit=service.limits.training_seconds, keeps=service.limits.trained_seconds
    )
    page = secrets.token_hex(4)
    with Watched(service.topics, watched or "", lambda one: compact_bench(one, page)) as others:
        said = " ".join(filter(None, (bench.remark, others.remark)))
        for one in trainings(service, session, own, replace(bench, remark=said)):
            others.show(one)
            yield one


def trainings(
    service: Service, session: str | None, own: str | None, bench: Bench
) -> Iterator[Bench]:
    """The bench as its trainings go on, one after another, from when the first is let in."""
    done: tuple[Run, ...] = ()
    for one in bench.settings.values():
        try:
            for news in service.run(Train(own, settings=one), session):
                if isinstance(news, Waiting):
                    bench = replace(bench, waiting=news)
                else:
                    bench = replace(bench, waiting=NOBODY, runs=(*done, news))
                    if news.kept:
                        can = tuple(sorted(service.catalog.entry(news.kept).can))
                        bench = replace(bench, can={**bench.can, news.kept: can})
                yield bench
        except Exception:
            yield replace(bench, waiting=NOBODY, stopped=True)
            raise
        done = bench.runs


def named(settings: Settings) -> str:
    """A training of its own, as the legend calls it."""
    title = title_of(settings)
    return title if settings.model == "counted" else f"{title}, rate {settings.rate:g}"


def title_of(settings: Settings) -> str:
    """The model's title."""
    return next(title for title, name in MODELS if name == settings.model)


def described(settings: Settings) -> str:
    """The dials that matter for this model, in one line."""
    text = next(title for title, name in dials.TEXTS if name == settings.text)
    if settings.model == "counted":
        return f"{text}. {title_of(settings)}."
    optimiser = next(title for title, name in OPTIMISERS if name == settings.optimiser)
    sizes = "" if settings.model == "table" else f" of width {settings.width}"
    extra = [
        f"dropout {settings.dropout:g}" * bool(settings.dropout),
        f"weight decay {settings.weight_decay:g}" * bool(settings.weight_decay),
        "no clipping" * (not settings.clip),
    ]
    set_to = ", ".join(filter(None, (f"{optimiser} at {settings.rate:g}", *extra)))
    return f"{text}. {title_of(settings)}{sizes}, {settings.steps:,} steps, {set_to}."


def data(bench: Bench) -> dict[str, Any]:
    """Every training with its dials and all that was measured; losses in bits per character.

    `kept` is the name by which other endpoints can be asked for the model, for an hour.
    """
    named_runs = zip(bench.settings.items(), bench.runs, strict=False)
    return {
        "note": bench.note,
        "question": bench.question,
        "answer": bench.answer if bench.ended else "",
        "runs": [
            {"label": label, "settings": asdict(settings), **asdict(replace(run, files={}))}
            for (label, settings), run in named_runs
        ],
    }


class Drawing:
    """A note, and everything else in one widget, which keeps what it has drawn for comparison."""

    def __init__(self) -> None:
        self._id = secrets.token_hex(4)  # so that the browser can tell one press from the next

    def __call__(self, bench: Bench) -> list[object]:
        widget = Markup('<div class="bench" data-widget="bench" data-value="{}"></div>')
        value = compact_bench(bench, self._id)
        return [str(note(bench.note)), str(widget.format(json.dumps(value)))]


def compact_bench(bench: Bench, press: str) -> dict[str, Any]:
    """The bench for the browser. press: tells one press of Train from the next."""
    return {
        "id": press,
        "question": bench.question,
        "answer": bench.answer if bench.ended else "",
        "ended": bench.ended,
        "stopped": bench.stopped,
        "keeps": bench.keeps if math.isfinite(bench.keeps) else None,
        "limit": bench.limit if math.isfinite(bench.limit) else None,
        "runs": [
            compact(label, settings, bench.runs[i] if i < len(bench.runs) else None, bench.can)
            for i, (label, settings) in enumerate(bench.settings.items())
        ],
    }


def compact(
    label: str, settings: Settings, run: Run | None, can: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """One training for the browser, its numbers rounded to what can be seen.

    can: what the models can do that are kept, by their names.
    """
    what = {"label": label, "about": described(settings), "steps": settings.steps}
    if run is None:
        return {**what, "points": []}
    own = title_of(settings)
    return {
        **what,
        "clip": settings.clip,
        "parameters": run.parameters,
        "alphabet": run.alphabet,
        "measured": run.measured,
        "bigram": round(run.bigram, 3),
        "layers": run.layers,
        "step": run.step,
        "seconds": round(run.seconds, 1),
        "end": run.end,
        "points": [
            [one.step, *map(short, (one.heldout, one.train, one.rate, one.norm, *one.norms))]
            for one in run.points
        ],
        "samples": [[sample.step, sample.texts] for sample in run.samples],
        "model": {
            "name": run.kept,
            "title": label if label.startswith(own) else f"{own}, {label}",
            "can": list(can[run.kept]),
        }
        if run.kept
        else None,
        "scores": [[score.name, score.share, score.counted] for score in run.scores],
    }


def short(number: float | None) -> float | None:
    """Five significant digits."""
    return None if number is None else float(f"{number:.5g}")


def stage() -> list[Component]:
    return remark_and_picture(520)


VIEW = View(
    key="ladder-train",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=Drawing,
    inputs=dials.inputs,
    stage=stage,
    button="Train",
    examples={label: (label,) for label in EXPERIMENTS},
    chips="Experiments",
    folded=dials.RARE,
    aside=dials.watching,
    stopped="Stopped; what it has learned by then stays.",
)
