"""Reading the stored inventory as strictly as it is written: one form, anything else is broken."""

import ipaddress
import re
import zlib
from dataclasses import dataclass, field

HEADER = b"subnet-sd inventory 3"


class Broken(Exception):
    """The bytes are not a whole inventory."""


@dataclass
class Target:
    first_seen: int
    exporter: str
    version: str
    nodename: str
    start_time: float
    scheme: str
    metrics_path: str
    hostname: str
    silence: dict = None  # None: up


@dataclass
class Refusal:
    kind: str
    since: int
    count: int
    until: int
    reason: str


@dataclass
class Hold:
    prefix: str  # None: of the whole job
    since: int
    age: int
    silent: int
    total: int


@dataclass
class Job:
    target_file: str
    watched_until: int
    holds: list = field(default_factory=list)
    targets: dict = field(default_factory=dict)
    gone: dict = field(default_factory=dict)


@dataclass
class Inventory:
    jobs: dict = field(default_factory=dict)
    retired: list = field(default_factory=list)
    refused: dict = field(default_factory=dict)

    @property
    def targets(self):
        """The targets of all jobs."""
        return {endpoint for job in self.jobs.values() for endpoint in job.targets}

    @property
    def gone(self):
        return {endpoint for job in self.jobs.values() for endpoint in job.gone}

    @property
    def silent(self):
        return {endpoint for job in self.jobs.values() for endpoint, target in job.targets.items() if target.silence}


def parse(data):
    """The inventory in these bytes, or Broken."""
    if not data.endswith(b"\n"):
        raise Broken(f"does not end with a line end: {data[-60:]!r}")
    lines = data[:-1].split(b"\n")
    if lines[0] != HEADER:
        raise Broken(f"begins with {lines[0]!r}")
    _check_end(data, lines)
    inventory, job = Inventory(), None
    for line in lines[1:-1]:
        kind, fields = _fields(line)
        if kind == "job":
            name, path, watched = _count(line, fields, 3)
            if name in inventory.jobs:
                raise Broken(f"twice: job {name!r}")
            job = inventory.jobs[name] = Job(path, None if watched is None else _number(watched))
        elif kind == "retired" and job is None:
            inventory.retired.append(tuple(_count(line, fields, 2)))
        elif kind == "refused" and job is None:
            _add(inventory.refused, fields[0], _refusal(line, fields[1:]))
        elif kind == "hold" and job is not None:
            prefix, *numbers = _count(line, fields, 5)
            job.holds.append(Hold(prefix, *map(_number, numbers)))
        elif kind == "target" and job is not None:
            _add(job.targets, fields[0], _target(line, fields[1:]))
        elif kind == "gone" and job is not None:
            _add(job.gone, *_count(line, fields, 1))
        else:
            raise Broken(f"unexpected line: {line!r}")
    for job in inventory.jobs.values():
        if both := job.gone.keys() & job.targets.keys():
            raise Broken(f"target and gone: {both}")
    return inventory


def read(path):
    """The inventory in a file, or Broken; nothing known where there is no file."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Inventory()
    return parse(data)


def sealed(lines):
    """The bytes of these lines with the end that belongs to them."""
    body = b"".join(line + b"\n" for line in lines)
    return body + b"end\t%d\t%08x\n" % (len(lines), zlib.crc32(body))


def _check_end(data, lines):
    body = data[:len(data) - len(lines[-1]) - 1]
    wanted = sealed(lines[:-1])[len(body):-1]
    if lines[-1] != wanted:
        raise Broken(f"ends with {lines[-1]!r}, not with {wanted!r}")


_ESCAPES = {rb"\t": b"\t", rb"\n": b"\n", rb"\\": b"\\"}


def _fields(line):
    kind, *fields = line.split(b"\t")
    return kind.decode(), [_text(line, value) for value in fields]


def _text(line, value):
    if value == rb"\N":
        return None

    def unescape(match):
        if match[0] not in _ESCAPES:
            raise Broken(f"unknown escape in {line!r}")
        return _ESCAPES[match[0]]

    try:
        return re.sub(rb"\\.?", unescape, value).decode()
    except UnicodeDecodeError as error:
        raise Broken(f"{error} in {line!r}") from None


def _count(line, fields, count):
    if len(fields) != count:
        raise Broken(f"{len(fields)} fields, not {count}: {line!r}")
    return fields


def _number(text):
    if text is None or not re.fullmatch(r"0|[1-9]\d*", text):
        raise Broken(f"no number: {text!r}")
    return int(text)


def _target(line, fields):
    first_seen, exporter, version, nodename, start_time, scheme, path, hostname = fields[:8]
    if scheme not in ("http", "https"):
        raise Broken(f"no scheme: {line!r}")
    target = Target(_number(first_seen), exporter, version, nodename, start_time and float(start_time), scheme, path,
                    hostname)
    # Since when it is the machine that it is, and what it is another address of.
    _, first, *rest = fields[8:] if len(fields) >= 10 else (None, None, None)
    if first and (not rest or rest.pop(0) not in ("0", "1")):
        raise Broken(f"no flag: {line!r}")
    if len(rest) not in (0, 8):
        raise Broken(f"neither up nor silent: {line!r}")
    if rest:
        names = ("since", "missed", "counted", "held", "confirmed", "announced", "downgraded")
        target.silence = {**dict(zip(names, map(_number, rest[:7]))), "reason": rest[7]}
    return target


def _refusal(line, fields):
    kind, since, count, until, reason = _count(line, fields, 5)
    if kind not in ("printer", "mute"):
        raise Broken(f"neither a printer nor mute: {line!r}")
    return Refusal(kind, _number(since), _number(count), _number(until), reason)


def _add(known, endpoint, value=None):
    """Endpoints stand once each, in their order; here those of IPv4."""
    if known and _order(next(reversed(known))) >= _order(endpoint):
        raise Broken(f"twice or not in order: {endpoint}")
    known[endpoint] = value


def _order(endpoint):
    address, port = endpoint.rsplit(":", 1)
    return ipaddress.IPv4Address(address), int(port)
