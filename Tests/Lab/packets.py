"""What crosses a device, packet by packet: when each SYN left, and answers that nobody should believe."""

import math
import socket
import struct
import threading
import time

_ALL = socket.htons(0x0003)
# Numbers of asm-generic/socket.h.
_SO_TIMESTAMPNS, _SO_RCVBUFFORCE = 35, 33
SYN, RST, ACK = 0x02, 0x04, 0x10


class Segment:
    """A TCP segment over IPv4, as a packet socket sees it."""

    def __init__(self, packet):
        head = (packet[0] & 15) * 4
        self.source, self.target = packet[12:16], packet[16:20]
        self.source_port, self.port, self.sequence, self.acknowledged = struct.unpack_from("!HHII", packet, head)
        self.flags = packet[head + 13]

    def answer(self, flags, acknowledged):
        """A packet that answers it."""
        body = struct.pack("!HHIIBBHHH", self.port, self.source_port, 7, acknowledged & 0xFFFFFFFF, 0x50, flags, 1024, 0, 0)
        total = self.target + self.source + struct.pack("!BBH", 0, 6, len(body)) + body
        checksum = _checksum(total)
        body = body[:16] + struct.pack("!H", checksum) + body[18:]
        return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, 6, 0, self.target, self.source) + body


def _checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total >> 16) + (total & 0xFFFF)
    return ~total & 0xFFFF


class Tap:
    """Hands each TCP segment that crosses a device, in either direction, to a function, with the kernel's time of it."""

    def __init__(self, namespace, device, hear):
        self._hear = hear
        with namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, _ALL)
            self._socket.bind((device, 0x0003))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 64 << 20)
        self._socket.settimeout(0.1)
        self._end = math.inf
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while True:
            try:
                packet, notes, _, sender = self._socket.recvmsg(128, 64)
            except TimeoutError:
                if self._end < time.time():
                    return
                continue
            [(_, _, stamp)] = notes
            seconds, nanoseconds = struct.unpack("qq", stamp)
            moment = seconds + nanoseconds / 1e9
            if moment > self._end:
                return
            if sender[1] == 0x0800 and len(packet) >= 40 and packet[9] == socket.IPPROTO_TCP:
                self._hear(Segment(packet), moment)

    def end(self):
        """Returns once all that came before was heard."""
        self._end = time.time()
        self._thread.join()
        self._socket.close()


class Beat:
    """When each SYN crossed a device."""

    def __init__(self, namespace, device):
        self.times = []
        self._tap = Tap(namespace, device, self._hear)

    def _hear(self, segment, time):
        if segment.flags & (SYN | ACK) == SYN:
            self.times.append(time)

    def end(self, within=math.inf):
        """All of them in so many seconds from the first on."""
        self._tap.end()
        self.times.sort()
        self.times = [moment for moment in self.times if moment < self.times[0] + within]
        return self.times

    def most(self, window):
        """The most of them in any so many seconds."""
        first, most = 0, 0
        for last, time in enumerate(self.times):
            while time - self.times[first] >= window:
                first += 1
            most = max(most, last - first + 1)
        return most


class Forger:
    """Answers SYNs in the place of hosts that are silent: `answers(segment)` gives the packets."""

    def __init__(self, fleet, answers):
        self._answers = answers
        self.answered = 0
        with fleet.far.entered():
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self._tap = Tap(fleet.far, "far", self._hear)

    def _hear(self, segment, _):
        if segment.flags & (SYN | ACK) == SYN:
            for packet in self._answers(segment):
                self._socket.sendto(packet, (socket.inet_ntoa(segment.source), 0))
                self.answered += 1

    def end(self):
        self._tap.end()
        self._socket.close()
