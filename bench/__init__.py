"""Measures what Koppel promises about speed, memory and requests; ``make bench`` runs it, docs/performance.md tells the results."""
