"""Options: frozen, keyword-only dataclasses whose fields say what is allowed. Nonsense is refused, all of it at once.

    @options
    class CriticConfig(Options):
        layers: Count = 1
        dropout: Part = 0.3

A class made so refuses unknown names, wrong types and values out of range, whether it is built in Python or read as a
part of a tree (:mod:`summae.training.yaml_tree`); a default is checked like any other value. Fields are checked in
their order, so a validator may look at those above its own (``info.data``). Pydantic does the work; what it finds is
told in our own words by :func:`problems_of`, a line each: the path, what must be, what was given, the nearest name.

Types here are strict: ``true`` is no number, 1.0 no integer; an integer is a good float; infinity and NaN are neither.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import field, fields
from typing import Annotated, Any, TypeVar, dataclass_transform, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

from summae.errors import ConfigError
from summae.tables import nearest

Made = TypeVar("Made")

Flag = Annotated[bool, Strict()]
Natural = Annotated[int, Strict(), Field(ge=0)]  # 0, 1, 2 …
Count = Annotated[int, Strict(), Field(ge=1)]  # 1, 2, 3 …
Number = Annotated[float, Strict()]
Share = Annotated[float, Strict(), Field(ge=0, le=1)]  # [0, 1]
Part = Annotated[float, Strict(), Field(ge=0, lt=1)]  # [0, 1)
Positive = Annotated[float, Strict(), Field(gt=0)]
NotNegative = Annotated[float, Strict(), Field(ge=0)]

_CONFIG = ConfigDict(extra="forbid", allow_inf_nan=False, validate_default=True)


def _rising(pair: tuple[Any, Any]) -> tuple[Any, Any]:
    if pair[0] > pair[1]:
        raise ValueError(f"must rise from the least to the largest, got {list(pair)}")
    return pair


CountRange = Annotated[tuple[Count, Count], AfterValidator(_rising)]  # the least and the largest, both included
NumberRange = Annotated[tuple[Number, Number], AfterValidator(_rising)]


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def options(cls: type[Made]) -> type[Made]:
    """Make a class of options; building one with wrong values raises :class:`ConfigError` with all of the problems."""
    made: Any = pydantic_dataclass(cls, frozen=True, kw_only=True, config=_CONFIG)  # type: ignore[call-overload]
    checked = made.__init__

    @functools.wraps(checked)
    def build(self: Any, *args: Any, **given: Any) -> None:
        try:
            checked(self, *args, **given)
        except ValidationError as error:
            raise ConfigError(problems_of(error), cls.__name__) from None

    made.__init__ = build
    return made


@options
class Options:
    """What all classes of options share: an empty mapping may be left out, and an unknown name is told the nearest."""

    @model_validator(mode="wrap")  # type: ignore[arg-type] # not yet a class of options when this line is read
    @classmethod
    def _told_the_nearest(cls, value: Any, build: Callable[[Any], Any]) -> Any:
        try:
            return build({} if value is None else value)  # "warmup:" with every line under it commented out
        except ValidationError as error:
            names = [each.name for each in fields(cls)]  # type: ignore[arg-type]
            raise ValidationError.from_exception_data(
                error.title, [_rebuilt(each, names) for each in error.errors(include_url=False)]
            ) from None


def _rebuilt(error: Any, names: Collection[str]) -> InitErrorDetails:
    """The same error; that of an unknown field, always one of this class, also says which fields there are."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "unexpected_keyword_argument":
        kind = PydanticCustomError("unknown_key", "unknown key", {"names": list(names)})
    elif kind not in _KINDS:
        kind = PydanticCustomError(kind, error["msg"], context)
    return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"], ctx=context)


_KINDS = frozenset(get_args(ErrorType))


def name_in(table: Collection[str]) -> AfterValidator:
    """For ``Annotated[str, name_in(TABLE)]``: only names of a table, or keys that are."""

    def check(name: str) -> str:
        if name not in table:
            raise PydanticCustomError("unknown_name", "unknown name", {"names": list(table)})
        return name

    return AfterValidator(check)


def changing(default: Any) -> BeforeValidator:
    """For a field whose default differs from its class's: a mapping changes that default, key by key."""

    def merged(given: Any) -> Any:
        if not isinstance(given, Mapping | None):
            return given
        return {**{each.name: getattr(default, each.name) for each in fields(default)}, **(given or {})}

    return BeforeValidator(merged)


def options_of(table: Mapping[str, Any], name: str | None, given: Any) -> Any:
    """The options of the part called ``name``, read from ``given``; of an unknown part (``None``), those of the part
    that they fit best, so that a wrong name among them is told as well. Raises pydantic's error.
    """
    found = []
    for part in table.values() if name is None else [table[name]]:
        try:
            return TypeAdapter(part).validate_python({} if given is None else given)
        except ValidationError as error:
            found.append(error)
    raise min(found, key=lambda error: error.error_count())


def options_of_each(table: Mapping[str, Any], given: Any) -> dict[str, Any]:
    """Parts of ``table`` from a mapping of their names to their options. Raises pydantic's error, with all problems."""
    found, problems = {}, []
    for name, each in TypeAdapter(dict[Any, Any]).validate_python(given).items():
        if name not in table:
            unknown = PydanticCustomError("unknown_key", "unknown key", {"names": list(table)})
            problems.append(InitErrorDetails(type=unknown, loc=(name,), input=each))
            continue
        try:
            found[name] = options_of(table, name, each)
        except ValidationError as error:
            for problem in error.errors(include_url=False):
                problems.append({**_rebuilt(problem, ()), "loc": (name, *problem["loc"])})
    if problems:
        raise ValidationError.from_exception_data("options", problems)
    return found


# -- in our own words ---------------------------------------------------------------------------------------

_TYPES = {
    "bool_type": "true or false",
    "int_type": "an integer",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "a text",
    "dict_type": "a mapping",
    "dataclass_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
}
_BOUNDS = {
    "greater_than": (">", "gt"),
    "greater_than_equal": (">=", "ge"),
    "less_than": ("<", "lt"),
    "less_than_equal": ("<=", "le"),
}


def problems_of(error: ValidationError) -> list[str]:
    """A line for each problem, the path first."""
    return [_told(each) for each in error.errors(include_url=False)]


def _told(error: Any) -> str:
    kind, context, place = error["type"], error.get("ctx", {}), error["loc"]
    is_key = bool(place) and place[-1] == "[key]"
    path, given = path_of(place[:-1] if is_key else place), error["input"]
    if kind == "missing":
        return f"missing key '{path}'"
    if kind == "unknown_key" or (kind == "unknown_name" and is_key):
        return f"unknown key '{path}'{nearest(str(place[-2] if is_key else place[-1]), context['names'])}"
    return f"{path or 'the top level'} {_wanted(kind, context, error, given)}"


def _wanted(kind: str, context: Mapping[str, Any], error: Any, given: Any) -> str:
    """What must be, and what was given."""
    if kind == "value_error":
        return str(context["error"])
    if kind in ("unknown_name", "literal_error"):
        names = context["names"] if "names" in context else re.findall(r"'([^']*)'", context["expected"])
        return f"must be one of {', '.join(names)}, got {show(given)}{nearest(str(given), names)}"
    if kind in _BOUNDS:
        sign, bound = _BOUNDS[kind]
        return f"must be {sign} {context[bound]:g}, got {show(given)}"
    if kind in _TYPES:
        return f"must be {_TYPES[kind]}, got {show(given)}"
    if kind in ("too_long", "too_short"):
        return (
            f"must hold {context.get('max_length', context.get('min_length'))} values, got {context['actual_length']}"
        )
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}, got {show(given)}"


def path_of(place: Collection[str | int]) -> str:
    """``a.b[0].c``."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place).removeprefix(".")


def show(value: Any) -> str:
    """How a value is quoted in a message: as YAML would write it, never long."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
