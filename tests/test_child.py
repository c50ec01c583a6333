"""What passes between processes. Guards: a traceback where the other end is killed while it writes."""

from __future__ import annotations

from io import BytesIO

import pytest

from derivcheck.child import HEAD, next_message, post


@pytest.mark.parametrize("message", [None, "ready", (1, ["two"]), b""])
def test_a_message_arrives_as_it_was_sent(message: object) -> None:
    pipe = BytesIO()
    post(pipe, message)
    post(pipe, "behind it")
    pipe.seek(0)
    assert next_message(pipe) == message
    assert next_message(pipe) == "behind it"
    assert next_message(pipe) is None


@pytest.mark.parametrize("left", [0, 3, HEAD, HEAD + 1, HEAD + 20])
def test_a_stream_that_ends_within_a_message_has_ended(left: int) -> None:
    whole = BytesIO()
    post(whole, "a message of some length")
    assert next_message(BytesIO(whole.getvalue()[:left])) is None
