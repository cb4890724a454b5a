"""How the agency's past is made up: from one seed, the same every time."""
