"""Small TCP servers for one address each, in threads of the test; each connection is handed to a function."""

import socket
import threading


class Server:
    """Listens on one address and port and calls `answer(connection, server)` for each connection, one thread each.
    What it was sent is kept in `received`."""

    def __init__(self, answer, address="127.0.0.1", port=0, namespace=None, tls=None, accept=True):
        self.answer = answer
        self.accepted = 0
        self.received = []
        self.met = threading.Event()  # set from the first connection on
        self.ended = threading.Event()
        self._tls = tls
        if namespace:
            with namespace.entered():
                self._listener = socket.socket()
        else:
            self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Only this address: the fleet's exporter listens on the wildcard of the same port.
        self._listener.bind((address, port))
        self._listener.listen(512)
        self.address, self.port = self._listener.getsockname()
        self.endpoint = f"{self.address}:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        if accept:
            self._thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed by end()
            self.accepted += 1
            self.met.set()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            connection.settimeout(30)
            try:
                if self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                self.answer(connection, self)
                connection.close()
            except OSError:
                pass  # the peer went away: its right

    def request(self, connection):
        """Read one request's head."""
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = connection.recv(4096)
            if not chunk:
                break
            data += chunk
        self.received.append(data)
        return data

    def end(self):
        self.ended.set()
        try:
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        except OSError:
            pass
        self._listener.close()


def reply(status, body=b"", content_type="text/html; charset=utf-8", headers=()):
    """The bytes of an HTTP/1.1 answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}",
             "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def always(answer):
    """A server that says the same to everything."""

    def serve(connection, server):
        server.request(connection)
        connection.sendall(answer)

    return serve
