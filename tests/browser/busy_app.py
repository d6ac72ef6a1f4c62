"""The slow app, which takes one person at a time: `python -m tests.browser.busy_app --port ...`."""

from __future__ import annotations

from tests.browser import slow_app

if __name__ == "__main__":
    slow_app.main(jobs=1)
