"""What one request may cost, and what all of them together may."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Beyond any of them the answer is a sentence that says so."""

    characters: int = 2_000
    word_characters: int = 80
    prompt_tokens: int = 400
    """Of a prompt, where the model itself could read more."""
    attention_tokens: int = 64
    steps: int = 64
    """Tokens written one by one: where the cache is gone, they are read again in a single job."""
    row_tokens: int = 3_072
    """What one run may cost: its rows, times the tokens that each may write.

    As much as five lanes may ask for, the widest beam search and the greatest length together.
    """
    jobs: int = 128
    """Requests at once, over everybody; the next one is told how many are ahead."""
    rows: int = 256
    """Rows that run at once, over everybody; who comes then waits in the queue."""
    megabytes: float = 2_000.0
    """Of weights in memory at once; models that nobody uses are unloaded."""
    gpu_share: float = 1.0
    """Of a GPU's memory, where other programs use the same GPU."""
    seconds: float = 60.0
    step_seconds: float = 10.0
    """A step that takes longer hangs."""
    update_seconds: float = 0.04
    """At most one update of a stream in this time: more than a screen can show."""
    heartbeat_seconds: float = 0.25
    """At least one in this time: between two, nobody can be told that a person has left."""
    remembered: int = 200
    """Results that are the same for everybody and take a second, at most a megabyte each."""
    processes: int = 1
    """Tasks at once that run in a process of their own, such as trainings."""
    processes_waiting: int = 12
    """How many more may wait for one; the next one is told how many are ahead."""
    training_seconds: float = 60.0
    """Of training, after which a run ends where it stands."""
    training_text: int = 200_000
    """Characters of a text to train on."""
    trained_models: int = 1_000
    """That people have trained here and may use; the oldest goes first, here and below."""
    trained_megabytes: float = 256.0
    """Of their files."""
    trained_seconds: float = 3_600.0
    """That each of them is kept."""
    process_megabytes: int = 2_000
    """Of memory that a process of its own may take."""
    process_seconds: float = 180.0
    """That such a process may run, its start included; then it is killed."""
    topics: int = 200
    """That are followed at once: trainings that a class watches, and rooms of the game."""
    topic_followers: int = 300
    """Of each: a lecture hall."""
    topic_seconds: float = 3_600.0
    """That one is kept after its last word."""
