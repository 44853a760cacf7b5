"""The shape of a rubric as a JSON Schema, for editors that complete and check TOML files.

It is made from the same structs that read rubrics, so it cannot say anything else than they do.
"""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from grader import checkers
from grader.rubric import CriterionHead, SheetData

__all__ = ["rubric_schema"]

REF = "#/$defs/{name}"


def rubric_schema() -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) of rubric files: the sheet, its questions, and for each kind of criterion
    its own keys."""
    options = {kind: checkers.load(kind).Options for kind in checkers.kinds()}
    (sheet, _), definitions = msgspec.json.schema_components([SheetData, CriterionHead], ref_template=REF)
    defs: dict[str, Any] = dict(definitions)
    heads: dict[str, Any] = defs.pop(CriterionHead.__name__)
    for kind, struct in options.items():
        (_,), own = msgspec.json.schema_components([struct], ref_template=f"#/$defs/{kind}.{{name}}")
        defs |= {f"{kind}.{name}": definition for name, definition in own.items()}
        defs[kind] = _criterion(kind, heads, defs.pop(f"{kind}.{struct.__name__}"))
    question = defs["QuestionData"]
    question["properties"]["criteria"] = {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"enum": list(options)}},
            "allOf": [
                {
                    "if": {"properties": {"kind": {"const": kind}}},
                    "then": {"$ref": REF.format(name=kind)},
                }
                for kind in options
            ],
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A rubric of homework-grader",
        **sheet,
        "$defs": defs,
    }


def _criterion(kind: str, heads: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A criterion of one kind: the keys of every criterion and its own."""
    doc = inspect.cleandoc(checkers.load(kind).__doc__ or "")
    return {
        "title": kind,
        "description": doc,
        "type": "object",
        "properties": {**heads["properties"], "kind": {"const": kind}, **own.get("properties", {})},
        "required": [*heads["required"], *own.get("required", [])],
        "additionalProperties": False,
    }
