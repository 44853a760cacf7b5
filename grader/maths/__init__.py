"""Reading and judging mathematics: text → tokens → tree → shapes → values → verdict.

It knows nothing of files, rubrics or students.

=====================  ========================================================================
``tokens``             text → tokens; LaTeX, Unicode and infix get one spelling per meaning
``statements``         prose and displays → chains ``A = B = C``
``labels``             what a left side names
``parser``, ``names``,
``lists``              tokens → tree
``shapes``,
``products``           shapes of every node, products resolved
``declare``, ``scope``,
``declared``           what the author declares
``worlds``,
``arithmetic``,
``evaluate``,
``differentiate``      values in a prime field, in the rationals, in real balls; ``exactness`` says which
``sampling``,
``structures``         points that respect shapes, signs and assumptions
``expected``           the expected side and its values at the points, computed once
``compare``,
``agreement``          the verdict; ``equations`` (with ``polynomials``) and ``growth`` (with ``linear``)
                       for those kinds of answer; ``degree`` bounds the chance of an error
``normal``             the normal form that proves equality
``undefined``          why an answer has no value, in words
``counterexample``     small numbers that separate two expressions
``mistakes``,
``mutants``            what a wrong answer most likely got wrong
``verdict``            what a comparison says
``printing``           a tree as text
=====================  ========================================================================
"""
