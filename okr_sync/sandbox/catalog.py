"""What the agency has set up once and for all: its clients, its teams, and the choices its systems offer.

Everybody in here is a role or a team, and every name is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DOMAIN = "agency.example"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that Jira offers for a field, by its id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Status(Choice):
    category: str
    """new, indeterminate or done."""


@dataclass(frozen=True, slots=True)
class JiraProject(Choice):
    key: str
    is_team_managed: bool = False
    """Then it has fields of its own, beside those of the site."""


@dataclass(frozen=True, slots=True)
class Member:
    """A team that works in Jira and in Zendesk."""

    handle: str
    name: str
    account_id: str
    zendesk_id: int

    @property
    def email(self) -> str:
        return f"{self.handle}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Client:
    """A customer: an option of the field "Client" in Jira, an organization in Zendesk."""

    name: str
    tag: str
    option_id: str
    organization_id: int

    @property
    def requester_id(self) -> int:
        return self.organization_id + 500_000


PROJECTS = (
    JiraProject("10001", "Website", key="WEB"),
    JiraProject("10002", "SEO & Content", key="SEO"),
    JiraProject("10003", "Vận hành", key="OPS", is_team_managed=True),
)
ISSUE_TYPES = (
    Choice("10100", "Project"),
    Choice("10101", "Epic"),
    Choice("10102", "Story"),
    Choice("10103", "Task"),
    Choice("10104", "Bug"),
)
STATUSES = (
    Status("10200", "To Do", "new"),
    Status("10201", "In Progress", "indeterminate"),
    Status("10202", "In Review", "indeterminate"),
    Status("10203", "Reopened", "indeterminate"),
    Status("10204", "Done", "done"),
    Status("10205", "Cancelled", "done"),
)
CATEGORIES = {"new": Choice("2", "To Do"), "indeterminate": Choice("4", "In Progress"), "done": Choice("3", "Done")}
RESOLUTIONS = (Choice("10300", "Done"), Choice("10301", "Won't Do"), Choice("10302", "Duplicate"))
PRIORITIES = (Choice("1", "Highest"), Choice("2", "High"), Choice("3", "Medium"), Choice("4", "Low"))
REGIONS = ("Miền Bắc", "Miền Trung", "Miền Nam")
LABELS = ("gấp", "nội-dung", "thiết-kế", "kỹ-thuật", "báo-cáo")
SERVICES = ("seo", "web", "content")
DEAL_STAGES = ("lead", "qualified", "proposal", "contract", "won", "lost")
VISIT_STEPS = ("view", "listing", "checkout", "payment", "booked")
CHANNELS = ("referral", "search", "ads", "event")
CATEGORY_OF = {status.name: status.category for status in STATUSES}

MEMBERS = tuple(
    Member(handle, name, account_id=f"712020:{number:08d}-agency", zendesk_id=21_000 + number)
    for number, (handle, name) in enumerate(
        (
            ("account-a", "Account team A"),
            ("account-b", "Account team B"),
            ("design", "Nhóm thiết kế"),
            ("dev", "Nhóm lập trình"),
            ("seo", "Nhóm SEO"),
            ("content", "Nhóm nội dung"),
            ("support", "Trực hỗ trợ"),
            ("ops", "Điều phối vận hành"),
        ),
        start=1,
    )
)
SUPPORT_GROUPS = {31_001: "Hỗ trợ khách hàng", 31_002: "Kỹ thuật"}

CLIENTS = tuple(
    Client(name, tag, option_id=str(10_400 + number), organization_id=41_000 + number)
    for number, (name, tag) in enumerate(
        (
            ("Bếp Ổi Xanh", "bep_oi_xanh"),
            ("Du lịch Bè Chuối", "du_lich_be_chuoi"),
            ("Gốm Lá Sen Xưa", "gom_la_sen_xua"),
            ("Mỹ phẩm Bưởi Rừng", "my_pham_buoi_rung"),
            ("Nha khoa Hạt Gạo", "nha_khoa_hat_gao"),
            ("Nội thất Mộc Nhĩ", "noi_that_moc_nhi"),
            ("Thú cưng Khoai Lang", "thu_cung_khoai_lang"),
            ("Thời trang Vỏ Trấu", "thoi_trang_vo_trau"),
            ("Trà Cỏ Bồng", "tra_co_bong"),
            ("Xe đạp Gió Nồm", "xe_dap_gio_nom"),
        ),
        start=1,
    )
)
CLIENT_OF = {client.tag: client for client in CLIENTS}
TRAVEL_CLIENT = CLIENT_OF["du_lich_be_chuoi"]
