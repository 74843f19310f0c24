"""YAML → a tree of frozen, keyword-only dataclasses, and back; every problem is reported at once.

The dataclasses say what is allowed: ``int``, ``float``, ``bool``, ``str``, ``Path``, ``Literal``, unions
(with ``None`` too), ``list[...]``, ``tuple[...]``, ``dict[str, ...]`` and further dataclasses. A dataclass
with a method ``check() -> list[str]`` reports its own contradictions; each begins with the name of the
field it is about. A mapping for a dataclass field changes the field's default, key by key.

Departures from YAML 1.1: ``1e-3`` is a number; ``yes``, ``no``, ``on``, ``off`` and dates are plain words.
"""

from __future__ import annotations

import copy
import dataclasses
import math
import re
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from summae.errors import ConfigError, SummaeError
from summae.inputs.decode import read_text
from summae.tables import nearest

Tree = TypeVar("Tree")

_BROKEN: Any = object()  # stands where a value could not be read; its problem is already noted
_EXPONENT = re.compile(r"[-+]?\d[\d_]*(?:\.\d*)?[eE][-+]?\d+$")
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


@dataclasses.dataclass(frozen=True)
class _Given:
    """The value of an override: as typed, for text fields, and as YAML reads it, for all others."""

    raw: str
    parsed: Any

    def __repr__(self) -> str:
        return repr(self.parsed)


def read_tree(cls: type[Tree], source: Mapping | str | Path, overrides: Sequence[str] = ()) -> Tree:
    """An instance of ``cls`` from a mapping or a YAML file, with ``a.b=c`` overrides on top.

    Raises :class:`ConfigError` listing every problem, or ``InputError`` when the file cannot be read.
    """
    where = "configuration" if isinstance(source, Mapping) else str(source)
    problems: list[str] = []
    value = source if isinstance(source, Mapping) else read_text(source, hint="")
    try:
        if isinstance(value, str):
            value = _parse(value, where, problems)
        if isinstance(value, Mapping | None):
            value = _with_overrides(value or {}, overrides, problems)
        instance = _read(cls, value, "", problems)
    except RecursionError:  # thousands of brackets, or an alias inside what it stands for
        raise ConfigError(["nested too deeply"], where) from None
    if problems:
        raise ConfigError(problems, where)
    return instance


def to_dict(instance: Any) -> dict[str, Any]:
    """The tree as plain dicts, lists and scalars; :func:`read_tree` turns it back."""
    return {each.name: _plain(getattr(instance, each.name)) for each in _fields(instance).values()}


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
            name, line = _join(path, str(key.value)), key.start_mark.line + 1
            if name in lines:
                problems.append(f"key '{name}' stands twice, on lines {lines[name]} and {line}")
            lines[name] = line
            problems += _duplicates(value, name, seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            problems += _duplicates(value, f"{path}[{index}]", seen)
    return problems


def _with_overrides(tree: Mapping, overrides: Sequence[str], problems: list[str]) -> dict:
    """A copy of ``tree`` with every ``a.b=c`` put in place; a list item is named by its number."""
    changed = copy.deepcopy(dict(tree))
    for override in overrides:
        name, equals, raw = override.partition("=")
        if not equals or not all(name.split(".")):
            problems.append(f"override must be KEY=VALUE, as in warmup.steps=100, got '{override}'")
            continue
        try:
            parsed = _parse(raw, f"override '{override}'", problems)
        except ConfigError as error:
            problems.append(str(error))
            continue
        scalar = not isinstance(parsed, dict | list)
        _put(changed, name.split("."), _Given(raw, parsed) if scalar else parsed, name, problems)
    return changed


def _put(tree: Any, keys: list[str], value: Any, name: str, problems: list[str]) -> None:
    key: Any = keys[0]
    if isinstance(tree, list) and key.isdecimal() and int(key) < len(tree):
        key = int(key)
    elif not isinstance(tree, dict):
        problems.append(f"override '{name}': nothing can be set at '{key}'")
        return
    if len(keys) == 1:
        tree[key] = value
        return
    if isinstance(tree, dict) and tree.get(key) is None:
        tree[key] = {}
    _put(tree[key], keys[1:], value, name, problems)


# -- nested dicts → dataclasses -----------------------------------------------------------------------------


def _read(kind: Any, value: Any, path: str, problems: list[str], default: Any = None) -> Any:
    """``value`` as a ``kind``, or ``_BROKEN`` after noting why not."""
    origin = typing.get_origin(kind) or kind
    if origin in (typing.Union, types.UnionType):
        return _union(kind, value, path, problems, default)
    if origin is typing.Literal:
        return _literal(kind, value, path, problems)
    if isinstance(value, _Given):
        value = value.raw if kind in (str, Path) else value.parsed
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, value, path, problems, default)
    if origin in (list, tuple, dict) and isinstance(value, dict if origin is dict else list | tuple):
        return _container(kind, origin, value, path, problems)
    found = _parsed(value) if kind in (Any, object) else _scalar(kind, value)
    if found is _BROKEN:
        problems.append(_wrong(kind, value, path))
    return found


def _parsed(value: Any) -> Any:
    """``value`` with the overrides inside it as YAML reads them."""
    if isinstance(value, _Given):
        return value.parsed
    if isinstance(value, Mapping):
        return {key: _parsed(each) for key, each in value.items()}
    return [_parsed(each) for each in value] if isinstance(value, list) else value


def _scalar(kind: Any, value: Any) -> Any:
    if kind is float:
        return _float(value)
    if kind is Path:
        return Path(value) if isinstance(value, str | Path) and str(value) else _BROKEN
    return value if type(value) is kind else _BROKEN  # exact: true is no int


def _float(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return _BROKEN
    if isinstance(value, str) and not _EXPONENT.match(value):
        return _BROKEN
    try:
        number = float(value)
    except OverflowError:
        return _BROKEN
    return _BROKEN if math.isnan(number) else number


def _literal(kind: Any, value: Any, path: str, problems: list[str]) -> Any:
    choices = typing.get_args(kind)
    if isinstance(value, _Given):
        value = value.raw if value.raw in choices else value.parsed
    for choice in choices:
        if type(choice) is type(value) and choice == value:
            return choice
    problems.append(_wrong(kind, value, path) + nearest(str(value), map(str, choices)))
    return _BROKEN


def _union(kind: Any, value: Any, path: str, problems: list[str], default: Any) -> Any:
    """The arm that reads ``value`` cleanly and, if possible, unchanged; else the nearest arm's problems."""
    plain = value.parsed if isinstance(value, _Given) else value
    clean, nested = [], []
    for arm in typing.get_args(kind):
        found: list[str] = []
        result = _read(arm, value, path, found, default)
        if not found:
            clean.append(result)
        elif _same_shape(arm, plain):
            nested.append((found, result))
    if clean:
        return next((each for each in clean if type(each) is type(plain)), clean[0])
    if nested:
        found, result = min(nested, key=lambda each: len(each[0]))
        problems += found
        return result
    problems.append(_wrong(kind, plain, path))
    return _BROKEN


def _same_shape(kind: Any, value: Any) -> bool:
    origin = typing.get_origin(kind) or kind
    if isinstance(value, Mapping):
        return dataclasses.is_dataclass(kind) or origin is dict
    return isinstance(value, list | tuple) and origin in (list, tuple)


def _container(kind: Any, origin: type, value: Any, path: str, problems: list[str]) -> Any:
    arms = typing.get_args(kind)
    if origin is dict:
        arm = arms[1] if arms else Any
        for key in value:
            if not isinstance(key, str):
                problems.append(f"{path} must have words for keys, got {_show(key)}")
        return _whole({key: _read(arm, each, _join(path, key), problems) for key, each in value.items()})
    kinds = [arms[0] if arms else Any] * len(value)
    if origin is tuple and arms and arms[-1] is not Ellipsis:
        kinds = list(arms)
    if len(kinds) != len(value):
        problems.append(f"{path} must be {_name(kind)}, got {len(value)} values")
        return _BROKEN
    pairs = enumerate(zip(kinds, value, strict=True))
    items = [_read(arm, each, f"{path}[{index}]", problems) for index, (arm, each) in pairs]
    return _whole(items) if origin is list else _whole(tuple(items))


def _whole(items: Any) -> Any:
    values = items.values() if isinstance(items, dict) else items
    return _BROKEN if any(each is _BROKEN for each in values) else items


def _fields(kind: Any) -> dict[str, dataclasses.Field]:
    return {each.name: each for each in dataclasses.fields(kind) if each.init}


def _dataclass(cls: Any, value: Any, path: str, problems: list[str], default: Any) -> Any:
    """An instance of ``cls``: keys of ``value``, then ``default``'s fields, then the class's defaults."""
    if isinstance(value, cls):
        return value
    value = {} if value is None else value  # "warmup:" with every line under it commented out
    if not isinstance(value, Mapping):
        problems.append(_wrong(cls, value, path))
        return _BROKEN
    hints, fields, values = typing.get_type_hints(cls), _fields(cls), {}
    for key in value:
        if key not in fields:
            problems.append(f"unknown key '{_join(path, key)}'{nearest(str(key), fields)}")
    for name, field in fields.items():
        given = getattr(default, name) if isinstance(default, cls) else _default(field)
        if name in value:
            given = _read(hints[name], value[name], _join(path, name), problems, given)
        elif given is dataclasses.MISSING:
            problems.append(f"missing key '{_join(path, name)}' ({_name(hints[name])})")
            given = _BROKEN
        values[name] = given
    return _BROKEN if _whole(values) is _BROKEN else _build(cls, values, path, problems)


def _default(field: dataclasses.Field) -> Any:
    factory = field.default_factory
    return field.default if factory is dataclasses.MISSING else factory()


def _build(cls: Any, values: dict[str, Any], path: str, problems: list[str]) -> Any:
    """``cls(**values)``; what its constructor or its ``check`` finds wrong is noted under ``path``."""
    try:
        instance = cls(**values)
    except ConfigError as error:
        found, instance = error.problems, _BROKEN
    except (ValueError, SummaeError) as error:
        found, instance = [str(error)], _BROKEN
    else:
        found = instance.check() if hasattr(instance, "check") else []
    for problem in found:
        about_field = re.split(r"[\s.:\[]", problem, maxsplit=1)[0] in values
        glue = "." if about_field else ": "
        problems.append(f"{path}{glue}{problem}" if path else problem)
    return instance


# -- wording ------------------------------------------------------------------------------------------------


def _join(path: str, key: Any) -> str:
    return f"{path}.{key}" if path else str(key)


def _name(kind: Any) -> str:
    """How a type is named in a message: int, list[int], int or null, one of a, b."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(map(_name, typing.get_args(kind)))
    if origin is typing.Literal:
        return "one of " + ", ".join(map(str, typing.get_args(kind)))
    if origin is not None:
        inner = ("..." if each is Ellipsis else _name(each) for each in typing.get_args(kind))
        return f"{origin.__name__}[{', '.join(inner)}]"
    if dataclasses.is_dataclass(kind):
        return "a mapping"
    names = {type(None): "null", Path: "a path", Any: "anything"}
    return names.get(kind) or kind.__name__


def _show(value: Any) -> str:
    """How a value is quoted in a message: as YAML would write it, never long."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _wrong(kind: Any, value: Any, path: str) -> str:
    return f"{path or 'the top level'} must be {_name(kind)}, got {_show(value)}"
