"""The work list: what each person is to mend, as a workbook that goes out, comes back and is checked before it counts."""
