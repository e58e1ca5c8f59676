"""Every command says how it is used, and prints data as JSON too; shells complete them."""

import json
import re
import shlex
import subprocess

import pytest

from harness import admin_samples as samples
from harness.admin_door import say
from harness.commands import run
from harness.gateway import clean_environment

# `serve` has its log, whose form is a flag of its own; the others print text that is for other programs as it is.
WITHOUT_DATA = {"serve", "completions", "help"}
# No terminal that is used is narrower.
COLUMNS = "80"


@pytest.fixture(scope="module")
def tree(binary):
    """What the program says of its own commands."""
    finished = run(binary, "--experimental-dump-help")
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)["command"]


def commands_of(command, path=()):
    """Every command with its path, groups before what is in them."""
    yield path, command
    for sub in command.get("subcommands", []):
        if sub["commandName"] != "help":
            yield from commands_of(sub, (*path, sub["commandName"]))


def test_every_command_of_the_contract_is_there(tree):
    paths = {" ".join(path) for path, _ in commands_of(tree)}

    assert paths >= {
        "serve", "check", "explain", "receive", "send", "simulate", "secret new", "subscribers", "pause", "resume",
        "forget", "dead-letters list", "dead-letters show", "dead-letters replay", "dead-letters discard", "replay",
        "replays list", "replays show", "replays watch", "replays pause", "replays resume", "replays cancel", "why",
        "tail", "stats", "backup", "reload", "completions", "catalogue", "journal copy"}


def test_every_command_has_an_abstract_and_examples_of_itself_with_flags_that_exist(binary, tree):
    for path, command in commands_of(tree):
        name = " ".join(("switchyard", *path))
        text = run(binary, *path, "--help", environment={"COLUMNS": COLUMNS}).stdout
        assert command.get("abstract"), name
        examples = text.partition("EXAMPLES:\n")[2].partition("\n\nUSAGE:")[0]
        assert name in examples, f"{name} has no example"
        # A line that was too long for the terminal would be broken, and could not be copied.
        lines = re.sub(r" \\\n +", " ", examples).splitlines()
        assert all(line.startswith("  ") for line in lines), (name, examples)
        for line in lines:
            check_flags(tree, line)


def check_flags(tree, line):
    """The flags of a line are those of the command in it."""
    words = shlex.split(re.split(r" \| | > |[)]", line)[0].replace("source <(", ""))
    words = words[words.index("switchyard") + 1:]
    command = tree
    while words and (found := [sub for sub in command.get("subcommands", []) if sub["commandName"] == words[0]]):
        command, words = found[0], words[1:]
    known = {f"--{name['name']}" for argument in command.get("arguments", []) for name in argument.get("names") or []}
    assert {word for word in words if word.startswith("--")} <= known, line


def test_every_command_that_prints_data_prints_it_as_json_too(tree):
    for path, command in commands_of(tree):
        is_group = any(sub["commandName"] != "help" for sub in command.get("subcommands", []))
        flags = {name["name"] for argument in command.get("arguments", []) for name in argument.get("names") or []}
        assert ("json" in flags) == (not is_group and path[0] not in WITHOUT_DATA), path


def script(binary, directory, shell):
    path = directory / f"completions.{shell}"
    path.write_text(run(binary, "completions", shell).stdout)
    return path


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_takes_its_script(binary, tmp_path, shell):
    command = [shell, "-n", script(binary, tmp_path, shell)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (finished.returncode, finished.stderr) == (0, "")


IN_BASH = """
source "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
compopt() { :; }  # Only known while a person is typing.
_switchyard switchyard "${@: -1}" "${@: -2:1}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
# Where the cursor is within a word is only known while a person is typing.
IN_FISH = """
source $argv[1]
function __switchyard_tokens; contains -- -tC $argv; and echo 0; or commandline -o $argv; end
complete -C "$argv[2]"
"""


@pytest.fixture
def complete(binary, tmp_path):
    """What a shell offers for a line."""
    def offered(shell, line, environment=None):
        (tmp_path / "bin").mkdir(exist_ok=True)
        program = tmp_path / "bin/switchyard"
        if not program.exists():
            program.symlink_to(binary)
        path = script(binary, tmp_path, shell)
        words = line.split(" ")
        arguments = ["bash", "-c", IN_BASH, "bash", path, *words] if shell == "bash" else [
            "fish", "--no-config", "-c", IN_FISH, path, line]
        given = clean_environment(environment)
        given["PATH"] = f"{tmp_path / 'bin'}:{given['PATH']}"
        finished = subprocess.run(arguments, capture_output=True, text=True, env=given, check=False, timeout=60)
        return [one.split("\t")[0].strip() for one in finished.stdout.splitlines() if one]

    return offered


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_commands_and_flags_are_completed(complete, shell):
    assert "dead-letters" in complete(shell, "switchyard dead")
    assert "discard" in complete(shell, "switchyard dead-letters dis")
    assert "--subscriber" in complete(shell, "switchyard tail --sub")
    assert "fish" in complete(shell, "switchyard completions f")


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_names_of_subscribers_are_completed_as_the_gateway_knows_them(complete, admin_door, shell):
    document = samples.subscribers(samples.subscriber("moderation"), samples.subscriber("audit"),
                                   removed=[samples.removed("old")])
    door = admin_door({("GET", "/v1/subscribers"): say(document)})
    environment = {"SWITCHYARD_ADMIN_URL": door.url}

    assert complete(shell, "switchyard pause mod", environment) == ["moderation"]
    assert "old" in complete(shell, "switchyard forget ", environment)
    assert "audit" in complete(shell, "switchyard tail --subscriber au", environment)


def test_where_no_gateway_answers_no_name_is_completed(complete):
    assert complete("bash", "switchyard pause mod", {"SWITCHYARD_ADMIN_URL": "http://127.0.0.1:1"}) == []
