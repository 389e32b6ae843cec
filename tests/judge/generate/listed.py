"""The features that programs are promised to have, in every combination of two.

They cut across the generator's own: a program tests statuses in several places and may repeat
its requests in two, so two loops, or two ways to write a test, meet in one program.
"""

import itertools
from collections.abc import Collection

TESTS = ("retry_test", "ok_test", "special_test")
LISTED: dict[str, tuple[str, ...]] = {
    "for": ("loop:for", "loop:for_from_one", "loop:delays", "loop:enumerate", "loop:tail", "send:in_for"),
    "while": ("loop:while", "loop:countdown", "loop:flag_loop", "send:in_while"),
    "while True": ("loop:while_true", "loop:unbounded", "send:in_while_true"),
    "for-else": ("loop:for_else", "send:in_for_else"),
    "recursion": ("loop:recursion", "send:in_recursion"),
    "tenacity decorator": ("loop:tenacity", "send:in_tenacity"),
    "tenacity loop": ("loop:tenacity_loop", "send:in_tenacity_loop"),
    "Retry adapter": ("loop:adapter", "send:in_adapter"),
    "comparison": tuple(f"{test}:{form}" for test in TESTS for form in ("compare", "negated")),
    "set": tuple(f"{test}:{form}" for test in TESTS for form in ("set", "constant", "union")),
    "range": tuple(f"{test}:range" for test in TESTS),
    "// 100": tuple(f"{test}:hundreds" for test in TESTS),
    "string": tuple(f"{test}:string" for test in TESTS),
    "enum": tuple(f"{test}:{form}" for test in TESTS for form in ("enum", "http_status")),
    "dict policy": ("style:policy", *(f"{test}:dict" for test in TESTS)),
    "flag": ("style:flag", *(f"{test}:flag" for test in TESTS)),
    "helper": tuple(f"{test}:{form}" for test in TESTS for form in ("helper", "default", "static_method")),
    "match": ("style:match", *(f"{test}:match" for test in TESTS)),
    "truthiness": ("ok_test:attribute", "ok_test:truth"),
    "narrow handler": ("style:narrow", "send:in_narrow"),
    "broad handler": ("style:broad", "style:guarded", "send:in_broad"),
    "custom exception": (
        "style:error_class",
        "style:error_attribute",
        "style:error_status",
        "style:error_map",
        "send:in_custom",
    ),
    "raise": ("fail_end:raise", "special_end:raise", "exhausted_end:raise"),
    "None": ("fail_end:none", "special_end:none", "exhausted_end:none"),
    "False": ("fail_end:false", "special_end:false", "exhausted_end:false"),
    "response": ("fail_end:response", "special_end:response", "exhausted_end:response", "ok_end:response"),
    "break": ("fail_end:break", "leave:break", "leave:result"),
}


PAIRS = tuple(itertools.combinations(LISTED, 2))


def listed_pairs(features: Collection[str]) -> set[tuple[str, str]]:
    """The pairs of promised features that a program of these `feature:value` has."""
    held = [name for name, choices in LISTED.items() if any(choice in features for choice in choices)]
    return set(itertools.combinations(held, 2))
