"""Whatever else may answer on port 9100. None of these is an exporter, and none may be listed."""

import gzip
import socket
import ssl
import struct
import subprocess

from Lab.servers import always, reply

BUILD_INFO = b'node_exporter_build_info{branch="HEAD",goversion="go1.19",revision="x",version="1.5.0"} 1\n'


def redirect_loop(connection, server):
    server.request(connection)
    connection.sendall(reply("302 Found", headers=(f"Location: http://{server.endpoint}/metrics",)))


def endless_body(connection, server):
    server.request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n")
    while not server.ended.is_set():
        connection.sendall(b"# nothing yet\n" * 4096)


def endless_head(connection, server):
    server.request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not server.ended.is_set():
        connection.sendall(b"X-Padding: " + b"x" * 1024 + b"\r\n")


def slow_head(connection, server):
    """A byte now and then: each read succeeds, so only a deadline for the whole ends it."""
    server.request(connection)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n" + b"X-Slow: yes\r\n" * 1000:
        if server.ended.wait(0.1):
            return
        connection.sendall(bytes([byte]))


def silent(connection, server):
    """Accepts, and says nothing."""
    server.ended.wait(60)


def reset(connection, server):
    """Closes with RST as soon as it is connected."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def printer(connection, server):
    """A raw print port: prints what it is sent, answers nothing."""
    while data := connection.recv(4096):
        server.received.append(data)


def not_http(connection, server):
    connection.sendall(b"220 printer.example FTP ready\r\n" + bytes(range(256)) * 64)


def gzip_bomb():
    body = gzip.compress(BUILD_INFO + b"\0" * (64 << 20))  # 64 KiB that become 64 MiB
    return always(reply("200 OK", body, "text/plain; version=0.0.4", headers=("Content-Encoding: gzip",)))


ODDITIES = {
    "a web server that says 200 to everything": always(reply("200 OK", b"<html><title>It works</title></html>")),
    "a redirect loop": redirect_loop,
    "an endless body": endless_body,
    "an endless head": endless_head,
    "a head that drips": slow_head,
    "a gzip bomb": gzip_bomb(),
    "one that accepts and says nothing": silent,
    "one that resets at once": reset,
    "a raw print port": printer,
    "another protocol": not_http,
    "401 to everything": always(reply("401 Unauthorized", b"Unauthorized", headers=("WWW-Authenticate: Basic",))),
    "503 to everything": always(reply("503 Service Unavailable", b"try later")),
    "404 to everything": always(reply("404 Not Found", b"404 page not found", "text/plain; charset=utf-8")),
    "a page that quotes node_exporter's metrics": always(reply(
        "200 OK", b"<html><title>How to</title><pre>\n" + BUILD_INFO + b"</pre></html>")),
    "another exporter": always(reply(
        "200 OK", b"# TYPE mysql_up gauge\nmysql_up 1\nmysqld_exporter_build_info{version=\"0.14\"} 1\n",
        "text/plain; version=0.0.4; charset=utf-8")),
}


def tls_context(folder):
    """A server's TLS context with a certificate made for this run."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=exporter.example", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True, timeout=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
