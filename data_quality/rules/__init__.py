"""The rules, one module per topic; data_quality/catalogue.py gathers them."""
