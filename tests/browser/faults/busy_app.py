"""The slow app, one person at a time: `python -m tests.browser.faults.busy_app --port ...`."""

from __future__ import annotations

from tests.browser.faults import slow_app

if __name__ == "__main__":
    slow_app.main(jobs=1)
