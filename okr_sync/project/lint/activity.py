"""Tells an activity ("hold 10 trainings") from an outcome ("80 % use what they learned") by the words of a name.

Better silent than wrong: only names that begin with what is done, and speak of no change, share or level, are taken for
activities.
"""

from __future__ import annotations

import re
import unicodedata

_DONE_VI = (
    "tổ chức",
    "triển khai",
    "đào tạo",
    "xây dựng",
    "thực hiện",
    "thiết kế",
    "thiết lập",
    "chuẩn bị",
    "nghiên cứu",
    "khảo sát",
    "rà soát",
    "biên soạn",
    "soạn thảo",
    "tham gia",
    "tham dự",
    "cập nhật",
    "ra mắt",
    "phát động",
    "ban hành",
    "chuẩn hoá",
    "chuẩn hóa",
    "hoàn thiện",
)
"""Verbs that name work, whatever follows."""
_COUNTED_VI = ("viết", "gửi", "đăng", "gọi", "quay", "họp", "dạy")
"""Verbs that name work where a number follows."""
_PIECEWISE_VI = ("mở", "chạy", "làm", "lập", "học", "hoàn thành", "thêm")
"""Verbs that name work where a number of such pieces follows; else they may be an outcome, as in `mở 3 chi nhánh`."""
_PIECES_VI = (
    "buổi",
    "khoá học",
    "khóa học",
    "khoá đào tạo",
    "khóa đào tạo",
    "lớp",
    "cuộc họp",
    "cuộc gọi",
    "sự kiện",
    "hội thảo",
    "workshop",
    "webinar",
    "bài viết",
    "bài blog",
    "bài đăng",
    "chiến dịch",
    "video",
    "email",
)
_DONE_EN = (
    "organise",
    "organize",
    "implement",
    "conduct",
    "prepare",
    "attend",
    "develop",
    "create",
    "publish",
    "set up",
    "roll out",
    "carry out",
    "redesign",
    "draft",
    "launch",
)
_COUNTED_EN = (
    "build",
    "call",
    "complete",
    "deliver",
    "design",
    "document",
    "give",
    "hold",
    "host",
    "interview",
    "make",
    "plan",
    "post",
    "produce",
    "research",
    "review",
    "run",
    "send",
    "teach",
    "test",
    "train",
    "write",
)
_PIECES_EN = (
    r"trainings?|training sessions?|sessions?|workshops?|webinars?|meetings?|events?|courses?|posts?|blog posts?"
    r"|articles?|calls?|campaigns?|emails?|newsletters?|interviews?|surveys?|videos?|presentations?|reports?"
)
_OUTCOME = re.compile(
    r"%|\b(tỷ lệ|tỉ lệ|tỷ trọng|tăng|giảm|đạt|đúng hạn|trung bình|lên|xuống|dưới|tối đa|tối thiểu|ít nhất|doanh thu"
    r"|phần trăm|mức|điểm|hài lòng|rate|share|ratio|average|mean|median|percent|per cent|within|under|below|above|over"
    r"|at least|at most|less than|more than|on time|increase\w*|reduc\w*|grow\w*|revenue|score|from \S+ to)\b"
)
_FIRST_VI = re.compile(rf"({'|'.join(_DONE_VI)})\b")
_COUNT_VI = re.compile(rf"({'|'.join(_COUNTED_VI)}) (?:được |xong )?\d[\d.,]* ")
_PIECEWISE = re.compile(rf"({'|'.join(_PIECEWISE_VI)}) (?:được |xong )?\d[\d.,]* (?:{'|'.join(_PIECES_VI)})\b")
_NUMBER_VI = re.compile(rf"\d[\d.,]* (?:{'|'.join(_PIECES_VI)})\b")
_FIRST_EN = re.compile(rf"({'|'.join(_DONE_EN)})\b")
_COUNT_EN = re.compile(
    rf"({'|'.join(_COUNTED_EN)}) (?:\d[\d.,]*|an?|the|our|all|new) (?:\w+ ){{0,2}}?(?:{_PIECES_EN})\b"
)
_NUMBER_EN = re.compile(rf"\d[\d.,]* (?:\w+ ){{0,2}}?(?:{_PIECES_EN})\b")

_UP = re.compile(r"(tăng|nâng|increase|raise|grow|improve|lift)\b")
_DOWN = re.compile(r"(giảm|hạ|rút ngắn|reduce|cut|lower|decrease|shorten)\b")


def activity_in(name: str) -> str | None:
    """The words of a key result's name that tell it to be work to be done; `None` where it may well be an outcome."""
    text = _plain(name)
    if _OUTCOME.search(text):
        return None
    patterns = (_FIRST_VI, _COUNT_VI, _PIECEWISE, _NUMBER_VI, _FIRST_EN, _COUNT_EN, _NUMBER_EN)
    found = next((match for pattern in patterns if (match := pattern.match(text))), None)
    return None if found is None else unicodedata.normalize("NFC", name).strip()[: found.end()].strip()


def direction_of(name: str) -> int | None:
    """1 where a name begins with a word for more, -1 for less, as in `Tăng NPS`, `Reduce the time to reply`."""
    text = _plain(name)
    return 1 if _UP.match(text) else -1 if _DOWN.match(text) else None


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().lower()
