"""What arrives is counted as it arrives; what is not HTTP gets a short answer and a closed socket."""

import time
from contextlib import suppress

import pytest

from .server import MEBIBYTE, Server, request, status_of, until_closed

BEGIN = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = (
    b"POST /api/v1/appointments/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: application/json\r\n"
)
FLOODS = {
    "many headers": (BEGIN, b"X: y\r\n" * 1_000, 431),
    "one header without an end": (BEGIN + b"X: ", b"x" * 16_000, 431),
    "a name without an end": (BEGIN, b"x" * 16_000, 431),
    "blanks before a value": (BEGIN + b"X:", b" " * 16_000, 431),
    "a target without an end": (b"GET /", b"x" * 16_000, 414),
    "line breaks": (b"", b"\r\n" * 8_000, 400),
    "trailers": (CHUNKED + b"\r\n0\r\n", b"X: y\r\n" * 1_000, 431),
    "one trailer without an end": (CHUNKED + b"\r\n0\r\nX: ", b"x" * 16_000, 400),
    "an extension of a chunk": (CHUNKED + b"\r\n1;", b"x" * 16_000, 400),
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_is_cut_off_where_it_passes_the_limit(server: Server, flood: str) -> None:
    begin, more, status = FLOODS[flood]
    cpu, memory, sent = server.cpu(), server.memory(), 0
    with server.connect() as client:
        try:
            client.sendall(begin)
            while sent < 150 * MEBIBYTE:
                client.sendall(more)
                sent += len(more)
        except ConnectionError:
            pass
        answer = until_closed(client)
    # What stands in the buffers of both kernels has been sent without being read.
    assert sent < 20 * MEBIBYTE
    assert server.cpu() - cpu < 0.2
    assert server.memory() - memory < 8 * MEBIBYTE
    assert status_of(answer) in (status, 401, 0)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (BEGIN + b"X: y\r\n" * 98 + b"\r\n", 200),
        (BEGIN + b"X: y\r\n" * 100 + b"\r\n", 431),
        (BEGIN + b"X: " + b"y" * 32_000 + b"\r\n\r\n", 200),
        (BEGIN + b"X: " + b"y" * 33_000 + b"\r\n\r\n", 431),
        (b"GET /healthz?" + b"x" * 8_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 200),
        (b"GET /healthz?" + b"x" * 8_200 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    ],
)
@pytest.mark.parametrize("piece", [1 << 20, 1_000])
def test_the_limits_are_exact_however_the_bytes_arrive(
    server: Server, sent: bytes, status: int, piece: int
) -> None:
    with server.connect() as client:
        for start in range(0, len(sent), piece):
            client.sendall(sent[start : start + piece])
            time.sleep(0.0005)
        answer = client.recv(65_536)
    assert status_of(answer) == status
    if status != 200:
        assert b"connection: close" in answer and b'{"detail":"' in answer


MALFORMED = (
    b"\x00\xff\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost 127.0.0.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\x00b\r\n\r\n",
    b"GET http://[::1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"FROB / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
    b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    CHUNKED + b"\r\nzz\r\n\r\n",
    CHUNKED + b"\r\n1\r\nab\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)


@pytest.mark.parametrize("sent", MALFORMED)
def test_what_is_malformed_gets_400_and_a_closed_socket(server: Server, sent: bytes) -> None:
    with server.connect() as client:
        client.sendall(sent)
        answer = until_closed(client)
    assert status_of(answer) == 400
    assert "Traceback" not in server.log.read_text()
    assert not [line for line in server.log_lines() if line["level"] not in ("info", "debug")]


def test_answers_before_a_malformed_request_are_sent_in_order(server: Server) -> None:
    good = request("/healthz", keep=True)
    answer = server.exchange(good + good + b"\x00\r\n\r\n" + good)
    assert answer.count(b"HTTP/1.1 ") == answer.count(b'{"status":"ok",') == 2


@pytest.mark.parametrize(
    "trailer", ["Authorization: Token {}", "X-API-Key: {}", "Host: evil.example"]
)
def test_trailers_are_no_headers(server: Server, trailer: str) -> None:
    line = trailer.format(server.token).encode()
    query = b'{"query": "{ appointments { nodes { id } } }"}'
    body = b"%x\r\n%s\r\n0\r\n%s\r\n\r\n" % (len(query), query, line)
    head = CHUNKED.replace(b"/api/v1/appointments/", b"/graphql")
    next_one = request("/api/v1/appointments/")
    answer = server.exchange(head + b"\r\n" + body + next_one)
    statuses = [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"401", b"401"]


def test_a_body_that_nobody_reads_is_cut_off(server: Server) -> None:
    head = request("/api/v1/appointments/", "POST", {"Content-Length": str(200 * MEBIBYTE)})
    cpu, sent = server.cpu(), 0
    with server.connect() as client:
        try:
            client.sendall(head)
            while sent < 200 * MEBIBYTE:
                client.sendall(b" " * 65_536)
                sent += 65_536
        except ConnectionError:
            pass
    assert sent < 20 * MEBIBYTE
    assert server.cpu() - cpu < 0.2


def chunked(count: int, size: int) -> bytes:
    chunk = b"%x\r\n%s\r\n" % (size, b" " * size)
    return CHUNKED.replace(b"/api/v1/appointments/", b"/graphql") + b"\r\n" + chunk * count


@pytest.mark.parametrize("path", [b"/healthz", b"/api/v1/appointments/", b"/graphql", b"/nothing"])
def test_a_body_in_chunks_of_a_byte_is_cut_off(server: Server, path: bytes) -> None:
    attack = chunked(1_900_000, 1).replace(b"/graphql", path)
    server.exchange(request("/healthz"))
    cpu = server.cpu()
    with server.connect() as client:
        with suppress(ConnectionError):
            client.sendall(attack)
        until_closed(client)
    # The clock has steps of 10 ms; it was 350 ms and more.
    assert server.cpu() - cpu <= 0.05


@pytest.mark.parametrize(
    ("count", "size", "is_refused"), [(1_000, 1, False), (1_100, 1, True), (3_900, 260, False)]
)
def test_chunks_may_be_small_or_many(
    server: Server, count: int, size: int, is_refused: bool
) -> None:
    answer = server.exchange(chunked(count, size) + b"0\r\n\r\n" + request("/healthz"))
    assert (b"Send larger chunks." in answer) == is_refused
    assert answer.count(b"HTTP/1.1 ") == (1 if is_refused else 2)
