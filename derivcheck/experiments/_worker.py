"""The worker process: tasks in on stdin, the sums over their blocks out on stdout."""

from __future__ import annotations

import os
from contextlib import suppress

from derivcheck.child import confined, next_message, post
from derivcheck.experiments._declared import Declared, declared_in
from derivcheck.experiments._tasks import Ready, Setting, sums_of


def main() -> None:
    """Draw what stands on stdin."""
    inlet, out = confined()
    import torch

    torch.set_num_threads(1)  # results depend on the number of threads, and processes are what is parallel
    with suppress(BrokenPipeError):  # nobody is left to hear it
        setting = next_message(inlet)
        known = _known(setting)
        post(out, Ready())
        while (task := next_message(inlet)) is not None:
            post(out, sums_of(known.trial(task.place), task))
    os._exit(0)  # nothing to clean up; leaving torch's threads to the interpreter takes long


def _known(setting: Setting) -> Declared:
    import torch

    return declared_in(setting.room, setting.seed, torch.device(setting.device))


if __name__ == "__main__":
    main()
