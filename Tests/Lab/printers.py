"""Network printers, which print whatever they are sent; and a computer that only shares one, with a real CUPS."""

from Lab import parts
from Lab.children import Child
from Lab.oddities import not_http, printer, silent
from Lab.parts import PATIENCE
from Lab.servers import Server, always, reply

LPD, IPP = 515, 631
CUPSD = parts.CACHE / "unpacked/usr/sbin/cupsd"


def ipp(name):
    """A server on the port of IPP that calls itself so; None: that does not say."""
    headers = (f"Server: {name}",) if name else ()
    return always(reply("200 OK", b"<html>Supplies</html>", headers=headers))


# What listens on the ports of LPD and IPP, and the reason why it may be a printer's address.
_BY_LPD = "may be a printer: it accepts connections on port 515 (LPD)"
_BY_IPP = "may be a printer: it accepts connections on port 631 (IPP)"
KINDS = {
    "LPD and IPP": ({LPD: silent, IPP: ipp("HP HTTP Server; HP LaserJet")}, _BY_LPD),
    "LPD alone": ({LPD: silent}, _BY_LPD),
    "LPD that closes at once": ({LPD: lambda *_: None}, _BY_LPD),
    "LPD, and CUPS": ({LPD: silent, IPP: ipp("CUPS/2.4 IPP/2.1")}, _BY_LPD),
    "IPP alone": ({IPP: ipp("KM-MFP-http/V0.0.1")}, "may be a printer: 'KM-MFP-http/V0.0.1' answers on port 631 (IPP)"),
    "IPP without a name": ({IPP: ipp(None)}, "may be a printer: something answers on port 631 (IPP)"),
    "IPP that says nothing": ({IPP: silent}, _BY_IPP),
    "IPP that speaks no HTTP": ({IPP: not_http}, _BY_IPP),
}


class Printer:
    """Records every byte on its raw ports. `beside` is what else listens there, by port."""

    def __init__(self, fleet, address, beside=(), raw=(9100,)):
        self._fleet, self.address = fleet, address
        namespace = fleet.place(address)
        self.raw = {f"{address}:{port}": Server(printer, address, port, namespace=namespace) for port in raw}
        self._beside = [Server(answer, address, port, namespace=namespace) for port, answer in dict(beside).items()]

    @property
    def printed(self):
        """All it was sent, by endpoint."""
        return {endpoint: b"".join(server.received) for endpoint, server in self.raw.items()}

    @property
    def accepted(self):
        return {endpoint: server.accepted for endpoint, server in self.raw.items()}

    def leave(self):
        """Switched off; its address is free for others of the namespace."""
        for server in [*self.raw.values(), *self._beside]:
            server.end()

    def end(self):
        self.leave()
        self._fleet.displace(self.address)


def cups(namespace, address, folder):
    """A real cupsd, open to the network."""
    folder.mkdir()
    for name in ("cache", "spool", "state", "tmp"):
        (folder / name).mkdir()
    usr = CUPSD.parents[1]
    (folder / "cupsd.conf").write_text(
        # It insists on loopback, too.
        f"Listen 127.0.0.1:{IPP}\nListen {address}:{IPP}\nLogLevel info\nBrowsing No\n<Location />\nOrder allow,deny\nAllow all\n</Location>\n")
    (folder / "cups-files.conf").write_text(
        "AccessLog stderr\nErrorLog stderr\nPageLog stderr\n"
        f"CacheDir {folder}/cache\nRequestRoot {folder}/spool\nStateDir {folder}/state\nTempDir {folder}/tmp\n"
        f"ServerRoot {folder}\nServerBin {usr}/lib/cups\nDataDir {usr}/share/cups\nDocumentRoot {usr}/share/cups\n")
    libraries = ":".join(map(str, usr.glob("lib/*-linux-gnu")))
    child = Child([str(CUPSD), "-f", "-c", f"{folder}/cupsd.conf", "-s", f"{folder}/cups-files.conf"],
                  env={"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": libraries}, namespace=namespace)
    child.lines.wait(lambda line: "Resuming new connection" in line, PATIENCE, what="listening")
    return child
