"""Reading a file_sd file as strictly as it is written: one form, anything else is broken."""

import json
import re
from dataclasses import dataclass, field


class Broken(Exception):
    """The text is not a whole target file."""


@dataclass
class Group:
    targets: list = field(default_factory=list)
    labels: dict = field(default_factory=dict)


_ITEM = re.compile(r'^\s*- ("(?:[^"\\]|\\.)*")$')
_LABEL = re.compile(r'^\s+"?([A-Za-z_][A-Za-z0-9_]*)"?: ("(?:[^"\\]|\\.)*")$')


def parse_yaml(text):
    """The groups of a YAML target file; every scalar is quoted. Raises Broken."""
    if not text.endswith("\n"):
        raise Broken(f"does not end with a line end: {text[-60:]!r}")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if lines == ["[]"]:
        return []
    groups, part = [], None
    for line in lines:
        if re.match(r"^- (targets|labels):$", line):
            groups.append(Group())
            part = line[2:-1]
        elif re.match(r"^ +(targets|labels):$", line) and groups:
            part = line.strip()[:-1]
        elif part == "targets" and (item := _ITEM.match(line)):
            groups[-1].targets.append(json.loads(item[1]))
        elif part == "labels" and (label := _LABEL.match(line)):
            if label[1] in groups[-1].labels:
                raise Broken(f"twice: {label[1]}")
            groups[-1].labels[label[1]] = json.loads(label[2])
        else:
            raise Broken(f"unexpected line: {line!r}")
    return _whole(groups)


def parse_json(text):
    """The groups of a JSON target file. Raises Broken."""
    try:
        return _whole([Group(**group) for group in json.loads(text)])
    except (ValueError, TypeError) as error:
        raise Broken(str(error)) from None


def _whole(groups):
    for group in groups:
        if not group.targets:
            raise Broken("a group without targets")
        if not group.labels:
            raise Broken("a group without labels")
    return groups


def read(path):
    """The groups in a file, or Broken."""
    text = path.read_text()
    return parse_json(text) if path.suffix == ".json" else parse_yaml(text)


def listed(groups):
    """Every target, once or Broken."""
    targets = [target for group in groups for target in group.targets]
    if len(targets) != len(set(targets)):
        raise Broken("a target is listed twice")
    return set(targets)
