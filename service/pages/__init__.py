"""Pages about findings: the report, the cohort's report, and the review in a browser."""
