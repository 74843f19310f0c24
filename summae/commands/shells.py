"""The completion scripts of bash, zsh and fish: one function ``(commands, options of summae itself) -> script`` each.

``summarize`` is completed as ``summae summarize``. Values that cannot be listed are not guessed: a number gets nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from summae.commands.completion import Argument, Shape

OWN_DOOR = "summarize"  # the command that is one without "summae", too


def _quoted(text: str) -> str:
    """``text`` as one word of bash or zsh."""
    return "'" + text.replace("'", "'\\''") + "'"


def _flags(arguments: Iterable[Argument]) -> list[str]:
    return [flag for argument in arguments for flag in argument.flags]


def _cases(lines: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"        {pattern}) {action} ;;" for pattern, action in lines)


# -- bash ---------------------------------------------------------------------------------------------------

_BASH = """\
# bash completion of summae and summarize
_summae() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    local command=${{COMP_WORDS[0]##*/}} words= place
    if [[ $before == '=' ]]; then before=${{COMP_WORDS[COMP_CWORD-2]}}; fi
    if [[ $current == '=' ]]; then current=; fi
    if [[ $command == summae ]]; then
        command=${{COMP_WORDS[1]}}
        if ((COMP_CWORD == 1)); then
            COMPREPLY=($(compgen -W {top} -- "$current"))
            return
        fi
    fi
    for ((place = COMP_CWORD - 1; place > 0; place--)); do
        [[ ${{COMP_WORDS[place]}} == -* ]] && break
    done
    case "$command ${{COMP_WORDS[place]}}" in  # options that take several values
{several}
    esac
    if [[ $current == -* ]]; then
        before=--
    fi
    case "$command $before" in
{options}
{values}
    *)
        case $command in
{positional}
        esac
    esac
    if [[ $words == - ]]; then
        compopt +o default 2>/dev/null  # not even a file
    elif [[ $words == / ]]; then
        compopt +o default -o dirnames 2>/dev/null
    elif [[ -n $words ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$current"))
    fi
}}
complete -o default -F _summae summae summarize
"""


def bash(shapes: Sequence[Shape], own: Sequence[Argument]) -> str:
    """A file name is completed by bash itself (``-o default``) whenever there is nothing better."""
    top = _quoted(" ".join([*(shape.name for shape in shapes), *_flags(own)]))
    several, options, values, positional = [], [], [], []
    for shape in shapes:
        options.append((f"'{shape.name} --'", f"words={_quoted(' '.join(_flags(shape.arguments)))}"))
        for each in shape.arguments:
            marks = {"file": "", "folder": "/", "": "-"}
            words = "words=" + (_quoted(" ".join(each.values)) if each.values else marks[each.files])
            pattern = "|".join(f"'{shape.name} {flag}'" for flag in each.flags)
            if not each.flags:
                positional.append((shape.name, words))
            elif each.count != "0":
                values.append((pattern, words))
            if each.flags and each.count == "+":
                several.append((pattern, "before=${COMP_WORDS[place]}"))
    cases = {"several": several, "options": options, "values": values, "positional": positional}
    return _BASH.format(top=top, **{name: _cases(lines) for name, lines in cases.items()})


# -- zsh ----------------------------------------------------------------------------------------------------

_ZSH = """\
#compdef summae summarize
# zsh completion of summae and summarize
{functions}
_summae() {{
    local curcontext=$curcontext state line
    if [[ $service == summarize ]]; then
        _summae_summarize
        return
    fi
    _arguments -C \\
{own}
        '1:command:->command' \\
        '*::argument:->arguments'
    case $state in
    command)
        local -a commands=(
{commands}
        )
        _describe command commands
        ;;
    arguments)
        curcontext=${{curcontext%:*:*}}:summae-$words[1]:
        (( $+functions[_summae_$words[1]] )) && _summae_$words[1]
        ;;
    esac
}}
if [[ $funcstack[1] == _summae ]]; then
    _summae "$@"
else
    compdef _summae summae summarize
fi
"""


def zsh(shapes: Sequence[Shape], own: Sequence[Argument]) -> str:
    functions = [f"_summae_{shape.name}() {{\n    _arguments \\\n{_zsh_lines(shape.arguments)}\n}}" for shape in shapes]
    commands = "\n".join(
        " " * 12 + _quoted(f"{shape.name}:{shape.purpose.replace(':', chr(92) + ':')}") for shape in shapes
    )
    return _ZSH.format(functions="\n".join(functions), own=_zsh_lines(own) + " \\", commands=commands)


def _zsh_lines(arguments: Iterable[Argument]) -> str:
    specs = [spec for argument in arguments for spec in _zsh_specs(argument)]
    return " \\\n".join(" " * 8 + _quoted(spec) for spec in specs)


def _zsh_specs(argument: Argument) -> list[str]:
    """``_arguments`` wants one for each name of an option."""
    action = {"file": "_files", "folder": "_files -/"}.get(argument.files, " ")
    if argument.values:
        action = f"({' '.join(argument.values)})"
    message = argument.metavar.strip("{}").replace(":", "\\:")
    value = {"0": "", "1": f":{message}:{action}", "?": f"::{message}:{action}", "+": f":*-*:{message}:{action}"}
    if not argument.flags:
        return [f"*:{message}:{action}"]
    again = "*" if argument.repeats else f"({' '.join(argument.flags)})"
    told = argument.help.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return [f"{again}{flag}[{told}]{value[argument.count]}" for flag in argument.flags]


# -- fish ---------------------------------------------------------------------------------------------------


def fish(shapes: Sequence[Shape], own: Sequence[Argument]) -> str:
    first = "complete -c summae -n __fish_use_subcommand"
    lines = ["# fish completion of summae and summarize"]
    lines += [f"{first} -f -a {shape.name} -d {_fish_quoted(shape.purpose)}" for shape in shapes]
    lines += [f"{first} {_fish_spec(argument)}" for argument in own]
    for shape in shapes:
        doors = [f"complete -c summae -n '__fish_seen_subcommand_from {shape.name}'"]
        doors += [f"complete -c {shape.name}"] if shape.name == OWN_DOOR else []
        lines += [f"{door} {_fish_spec(argument)}" for door in doors for argument in shape.arguments]
    return "\n".join(lines) + "\n"


def _fish_spec(argument: Argument) -> str:
    names = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in argument.flags)
    values = {"file": "-F", "folder": "-f -a '(__fish_complete_directories)'"}.get(argument.files, "-f")
    if argument.values:
        values = f"-f -a {_fish_quoted(' '.join(argument.values))}"
    if not argument.flags:
        return values
    needed = "" if argument.count == "?" else "-r "
    told = f"-d {_fish_quoted(argument.help)}"
    return f"{names} {told}" if argument.count == "0" else f"{names} {needed}{values} {told}"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SHELLS: dict[str, Callable[[Sequence[Shape], Sequence[Argument]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
