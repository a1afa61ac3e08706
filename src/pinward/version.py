"""The one place that states the version and where the project lives."""

__version__ = "0.1.0"
HOMEPAGE = "https://github.com/pinward/pinward"


def doc(page: str) -> str:
    """Return the address of a page below `docs`, for messages that are read in other repositories."""
    return f"{HOMEPAGE}/blob/main/docs/{page}"
