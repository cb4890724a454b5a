"""What people see in a terminal: tables, bars and progress. Takes data, prints it, decides nothing."""
