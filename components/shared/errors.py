"""What a person or a program is told of an error: a plain sentence, and a code."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import gradio as gr
from markupsafe import Markup

from inference.errors import InternalError, OrreryError

log = logging.getLogger(__name__)
PASSED_ON = (GeneratorExit, KeyboardInterrupt, SystemExit)
"""Not faults: the person has left, or the process ends."""


@contextmanager
def plain_errors(say: Callable[[OrreryError], str]) -> Iterator[None]:
    """Turn errors into `gr.Error` with a sentence; its title, which no page shows, is the code.

    An unforeseen error gets a reference under which the log has its place in the code, but not its
    message: that may quote what was typed, and Gradio would print it.
    """
    try:
        yield
    except PASSED_ON:
        raise
    except OrreryError as error:
        raise _raised(error, say) from error
    except BaseException as error:  # also what is no Exception, such as a panic in a library
        unforeseen = InternalError(error)
        log.error("reference %s: %s", unforeseen.reference, unforeseen.cause)
        raise _raised(unforeseen, say) from None


def _raised(error: OrreryError, say: Callable[[OrreryError], str]) -> gr.Error:
    return gr.Error(say(error), title=error.code, duration=10, print_exception=False)


def on_page(error: OrreryError) -> str:
    """As HTML, which Gradio's page takes; the class is how busy.js knows the code."""
    return str(Markup('<span class="error-{}">{}</span>').format(error.code, error))
