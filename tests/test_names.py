"""Names from other systems as names of fields."""

from __future__ import annotations

import pytest

from okr_sync.names import same_form, snake, snake_of_camel


@pytest.mark.parametrize(
    ("name", "snaked"),
    [
        ("Điểm NPS", "diem_nps"),
        ("Kha\u0301ch ha\u0300ng", "khach_hang"),  # letters and marks apart
        ("  Status (new)  ", "status_new"),
        ("closedAt", "closedat"),
        ("2nd reply", "field_2nd_reply"),
        ("über-groß", "uber_gro"),
        ("名前", ""),
        ("🧨", ""),
        ("", ""),
    ],
)
def test_snake(name: str, snaked: str) -> None:
    """Latin letters lose their marks, everything else that is no digit separates; nothing Latin gives nothing."""
    assert snake(name, "field") == snaked


@pytest.mark.parametrize(
    ("name", "snaked"),
    [("closedAt", "closed_at"), ("HTTPStatus", "http_status"), ("UPDATED_AT", "updated_at"), ("Đã đóng", "da_dong")],
)
def test_snake_of_camel(name: str, snaked: str) -> None:
    """Names of programs are separated at their humps; what such a name becomes is itself again."""
    assert snake_of_camel(name, "field") == snaked
    assert snake_of_camel(snaked, "field") == snaked


def test_same_form() -> None:
    """However é is spelled, and whatever blanks are around it, it is one name."""
    assert same_form(" e\u0301 ") == same_form("é") == "é"
