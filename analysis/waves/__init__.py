"""Waves of answers: brought in, sealed, read, compared, and mended when a city withdraws."""

from analysis.waves.comparison import Comparison, compare_waves
from analysis.waves.corrections import Correction, read_corrections
from analysis.waves.importing import Examined, Source, examine, new_wave
from analysis.waves.loading import load_wave
from analysis.waves.removal import remove_respondent
from analysis.waves.store import (
    PUBLISHED_WAVE,
    WaveError,
    check_id,
    check_seals,
    wave_folder,
    wave_ids,
)

__all__ = [
    "PUBLISHED_WAVE",
    "Comparison",
    "Correction",
    "Examined",
    "Source",
    "WaveError",
    "check_id",
    "check_seals",
    "compare_waves",
    "examine",
    "load_wave",
    "new_wave",
    "read_corrections",
    "remove_respondent",
    "wave_folder",
    "wave_ids",
]
