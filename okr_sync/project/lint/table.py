"""The rules, one row each: a code, what finds it, what it says and why, in English and Vietnamese.

A new rule is a new row here and the function it names.
"""

from __future__ import annotations

from collections.abc import Iterator

from okr_sync.project.lint import key_results, metrics, objectives, planned_days
from okr_sync.project.lint.rule import Case, Finding, Rule, Words

RULES: tuple[Rule, ...] = (
    Rule(
        code="no-objective",
        find=objectives.no_objective,
        says=Words(
            en="no YAML file below it has an objective: nothing is computed",
            vi="không tệp YAML nào trong thư mục này có objective: không có gì để tính",
        ),
        why=Words(
            en="Without objectives nothing is computed, which may be what a misspelt folder looks like.",
            vi="Không có objective thì không có số nào được tính; có thể tên thư mục bị gõ sai.",
        ),
    ),
    Rule(
        code="kr-count",
        find=objectives.kr_count,
        says=Words(
            en="{objective} has {count} key result{s}; two to four serve best",
            vi="{objective} có {count} key result; từ hai đến bốn là tốt nhất",
        ),
        why=Words(
            en="Two to four key results tell whether an objective is reached; more of them blur what matters.",
            vi="Hai đến bốn key result là đủ để biết mục tiêu đã đạt hay chưa; nhiều hơn thì mất trọng tâm.",
        ),
    ),
    Rule(
        code="number-in-objective",
        find=objectives.number_in_objective,
        says=Words(
            en="the objective holds the number {number}; make it the target of a key result",
            vi="objective chứa con số {number}; hãy chuyển nó thành target của một key result",
        ),
        why=Words(
            en="An objective says where to go, its key results how far. A year is no such number.",
            vi="Objective nói muốn đi đến đâu, key result nói đi bao xa. Số năm thì không tính.",
        ),
    ),
    Rule(
        code="unknown-cycle",
        find=objectives.unknown_cycle,
        says=Words(
            en="no cycle is named {cycle!r}, so {objective} is never computed; names are {names}",
            vi="không có chu kỳ nào tên {cycle!r} nên {objective} không bao giờ được tính; các tên là {names}",
        ),
        why=Words(
            en="An objective of a cycle that never comes is never computed.",
            vi="Objective thuộc một chu kỳ không bao giờ đến thì không bao giờ được tính.",
        ),
    ),
    Rule(
        code="activity",
        find=key_results.activity,
        says=Words(
            en="'{activity}' is something to do; say what is different once it is done; the work is an initiative",
            vi="'{activity}' là việc cần làm; hãy viết điều thay đổi sau khi làm xong, còn việc thì để ở initiatives",
        ),
        why=Words(
            en="Work can be finished without changing anything. A key result is the change; the work is an initiative.",
            vi="Việc có thể làm xong mà không thay đổi điều gì. Key result là kết quả; việc làm là initiative.",
        ),
    ),
    Rule(
        code="no-baseline",
        find=key_results.no_baseline,
        says=Words(
            en="{metric} is a level, no count from 0, and its target {target} has no baseline; write where it starts",
            vi="{metric} là một mức, không đếm từ 0, mà target {target} chưa có baseline; hãy ghi điểm xuất phát",
        ),
        why=Words(
            en="Without a baseline progress counts from 0: a rate of 40 % with a target of 55 % would begin at 73 %.",
            vi="Không có baseline thì tiến độ tính từ 0: tỷ lệ 40 % với target 55 % sẽ bắt đầu ở 73 %.",
        ),
    ),
    Rule(
        code="wrong-direction",
        find=key_results.wrong_direction,
        says=Words(
            en="its name says one direction, and from {baseline} to {target} is the other: is one of them swapped?",
            vi="tên nói một hướng, còn từ {baseline} đến {target} là hướng ngược lại: có số nào bị đảo không?",
        ),
        why=Words(
            en="A target on the wrong side of its baseline is met before the work begins.",
            vi="Target nằm sai phía của baseline thì đã đạt trước khi bắt đầu.",
        ),
    ),
    Rule(
        code="target-met",
        find=key_results.target_met,
        says=Words(
            en="its target was met in {cycle} already, with {value}; set one that asks for a change",
            vi="target đã đạt từ {cycle}, với {value}; hãy đặt mức đòi hỏi thay đổi",
        ),
        why=Words(
            en="A target that is reached on the first day moves nobody. Judged by what has landed of the cycle before.",
            vi="Target đạt ngay từ ngày đầu không thúc đẩy ai. Xét theo dữ liệu đã có của chu kỳ trước.",
        ),
        needs_data=True,
    ),
    Rule(
        code="cannot-miss",
        find=key_results.cannot_miss,
        says=Words(
            en="every value keeps {goal}; set a bound that can be missed",
            vi="giá trị nào cũng thoả {goal}; hãy đặt ngưỡng có thể không đạt",
        ),
        why=Words(
            en="A goal that cannot be missed is met already.",
            vi="Mục tiêu không thể trượt là mục tiêu đã đạt sẵn.",
        ),
    ),
    Rule(
        code="no-change",
        find=key_results.no_change,
        says=Words(
            en="from {baseline} to {target} is hardly a change; set a target that shows the work, or watch the number",
            vi="từ {baseline} đến {target} gần như không đổi; hãy đặt target thấy rõ kết quả, hoặc chỉ theo dõi con số",
        ),
        why=Words(
            en="A key result is a change. A number that should stay where it is has a bound, or is watched as a KPI.",
            vi="Key result là sự thay đổi. Con số cần giữ nguyên thì đặt ngưỡng, hoặc theo dõi như KPI.",
        ),
    ),
    Rule(
        code="bare-percent",
        find=key_results.bare_percent,
        says=Words(
            en="{number} is {percent}, since {metric} is in percent; write {meant}, or {percent}",
            vi="{number} nghĩa là {percent}, vì {metric} tính bằng phần trăm; hãy viết {meant} hoặc {percent}",
        ),
        why=Words(
            en="A percent metric of 25 % has the value 0.25, so a bare 25 is a hundred times what is meant.",
            vi="Metric phần trăm ở mức 25 % có giá trị 0.25, nên số 25 trần lớn gấp trăm lần ý muốn.",
        ),
    ),
    Rule(
        code="negative-target",
        find=key_results.negative_target,
        says=Words(
            en="{target} is a value below zero; for a change, write the value it leads to from {baseline}",
            vi="{target} là một giá trị dưới 0; nếu muốn nói mức thay đổi, hãy ghi giá trị đạt đến từ {baseline}",
        ),
        why=Words(
            en="Beside a number as baseline, -5 is five below zero, not five less.",
            vi="Khi baseline là một con số, -5 nghĩa là âm năm, không phải bớt đi năm.",
        ),
    ),
    Rule(
        code="day-outside-cycle",
        find=planned_days.outside_cycle,
        says=Words(
            en="{day} is outside of {cycle} ({start} to {end}); write a day of the cycle",
            vi="{day} nằm ngoài {cycle} (từ {start} đến {end}); hãy ghi một ngày trong chu kỳ",
        ),
        why=Words(
            en="A planned day outside of the cycle does not count there; a year may be mistyped.",
            vi="Ngày dự kiến nằm ngoài chu kỳ thì không được tính; có thể năm bị gõ sai.",
        ),
    ),
    Rule(
        code="duplicate-metric",
        find=metrics.duplicate_metric,
        says=Words(
            en="{metric} is the metric of {twin} too, at {place}",
            vi="{metric} cũng là metric của {twin}, tại {place}",
        ),
        why=Words(
            en="Two key results of one cycle on one metric count the same progress twice.",
            vi="Hai key result cùng chu kỳ dùng một metric thì cùng một tiến độ bị tính hai lần.",
        ),
    ),
    Rule(
        code="sparse-metric",
        find=metrics.sparse_metric,
        says=Words(
            en="{metric} rested on {count} record{s} in {cycle}: each moves it far; take a denser metric, or a count",
            vi="{metric} chỉ dựa trên {count} bản ghi trong {cycle}: mỗi bản ghi làm nó nhảy xa; hãy chọn metric nhiều"
            " bản ghi hơn, hoặc đếm số lượng",
        ),
        why=Words(
            en="A rate or a mean over few records jumps by chance. Judged by what has landed of the cycle before.",
            vi="Tỷ lệ hay trung bình trên vài bản ghi nhảy ngẫu nhiên. Xét theo dữ liệu đã có của chu kỳ trước.",
        ),
        needs_data=True,
    ),
    Rule(
        code="unused-metric",
        find=metrics.unused_metric,
        says=Words(
            en="no key result and no other metric uses {metric}",
            vi="không key result nào và không metric nào khác dùng {metric}",
        ),
        why=Words(
            en="A metric that nothing reads is computed for nobody, or its name is misspelt elsewhere.",
            vi="Metric không ai đọc thì tính cho không ai cả, hoặc tên của nó bị gõ sai ở chỗ khác.",
        ),
    ),
    Rule(
        code="unused-event",
        find=metrics.unused_event,
        says=Words(
            en="no window begins or ends with {event}",
            vi="không window nào bắt đầu hay kết thúc bằng {event}",
        ),
        why=Words(
            en="An event that bounds no window is read for nobody, or its name is misspelt elsewhere.",
            vi="Event không giới hạn window nào thì đọc cho không ai cả, hoặc tên của nó bị gõ sai ở chỗ khác.",
        ),
    ),
    Rule(
        code="unused-view",
        find=metrics.unused_view,
        says=Words(
            en="no metric reads {view}",
            vi="không metric nào đọc {view}",
        ),
        why=Words(
            en="A view that no metric reads is computed for nobody, or its name is misspelt elsewhere.",
            vi="View không metric nào đọc thì tính cho không ai cả, hoặc tên của nó bị gõ sai ở chỗ khác.",
        ),
    ),
    Rule(
        code="unused-source",
        find=metrics.unused_source,
        says=Words(
            en="no metric, view, event or initiative reads a stream of {source}",
            vi="không metric, view, event hay initiative nào đọc stream của {source}",
        ),
        why=Words(
            en="A source that nothing reads costs a sync every night.",
            vi="Nguồn không ai đọc vẫn tốn một lần đồng bộ mỗi đêm.",
        ),
    ),
)


def _found_otherwise(_: Case) -> Iterator[Finding]:
    """These two come of running the others."""
    return iter(())


UNKNOWN_SILENCE = Rule(
    code="unknown-silence",
    find=_found_otherwise,
    says=Words(
        en="no rule is named {code!r}; the rules are {known}",
        vi="không có quy tắc nào tên {code!r}; các quy tắc là {known}",
    ),
    why=Words(
        en="A misspelt code silences nothing, and nobody would notice.",
        vi="Mã gõ sai không tắt được gì mà không ai nhận ra.",
    ),
)
IDLE_SILENCE = Rule(
    code="idle-silence",
    find=_found_otherwise,
    says=Words(
        en="{code} has nothing to say here, so there is nothing to silence; take the line out",
        vi="{code} không có gì để nhắc ở đây nên không cần tắt; hãy bỏ dòng này",
    ),
    why=Words(
        en="A silence that outlives its reason hides the next mistake.",
        vi="Một lần tắt còn sót lại sẽ che mất sai sót tiếp theo.",
    ),
)
