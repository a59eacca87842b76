"""A record that can't be delivered as it is, found before or while it is sent."""


class Rejection(Exception):
    """Ends one record, never the batch; its text is the receipt's message."""
