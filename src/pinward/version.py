"""The one place that states the version and where the project lives."""

__version__ = "0.1.0"
HOMEPAGE = "https://github.com/pinward/pinward"
