"""Completion in real shells, man pages, --help, and what a wrong command line is answered with."""

import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import case  # noqa: E402
import processes  # noqa: E402
from parts import usagectl  # noqa: E402

COMMANDS = ["token", "token create", "token list", "token revoke", "grafana", "grafana plan",
            "grafana apply", "grafana check", "alertmanager", "alertmanager render",
            "alertmanager sync", "feed", "feed ddl", "doctor", "status", "completion", "man"]
PROGRAMS = ["usage_exporter", "usage_gateway", "usage_sim"]

# {words as they were typed: what the shell offers}; the last word is being typed.
COMPLETIONS = {
    "to": ["token"],
    "token ": ["create", "list", "revoke"],
    "token create --sc": ["--scope"],
    "token create --scope ": ["operator", "tenant"],
    "token create --note token --te": ["--tenant"],  # a value is no command
    "doctor --only t": ["tables", "tokens"],
    "doctor --color a": ["always", "auto"],
    "doctor --color=ne": ["never"],
    "doctor --often ": ["daily", "monthly", "weekly"],
    "completion ": ["bash", "zsh"],
    "doctor --config.file hou": ["house.yaml"],
    "nonsense": [],
}

BASH = """
source <(usagectl completion bash) && complete -p usagectl >/dev/null || exit
COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=()
# As readline divides a line.
for word in ${1//=/ = }; do COMP_WORDS+=("$word"); done
[[ $1 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { :; }  # readline alone has it
_usagectl
printf '%s\\n' "${COMPREPLY[@]}"
"""

# zsh -i in a terminal of its own: a person types, and TAB shows what there is. `compadd` is asked
# what it was given; nothing is drawn.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PROMPT= ; stty -echo; fpath=(DIR $fpath); autoload -Uz compinit; compinit -u -D'
zpty -w shell 'compadd() { builtin compadd -O found "$@"; builtin compadd "$@"'
zpty -w shell 'print -rl -- "<"$^found">" >> OUT; }'
zpty -w shell 'all() { _main_complete; compstate[insert]=; compstate[list]=; print done >> OUT; }'
zpty -w shell 'zle -C all complete-word all; bindkey "^T" all'
zpty -w -n shell $'LINE\C-t'
repeat 200; do [[ -e OUT ]] && grep -q '^done$' OUT && break; sleep 0.1; done
zpty -d shell
cat OUT
"""


def run_with_path(command, folder):
    binaries = pathlib.Path(processes.binary("usagectl")).parent
    return processes.run(command, cwd=folder,
                         env={**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}"})


class Completion(case.Case):
    def setUp(self):
        super().setUp()
        (self.folder / "house.yaml").touch()

    def test_in_bash(self):
        for typed, offered in COMPLETIONS.items():
            with self.subTest(typed):
                done = run_with_path(["bash", "-c", BASH, "bash", "usagectl " + typed], self.folder)
                self.assertEqual(done.stderr, "")
                self.assertEqual(sorted(done.stdout.split()), offered)

    def test_in_zsh(self):
        script = usagectl("completion", "zsh").stdout
        (self.folder / "_usagectl").write_text(script)
        for number, (typed, offered) in enumerate(COMPLETIONS.items()):
            with self.subTest(typed):
                out = self.folder / f"out{number}"
                program = ZSH.replace("DIR", str(self.folder)).replace("OUT", str(out)).replace(
                    "LINE", "usagectl " + typed)
                done = run_with_path(["zsh", "-f", "-c", program], self.folder)
                found = re.findall(r"^<(.+)>$", done.stdout, re.MULTILINE)
                # Files are offered with what stands beside them.
                self.assertEqual(sorted(set(found)), offered, done.stdout + done.stderr)

    def test_the_scripts_are_clean(self):
        for shell in ("bash", "zsh"):
            file = self.folder / shell
            file.write_text(usagectl("completion", shell).stdout)
            self.assertEqual(processes.run([shell, "-n", str(file)]).stderr, "")
        checked = processes.run(["shellcheck", "-s", "bash", str(self.folder / "bash")])
        self.assertEqual(checked.returncode, 0, checked.stdout)


class ManPages(case.Case):
    def pages(self):
        yield "usagectl", usagectl("man")
        for command in COMMANDS:
            if " " not in command:
                yield f"usagectl-{command}", usagectl("man", command)
        for program in PROGRAMS:
            yield program, processes.run([processes.binary(program), "--help-man"])

    def test_man_and_groff_have_nothing_to_say(self):
        for name, made in self.pages():
            with self.subTest(name):
                self.assertEqual((made.returncode, made.stderr), (0, ""))
                file = self.folder / f"{name}.1"
                file.write_text(made.stdout)
                shown = processes.run(["man", "--warnings", "-l", str(file)])
                self.assertEqual((shown.returncode, shown.stderr), (0, ""))
                self.assertEqual(processes.run(
                    ["groff", "-ww", "-man", "-Tutf8", str(file)]).stderr, "")
                self.assertIn(name, shown.stdout)

    def test_say_what_help_says(self):
        for command in COMMANDS:
            with self.subTest(command):
                shown = usagectl(*command.split(), "--help").stdout
                page = usagectl("man", command.split()[0]).stdout.replace("\\-", "-")
                for option in re.findall(r"(?m)^  (?:-h,)?(--[a-z.-]+)", shown):
                    self.assertIn(f"\\fB{option}\\fR", page)

    def test_of_an_unknown_command_names_the_nearest(self):
        done = usagectl("man", "dcotor")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("did you mean 'doctor'?", done.stderr)


class Help(case.Case):
    def test_has_examples_and_fits_80_columns(self):
        for command in ["", *COMMANDS]:
            with self.subTest(command):
                shown = usagectl(*command.split(), "--help").stdout
                self.assertLessEqual(max(map(len, shown.splitlines())), 80, shown)
                has_commands = "Subcommands:" in shown
                self.assertTrue("Examples:" in shown or (has_commands and command), shown)

    def test_the_examples_are_commands_that_exist(self):
        for command in ["", *COMMANDS]:
            shown = usagectl(*command.split(), "--help").stdout
            for example in re.findall(r"(?m)^  (?:\w+ -n 5 |source <\()?(usagectl .*)", shown):
                words = re.split(r" [|>] | \|\| |\)$", example)[0].split()[1:]
                flags = [word for word in words if word.startswith("--")]
                names = [word for word in words[:2] if word in " ".join(COMMANDS).split()]
                known = usagectl(*names, "--help")
                self.assertEqual(known.returncode, 0, example)
                for flag in flags:
                    self.assertIn(flag, known.stdout, example)

    def test_a_wrong_word_is_answered_with_the_nearest_right_one(self):
        for words, nearest in ((["dcotor"], "doctor"), (["token", "craete"], "create"),
                               (["doctor", "--jsno"], "--json"),
                               (["doctor", "--colour=never"], "--color")):
            done = usagectl(*words)
            self.assertGreater(done.returncode, 100)
            self.assertEqual(done.stdout, "")
            self.assertIn(f"did you mean '{nearest}'?", done.stderr)


if __name__ == "__main__":
    case.main()
