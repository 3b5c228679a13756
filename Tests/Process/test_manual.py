"""The manual pages: that they are well formed, and that subnet-sd(1) has the command line as it is."""

import json
import re
import subprocess

from Lab import parts
from Lab.cases import Case

FOLDER = parts.ROOT / "packaging/man"
PAGES = ("subnet-sd.1", "subnet-sd.yml.5")

# The variables that functions of libsystemd read.
OF_LIBSYSTEMD = {
    "sd_notify": {"NOTIFY_SOCKET"},
    "sd_watchdog_enabled": {"WATCHDOG_USEC", "WATCHDOG_PID"},
    "sd_listen_fds": {"LISTEN_FDS", "LISTEN_PID"},
    "sd_is_socket": set(),
    "sd_journal_sendv": set(),
    "sd_bus_open_system": {"DBUS_SYSTEM_BUS_ADDRESS"},
    "sd_bus_set_method_call_timeout": set(),
    "sd_bus_get_property": set(),
    "sd_bus_flush_close_unref": set(),
    "sd_bus_message_enter_container": set(),
    "sd_bus_message_exit_container": set(),
    "sd_bus_message_read_basic": set(),
    "sd_bus_message_read_array": set(),
    "sd_bus_message_unref": set(),
}


class Item:
    """One `.It` with the lines up to the next."""

    def __init__(self, section, subsection, words):
        self.section, self.subsection, self.words, self.text = section, subsection, words, ""

    def names(self, macro):
        """Each word behind this macro."""
        return [name for word, name in zip(self.words, self.words[1:]) if word == macro]


def items(page):
    section = subsection = ""
    found = []
    for line in (FOLDER / page).read_text().splitlines():
        macro, *words = line.split()
        if macro == ".Sh":
            section, subsection = " ".join(words), ""
        elif macro == ".Ss":
            subsection = " ".join(words)
        elif macro == ".It":
            found.append(Item(section, subsection, words))
        elif found:
            found[-1].text += line + "\n"
    return found


def spelling(item):
    """An option or argument of the page as the help spells it: all names, then what it takes."""
    names = item.names("Fl")
    values = "".join(word for word in item.words if word not in ("Ar", "Ns", "Op", "Fl", ",") and word not in names)
    if not names:
        return re.sub(r":port$", "[:port]", values)
    value = item.names("Ar")[:1]
    return " ".join(sorted("-" + name for name in names) + [f"<{word}>" for word in value])


def spelling_of_help(argument):
    """Likewise, of what the program says."""
    if argument["kind"] == "positional":
        return argument["valueName"]
    names = {("-" if name["kind"] == "short" else "--") + name["name"] for name in argument["names"]}
    return " ".join(sorted(names) + ([f"<{argument['valueName']}>"] if argument["kind"] == "option" else []))


class Manual(Case):
    def commands(self):
        """Each command by its name, None for the program itself."""
        command = json.loads(self.run_subnet_sd("--experimental-dump-help").output)["command"]
        return {None: command, **{each["commandName"]: each for each in command["subcommands"]}}

    @parts.needs("mandoc")
    def test_lint(self):
        """mandoc has nothing to say against the pages but that it does not find others."""
        for page in PAGES:
            with self.subTest(page):
                done = subprocess.run(["mandoc", "-T", "lint", "-W", "style", str(FOLDER / page)], capture_output=True,
                                      text=True, timeout=60, check=False)
                complaints = [line for line in (done.stdout + done.stderr).splitlines()
                              if "referenced manual not found" not in line and "mandoc.db" not in line]
                self.assertEqual(complaints, [])

    def test_command_line(self):
        """Every subcommand, option and argument stands in the page, and nothing else."""
        described = [item for item in items("subnet-sd.1") if item.section == "SUBCOMMANDS"]
        told = {item.subsection: set() for item in described}
        for item in described:
            told[item.subsection].add(spelling(item))
        common = told.pop("All subcommands")
        commands = self.commands()
        self.assertEqual({spelling_of_help(each) for each in commands.pop(None)["arguments"]}, common)
        self.assertEqual(set(commands), set(told))
        for name, command in commands.items():
            real = {spelling_of_help(each) for each in command["arguments"] if each["shouldDisplay"]}
            with self.subTest(name):
                self.assertEqual(real - common, told[name])

    def test_values(self):
        """Where an option takes one of a few words, the page has each."""
        described = {(item.subsection, name): item for item in items("subnet-sd.1") for name in item.names("Fl")}
        for command, each in self.commands().items():
            for argument in each["arguments"]:
                for value in argument.get("allValues") or []:
                    item = described[command, "-" + argument["valueName"]]
                    self.assertRegex(item.text, rf"(?m)^\.Cm.* ?\b{value}\b", f"{command} --{argument['valueName']}")

    def test_synopsis(self):
        """The synopsis has each subcommand with each of its options."""
        text = (FOLDER / "subnet-sd.1").read_text().split(".Sh SYNOPSIS\n")[1].split(".Sh")[0]
        forms = {}
        for form in text.split(".Nm\n.Cm ")[1:]:
            name, *lines = form.splitlines()
            forms[name] = {line.split()[2] for line in lines if line.startswith(".Op Fl")}
        self.assertEqual(set(forms), set(self.commands()) - {None})
        for name, command in list(self.commands().items())[1:]:
            options = [{each["name"] if each["kind"] == "short" else "-" + each["name"] for each in argument["names"]}
                       for argument in command["arguments"]
                       if argument["kind"] != "positional" and argument["valueName"] not in ("version", "help")]
            with self.subTest(name):
                # Of an option with two names one is enough.
                self.assertEqual({max(names & forms[name] or names, key=len) for names in options}, forms[name])

    def test_exit_statuses(self):
        """The exit statuses are those that --help names."""
        told = {item.words[0] for item in items("subnet-sd.1") if item.section == "EXIT STATUS"}
        line = re.search(r"Exit status: (.*?)\.\n", self.run_subnet_sd("--help").output.replace("\n  ", " "))
        self.assertEqual(set(re.findall(r"\d+", line[1])), told)

    def test_environment(self):
        """Every variable that the program reads stands in the page, and no other."""
        source = "\n".join(path.read_text() for path in sorted((parts.ROOT / "Sources").rglob("*.swift")))
        real = set(re.findall(r'\b(?:environment|getenv)\("(\w+)"\)', source))
        for function in set(re.findall(r"\bsd_\w+(?=\()", source)):
            real |= OF_LIBSYSTEMD[function]
        told = [name for item in items("subnet-sd.1") if item.section == "ENVIRONMENT" for name in item.names("Ev")]
        self.assertEqual(real, set(told))
        self.assertEqual(len(told), len(set(told)))
