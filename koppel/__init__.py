"""Koppel couples a web shop to the systems around it; this package is the engine that all flows share."""
