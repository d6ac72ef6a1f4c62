"""A platform that lends a GPU as ZeroGPU does: by the contract of its `spaces` package, 0.51.

A decorated generator runs in a forked process, which may serve several calls. What goes there and
what comes back is pickled. The page's process must not touch CUDA, which looks as if it were there;
the fork is rid of that. A call needs its time left of the visitor's quota, and is ended after it.
Imported as `spaces`, where SPACES_ZERO_GPU is set, or used by a test as it is.
"""

from __future__ import annotations

import inspect
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import gradio as gr
import torch

FORK = multiprocessing.get_context("fork")
FACTOR = 1.5  # of what a second of the GPU at hand counts
AVAILABLE, INIT = torch.cuda.is_available, torch.cuda._lazy_init
DONE, FAILED = "done", "failed"


def refused(title: str, message: str) -> gr.Error:
    return gr.Error(message, title=title, print_exception=False)


def touched() -> None:
    raise RuntimeError("CUDA was reached outside of a decorated function.")


class Child:
    """A forked process, and the pipes to it; `news` is at its end where the process has ended."""

    def __init__(self, function: Callable[..., Iterator[Any]]) -> None:
        there, self.asked = FORK.Pipe(duplex=False)
        self.news, sink = FORK.Pipe(duplex=False)
        self.stop = FORK.Event()
        self.process = FORK.Process(target=self._serve, args=(function, there, sink), daemon=True)
        self.process.start()
        there.close()
        sink.close()

    def _serve(self, function: Callable[..., Iterator[Any]], there: Any, sink: Any) -> None:
        torch.cuda.is_available, torch.cuda._lazy_init = AVAILABLE, INIT
        self.asked.close()  # the page's process alone holds them: where that ends, this one does
        self.news.close()
        while True:
            try:
                arguments = there.recv()
            except EOFError:
                return
            self.stop.clear()
            news = function(*arguments)
            try:
                for one in news:
                    if self.stop.is_set():
                        news.close()  # type: ignore[attr-defined]
                        break
                    sink.send((one,))
            except Exception as error:
                sink.send((FAILED, type(error).__name__))
            else:
                sink.send((DONE, ""))


class Platform:
    """What it was asked for, and what is left."""

    def __init__(self) -> None:
        self.quota = 300.0
        self.decorated: list[tuple[str, int]] = []
        self.children: list[Child] = []
        self.lent = 0
        """GPUs at this moment."""
        self._idle: Child | None = None

    def gpu(self, duration: int) -> Any:
        def decorate(function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
            assert inspect.isgeneratorfunction(function)
            self.decorated.append((function.__name__, duration))

            @wraps(function)
            def call(*arguments: Any) -> Iterator[Any]:
                yield from self._lend(function, duration * FACTOR, arguments)

            return call

        return decorate

    def _lend(self, function: Any, seconds: float, arguments: Any) -> Iterator[Any]:
        if self.quota < seconds:
            left = f"({seconds:.0f}s requested vs. {self.quota:.0f}s left)"
            message = f"You have exceeded your free ZeroGPU quota {left}. Try again in 3:12:00. "
            raise refused("ZeroGPU quota exceeded", message)
        child, self._idle = self._idle, None
        if child is None or not child.process.is_alive():
            child = Child(function)
            self.children.append(child)
        child.asked.send(arguments)  # raises what pickle does
        late = threading.Timer(seconds, child.process.kill)
        late.start()
        began, self.lent = time.monotonic(), self.lent + 1
        try:
            yield from self._news(child)
        except EOFError:
            raise refused("ZeroGPU worker error", "GPU task aborted") from None
        finally:
            late.cancel()
            self.lent -= 1
            self.quota -= time.monotonic() - began

    def _news(self, child: Child) -> Iterator[Any]:
        while len(one := child.news.recv()) == 1:
            try:
                yield one[0]
            except GeneratorExit:
                child.stop.set()
                while len(child.news.recv()) == 1:
                    pass
                self._idle = child
                raise
        self._idle = child
        if one[0] == FAILED:
            raise refused("ZeroGPU worker error", one[1])


platform = Platform()
GPU = platform.gpu
if os.environ.get("SPACES_ZERO_GPU"):
    torch.cuda.is_available, torch.cuda._lazy_init = lambda: True, touched
