"""Reference solutions: every quantity derived in sympy and measured in numpy, independently."""
