"""Tests of a status by what the program defines: constants, tables, enums, helpers."""

from .draft import Draft, indent, suite
from .expressions import INLINE, Writer, bounds, either, library_codes, named
from .statuses import Group, Probe, Role, Test


def _constant(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    return f"{probe.status} in {draft.constant(role.constant, _spelled_out(draft, group))}"


def _enum(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    draft.use("from enum import IntEnum")
    name = draft.fresh(role.flag.capitalize())
    codes = group.codes or tuple(each * 100 for each in group.hundreds)
    members = [f"CODE_{code} = {code}" for code in codes]
    draft.define(suite(f"class {name}(IntEnum):", members))
    if not group.codes:
        return either([f"{name}.CODE_{code} <= {probe.status} < {name}.CODE_{code} + 100" for code in codes])
    return named(draft, probe, group, [f"{name}.CODE_{code}" for code in codes], "500")


def _dict(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    if group.hundreds and not group.codes:
        table = "{" + ", ".join(f"{each}: True" for each in group.hundreds) + "}"
        return f"{draft.constant(role.constant + '_CLASSES', table)}.get({probe.status} // 100, False)"
    parts = [bounds(draft, probe.status, each) for each in group.hundreds]
    style = draft.pick("flag", "word", "key")
    value = {"flag": "True", "word": f'"{role.flag}"', "key": "1"}[style]
    table = "{" + ", ".join(f"{code}: {value}" for code in group.codes) + "}"
    name = draft.constant(f"{role.constant}_POLICY", table)
    lookups = {
        "flag": f"{name}.get({probe.status}, False)",
        "word": f'{name}.get({probe.status}, "other") == "{role.flag}"',
        "key": f"{probe.status} in {name}",
    }
    return either([lookups[style], *parts])


def _any(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    codes = group.codes or tuple(each * 100 for each in group.hundreds)
    name = draft.constant(f"{role.constant}_CODES", f"({', '.join(map(str, codes))},)")
    if group.codes:
        parts = [bounds(draft, probe.status, each) for each in group.hundreds]
        return either([f"any({probe.status} == code for code in {name})", *parts])
    return f"any(code <= {probe.status} < code + 100 for code in {name})"


def _namespace(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    """A class that only holds constants."""
    name = draft.fresh(f"{role.flag.capitalize()}Codes")
    draft.define(suite(f"class {name}:", [f"ALL = {_spelled_out(draft, group)}"]))
    return f"{probe.status} in {name}.ALL"


def _settings(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    """A field of a settings object, left at its default."""
    draft.use("from dataclasses import dataclass")
    kind = draft.fresh(f"{role.flag.capitalize()}Settings")
    field = f"statuses: tuple[int, ...] = ({_items(group)},)"
    draft.define(["@dataclass(frozen=True)", *suite(f"class {kind}:", [field])])
    name = draft.fresh(f"{role.constant}_SETTINGS")
    draft.define([f"{name} = {kind}()"])
    return f"{probe.status} in {name}.statuses"


def _union(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    """Two sets put together, or one taken from another."""
    base = draft.constant(f"{role.constant}_BASE", f"{{{_items(group)}}}")
    other = draft.pick(
        f"{base} | {{{draft.pick('425', '420', '430')}}}", f"{base} - {{{draft.pick('501', '505', '299')}}}"
    )
    name = draft.constant(role.constant, other)
    return f"{probe.status} in {name}"


def _default(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    """A helper whose default argument holds the statuses."""
    name = draft.fresh(f"{role.predicate}_one")
    head = f"def {name}(status, wanted={_spelled_out(draft, group)}):"
    draft.define(suite(head, ["return status in wanted"]))
    return f"{name}({probe.status})"


def _static_method(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    name = draft.fresh(f"{role.flag.capitalize()}Rules")
    inner = draft.rng.choice(list(INLINE.values()))(draft, Probe("status"), group, role)
    method = ["@staticmethod", *suite("def apply(status):", [f"return {inner}"])]
    draft.define(suite(f"class {name}:", method))
    return f"{name}.apply({probe.status})"


def _match(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    cases = []
    if group.codes:
        cases += suite(f"case {' | '.join(map(str, group.codes))}:", ["return True"])
    for each in group.hundreds:
        cases += suite(f"case code if {each}00 <= code < {each + 1}00:", ["return True"])
    cases += suite("case _:", ["return False"])
    name = draft.fresh(f"{role.predicate}_code")
    draft.define([f"def {name}(status):", *indent(suite("match status:", cases))])
    return f"{name}({probe.status})"


def _walrus(draft: Draft, probe: Probe, group: Group, _: Role) -> str:
    name = draft.pick("code", "status_code")
    first = f"({name} := {probe.status})"
    if not group.codes:
        return f"{first} // 100 in {group.hundreds}"
    parts = [f"{first} in ({', '.join(map(str, group.codes))},)"]
    return either([*parts, *(f"{name} // 100 == {each}" for each in group.hundreds)])


def _items(group: Group) -> str:
    return ", ".join([*map(str, group.codes), *(f"*range({each}00, {each + 1}00)" for each in group.hundreds)])


def _spelled_out(draft: Draft, group: Group) -> str:
    inner = _items(group)
    return draft.pick(f"frozenset({{{inner}}})", f"{{{inner}}}", f"({inner},)", f"[{inner}]")


def _lambda(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    name = draft.constant(role.predicate, f"lambda status: {_inner(draft, Probe('status'), group, role)}")
    return f"{name}({probe.status})"


def _helper(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    text = _inner(draft, Probe("status"), group, role)
    if probe.response and draft.chance(0.3):
        name = draft.fresh(f"{role.predicate}_answer")
        draft.define(suite(f"def {name}(answer):", ["status = answer.status_code", f"return {text}"]))
        return f"{name}({probe.response})"
    name = draft.fresh(role.predicate)
    head = draft.pick(f"def {name}(status):", f"def {name}(status: int) -> bool:")
    branching = [*suite(f"if {text}:", ["return True"]), "return False"]
    draft.define(suite(head, draft.pick([f"return {text}"], branching)))
    return f"{name}({probe.status})"


DEFINED: dict[str, Writer] = {
    "constant": _constant,
    "enum": _enum,
    "dict": _dict,
    "any": _any,
    "namespace": _namespace,
    "settings": _settings,
    "union": _union,
    "default": _default,
    "static_method": _static_method,
    "match": _match,
    "walrus": _walrus,
    "lambda": _lambda,
    "helper": _helper,
}
SIMPLE: dict[str, Writer] = {**INLINE, "constant": _constant, "enum": _enum, "dict": _dict, "any": _any}
PLAIN: dict[str, Writer] = {**INLINE, **DEFINED}
FORMS = (*PLAIN, "codes", "flag")
NEEDS_HUNDREDS = ("hundreds", "range")


def _inner(draft: Draft, probe: Probe, group: Group, role: Role) -> str:
    return draft.rng.choice(list(SIMPLE.values()))(draft, probe, group, role)


def write_test(draft: Draft, form: str, probe: Probe, role: Role, library: str) -> Test:
    """Write a test of one form, of statuses that suit it and the role."""
    groups = [group for group in role.groups if form not in NEEDS_HUNDREDS or group.hundreds]
    group = draft.rng.choice(groups or list(role.groups))
    if form == "codes":
        return Test([], library_codes(library)(draft, probe, group, role))
    if form == "flag":
        return Test([f"{role.flag} = {_inner(draft, probe, group, role)}"], role.flag)
    return Test([], PLAIN[form](draft, probe, group, role))
