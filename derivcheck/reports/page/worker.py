"""The renderer's own process: one request a line, one answer a line.

Why a process: the renderer recurses without a bound (5,000 nested braces end the process that it
runs in), and its time doubles with every bracket around a fault (40 of them never end). Here it has
a large stack, its memory is bounded, and whoever asks can kill it. It imports nothing else of
derivcheck, so that it starts quickly.
"""

from __future__ import annotations

import json
import sys
import threading

STACK = 256 << 20  # bytes; address space only, touched as far as it is used
MEMORY = 2 << 30  # bytes


def _serve() -> None:
    from math_core import LatexError, LatexToMathML

    convert = LatexToMathML(fancy_error=False, allow_unreliable_rendering=True, max_expansions=200)
    for line in sys.stdin:
        latex, display = json.loads(line)
        try:
            answer = convert.convert_with_local_state(latex, displaystyle=display)
        except (LatexError, ValueError):
            answer = None
        print(json.dumps(answer), flush=True)


def main() -> None:
    """Serve until standard input ends."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):
        pass
    threading.stack_size(STACK)
    thread = threading.Thread(target=_serve)
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
