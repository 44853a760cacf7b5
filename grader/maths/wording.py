"""Do the words around a formula leave it as it stands? "so the rate is …" does; "half of …" does not.

Only words that are known to say nothing about the value let it pass; anything else directly beside it
("isn't", "twice", "oder", "… is wrong") is a doubt, which a person settles.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from grader.maths.alphabet import GREEK_NAMES

__all__ = [
    "announces",
    "denied",
    "denies",
    "doubt_before",
    "doubt_behind",
    "offered",
    "said_otherwise",
    "taken_back",
]

MAX_CLAUSE = 400  # characters that are looked at on either side

_HARMLESS_TEXT = """
arg argmin argmax max maximal
accuracy precision perplexity speed seconds bytes flop
 agree agrees coincide coincides match matches same model train validation
attained think believe claim guess remains coordinates components length width height kind formulation
a about above according actual actually adam after again algebra algebraic all also always amount an and
another ans answer answer: answers any applying approximate approximately architecture are arrive as
asked assignment assume at average averaged batch be because become becomes been before being below best
beta between bias biases block bold both bottleneck bound boxed by calculate calculated calculating
calculation can case chain change channel channels check choose class classifier closed closed-form cnn
coefficient coefficients collect collecting column combining comes complete compute computed computes
computing conclude conclusion condition connections constant conv converge converges conversion
convolution convolutional correct corresponding cost count counts cross-entropy current curve
axes axis d-dimensional dataset decay decoder deduce deep define defined definition denote depth derivation
derivative derive derived descent desired determined diagonal differentiate differentiating dimension
dimensions direct direction directly distance distribution do does done dual dynamics each edge eight
element elements encoder end entries entry epoch epochs eq eqn equal equals equate equation equations
equivalent equivalently error estimate estimated estimator evaluate evaluates evaluating every exact
exactly example expand expanding expectation expected explicit explicitly expression factor family
feature features fill filter filters final finally find finding finite first fit five flops follow
following follows for form formula found four from full fully function further gd general generally get
gets getting give given gives global good gpu gradient gradients great hand have having hence here
hessian hidden hold holds hyperplane i i.e idea identity ie immediate immediately implied implies imply
in indeed index individual infer initial initialization initialize inner input inputs insert inserting
instance into is it iterate iterates iteration its itself jacobian just k kernel kernels kl know known
label layer layers lead leading leads learning learning-rate least-squares left let lhs likelihood
limit line linear list loss lstm macs made main make makes map maps margin matches matrix mean means
measure memory method min mini-batch minima minimal minimiser minimising minimize minimized minimizer
minimizes minimizing minimum minimum-norm mle mlp model module moment momentum most-likely mse multiplier
my n-dimensional name namely need needs network neural neuron neurons new next nice nine node non-zero
nonzero norm normal notation note noted notice now number numerator numeric numerically objective observe
obtain obtained obtaining obtains of ok okay on once one operation operations operator optimal optimise
optimiser optimization optimize optimizer optimum order orthogonal our out output outputs overall pad
padding parameter parameters params part particular path per perceptron period pick picked plug plugging
plugin point points policy polynomial pooling posterior precisely precision predicted prediction
predictions previous prior probability problem process product proof propagation property prove proved
proves q q.e.d qed quadratic quantity question rate ratio reach reached reaches read reads rearrange
rearranging recall receptive recurrence recurrent reduces regression regularised regularization
regularized regularizer relu remaining report reported required residual result resulting results rewrite
rewriting rewritten rhs right risk rmsprop rnn row rows rule sample samples satisfied satisfies satisfy
satisfying scalar score second section see seek sequence series set sets setting seven sgd shape share
show showing shown shows side sides sigmoid similarly simple simplification simplified simplifies
simplify simplifying simply since six size sizes so softmax sol soln solution solutions solve solved
solves solving some space spatial specific split stack stage standard start state stated states step
steps still stride strides structure substitute substituting substitution such suffices sum summing
support sure system take taken takes taking target targets task ten tensor term terms test that the their
them then theorem there thereby therefore these theta they third this those three through thus time to
together total totally trace trainable training true two type under unique unit units update updated
updates updating upper use used uses using valid value values variable variables variance vector vectors
verify via viz want wanted was way we weight weighted weights well were what when whence where whereas
which while whole whose width will with within word words work works would write writing written yield
yielded yielding yields you your zero-shot
geometrically infinitely intercept lie lies many passes passing plane slope straight
"""
_HARMLESS = frozenset(_HARMLESS_TEXT.split())
# they begin a reason or a condition, which says nothing of the value
_EXPLAINS_TEXT = """
after again as assuming because being by denoting due for from given hence here if-and-only-if let note
once provided recall since so such then therefore these this thus under using via when where which while
whose with writing
"""
_EXPLAINS = frozenset(_EXPLAINS_TEXT.split())
_CONNECTORS = frozenset(
    [
        "so",
        "hence",
        "thus",
        "therefore",
        "then",
        "thereby",
        "consequently",
        "whence",
        "finally",
        "i.e",
        "ie",
        "namely",
    ]
)
_DENIALS_TEXT = """
nope nah false wrong incorrect
aren't can't cannot cant couldn't doesn't don't doubt hardly impossible isn't isnt neither never no
no-one nobody none nor not nowhere shouldn't unlikely wasn't without won't wouldn't
"""
_DENIALS = frozenset(_DENIALS_TEXT.split())
_CHANGES_TEXT = """
approximately cubed divide divided double doubled else exceeds except false flipped half halved if
impossible incorrect inverse inverted larger less minus mistaken more multiplied multiply negated neither
never nonsense nor only opposite otherwise plus proportional reciprocal smaller squared thrice times
tripled twice unless untrue wrong
"""
_CHANGES = frozenset(_CHANGES_TEXT.split())
_DENIED = re.compile(
    r"\b(?:wrong|incorrect|false|untrue|mistaken|nonsense|kidding|disregard|ignore)\b"
    r"|\b(?:scratch|strike) that\b",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\b(?:so|thus|hence|therefore|then|finally|final|answers?|gives?|given by|get|gets|obtains?|obtained"
    r"|yields?|yielding|giving|simplif\w+|impl\w+|conclude\w*|i\.e|namely|equals?|equal to|is|are|becomes?"
    r"|result\w*|equivalently|solution|leads?|rewrit\w+|substitut\w+|consequently|have|follows|reduces|total|find"
    r"|solv\w+|optimal|where|means?|using|rearrang\w+|plug\w+|expand\w*|collect\w*|insert\w*|setting"
    r"|comput\w+|evaluat\w+|actually|correction|corrected|in general|update\w*)\b|⇒|→|=",
    re.IGNORECASE,
)
_COMMAND = re.compile(r"\\[A-Za-z]+")
_CORRECTED = re.compile(r"^\W*no,\s*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:[.'’-][^\W\d_]+)*")
_SENTENCE = re.compile(r"(?<![A-Z(\s])[.!?]+(?=\s|$)(?!\s+\d)|[;!?](?=\s|$)")
_VALUES_OF_TEXT = """
accuracy amount answer consist consists cost dimension error expression form formula learning-rate length
loss matrix maximum minimum norm number parameters product rate ratio result set shape size solution
total value values vector weights
"""
_VALUES_OF = frozenset(_VALUES_OF_TEXT.split())
_NUMBER_BESIDE = re.compile(r"(?:^|\s)[^\s\w]*[+*/^=<>≠≤≥≈∝·×−][^\s]*|(?:^|\s)(?:[A-Za-z]|\d+)\s+[-–]\s")


def _words(text: str) -> list[str]:
    return [w.lower().replace("’", "'").rstrip(".") for w in _WORD.findall(text)]


def _known(word: str, names: Collection[str]) -> bool:
    if len(word) == 1 or word in _HARMLESS or word in names or word in GREEK_NAMES:
        return True
    parts = [p for p in re.split(r"[-.']", word) if p]
    return len(parts) > 1 and all(len(p) == 1 or p in _HARMLESS or p in GREEK_NAMES for p in parts)


def doubt_before(words: str, names: Collection[str]) -> str:
    """What in the words that lead up to a formula may change or deny it; empty if nothing does."""
    words = _COMMAND.sub(" ", words[-MAX_CLAUSE:])
    sentence = _CORRECTED.sub("", _SENTENCE.split(words)[-1])
    said = _words(sentence)
    connected = max((k + 1 for k, w in enumerate(said) if w in _CONNECTORS), default=0)
    pair = next((k + 2 for k in range(len(said) - 2, -1, -1) if said[k] == "we" and said[k + 1] in _GETS), 0)
    start = max(connected, pair)
    for w in said[start:]:
        if w in _DENIALS:
            return w
    clause = _words(re.split(r",(?!\d)", sentence)[-1])
    clause = clause[-(len(said) - start) :] if len(said) - start < len(clause) else clause
    if len(said) == start:
        clause = []
    subject = bool(clause and clause[-1] in _COPULAS) or sentence.rstrip().endswith((":", "="))
    for w in clause:
        if w in _CHANGES or (not subject and not _known(w, names)):
            return w
    if len(clause) > 1 and clause[-1] == "of" and clause[-2] not in _VALUES_OF:
        return f"{clause[-2]} of"
    if len(clause) > 1 and clause[-1] == "to" and clause[-2] in _RELATED:
        return f"{clause[-2]} to"
    if clause == ["of"] or (clause and clause[0] == "of" and len(clause) == 1):
        return "of"
    return ""


_RELATED = frozenset(("normal", "orthogonal", "perpendicular", "parallel", "close", "next", "similar"))
_GETS_TEXT = """
apply arrive choose conclude derive find get have know note obtain see set take use write
"""
_GETS = frozenset(_GETS_TEXT.split())
# "the number of integers is": what stands before them is what the value belongs to
_COPULAS = frozenset(("is", "are", "equals", "becomes", "gives", "yields"))


def doubt_behind(text: str, names: Collection[str], *, display: bool = False) -> str:
    """What in the words behind a formula may change or deny it; empty if nothing does."""
    text = re.sub(r"\(\d+(?:\.\d+)*\)", " ", _COMMAND.sub(" ", text[:MAX_CLAUSE]))
    if display or not text.split("\n")[0].strip():
        text = re.split(r"\n\s*\n|\n\s*(?=[A-Z*#>-])", text)[0]
    text = re.split(r"\n\s*\n|\n\s*(?=[*#>-]|\d+[.)])", text)[0]
    if re.match(r"\s*[.!?;]", text):
        return ""
    said = _words(_SENTENCE.split(text)[0])
    if not said:
        return ""
    if said[0] in _EXPLAINS:
        return next((w for w in said if w in _CHANGES), "")
    return next((w for w in said if not _known(w, names) or w in ("times", "per")), "")


def denies(word: str) -> bool:
    """Whether a word alone takes back what it stands before: ``not``, ``wrong``."""
    return word.lower() in _DENIALS


def denied(text: str) -> str:
    """A word anywhere in the prose that takes an answer back."""
    m = _DENIED.search(text)
    return m.group() if m else ""


_NEAR = 6  # words
_ASIDE = frozenset(("if", "unless", "otherwise", "except", "only", "else"))  # conditions, which may be right
_PART_OF = re.compile(
    r"\b(?:half|third|quarter|double|square|root|inverse|negative|reciprocal)\W+of\W*(?:the\W*)?$", re.I
)


def said_otherwise(before: str, behind: str) -> str:
    """A word right beside a formula that denies or changes it; empty if there is none.

    For whole answers, whose prose is free: only known words count, and unknown ones are let pass.
    """
    before, behind = (re.sub(r"\([^()]*\)", " ", t) for t in (before[-MAX_CLAUSE:], behind[:MAX_CLAUSE]))
    part = _PART_OF.search(before)
    if part:
        return part.group().strip()
    clause = re.split(r"[,:](?!\d)", _SENTENCE.split(_COMMAND.sub(" ", before))[-1])[-1]
    near = _words(clause)[-_NEAR:]
    connected = max((k + 1 for k, w in enumerate(near) if w in _CONNECTORS), default=0)
    after = [] if re.match(r"\s*[.!?;,\n]", behind) else _words(_SENTENCE.split(behind)[0])[:_NEAR]
    hit = (_DENIALS | _CHANGES) - _ASIDE
    if near[-1:] == ["or"] or near[-2:] in (["or", "perhaps"], ["or", "maybe"], ["or", "possibly"]):
        return "or"
    option = _OFFERED.search(before.rstrip(" \t:.$*").split("\n")[-1])
    if option:
        return option.group().strip()
    until = next((k for k, w in enumerate(after) if w in _EXPLAINS or w in _ASIDE), len(after))
    return next((w for w in (*near[connected:], *after[:until]) if w in hit), "")


_NOT_THIS = re.compile(
    r"\b(?:not|never|cannot|n't|isn't|can't)\s{1,3}(?:be |equal |the |to ){0,3}[$\\\[(|]"
    r"|\b(?:not|n't)\s{1,3}(?:true|the case|right|so)\s{1,3}that\b|\bi doubt\b|\?\s{1,3}no\b"
    r"|[$\])}]\s{0,3}(?:is|are|does|do|holds?)?\s{0,3}(?:not|n't|isn't|doesn't|never|wrong|incorrect|false)\b",
    re.IGNORECASE,
)


def taken_back(text: str) -> str:
    """The words by which an answer denies what stands beside them: "is not $…$", "$…$ does not hold"."""
    m = _NOT_THIS.search(text)
    return m.group().strip(" $[](){}|\\") if m else denied(text)


_OFFERED = re.compile(
    r"^[ \t>*_(#-]*+(?:(?:either|or)(?:[ \t](?:else|perhaps|maybe|possibly|even))?|alternatively)"
    r"[ \t:,.*_)]*+$"
    r"|^[ \t>*_(#-]*+(?:option|alternative|possibility|guess|candidate)[ \t]{0,2}#?(?:2|two|b|ii)\b"
    r"|\b(?:one|either) of (?:these|them|the (?:two|three|following))\b",
    re.IGNORECASE | re.MULTILINE,
)


def offered(text: str) -> str:
    """The words by which a text leaves it to the reader which of several answers is meant: "Option 2"."""
    m = _OFFERED.search(text)
    return m.group().strip(" \t>*_(#-:,.)") if m else ""


def announces(words: str) -> bool:
    """Whether the words before a formula make it the result of what stands before it."""
    return _ANNOUNCES.search(words) is not None or _CORRECTED.match(words) is not None
