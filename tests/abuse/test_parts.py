"""The measuring itself: percentiles, whole answers, what counts as a fault."""

from .cases import judged
from .polite import percentile
from .wire import CLOSED, Answer, is_whole


def answer(status: int, body: bytes = b"", head: str = "") -> Answer:
    return Answer(status, head, body, 1, 1)


def test_a_percentile_is_a_value_that_was_seen() -> None:
    assert percentile([], 0.99) == 0
    assert percentile([5.0], 0.99) == 5
    assert percentile([float(n) for n in range(1, 101)], 0.99) == 99
    assert percentile([1.0, 9.0], 0.99) == 9


def test_an_answer_is_whole_when_its_framing_says_so() -> None:
    for text, whole in (
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", False),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", True),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", False),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\n", False),
    ):
        assert is_whole(bytearray(text), len(text)) is whole, text


def test_what_no_answer_may_say_is_a_fault() -> None:
    assert judged(answer(200), False).faults == ()
    assert judged(answer(CLOSED), False).status == "closed"
    assert judged(answer(500), False).faults
    assert judged(answer(503), True).faults
    assert not judged(answer(503, head="HTTP/1.1 503\r\nRetry-After: 5"), True).faults
    assert judged(answer(200, b'{"code":"INTERNAL_SERVER_ERROR"}'), True).faults
    assert judged(answer(200, b'{"name":"Attacker"}'), False).faults
    assert not judged(answer(200, b'{"name":"Attacker"}'), True).faults
