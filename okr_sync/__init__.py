"""Key results that update themselves, with numbers people can trust."""
