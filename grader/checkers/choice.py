"""A choice among named options: yes or no, A or B, which feature.

Each option has patterns (regular expressions, case ignored). A pattern counts where it stands in the
answer, not in a question that is repeated, and is not denied ("not convex", "does not blur", "a blur is
wrong"; of "not a blur but an edge detector" the second counts). Exactly one option: judged. None, or
several, or only one that is denied from further away, doubted ("I doubt that", "whether", "perhaps") or
only mentioned ("the options are", "to show that", "if it is"): a person, with what was found. It misses
irony.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from grader.checkers import Check
from grader.checkers._verify import Example
from grader.errors import RubricError
from grader.maths.authoring import check_credit, compiled_pattern
from grader.maths.parts import part_of
from grader.model import Answer, Judgement, Outcome
from grader.rubric import Question

MAX_TEXT = 20_000  # characters that are searched
LOOK_BACK = 200  # characters before a word in which it may be denied


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to tell the student (and a person) when ``words`` occur without ``unless``."""

    words: str
    feedback: str
    unless: str = ""
    credit: float = 1.0


class Suits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrong choice that suits the wrong choice of an earlier ``criterion``, by ``pairs`` (that one → this
    one), earns ``credit``: the error was charged there."""

    criterion: str
    pairs: dict[str, str]
    credit: float = 0.5


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``choices``: option → patterns; ``expected``: the right one; ``feedback``: option → what to say
    of a wrong one; ``wrong_credit``: option → what it earns all the same; ``parts``: names of this part
    in a JSON answer; ``notes``: remarks that may cost."""

    choices: dict[str, list[str]]
    expected: str
    feedback: dict[str, str] = {}
    parts: list[str] = []
    notes: list[Note] = []
    wrong_credit: dict[str, float] = {}
    suits: Suits | None = None


@dataclass(frozen=True)
class _Note:
    note: Note
    words: re.Pattern[str]
    unless: re.Pattern[str] | None


_NOT = r"(?:not|no|never|cannot|neither|nor|non|hardly|false|\w{2,8}n't)"
_UNLIKE = r"(?:unlike|without|rather than|instead of)"  # these reach as far as a comma
_CLOSE = re.compile(rf"\b(?:{_NOT}|{_UNLIKE})\b[\s-]{{0,9}}(?:\w{{1,30}}[\s-]{{1,9}}){{0,2}}$", re.IGNORECASE)
_FAR = re.compile(rf"\b{_NOT}\b|\b{_UNLIKE}\b[^,]{{0,{LOOK_BACK}}}$", re.IGNORECASE)
# "No." and "no, …" are answers; the "no" of "there is no noise" and "no matter how" is none
_BARE_NO = re.compile(
    r"\s*(?:[.,;:!—–)\n-]|$|(?:it|this|that|they|we|because|since|as|but|only|sgd|the)\b)", re.IGNORECASE
)

# words before an option that leave it open; most reach as far as a comma
_OPEN = re.compile(
    r"\b(?:doubt\w*|unsure|unclear|uncertain|perhaps|maybe|wonder\w*)\b[^,]*$"
    r"|(?<!regardless of )(?<!matter )(?<!independent of )(?<!independently of )\bwhether\b[^,]*$"
    r"|\bquestion (?:of|if|about|remains|is (?:if|how|which))\b[^,]*$"
    r"|\b(?:if|when|unless|once|provided|suppos(?:e|ing)|assum(?:e|ing))(?: that)?"
    r"(?: (?:it|this|that|the|an?|[a-z]_\w{1,3}))?(?: (?:is|was|were))?\W*$"
    r"|(?:^\W*|\b(?:in order|wants?|needs?|have|has|try|tries|it suffices|it is enough|goal is|task is) )"
    r"to (?:show|prove|check|see|decide|verify|establish|determine|find out)\b[^,]*$"
    r"|(?<!best )\b(?:options|choices|candidates|possibilities|alternatives)"
    r"(?: \w+){0,2} (?:are|were|include)\b"
    r"|\b(?:options|possibilities|alternatives)\W*:"
    r"|\b(?:important|useful|interesting|desirable|helpful|relevant) (?:since|because|as|for|when|if)\b"
    r"|\b(?:one|some|you|people|many) (?:might|may|could|would) (?:think|say|expect|believe|claim|guess)\b"
    r"|\bat first (?:sight|glance)\b",
    re.IGNORECASE,
)
_WRONG = (
    r"(?:wrong|false|incorrect|untrue|mistaken|a mistake|not (?:true|right|correct|the case|it|the answer))"
)
# words after an option: "a larger batch is wrong"; then what takes back the whole sentence, or doubts it
_DENIED = re.compile(
    r"[\s\"')]{0,9}(?:(?!show|prov|that\b|which\b|so\b|and\b|to\b|because|since|mean|impl"
    r"|claim|statement|assert|conjecture|it\b|this\b"
    r"|hence|thus|therefore|then\b|as\b|wh|if\b|with|but\b|guarantee|argument|answer|result|theorem|property|here\b)"
    rf"[\w-]{{1,30}} ){{0,3}}(?:is|are|was|were|would be|seems|must be) "
    rf"(?:\w{{1,20}}ly )?(?:an? )?{_WRONG}\b",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf",? (?:but|which|though|although|yet|and) (?:i think )?(?:this |that |it )?"
    rf"(?:is|would be) (?:\w+ly )?{_WRONG}\b"
    r"|^\W*(?:\w+ ){0,2}(?:is|are|seems) (?:very |rather )?"
    r"(?:unlikely|doubtful|questionable|unclear|debatable|not clear|not sure)\b"
    r"|,? (?:one|some|you|people|many) (?:might|may|could|would) (?:think|say|expect|believe|claim|guess)\b"
    r"|\bi (?:strongly |very much )?(?:doubt|am not sure)\b|(?<!whether )\bor not\b"
    r"|\bis (?:the|a|an open) question\b",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\W*+(?:but |however,? )?(?:this|that|which)(?: (?:claim|statement|answer|option))?"
    rf" (?:is|would be) (?:\w+ly )?{_WRONG}\W*(?:$|[.;,!\n])",
    re.IGNORECASE,
)
_DEPENDS = re.compile(
    r"(?:^|[.;,!?\n])\W*(?:but )?(?:it|this|that)(?: all| really| just)? depends\s*(?:$|[.;,!?\n])"
    r"|^\W*(?:it|this|that) depends\b",
    re.IGNORECASE,
)
_DOUBT = re.compile(r"\bdoubt\w*\b[^,]*$", re.IGNORECASE)
_END = re.compile(r"[.;!?\n]")
_NEGATED = ("not", "n't", "n.t", "bno", "never")  # a pattern that has one of these looks for a denial itself
# "not X but Y" says Y
_NOT_BUT = re.compile(
    r"(?:\bnot|n't) (?!only\b|just\b|merely\b|simply\b|know|sure|clear|certain|think|believe|obvious)"
    r"[^,.;:!?\n]{1,60}?,? but (?!not\b|also\b|only\b|i\b|it\b|this\b|that\b)(?:rather |instead |in fact )?",
    re.IGNORECASE,
)

_MATRIX = re.compile(r"\\begin\{(\w{1,9}\*?)\}[^A-Za-z]{1,5000}\\end\{\1\}")


def build(options: Options, question: Question) -> Check:
    patterns, notes = _compile(options)

    def check(answer: Answer, earlier: Mapping[str, Judgement]) -> Judgement:
        part = part_of(answer, options.parts)
        if part.missing:
            return Judgement(Outcome.MISSING, 0.0, part.message)
        text = part.text
        if isinstance(part.value, bool):
            text = "yes" if part.value else "no"
        if not re.search(r"[^\W\d_]", _MATRIX.sub("", text)):  # such as only the matrix another part asks for
            return Judgement(Outcome.MISSING, 0.0, "Nothing was written for this part.")
        text = _plain(text[:MAX_TEXT])
        found, unsure = _found(patterns, text)
        evidence: dict[str, object] = {"found": {k: f"“{v}”" for k, v in (found | unsure).items()}}
        if len(found) != 1 or unsure.keys() - found.keys():
            evidence["text"] = text[:600]
            return Judgement(Outcome.REVIEW, 0.0, _why(found, unsure), evidence=evidence)
        (name,) = found
        read_as = f"your choice: {name}"
        if name != options.expected:
            credit = options.wrong_credit.get(name, 0.0)
            message = options.feedback.get(name, f"“{name}” is not the right choice.")
            if options.suits and _suits(options.suits, name, earlier):
                credit = max(credit, options.suits.credit)
                message += " It suits what you chose before; the error there is charged only once."
            outcome = Outcome.PARTIAL if credit else Outcome.INCORRECT
            return Judgement(outcome, credit, message, read_as, evidence, mistake=name)
        credit, remarks = 1.0, []
        for n in notes:
            if n.words.search(text) and not (n.unless and n.unless.search(text)):
                remarks.append(n.note.feedback)
                credit = min(credit, n.note.credit)
        if remarks:
            evidence["remarks"] = remarks
        message = " ".join(["The right choice.", *remarks])
        outcome = Outcome.CORRECT if credit == 1 else Outcome.PARTIAL if credit else Outcome.INCORRECT
        return Judgement(outcome, credit, message, read_as, evidence)

    return check


def _suits(suits: Suits, name: str, earlier: Mapping[str, Judgement]) -> bool:
    before = earlier.get(suits.criterion)
    return before is not None and before.mistake is not None and suits.pairs.get(before.mistake) == name


def _compile(options: Options) -> tuple[dict[str, list[re.Pattern[str]]], list[_Note]]:
    given = ", ".join(options.choices)
    if len(options.choices) < 2:
        raise RubricError(
            f"`choices` has {len(options.choices)} options ({given}); a choice needs two or more"
        )
    named = {
        "expected": [options.expected],
        "feedback": options.feedback,
        "wrong_credit": options.wrong_credit,
    }
    for key, names in named.items():
        for name in names:
            if name not in options.choices:
                raise RubricError(f"`{key}` names {name!r}; the choices are {given}")
    if options.expected in options.wrong_credit:
        raise RubricError(
            f"`wrong_credit` names {options.expected!r}, which is the right choice; take it out"
        )
    for name, credit in options.wrong_credit.items():
        check_credit(credit, f"wrong_credit.{name}")
    if options.suits:
        check_credit(options.suits.credit, "suits.credit")
        for name in options.suits.pairs.values():
            if name not in options.choices or name == options.expected:
                raise RubricError(f"`suits.pairs` leads to {name!r}; the wrong choices are {_wrong(options)}")
    patterns: dict[str, list[re.Pattern[str]]] = {}
    for name, texts in options.choices.items():
        if not texts:
            raise RubricError(f"`choices.{name}` is empty; list at least one pattern")
        patterns[name] = [compiled_pattern(t, f"choices.{name}") for t in texts]
    notes = []
    for i, n in enumerate(options.notes):
        check_credit(n.credit, f"notes[{i}].credit")
        unless = compiled_pattern(n.unless, f"notes[{i}].unless") if n.unless else None
        notes.append(_Note(n, compiled_pattern(n.words, f"notes[{i}].words"), unless))
    return patterns, notes


def _wrong(options: Options) -> str:
    return ", ".join(name for name in options.choices if name != options.expected)


def _why(found: dict[str, str], unsure: dict[str, str]) -> str:
    if not found and not unsure:
        return "No option could be recognised: a person decides."
    if len(found | unsure) > 1:
        return "Several options are mentioned: a person decides."
    return "Whether an option is stated or denied is not clear: a person decides."


def _plain(text: str) -> str:
    """Without emphasis, with straight apostrophes, and without questions (repeated, not answered)."""
    text = re.sub(r"[*_`$~ \t]+", " ", text).replace("’", "'")
    return "".join(s for s in re.split(r"(?<=[.;!?\n])", text) if not s.rstrip().endswith("?"))


def _found(patterns: Mapping[str, list[re.Pattern[str]]], text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Options → where they stand: those that are stated, and those of which that is not sure."""
    found, unsure = _stated(patterns, text)
    shorter = _NOT_BUT.sub("", text)
    if shorter != text:
        more, _ = _stated(patterns, shorter)
        found |= {name: said for name, said in more.items() if name not in found}
    if _DEPENDS.search(text):
        found, unsure = {}, found | unsure
    return found, unsure


def _stated(
    patterns: Mapping[str, list[re.Pattern[str]]], text: str
) -> tuple[dict[str, str], dict[str, str]]:
    found: dict[str, str] = {}
    unsure: dict[str, str] = {}
    for name, ps in patterns.items():
        for pattern, m in ((p, m) for p in ps for m in p.finditer(text)):
            match _standing(pattern, m, text):
                case "stated":
                    found[name] = m.group().strip()
                    break
                case "open":
                    unsure.setdefault(name, m.group().strip())
    return found, unsure


def _standing(pattern: re.Pattern[str], m: re.Match[str], text: str) -> str:
    """``stated``, ``denied``, or ``open``, by the words around it in its sentence."""
    said = m.group().strip()
    if said.casefold() == "no" and not _BARE_NO.match(text[m.end() : m.end() + 40]):
        return "denied"
    bare = re.sub(r"\W", "", said).casefold() in ("yes", "no", "true", "false")
    before = _END.split(text[max(0, m.start() - LOOK_BACK) : m.start()])[-1]
    after, *rest = _END.split(text[m.end() : m.end() + LOOK_BACK], maxsplit=1)
    if _CLOSE.search(before) or (said[-1:].isalnum() and not bare and _DENIED.match(after)):
        return "denied"
    if not any(word in pattern.pattern for word in _NEGATED) and _CLOSE.search(said.rpartition(" ")[0] + " "):
        return "denied"  # "the rate should not be lowered", of a pattern that only looks for rate and lowered
    if bare:
        return "open" if _DOUBT.search(before) else "stated"
    if _FAR.search(before) or _OPEN.search(before) or _AFTER.search(after):
        return "open"
    return "open" if rest and _TAKEN_BACK.match(rest[0]) else "stated"


def verify(options: Options, question: Question, oracle: object) -> list[str]:
    """The reference says which choice is right."""
    return [
        f"`expected` is {options.expected!r}, the reference says {_said(v)!r}"
        for v in getattr(oracle, "values", ())
        if _said(v).casefold() != options.expected.casefold()
    ]


def _said(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


_WORDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,'-]*")  # a pattern that is a phrase


def examples(options: Options, question: Question) -> Iterator[Example]:
    """Every phrase among the patterns of every option; a pattern that is no phrase is not tried."""
    for name, texts in options.choices.items():
        right = name == options.expected
        credit = 1.0 if right else options.wrong_credit.get(name, 0.0)
        says = "" if right else options.feedback.get(name, "")
        for text in dict.fromkeys([name, *texts]):
            others = [t for n, ts in options.choices.items() if n != name for t in ts]
            said = any(re.fullmatch(t, text, re.IGNORECASE) for t in texts)
            if _WORDS.fullmatch(text) and said and not any(re.search(t, text, re.IGNORECASE) for t in others):
                noted = right and any(re.search(n.words, text, re.IGNORECASE) for n in options.notes)
                if not noted:
                    yield Example(f"the choice {text!r}", text, credit=credit, says=says)
