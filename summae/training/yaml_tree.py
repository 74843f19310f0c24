"""YAML → a tree of options (:mod:`summae.options`), and back; every problem is reported at once.

Here is what pydantic does not do: YAML read as version 1.2 has it, keys that stand twice, and ``a.b=c`` on top.

Departures from YAML 1.1: ``1e-3`` is a number; ``yes``, ``no``, ``on``, ``off`` and dates are plain words.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from summae.errors import ConfigError
from summae.inputs.decode import read_text
from summae.options import problems_of

Tree = TypeVar("Tree")
Place = tuple[str | int, ...]  # keys and numbers that lead to a value

_FLOAT = re.compile(
    r"[-+]?(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*|\d[\d_]*(?=[eE]))(?:[eE][-+]?\d+)?$|[-+]?\.(?:inf|Inf)$|\.(?:nan|NaN)$"
)


class _Loader(yaml.SafeLoader):
    """Plain scalars are null, booleans, numbers or words, as in YAML 1.2; nothing else."""

    yaml_implicit_resolvers: dict[str, list] = {}  # of the class; the stubs say of its instances


class _Dumper(yaml.SafeDumper):
    """Quotes every word that YAML 1.1 or this module's reader would take for something else."""


def _tag(name: str) -> str:
    return f"tag:yaml.org,2002:{name}"


_Loader.add_implicit_resolver(_tag("null"), re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(_tag("bool"), re.compile(r"(?:[Tt]rue|TRUE|[Ff]alse|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(_tag("int"), re.compile(r"[-+]?(?:0|[1-9][\d_]*)$"), list("-+0123456789"))
_Loader.add_implicit_resolver(_tag("merge"), re.compile(r"<<$"), ["<"])
for _class in (_Loader, _Dumper):
    _class.add_implicit_resolver(_tag("float"), _FLOAT, list("-+.0123456789"))


def read_tree(cls: type[Tree], source: Mapping | str | Path, overrides: Sequence[str] = ()) -> Tree:
    """An instance of ``cls`` from a mapping or a YAML file, with ``a.b=c`` overrides on top.

    Raises :class:`ConfigError` listing every problem, or ``InputError`` when the file cannot be read.
    """
    where = "configuration" if isinstance(source, Mapping) else str(source)
    problems: list[str] = []
    tree = source if isinstance(source, Mapping) else read_text(source, hint="")
    typed: dict[Place, str] = {}
    try:
        if isinstance(tree, str):
            tree = _parse(tree, where, problems)
        if isinstance(tree, Mapping | None):
            tree, typed = _with_overrides(tree or {}, overrides, problems)
        instance = _validated(cls, tree, typed, problems)
    except RecursionError:  # thousands of brackets, or an alias inside what it stands for
        raise ConfigError(["nested too deeply"], where) from None
    if problems:
        raise ConfigError(problems, where)
    return instance


def _validated(cls: type[Tree], tree: Any, typed: Mapping[Place, str], problems: list[str]) -> Any:
    """The instance, or None and its problems. What was ``typed`` where a text is wanted is that text: ``name=5``."""
    adapter = TypeAdapter(cls)
    try:
        return adapter.validate_python(tree)
    except ValidationError as error:
        texts = [each["loc"] for each in error.errors() if each["type"] == "string_type" and each["loc"] in typed]
        if not texts:
            problems += problems_of(error)
            return None
    for place in texts:
        _put(tree, place, typed[place])
    return _validated(cls, tree, {}, problems)


def to_dict(instance: Any) -> dict[str, Any]:
    """The tree as plain dicts, lists and scalars; :func:`read_tree` turns it back."""
    return {each.name: _plain(getattr(instance, each.name)) for each in dataclasses.fields(instance)}


def to_yaml(instance: Any) -> str:
    """The tree as YAML text; :func:`read_tree` turns it back."""
    return yaml.dump(to_dict(instance), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return to_dict(value)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


# -- YAML text → nested dicts -------------------------------------------------------------------------------


def _parse(text: str, where: str, problems: list[str]) -> Any:
    """What the YAML says; keys given twice are noted as problems."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        problems += _duplicates(node, "", set())
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError([f"line {line}: {error.problem or error.context}"], where) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError([f"line {line}: {error.reason}"], where) from None
    except ValueError as error:  # a number of thousands of digits
        raise ConfigError([str(error)], where) from None


def _duplicates(node: yaml.Node, path: str, seen: set[int]) -> list[str]:
    """A problem for every key that stands twice in one mapping."""
    if id(node) in seen:  # an alias may point back to its own ancestor
        return []
    seen.add(id(node))
    problems: list[str] = []
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            name, line = f"{path}.{key.value}".removeprefix("."), key.start_mark.line + 1
            if name in lines:
                problems.append(f"key '{name}' stands twice, on lines {lines[name]} and {line}")
            lines[name] = line
            problems += _duplicates(value, name, seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            problems += _duplicates(value, f"{path}[{index}]", seen)
    return problems


def _with_overrides(tree: Mapping, overrides: Sequence[str], problems: list[str]) -> tuple[dict, dict[Place, str]]:
    """A copy of ``tree`` with every ``a.b=c`` put in place, and each ``c`` as it was typed; a list item is named by its
    number.
    """
    changed, typed = copy.deepcopy(dict(tree)), {}
    for override in overrides:
        name, equals, raw = override.partition("=")
        if not equals or not all(name.split(".")):
            problems.append(f"override must be KEY=VALUE, as in warmup.steps=100, got '{override}'")
            continue
        try:
            place = _put(changed, name.split("."), _parse(raw, f"override '{override}'", problems))
        except ConfigError as error:
            problems.append(str(error))
        except LookupError as error:
            problems.append(f"override '{name}': nothing can be set at '{error.args[0]}'")
        else:
            typed[place] = raw
    return changed, typed


def _put(tree: Any, keys: Sequence[str | int], value: Any) -> Place:
    """Set ``value`` at the end of ``keys``, making mappings on the way; the keys, numbers as such."""
    key: Any = keys[0]
    if isinstance(tree, list) and str(key).isdecimal() and int(key) < len(tree):
        key = int(key)
    elif not isinstance(tree, dict):
        raise LookupError(key)
    if len(keys) == 1:
        tree[key] = value
        return (key,)
    if isinstance(tree, dict) and tree.get(key) is None:
        tree[key] = {}
    return (key, *_put(tree[key], keys[1:], value))
