"""Diagnosis of measurement: the published shares of 2017, and the same shares of a wave."""

from analysis.measurement.diagnosis import (
    INTENSITY_CLAIMS,
    MANAGEMENT_CLAIM,
    RESPONDENTS_CLAIM,
    RULES,
    Hypothesis,
    MeasurementDiagnosis,
    diagnose,
    fits,
    nearest_counts,
)
from analysis.measurement.wave import (
    WaveDimension,
    WaveIntensity,
    measure_dimension,
    measure_intensity,
)

__all__ = [
    "INTENSITY_CLAIMS",
    "MANAGEMENT_CLAIM",
    "RESPONDENTS_CLAIM",
    "RULES",
    "Hypothesis",
    "MeasurementDiagnosis",
    "WaveDimension",
    "WaveIntensity",
    "diagnose",
    "fits",
    "measure_dimension",
    "measure_intensity",
    "nearest_counts",
]
