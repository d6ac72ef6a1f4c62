"""What Gradio keeps of a session: little while it is at work, and nothing of its own afterwards.

Left to itself Gradio makes a copy of the whole page's configuration for every session, which takes
tens of milliseconds and 240 kB or more, and keeps it until 1,500 newer sessions are there. Only
deep links read that copy, and those are closed.
"""

from __future__ import annotations

from copy import copy
from typing import Any


class SessionMemory:
    """Makes sessions without the copy, and frees those that rest.

    app: Gradio's App. Of its state holder, only the event loop reads and writes the sessions.
    """

    def __init__(self) -> None:
        self._blank: Any = None

    def prepare(self, app: Any, session: str) -> None:
        """Have a state for this session, as Gradio would make it at its first event."""
        holder = app.state_holder
        if session in holder:
            return
        if self._blank is None:
            made = holder[session]
            made.config_values.clear()
            self._blank = copy(made)
        state = copy(self._blank)
        state.blocks_config = copy(app.get_blocks().default_config)
        state.config_values, state.state_data, state._state_ttl = {}, {}, {}
        holder.session_data[session] = state

    def has_stream(self, app: Any, session: str) -> bool:
        """Whether Gradio keeps messages for a session; to others who ask it answers 404."""
        return session in app.get_blocks()._queue.pending_messages_per_session

    def has_unread(self, app: Any, session: str) -> bool:
        """Whether an event of a session was taken whose end no stream has brought."""
        return bool(app.get_blocks()._queue.pending_event_ids_session.get(session))

    def free(self, app: Any, session: str) -> bool:
        """Forget a session, but for the limits, choices and state that an event gave it.

        False where it must stay for now: what its reader has left runs on to its next step.
        """
        queue, holder = app.get_blocks()._queue, app.state_holder
        events = queue.pending_event_ids_session.get(session, ())
        if any(event in queue.event_ids_to_events for event in events):
            return False
        queue.pending_event_ids_session.pop(session, None)
        queue.pending_messages_per_session.pop(session, None)
        state = holder.session_data.get(session)
        if state is not None and not has_own(state, app.get_blocks().default_config):
            del holder.session_data[session]
            holder.time_last_used.pop(session, None)
        return True


def has_own(state: Any, default: Any) -> bool:
    """Whether a session's inputs have other limits or choices than the page's, or it has state."""
    own = state.blocks_config.blocks
    return bool(state.state_data) or any(
        own.get(number) is not block for number, block in default.blocks.items()
    )
