"""What runs inside the sandbox. Standard library and numpy only; nothing else of ``grader`` is imported.

``server`` is started by exec, imports numpy and waits; ``child`` is one fork of it for one program.
``confine`` gives rights up, ``cells`` runs a student's text, ``values`` turns plain values into JSON
and back, ``standins`` replaces what draws pictures and progress bars.
"""
