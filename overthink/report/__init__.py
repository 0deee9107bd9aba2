"""The verdict as one file: to hand to a colleague, to attach to a paper, to print.

It has all that is needed to judge it (tables with bands and n, plots as SVG, the rule and who fixed it, the spec, the
provenance, the method and its sources) and needs nothing: no script, no other file, no network. What people and models
wrote stands in it literally.
"""

from overthink.report.writing import UnwritableReportError, require_writable, write_report

__all__ = ["UnwritableReportError", "require_writable", "write_report"]
