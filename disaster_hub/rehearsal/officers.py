"""The made-up city's officers: one account of each role, so that every door can be tried."""

from __future__ import annotations

from dataclasses import dataclass

from disaster_hub.terms.role import Role


@dataclass(frozen=True, slots=True)
class Officer:
    """One account of the demo."""

    name: str
    role: Role
    department: str
    shown: str
    who: str
    """What the greeting says of them."""


OFFICERS = (
    Officer("honbu", Role.AUTHOR, "災害対策本部", "本部 起案担当", "headquarters: watches, decides, drafts"),
    Officer("shonin", Role.APPROVER, "災害対策本部", "本部 承認担当", "headquarters: confirms what another drafted"),
    Officer("doboku", Role.DEPARTMENT, "土木課", "土木課 当番", "a department: reports, rounds, sensors"),
    Officer("genba", Role.FIELD, "土木課", "土木課 現場班", "in the field, on a phone"),
    Officer("hinanjo", Role.FIELD, "芦原小学校", "芦原小学校 担当", "at a shelter, on a phone"),
    Officer("chonai", Role.LEADER, "芦原町内会", "芦原町内会長", "a neighbourhood leader: reports only"),
    Officer("etsuran", Role.VIEWER, "", "閲覧のみ", "looks and changes nothing"),
)
