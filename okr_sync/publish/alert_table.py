"""What alerts say of each kind of problem: one row each, in English and Vietnamese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from okr_sync.problems import STREAM, ProblemKind
from okr_sync.project.lint.rule import Words


@dataclass(frozen=True, slots=True)
class Row:
    """In braces: what `okr_sync.publish.alert` fills in."""

    says: Words
    do: Words
    over: Words
    touches: Words | None = None
    """What it says of the key results that it touches."""
    unknown: Words | None = None
    """What it says where there is no reason."""


_STREAMS_OVER = Words(en="Read in full again: {subject}", vi="Đã đọc đủ trở lại: {subject}")
_KEPT = Words(en="{count} keep their last trusted values: {names}", vi="{count} giữ số tin cậy gần nhất: {names}")
_REPAIR = Words(
    en="Repair the source (okr-sync doctor --source {subject} examines it), then: okr-sync run",
    vi="Khắc phục nguồn (okr-sync doctor --source {subject} giúp tìm lỗi) rồi chạy okr-sync run",
)

ROWS: Mapping[ProblemKind, Row] = {
    ProblemKind.STORE_UNREACHABLE: Row(
        says=Words(en="Nothing was computed: {reason}", vi="Không tính được số nào: {reason}"),
        do=Words(en="Make it reachable, then: okr-sync run", vi="Khôi phục kết nối rồi chạy okr-sync run"),
        over=Words(en="The {subject} can be used again", vi="Đã dùng lại được {subject}"),
    ),
    ProblemKind.PROJECT_BROKEN: Row(
        says=Words(en="The project's files are broken: {reason}", vi="Tệp của dự án có lỗi: {reason}"),
        do=Words(
            en="okr-sync check shows every problem; correct the files, then: okr-sync run",
            vi="okr-sync check chỉ ra mọi lỗi; sửa tệp rồi chạy okr-sync run",
        ),
        over=Words(en="The project's files are right again", vi="Tệp của dự án đã hợp lệ trở lại"),
    ),
    ProblemKind.RUN_FAILED: Row(
        says=Words(en="The run broke off: {reason}", vi="Lượt chạy dừng giữa chừng: {reason}"),
        unknown=Words(
            en="The last run began and never ended: it was killed, or still goes on",
            vi="Lượt chạy gần nhất đã bắt đầu nhưng chưa kết thúc: bị dừng đột ngột hoặc vẫn đang chạy",
        ),
        do=Words(
            en="Look at its log, then: okr-sync run; what has landed is not read twice",
            vi="Xem log của lượt chạy rồi chạy okr-sync run; dữ liệu đã nhận sẽ không đọc lại",
        ),
        over=Words(en="A run came to its end", vi="Lượt chạy đã hoàn tất trở lại"),
    ),
    ProblemKind.STALE: Row(
        says=Words(en="No run has ended for too long", vi="Đã quá lâu chưa có lượt chạy nào hoàn tất"),
        do=Words(
            en="See whether the scheduler is up: Dagster's daemon, or cron",
            vi="Kiểm tra bộ lập lịch còn hoạt động không: daemon của Dagster hoặc cron",
        ),
        over=Words(en="Runs end again", vi="Các lượt chạy đã hoàn tất đều đặn trở lại"),
    ),
    ProblemKind.SOURCE_FAILED: Row(
        says=Words(en="Source {subject} could not be read: {reason}", vi="Không đọc được nguồn {subject}: {reason}"),
        touches=_KEPT,
        do=_REPAIR,
        over=_STREAMS_OVER,
    ),
    ProblemKind.SOURCE_INCOMPLETE: Row(
        says=Words(
            en="Source {subject} was not read in full, {streams}: {reason}",
            vi="Nguồn {subject} chưa đọc đủ, {streams}: {reason}",
        ),
        touches=_KEPT,
        do=_REPAIR,
        over=_STREAMS_OVER,
    ),
    ProblemKind.METRIC_TEST: Row(
        says=Words(
            en="Metric {subject} fails its own tests, {reason} ({place})",
            vi="Metric {subject} không qua được bài kiểm tra của nó, {reason} ({place})",
        ),
        touches=Words(
            en="{count} rest on it, and may be wrong: {names}", vi="{count} dùng metric này, số có thể sai: {names}"
        ),
        do=Words(
            en="okr-sync test {subject} shows which rows make it so; correct the formula or the test",
            vi="okr-sync test {subject} chỉ ra dòng gây lỗi; sửa công thức hoặc bài kiểm tra",
        ),
        over=Words(en="Passes its own tests again: {subject}", vi="Đã qua bài kiểm tra trở lại: {subject}"),
    ),
    ProblemKind.WITHHELD: Row(
        says=Words(
            en="{name} ({subject}) is withheld: {reason}",
            vi="{name} ({subject}) tạm giữ, chưa công bố số mới: {reason}",
        ),
        do=Words(en="{command} shows what is behind it", vi="{command} cho biết nguyên nhân"),
        over=Words(en="Published again: {subject}", vi="Đã công bố trở lại: {subject}"),
    ),
}


def row_of(item: str) -> Row:
    """The row of an item that was told, by its kind."""
    kind = item.partition(":")[0]
    return ROWS[ProblemKind.SOURCE_FAILED if kind == STREAM else ProblemKind(kind)]
