"""Runs student code where it can reach nothing: plain values in, plain values out.

``program`` says what crosses the border, ``sandbox`` runs it, ``play`` follows one program through its forks,
``server`` is the fork server from outside, ``replies`` and ``plain`` are the schema of what it says,
``sentences`` what people read of it. ``tiers`` starts it, ``layout`` says which files are there, ``filter``
which system calls; ``probe`` finds out whether a tier holds here, ``facts`` why not. What runs inside is in
``worker/``.
"""
