"""The small objects that others refer to: people, projects and their sections, custom fields and their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from okr_sync.sandbox.catalog import CATEGORY_OF, CLIENTS, DOMAIN, LABELS, MEMBERS, PRIORITIES, PROJECTS, STATUSES
from okr_sync.sandbox.http import Json

WORKSPACE: Json = {"gid": "1200000000000001", "resource_type": "workspace", "name": "Agency"}
TEAM: Json = {"gid": "1200000000000002", "resource_type": "team", "name": "Dự án"}


def user(number: int, name: str) -> Json:
    return {"gid": str(1_201_000_000_000_000 + number), "resource_type": "user", "name": name}


BOT = user(20_999, "OKR bot")
BOT_EMAIL = f"okr-bot@{DOMAIN}"
USERS = {member.handle: user(member.zendesk_id, member.name) for member in MEMBERS}


@dataclass(frozen=True, slots=True)
class Place:
    """A project, and the sections that tasks stand in there."""

    number: int
    name: str
    owner: str
    client: str | None
    """The client whose tasks it holds; none for a project of a department."""
    section_names: tuple[str, ...]

    @property
    def gid(self) -> str:
        return str(1_202_000_000_000_000 + self.number)

    @property
    def reference(self) -> Json:
        return {"gid": self.gid, "resource_type": "project", "name": self.name}

    def section(self, status: str) -> Json:
        """Of a task with `status`: a client only sees whether it is done."""
        number = int(CATEGORY_OF[status] == "done") if self.client else self.section_names.index(status)
        gid = str(1_203_000_000_000_000 + self.number * 100 + number)
        return {"gid": gid, "resource_type": "section", "name": self.section_names[number]}


DEPARTMENTS = {
    project.key: Place(int(project.id), project.name, owner, None, tuple(status.name for status in STATUSES))
    for project, owner in zip(PROJECTS, ("dev", "seo", "ops"), strict=True)
}
OF_CLIENTS = {
    client.name: Place(
        client.organization_id, client.name, ("account-a", "account-b")[n % 2], client.name, ("Đang làm", "Đã xong")
    )
    for n, client in enumerate(CLIENTS)
}
PLACES = (*DEPARTMENTS.values(), *OF_CLIENTS.values())


@dataclass(frozen=True, slots=True)
class CustomField:
    number: int
    name: str
    type: str
    options: Sequence[str] = ()
    is_shared: bool = True
    """Otherwise it belongs to one project, and no list of the workspace has it."""

    @property
    def gid(self) -> str:
        return str(1_206_000_000_000_000 + self.number)

    @property
    def definition(self) -> Json:
        options = {"enum_options": [self._option(one) for one in self.options]} if self.options else {}
        return self._head | options | {"is_global_to_workspace": self.is_shared}

    def valued(self, value: object) -> Json:
        """As an object has it: with the member of its own type alone."""
        member, written = self._written(value)
        text = "" if value is None else ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        return self._head | {"enabled": True, member: written, "display_value": text or None}

    @property
    def _head(self) -> Json:
        same = {"type": self.type, "resource_subtype": self.type, "representation_type": self.type}
        return {"gid": self.gid, "resource_type": "custom_field", "name": self.name, **same}

    def _written(self, value: object) -> tuple[str, object]:
        if self.type == "enum":
            return "enum_value", None if value is None else self._option(str(value))
        if self.type == "multi_enum":
            chosen = value if isinstance(value, tuple) else ()
            return "multi_enum_values", [self._option(one) for one in chosen]
        if self.type == "people":
            return "people_value", [] if value is None else [USERS[str(value)]]
        if self.type == "date":
            return "date_value", None if value is None else {"date": str(value), "date_time": None}
        return f"{self.type}_value", value

    def _option(self, name: str) -> Json:
        gid = str(1_207_000_000_000_000 + self.number * 100 + self.options.index(name))
        return {"gid": gid, "resource_type": "enum_option", "name": name, "enabled": True, "color": "blue"}


CLIENT = CustomField(1, "Khách hàng", "enum", tuple(client.name for client in CLIENTS))
POINTS = CustomField(2, "Điểm công việc", "number")
LABEL = CustomField(3, "Nhãn", "multi_enum", LABELS)
REGION = CustomField(4, "Vùng", "text")
DELIVERED = CustomField(5, "Ngày bàn giao", "date")
REPORTER = CustomField(6, "Người yêu cầu", "people")
CONTRACT = CustomField(7, "Giá trị hợp đồng", "number")
PRIORITY = CustomField(8, "Ưu tiên", "enum", tuple(one.name for one in PRIORITIES), is_shared=False)
CUSTOM_FIELDS = (CLIENT, POINTS, LABEL, REGION, DELIVERED, REPORTER, CONTRACT, PRIORITY)
