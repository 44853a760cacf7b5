"""Reading and judging mathematics: text → tokens → tree → shapes → values → verdict.

It knows nothing of files, rubrics or students.

=====================  ========================================================================
``tokens``             text → tokens; LaTeX, Unicode and infix get one spelling per meaning
``statements``         prose and displays → chains ``A = B = C``
``labels``             what a left side names
``parser``, ``names``,
``lists``              tokens → tree
``shapes``             shapes of every node, products resolved
``declare``, ``scope``,
``declared``           what the author declares
``evaluate``,
``differentiate``      values in a prime field, in the rationals, in real balls
``sampling``           points that respect shapes and assumptions
``compare``            the verdict; ``equations``, ``growth`` for those kinds of answer
``counterexample``     small numbers that separate two expressions
``mistakes``           what a wrong answer most likely got wrong
``printing``           a tree as text
=====================  ========================================================================
"""
