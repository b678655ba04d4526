"""Errors of the evaluation."""

from __future__ import annotations


class EvaluationError(Exception):
    """Root of the evaluation's errors; the text is for the person who started it."""


class NothingToMeasureError(EvaluationError):
    """There is no recording: give another folder or another choice."""


class MissingToolError(EvaluationError):
    """A package that only this part needs is not installed."""
