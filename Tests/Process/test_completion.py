"""What the shell offers while a command is typed."""

import subprocess

from Lab import parts
from Lab.cases import Case
from Process.test_usage import COMMANDS

_COMPLETE = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
_subnet-sd subnet-sd "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


class Completion(Case):
    def script(self, shell):
        return self.run_subnet_sd("--generate-completion-script", shell).output

    def offers(self, *words):
        """What bash offers for the last of these words, of a folder with the file `one.yml` and the folder `two`."""
        script = self.folder / "subnet-sd.bash"
        script.write_text(self.script("bash"))
        home = self.folder / "home"
        (home / "two").mkdir(parents=True, exist_ok=True)
        (home / "one.yml").touch()
        done = subprocess.run(["bash", "-c", _COMPLETE, "bash", script, "subnet-sd", *words], cwd=home, timeout=30,
                              capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        return {line.strip() for line in done.stdout.splitlines()} - {""}

    def test_bash(self):
        """bash offers subcommands, options, the words of an option, exporters, files and folders."""
        self.assertLessEqual({*COMMANDS, "help"}, self.offers(""))
        self.assertEqual(self.offers("ta"), {"targets"})
        self.assertEqual(self.offers("targets", "--st"), {"--state"})
        self.assertEqual(self.offers("targets", "--state", ""), {"up", "silent", "held", "duplicate", "refused"})
        self.assertEqual(self.offers("scan", "10.0.0.0/24", "--exporter", "node_"), {"node_exporter"})
        self.assertEqual(self.offers("run", "--config", "o"), {"one.yml"})
        self.assertEqual(self.offers("check-config", "o"), {"one.yml"})
        self.assertEqual(self.offers("run", "--state-directory", ""), {"two"})

    def test_others(self):
        """The scripts for zsh and fish name every subcommand; other shells are refused."""
        for shell in ("zsh", "fish"):
            script = self.script(shell)
            for command in COMMANDS:
                self.assertIn(command, script)
        self.run_subnet_sd("--generate-completion-script", "tcsh", status=64)
