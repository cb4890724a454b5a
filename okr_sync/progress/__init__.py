"""Progress: a goal, its values by day and the day make progress, expected progress and a status with its reason.

Pure: no clock, no files, no store. Every status is computed here and carries one sentence that says why.

`written` turns what a project says into a `goal`, once its baselines are `measured`; `expected` says where the plan is
on a day, by the days on which milestones are `due`; `plan` says what status follows, `reasons` puts it into words.
`judge` joins them for a key result of any kind: `assess` for a goal on one metric, `milestones`, `all_of`; `objective`
for an objective, `roll_up` for a template, `tree` for objectives below objectives. `grade` gives the grades at a
cycle's end.
"""

from okr_sync.progress.all_of import met_count
from okr_sync.progress.assess import assess, withheld
from okr_sync.progress.expected import expected_progress
from okr_sync.progress.goal import Goal, GoalError, GoalPart
from okr_sync.progress.grade import grade, grade_in_words
from okr_sync.progress.judge import judge
from okr_sync.progress.objective import Part, assess_objective
from okr_sync.progress.roll_up import assess_mean, assess_worst
from okr_sync.progress.standing import Assessment, Status
from okr_sync.progress.tree import Place, standings
from okr_sync.progress.written import (
    WrittenGoal,
    check_goal,
    goal_of,
    healthy_range,
    written_goal,
    written_goal_of_roll_up,
)

__all__ = [
    "Assessment",
    "Goal",
    "GoalError",
    "GoalPart",
    "Part",
    "Place",
    "Status",
    "WrittenGoal",
    "assess",
    "assess_mean",
    "assess_objective",
    "assess_worst",
    "check_goal",
    "expected_progress",
    "goal_of",
    "grade",
    "grade_in_words",
    "healthy_range",
    "judge",
    "met_count",
    "standings",
    "withheld",
    "written_goal",
    "written_goal_of_roll_up",
]
