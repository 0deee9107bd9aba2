"""Published accuracies, to be drawn beside one's own as labelled marks. Nothing here was measured by Overthink.

All from s1 (arXiv 2501.19393, tables 1 and 4): Qwen2.5-32B-Instruct, and s1-32B with and without budget forcing.
"""

from dashboard.charts.scaling import ReferenceMark

PUBLISHED: dict[str, tuple[ReferenceMark, ...]] = {
    "AIME24": (
        ReferenceMark("Qwen2.5-32B-Instruct 26.7 % [s1]", 0.267),
        ReferenceMark("s1-32B without forcing 50.0 % [s1]", 0.500),
        ReferenceMark("s1-32B, 1 or 2 Waits 53.3 % [s1]", 0.533),
        ReferenceMark("s1-32B, 4 Waits 56.7 % [s1]", 0.567),
    ),
    "MATH500": (
        ReferenceMark("Qwen2.5-32B-Instruct 84.0 % [s1]", 0.840),
        ReferenceMark("s1-32B without forcing 92.6 % [s1]", 0.926),
        ReferenceMark("s1-32B with forcing 93.0 % [s1]", 0.930),
    ),
    "GPQA-Diamond": (
        ReferenceMark("Qwen2.5-32B-Instruct 49.0 % [s1]", 0.490),
        ReferenceMark("s1-32B without forcing 56.6 % [s1]", 0.566),
        ReferenceMark("s1-32B with forcing 59.6 % [s1]", 0.596),
    ),
}
