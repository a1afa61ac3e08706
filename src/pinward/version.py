"""The one place that states Pinward's version."""

__version__ = "0.1.0"
