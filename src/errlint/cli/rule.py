"""`errlint rule`."""

from __future__ import annotations

import click

from errlint.cli.output import Output


@click.command()
@click.argument("selector", metavar="CODE", required=False)
@click.option("--all", "every", is_flag=True, help="The pages of all rules.")
def rule(selector: str | None, every: bool) -> None:
    """Explain a rule, named by its code or its name; without one, list them all."""
    from errlint import checks
    from errlint.report import rules as report
    from errlint.settings import did_you_mean

    output = Output()
    rules = checks.load()
    if every:
        output.write("\n\n".join(report.page(rule) for rule in rules))
    elif selector is None:
        output.write(report.index(rules))
    else:
        found = [rule for rule in rules if selector in (rule.code, rule.name)]
        if not found:
            known = [name for rule in rules for name in (rule.code, rule.name)]
            output.fail(f"unknown rule {selector!r}{did_you_mean(selector, known)}")
            raise SystemExit(2)
        output.write(report.page(found[0]))
    raise SystemExit(2 if output.failed else 0)
