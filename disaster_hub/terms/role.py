"""Roles: who somebody is in the headquarters, and what that lets them do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person who signs in is there for."""

    ADMINISTRATOR = "administrator"
    AUTHOR = "author"
    """本部: watches, decides, drafts."""
    APPROVER = "approver"
    """本部: confirms what another has drafted."""
    DEPARTMENT = "department"
    FIELD = "field"
    LEADER = "leader"
    """Of a neighbourhood association; sees nothing of the headquarters."""
    VIEWER = "viewer"


class Right(StrEnum):
    """One thing that a door may ask for."""

    SEE = "see"
    """The desk: watch board, map, chronology, reports; nothing personal."""
    REPORT = "report"
    HANDLE = "handle"
    """Change, join and assign reports."""
    LOG = "log"
    CHECK = "check"
    SHELTER = "shelter"
    DECIDE = "decide"
    """Decide on proposals, draft orders, set 本部 and 配備."""
    APPROVE = "approve"
    LAYERS = "layers"
    GATE = "gate"
    """Open or shut the residents' reports."""
    PERSONAL = "personal"
    """Open personal data, each time with a reason that is kept."""
    SENSORS = "sensors"
    CRITERIA = "criteria"
    STAFF = "staff"
    AUDIT = "audit"
    ALERTS = "alerts"
    """What was sent, how far it came, what came back in numbers; nothing personal."""
    BOARD = "board"
    """Who has not answered: send helpers, write an answer down that came by telephone."""
    NEIGHBOURS = "neighbours"
    """A leader's own neighbourhood: those who chose to be seen by it."""
    WITNESS = "witness"
    """Say of a doubted reading what one saw: really high, or a fault."""
    LEDGER = "ledger"
    """Why a message came to one household, or did not."""


_HQ = frozenset({Role.AUTHOR, Role.APPROVER})
_DESK = _HQ | {Role.DEPARTMENT}
RIGHTS: dict[Right, frozenset[Role]] = {
    Right.SEE: _DESK | {Role.FIELD, Role.VIEWER, Role.ADMINISTRATOR},
    Right.REPORT: _DESK | {Role.FIELD, Role.LEADER},
    Right.HANDLE: _DESK,
    Right.LOG: _DESK,
    Right.CHECK: _DESK | {Role.FIELD},
    Right.SHELTER: _DESK | {Role.FIELD},
    Right.DECIDE: _HQ,
    Right.APPROVE: frozenset({Role.APPROVER}),
    Right.LAYERS: _DESK | {Role.ADMINISTRATOR},
    Right.GATE: _HQ,
    Right.PERSONAL: _HQ,
    Right.SENSORS: frozenset({Role.ADMINISTRATOR, Role.DEPARTMENT}),
    Right.CRITERIA: frozenset({Role.ADMINISTRATOR}),
    Right.STAFF: frozenset({Role.ADMINISTRATOR}),
    Right.AUDIT: frozenset({Role.ADMINISTRATOR}),
    Right.ALERTS: _DESK | {Role.VIEWER, Role.ADMINISTRATOR},
    Right.BOARD: _DESK,
    Right.NEIGHBOURS: frozenset({Role.LEADER}),
    Right.WITNESS: _DESK | {Role.ADMINISTRATOR},
    Right.LEDGER: _HQ | {Role.ADMINISTRATOR},
}
"""Who may do what; a role that stands nowhere may do nothing."""


def may(role: Role | str, right: Right) -> bool:
    """Tell whether *role* has *right*; a role that nobody knows has none."""
    return role in RIGHTS[right]
