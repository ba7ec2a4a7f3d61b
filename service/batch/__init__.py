"""Cohorts: many CTs with their masks become one table (`nodelens-score batch`)."""
