"""Whatever else may answer on port 9100. None of these is an exporter, and none may be listed."""

import gzip
import socket
import struct
from typing import Callable, NamedTuple

from Lab.servers import always, reply

BUILD_INFO = b'node_exporter_build_info{branch="HEAD",goversion="go1.19",revision="x",version="1.5.0"} 1\n'
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"


def redirect_loop(connection, server):
    server.request(connection)
    connection.sendall(reply("302 Found", headers=(f"Location: http://{server.endpoint}/metrics",)))


def _endless(begin, more):
    def serve(connection, server):
        server.request(connection)
        connection.sendall(begin)
        while not server.ended.is_set():
            connection.sendall(more)

    return serve


def slow_head(connection, server):
    """A byte now and then: each read succeeds, so only a deadline for the whole ends it."""
    server.request(connection)
    _drip(connection, server, _HEAD + b"X-Slow: yes\r\n" * 1000)


def slow_body(connection, server):
    server.request(connection)
    connection.sendall(_HEAD + b"\r\n")
    _drip(connection, server, b"# HELP up Not yet.\n" * 1000 + BUILD_INFO)


def _drip(connection, server, data):
    for byte in data:
        if server.ended.wait(0.1):
            return
        connection.sendall(bytes([byte]))


def silent(connection, server):
    """Accepts, and says nothing."""
    server.ended.wait(60)


def reset(connection, server):
    """Closes with RST as soon as it is connected."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_after_request(connection, server):
    server.request(connection)
    reset(connection, server)


def close_after_request(connection, server):
    server.request(connection)


def printer(connection, server):
    """A raw print port: prints what it is sent, answers nothing."""
    while data := connection.recv(4096):
        server.received.append(data)


def not_http(connection, server):
    connection.sendall(b"220 printer.example FTP ready\r\n" + bytes(range(256)) * 64)


def gzip_bomb():
    body = gzip.compress(BUILD_INFO + b"\0" * (64 << 20))  # 64 KiB that become 64 MiB
    return always(reply("200 OK", body, "text/plain; version=0.0.4", headers=("Content-Encoding: gzip",)))


def speaks_tls(then):
    """To plain HTTP it says what Go's server says; after the beginning of a handshake it does something else."""

    def serve(connection, server):
        if connection.recv(1, socket.MSG_PEEK) == b"\x16":
            return then(connection, server)
        server.request(connection)
        connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")

    return serve


def speaks_http(then):
    """To the beginning of a handshake it says what Go's server says; after all else it does something else."""

    def serve(connection, server):
        if connection.recv(1, socket.MSG_PEEK) != b"\x16":
            return then(connection, server)
        server.received.append(connection.recv(65536))
        connection.sendall(reply("400 Bad Request", b"400 Bad Request", "text/plain; charset=utf-8"))

    return serve


def slow_handshake(connection, server):
    """The beginning of a ServerHello, for which there would be time, but not for its end."""
    connection.recv(4096)
    _drip(connection, server, b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(110))


def alert(connection, server):
    """What Java's TLS says to plain HTTP, and to all else."""
    connection.recv(4096)
    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")


class Odd(NamedTuple):
    answer: Callable
    verdict: str  # in one word, for programs
    reason: str
    connections: int = 1
    also: tuple = ()  # other reasons, as true on a busy machine


NO_ANSWER = "accepted the connection, but no whole answer came in time"
ODDITIES = {
    "a web server that says 200 to everything": Odd(
        always(reply("200 OK", b"<html><title>It works</title></html>")),
        "no_exposition", "answers with 'text/html; charset=utf-8', not with an exposition"),
    "a redirect loop": Odd(redirect_loop, "no_exposition", "redirects elsewhere (HTTP status 302)"),
    "an endless body": Odd(
        _endless(_HEAD + b"\r\n", b"# nothing yet\n" * 4096), "no_exposition", "answers with a text that is no exposition"),
    "an endless line": Odd(
        _endless(_HEAD + b"\r\n", b"a" * 65536), "no_exposition", "answers with a text that is no exposition"),
    "an endless head": Odd(
        _endless(b"HTTP/1.1 200 OK\r\n", b"X-Padding: " + b"x" * 1024 + b"\r\n"),
        "no_answer", "answers with a head of more than 16384 bytes"),
    "an endless header": Odd(
        _endless(b"HTTP/1.1 200 OK\r\nX-Padding: ", b"x" * 4096), "no_answer", "answers with a head of more than 16384 bytes"),
    "interim answers without an end": Odd(
        _endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1024), "mute", "sends bytes without an end"),
    "a head that drips": Odd(slow_head, "mute", NO_ANSWER),
    "a body that drips": Odd(slow_body, "no_exposition", "began to answer, but did not come to an end in time"),
    "a gzip bomb": Odd(gzip_bomb(), "no_exposition", "answers with an encoding nobody asked for, 'gzip'"),
    "one that accepts and says nothing": Odd(silent, "mute", NO_ANSWER),
    # Meanwhile its other ports were tried: what is found then is that the connection is no more.
    "one that resets at once": Odd(
        reset, "mute", "accepted the connection and closed it without an answer",
        also=("accepted the connection and reset it",)),
    "one that resets after the request": Odd(reset_after_request, "mute", "accepted the connection and reset it"),
    "one that closes after the request": Odd(
        close_after_request, "mute", "accepted the connection and closed it without an answer"),
    "a raw print port": Odd(printer, "mute", NO_ANSWER),
    "another protocol": Odd(not_http, "mute", "does not speak HTTP"),
    "an exposition without HTTP": Odd(always(BUILD_INFO), "mute", "does not speak HTTP"),
    "chunks that are none": Odd(
        always(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n7\r\n# HELP \r\nzz\r\n" + BUILD_INFO),
        "no_exposition", "began to answer, then: does not speak HTTP"),
    "a body that is cut": Odd(
        always(_HEAD + b"Content-Length: 1000\r\n\r\n# HELP go_info I\n"),
        "no_exposition", "began to answer, then: closed the connection within its answer"),
    "401 to everything": Odd(
        always(reply("401 Unauthorized", b"Unauthorized", headers=("WWW-Authenticate: Basic",))),
        "unauthorized", "wants credentials (HTTP status 401)"),
    "503 to everything": Odd(
        always(reply("503 Service Unavailable", b"try later")), "no_exposition", "answers with HTTP status 503"),
    "404 to everything": Odd(
        always(reply("404 Not Found", b"404 page not found", "text/plain; charset=utf-8")),
        "no_exposition", "answers with HTTP status 404"),
    "a page that quotes node_exporter's metrics": Odd(
        always(reply("200 OK", b"<html><title>How to</title><pre>\n" + BUILD_INFO + b"</pre></html>")),
        "no_exposition", "answers with 'text/html; charset=utf-8', not with an exposition"),
    "comments alone": Odd(
        always(reply("200 OK", b"# HELP node_exporter_build_info A metric.\n# TYPE node_exporter_build_info gauge\n"
                     b"# " + BUILD_INFO, EXPOSITION)),
        "no_exposition", "answers with a text that is no exposition"),
    "a text that is called an exposition": Odd(
        always(reply("200 OK", b"Welcome!\n" + b"# nothing\n", EXPOSITION)),
        "no_exposition", "answers with a text that is no exposition"),
    "two megabytes before the proof": Odd(
        always(reply("200 OK", b"".join(b"app_total{n=\"%d\"} 1\n" % n for n in range(100_000)) + BUILD_INFO, EXPOSITION)),
        "unknown", "answers with an exposition of something unknown"),
    "an exposition of something unknown": Odd(
        always(reply("200 OK", b"# TYPE app_up gauge\napp_up 1\n", EXPOSITION)),
        "unknown", "answers with an exposition of something unknown"),
    "another exporter": Odd(
        always(reply("200 OK", b"# TYPE mysql_up gauge\nmysql_up 1\nmysqld_exporter_build_info{version=\"0.14\"} 1\n",
                     EXPOSITION)),
        "other_exporter", "is mysqld_exporter 0.14, which the job does not look for"),
    "400 that speaks of TLS, of which it has none": Odd(
        always(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"),
        "tls", "speaks TLS", 2),
    "TLS that ends each handshake": Odd(
        speaks_tls(alert), "tls", "refuses the TLS handshake: handshake failure", 2),
    "TLS alerts, whatever it is told": Odd(alert, "tls", "refuses the TLS handshake: handshake failure", 2),
    "TLS that says nothing": Odd(speaks_tls(silent), "tls", "speaks TLS", 2),
    "a TLS handshake that drips": Odd(speaks_tls(slow_handshake), "tls", "speaks TLS", 2),
}
