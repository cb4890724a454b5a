"""Progress: a goal, its values by day and the day make progress, expected progress and a status with its reason.

Pure: no clock, no files, no store. Every status is computed here and carries one sentence that says why.

`written` turns what a project says into a `goal`, `expected` says where the plan is on a day, `plan` what status
follows, `reasons` puts it into words; `assess` joins them for a key result, `objective` for an objective,
`roll_up` for a template,
`tree` for objectives below objectives, and `grade` gives the grades at a cycle's end.
"""

from okr_sync.progress.assess import assess, withheld
from okr_sync.progress.expected import expected_progress
from okr_sync.progress.goal import Goal, GoalError
from okr_sync.progress.grade import grade, grade_in_words
from okr_sync.progress.objective import Part, assess_objective
from okr_sync.progress.roll_up import assess_mean, assess_worst
from okr_sync.progress.standing import Assessment, Status
from okr_sync.progress.tree import Place, standings
from okr_sync.progress.written import goal_of, goal_of_roll_up, healthy_range

__all__ = [
    "Assessment",
    "Goal",
    "GoalError",
    "Part",
    "Place",
    "Status",
    "assess",
    "assess_mean",
    "assess_objective",
    "assess_worst",
    "expected_progress",
    "goal_of",
    "goal_of_roll_up",
    "grade",
    "grade_in_words",
    "healthy_range",
    "standings",
    "withheld",
]
