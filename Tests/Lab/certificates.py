"""An authority of the lab, and what it and others certify."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    certificate: Path
    key: Path


class Authority:
    """Issues certificates; whoever trusts `file` accepts them."""

    def __init__(self, folder, name="authority"):
        self._folder = folder
        self._own = self._make(name, "-x509", "-addext", "basicConstraints=critical,CA:TRUE")
        self.file = self._own.certificate

    def issue(self, name, alternatives):
        """For these alternative names, such as `IP:10.0.0.1,DNS:a.example`; none if empty."""
        extension = ["-addext", f"subjectAltName={alternatives}"] if alternatives else []
        return self._make(name, "-x509", "-CA", self._own.certificate, "-CAkey", self._own.key, *extension)

    def _make(self, name, *options):
        made = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        subprocess.run(
            ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-keyout", made.key, "-out", made.certificate, *options],
            check=True, capture_output=True, timeout=30)
        return made
