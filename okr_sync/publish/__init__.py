"""Results to messages to destinations, each message once.

Alerts: `told` compares a night with what a destination was told before, `alert` puts the difference
into words, by the rows of `alert_table`.
Reports: `week` sets what is stored beside what was stored a week before, `weekly` puts it into words. `words` holds the
languages. `sending` sends what is new and writes it down; `delivery` knows apprise, and nobody else does.
"""
