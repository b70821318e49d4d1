"""Secondary questions: each module asks one, with its own section in REPORT.md."""
