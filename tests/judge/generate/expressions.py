"""Tests of a status in one expression: many ways to write one question."""

from collections.abc import Callable
from http import HTTPStatus

from .draft import Draft
from .statuses import Group, Probe, Role

Writer = Callable[[Draft, Probe, Group, Role], str]


def either(parts: list[str]) -> str:
    return " or ".join(parts)


def bounds(draft: Draft, status: str, hundred: int) -> str:
    low, high = hundred * 100, hundred * 100 + 100
    options = [f"{low} <= {status} < {high}", f"{low} <= {status} <= {high - 1}"]
    if hundred == 5:
        options += [f"{status} >= 500", f"{status} > 499"]
    if hundred == 2:
        options += [f"{status} < 300"]
    return draft.rng.choice(options)


def collection(draft: Draft, items: list[str]) -> str:
    inner = ", ".join(items)
    tuple_text = f"({inner},)" if len(items) == 1 else f"({inner})"
    return draft.pick(f"{{{inner}}}", tuple_text, f"[{inner}]")


def _compare(draft: Draft, probe: Probe, group: Group, _: Role) -> str:
    codes = [f"{probe.status} == {code}" for code in group.codes]
    return either(codes + [bounds(draft, probe.status, hundred) for hundred in group.hundreds])


def _set(draft: Draft, probe: Probe, group: Group, _: Role) -> str:
    parts = [bounds(draft, probe.status, hundred) for hundred in group.hundreds]
    if group.codes:
        parts.insert(0, f"{probe.status} in {collection(draft, [str(code) for code in group.codes])}")
    return either(parts)


def _range(draft: Draft, probe: Probe, group: Group, _: Role) -> str:
    spans = [(each * 100, each * 100 + 100) for each in group.hundreds]
    for code in group.codes:
        if spans and spans[-1][1] == code:
            spans[-1] = (spans[-1][0], code + 1)
        else:
            spans.append((code, code + 1))
    parts = []
    for low, high in spans:
        if high - low == 1:
            parts.append(f"{probe.status} == {low}")
        else:
            written = (f"{probe.status} in range({low}, {high})", f"{low} <= {probe.status} < {high}")
            parts.append(draft.pick(*written))
    return either(parts)


def _hundreds(draft: Draft, probe: Probe, group: Group, _: Role) -> str:
    status = probe.status
    parts = [f"{status} == {code}" for code in group.codes]
    if len(group.hundreds) == 1:
        written = (f"{status} // 100 == {group.hundreds[0]}", f"int({status} / 100) == {group.hundreds[0]}")
        parts.append(draft.pick(*written, f"divmod({status}, 100)[0] == {group.hundreds[0]}"))
    elif group.hundreds:
        parts.append(f"{status} // 100 in {collection(draft, [str(each) for each in group.hundreds])}")
    return either(parts)


def _string(draft: Draft, probe: Probe, group: Group, _: Role) -> str:
    text = draft.pick(f"str({probe.status})", f'f"{{{probe.status}}}"')
    parts = []
    if group.codes:
        quoted = [f'"{code}"' for code in group.codes]
        parts.append(f"{text} == {quoted[0]}" if len(quoted) == 1 else f"{text} in {collection(draft, quoted)}")
    for each in group.hundreds:
        parts.append(draft.pick(f'{text}.startswith("{each}")', f'{text}[0] == "{each}"', f'{text}[:1] == "{each}"'))
    return either(parts)


def named(draft: Draft, probe: Probe, group: Group, names: list[str], error: str) -> str:
    parts = [bounds(draft, probe.status, each) for each in group.hundreds if each != 5]
    if 5 in group.hundreds:
        parts.append(f"{probe.status} >= {error}")
    if len(names) == 1:
        parts.insert(0, f"{probe.status} == {names[0]}")
    elif names:
        parts.insert(0, f"{probe.status} in {collection(draft, names)}")
    return either(parts)


def _standard(code: int) -> bool:
    return code in {each.value for each in HTTPStatus}


def _http_status(draft: Draft, probe: Probe, group: Group, _: Role) -> str:
    draft.use("from http import HTTPStatus")
    ending = draft.pick("", "", ".value")
    names = [f"HTTPStatus.{HTTPStatus(code).name}{ending}" if _standard(code) else str(code) for code in group.codes]
    return named(draft, probe, group, names, f"HTTPStatus.INTERNAL_SERVER_ERROR{ending}")


def library_codes(library: str) -> Callable[[Draft, Probe, Group, Role], str]:
    def written(draft: Draft, probe: Probe, group: Group, _: Role) -> str:
        draft.use(f"import {library}")
        cased = str.lower if library == "requests" else str.upper
        known = [cased(HTTPStatus(code).name) for code in group.codes if _standard(code)]
        others = [str(code) for code in group.codes if not _standard(code)]
        error = cased("internal_server_error")
        return named(
            draft, probe, group, [f"{library}.codes.{name}" for name in known] + others, f"{library}.codes.{error}"
        )

    return written


def _negated(draft: Draft, probe: Probe, group: Group, _: Role) -> str:
    status = probe.status
    parts = [f"{status} != {code}" for code in group.codes]
    parts += [f"({status} < {each}00 or {status} > {each}99)" for each in group.hundreds]
    return f"not ({' and '.join(parts)})"


INLINE: dict[str, Writer] = {
    "compare": _compare,
    "set": _set,
    "range": _range,
    "hundreds": _hundreds,
    "string": _string,
    "http_status": _http_status,
    "negated": _negated,
}
