"""What a person sees of an error: a plain sentence, and the last result stays on screen."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr
from markupsafe import escape

from inference.errors import InternalError, OrreryError

log = logging.getLogger(__name__)
PASSED_ON = (GeneratorExit, KeyboardInterrupt, SystemExit, gr.Error)
"""Not faults: the person has left, the process ends, or the sentence is made already."""


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn errors into `gr.Error` with a sentence.

    An unforeseen error gets a reference under which the log has its place in the code, but not its
    message: that may quote what was typed, and Gradio would print it.
    """
    try:
        yield
    except PASSED_ON:
        raise
    except OrreryError as error:
        raise shown(error) from error
    except BaseException as error:  # also what is no Exception, such as a panic in a library
        unforeseen = InternalError(error)
        log.error("reference %s: %s", unforeseen.reference, unforeseen.cause)
        raise shown(unforeseen) from None


def shown(error: OrreryError) -> gr.Error:
    """The error as the page shows it."""
    said = str(escape(str(error)))
    return gr.Error(said, title=error.title, duration=10, print_exception=False)
