"""Experiment specs: written as YAML, in a form or in Python, checked, and multiplied out to arms."""

from scaling.spec.arms import ArmSpec
from scaling.spec.checks import ModelLimits, VerifierAbilities
from scaling.spec.data_set import DataSetSpec
from scaling.spec.edit import Edit
from scaling.spec.errors import SpecError, SpecFault
from scaling.spec.experiment import ExperimentSize, ExperimentSpec, reading
from scaling.spec.families import Families, Selector, SelectorError
from scaling.spec.submission import Submission, json_schema
from scaling.spec.verdict import ClaimSpec, VerdictSpec

__all__ = [
    "ArmSpec",
    "ClaimSpec",
    "DataSetSpec",
    "Edit",
    "ExperimentSize",
    "ExperimentSpec",
    "Families",
    "ModelLimits",
    "Selector",
    "SelectorError",
    "SpecError",
    "SpecFault",
    "Submission",
    "VerdictSpec",
    "VerifierAbilities",
    "json_schema",
    "reading",
]
