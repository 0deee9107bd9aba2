"""Experiment specs: written as YAML, in a form or in Python, checked, and multiplied out to arms."""

from scaling.spec.arms import ArmSpec
from scaling.spec.checks import ModelLimits, VerifierAbilities
from scaling.spec.data_set import DataSetSpec
from scaling.spec.edit import Edit
from scaling.spec.errors import SpecError, SpecFault
from scaling.spec.experiment import ExperimentSize, ExperimentSpec
from scaling.spec.submission import Submission, json_schema

__all__ = [
    "ArmSpec",
    "DataSetSpec",
    "Edit",
    "ExperimentSize",
    "ExperimentSpec",
    "ModelLimits",
    "SpecError",
    "SpecFault",
    "Submission",
    "VerifierAbilities",
    "json_schema",
]
