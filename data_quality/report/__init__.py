"""What managers read: one model of numbers, shown as HTML, as a workbook, as JSON and as mail."""
