"""Reading and judging mathematics: text → tokens → tree → shapes → values → verdict.

It knows nothing of files, rubrics or students. The stages, in the order in which an answer passes them:

**Text.** ``alphabet`` and ``vocabulary`` are the known characters and words; ``tokens`` cuts a text up and
``spelling`` gives every meaning one spelling. ``sentences``, ``prose``, ``adjacent`` and ``statements`` find
the formulas in what a student wrote, ``chains`` takes them apart at ``=``, ``labels`` names their left sides.

**Tree.** ``tree`` is the expression; ``parser`` reads it from a ``stream`` of tokens, with ``plain``,
``names``, ``indices``, ``groups``, ``brackets``, ``conditions``, ``functions``, ``operators``, ``rounding``
and ``powers``; ``printing`` says it back. ``declare``, ``scope`` and ``declared`` hold what the author
declares; ``records`` are made for every answer.

**Shapes.** ``shapes`` gives every node its shape, with ``products`` and ``elementwise``.

**Values.** ``worlds`` are the prime field, the rationals and real balls; ``sampling`` draws points in them,
with declared ``structures``; ``evaluate``, ``arithmetic`` and ``differentiate`` compute; ``exactness``,
``degree`` and ``constants`` say what a value can be trusted for.

**Verdicts.** ``compare`` is the entry. ``expected`` is the author's side, compiled; ``fitting`` brings an
answer to its shape; ``equality`` asks ``agreement``, ``steps`` and ``normal``, with ``polynomials`` and
``linear``, and ``probes`` looks where it might end; ``counterexample`` and ``undefined`` say why not,
``mistakes`` names the slip from ``mutants``, looked up in ``marks``, and ``wrong_part`` finds the part of the
answer that it is in; ``equations``, with ``peeled``, and ``growth``
(``tropical`` where a minimum grows) are judged their own way, as is a value given by an equation
(``implied``); ``settle`` asks whether it was the answer; ``verdict`` is what comes out.

**Derivations.** ``derivation`` is the entry, ``assumed`` what an author assumes in equations and sentences.
``unmarked`` finds formulas in sentences without dollars, ``lines`` takes a text apart, with ``grouping``,
``arrows`` and ``connectives``, and ``trees`` reads its members, with ``as_written`` and ``operands``;
``introduced`` reads what it defines, ``told`` what it tells in words, ``iterates`` finds the kinds of names
that it does not, ``indexed`` the indices and what is given entry by entry; ``walk`` takes it as it is
written, with ``chaining`` for chains, ``saying`` for what is no claim and ``derivatives`` for labels,
``propositions`` for what follows from inequalities and by cases, of lines that ``compound`` puts together,
``conclusions`` equation by equation; ``logic`` judges that, with ``formulas``, ``sets`` and the points of
``witnesses``; ``record`` holds members and steps, ``given`` the conditions, ``hesitation`` what may keep a
step from being false, and ``appeal`` hears it once more before it is, ``restricted`` under inequalities.
``links`` judges a step, ``slips`` explains one that does not fit together, ``premises`` is what follows from
an equation, ``solving`` whether two have the same solutions; both ask ``affine`` how an equation depends on
a symbol, ``roots`` finds its zeros, ``spectral`` makes singular vectors, ``definite`` compares matrices,
``smaller`` members that take too long at ordinary sizes, ``plusminus`` those of two values. ``written_out``
puts in the student's own functions, ``recalled`` gradients by their names; ``occasions`` tells another case
from a second value; ``marked`` says what a person would write beside each line.

**For checkers.** ``reading``, ``choice`` and ``members`` pick the one answer of a short text, ``doubts``,
with ``leftsides``, ``behind``, ``beside`` and ``wording``, say what may keep it from being one, ``select``
the candidates of a long one, ``passages`` cut it up, ``claims`` the values that it states, ``numbers`` and
``vectors`` those among them, ``pointsets`` its sets; ``parts``, ``rows``, ``tables``, ``arrays``, ``entries``
and ``orders`` read structured answers; ``edges``, with ``nodes`` and ``diagrams``, reads graphs, and
``graphs`` compares them.

**What a student chooses.** ``quantities`` finds such values, ``cases`` which case they are for;
``trials`` has a trusted function try them, ``relations`` puts them in.

**For rubrics.** ``known``, ``ratio``, ``assertions``, ``carried`` and ``conventions`` relate an answer to
others; ``fingerprint`` groups them; ``authoring``, ``oracle`` and ``mutation`` test what an author wrote;
``rewriting`` writes a formula in other ways.
"""
