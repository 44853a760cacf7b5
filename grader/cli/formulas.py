"""``grade compare`` and ``grade steps``: the engine by itself."""

from __future__ import annotations

import click

from grader.cli.options import ASSUME, DEFINE, LATEX, SYMBOL

__all__ = ["compare", "steps"]


@click.command()
@click.argument("expected", required=False)
@click.argument("answer", required=False)
@click.option("--jsonl", metavar="FILE|-", help="Many pairs: one JSON object a line in, one out, in order.")
@SYMBOL
@DEFINE
@ASSUME
@LATEX
@click.option(
    "--rel", type=float, help="Relative tolerance for numbers; without one they must agree exactly."
)
@click.option("--abs", "absolute", type=float, help="Absolute tolerance for numbers.")
@click.option("--accept-transpose", is_flag=True, help="A row or a column will do.")
@click.option("--syntax", type=click.Choice(["latex", "infix"]), help="Of the answer; detected by default.")
@click.option(
    "--locale",
    type=click.Choice(["decimal-point", "decimal-comma"]),
    default="decimal-point",
    show_default=True,
    help="Of the numbers in the answer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@click.pass_context
def compare(
    ctx: click.Context,
    expected: str | None,
    answer: str | None,
    jsonl: str | None,
    symbols: tuple[str, ...],
    define: tuple[str, ...],
    assume: tuple[str, ...],
    latex: tuple[str, ...],
    rel: float | None,
    absolute: float | None,
    accept_transpose: bool,
    syntax: str | None,
    locale: str,
    as_json: bool,
) -> None:
    """Compare an answer with the expected one, by its mathematics.

    Both may be LaTeX, Unicode or infix. The verdict is equivalent, different (with a small counterexample),
    invalid (the answer itself cannot be read or does not fit together) or undecided (a person looks).

    \b
      grade compare '\\frac{2}{n} X^T a' '2/n * X.T @ a' --symbol 'X: matrix n d' --symbol 'a: vector n'
      grade compare '(AB)^{-1}' 'A^{-1}B^{-1}' --symbol 'A: matrix n n' --symbol 'B: matrix n n'
      grade compare --jsonl pairs.jsonl > verdicts.jsonl

    \b
    Exit status:
      0   equivalent; with --jsonl, every line was in order
      1   any other verdict; with --jsonl, some lines were not valid (each has its row)
      2   a wrong option, symbol or expected answer
    """
    from grader.reports.pairs import compare_file, one_pair

    if jsonl is not None:
        in_order = True
        for line, fine in compare_file(jsonl):
            click.echo(line)
            in_order &= fine
        ctx.exit(0 if in_order else 1)
    options = {
        "define": define,
        "assume": assume,
        "latex": latex,
        "tolerance": {k: v for k, v in (("rel", rel), ("abs", absolute)) if v is not None},
        "accept_transpose": accept_transpose,
        "syntax": syntax,
        "locale": locale,
    }
    lines, equivalent = one_pair(expected, answer, symbols, options, as_json=as_json)
    for line in lines:
        click.echo(line)
    ctx.exit(0 if equivalent else 1)


@click.command()
@click.argument("file", required=False, metavar="FILE|-")
@click.option("--jsonl", metavar="FILE|-", help="Many: one JSON object a line in, one out, in order.")
@SYMBOL
@DEFINE
@ASSUME
@LATEX
@click.option(
    "--kind",
    type=click.Choice(["chain", "solve"]),
    help="chain: each member equals the one before; solve: each equation has the same solutions. By default "
    "a text is taken as it is written.",
)
@click.option("--unknown", metavar="NAME", help="The symbol that equations are solved for.")
@click.option("--json", "as_json", is_flag=True, help="Print the steps as JSON.")
@click.pass_context
def steps(
    ctx: click.Context,
    file: str | None,
    jsonl: str | None,
    symbols: tuple[str, ...],
    define: tuple[str, ...],
    assume: tuple[str, ...],
    latex: tuple[str, ...],
    kind: str | None,
    unknown: str | None,
    as_json: bool,
) -> None:
    """Check a derivation line by line.

    FILE holds Markdown with LaTeX, or plain text. Every member of its chains is compared with the one before:
    it holds, fails (with a small counterexample or the shapes that do not fit) or is left to a person.

    \b
      grade steps hw.md --symbol 'X: matrix n d' --symbol 'w_0: vector d' --symbol 't: vector n' \\
          --symbol 'eta: scalar > 0' --define 'a = X w_0 - t'
      grade steps --jsonl derivations.jsonl > steps.jsonl

    \b
    Exit status:
      0   every step holds; with --jsonl, every line was in order
      1   a step fails or is for a person; with --jsonl, some lines were not valid (each has its row)
      2   a wrong option, symbol or unknown
    """
    from grader.reports.derivations import check_file, one_derivation

    if jsonl is not None:
        in_order = True
        for line, fine in check_file(jsonl):
            click.echo(line)
            in_order &= fine
        ctx.exit(0 if in_order else 1)
    options = {"define": define, "assume": assume, "latex": latex, "kind": kind, "unknown": unknown}
    lines, sound = one_derivation(file, symbols, options, as_json=as_json)
    for line in lines:
        click.echo(line)
    ctx.exit(0 if sound else 1)
