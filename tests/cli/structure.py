"""A project with everything that gives OKRs a structure, over five tickets whose numbers can be worked out by hand."""

from __future__ import annotations

SETTINGS = """\
timezone: Asia/Ho_Chi_Minh
cycle: {name: spring, start: 2025-01-01, end: 2025-04-10}
sources:
  desk:
    connector: files
    streams:
      tickets: {path: tickets.csv, key: id, fields: {id: text, opened_on: date, hours: number, state: text, team: text}}
"""
TICKETS = """\
id,opened_on,hours,state,team
A,2025-01-10,1,late,WEB
B,2025-01-20,2,done,WEB
C,2025-02-01,3,done,SEO
D,2025-02-05,,done,OPS
E,2025-02-05,,late,OPS
"""
TEAM = """\
objective: Khách hàng được trả lời nhanh
id: help
parent: company
weight: 2
key_results:
  - {id: opened, name: Count the tickets, metric: opened, target: 8}
  - id: late
    name: Giảm tỷ lệ trễ của {team}
    metric: late
    for_each: {team: {WEB: {target: 25%, label: Website}, SEO: {weight: 2}, OPS: }}
    baseline: 50%
    target: 10%
    weight: 3
initiatives:
  - {name: Chuẩn hoá checklist, stream: desk.tickets, where: team <> 'SEO', done: state = 'done'}
  - {name: Chưa có gì, stream: desk.tickets, where: team = 'XYZ', done: state = 'done'}
  - {name: Chỉ có tên}
metrics:
  opened: {stream: desk.tickets, time: opened_on, value: count(*)}
  late: {value: late_count / opened, unit: percent}
  late_count: {stream: desk.tickets, where: state = 'late', time: opened_on, value: count(*)}
"""
COMPANY = """\
objective: Công ty lớn lên
id: company
key_results:
  - {id: wait, name: Wait little, metric: wait, at_most: 2h}
kpis:
  wait: {name: Waiting time, metric: wait, at_most: 90min, owner: An}
  opened: {name: Tickets, metric: opened, between: [1, 5]}
  calls: {name: Calls, metric: calls, at_least: 1h}
metrics:
  wait: {stream: desk.tickets, time: opened_on, value: avg(hours), unit: hours}
  calls: {stream: desk.tickets, where: state = 'call', time: opened_on, value: avg(hours), unit: hours}
"""
