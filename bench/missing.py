"""What a bench says when this machine lacks something it needs."""

from __future__ import annotations

import shutil


class Missing(Exception):
    """A program or package that the job needs is not here; the text names it."""


def needs(program: str, package: str) -> str:
    """Give the path of *program*, or raise Missing naming the Debian *package* that has it."""
    path = shutil.which(program) or shutil.which(f"/usr/sbin/{program}")
    if path is None:
        raise Missing(f"{program} (Debian package {package})")
    return path
