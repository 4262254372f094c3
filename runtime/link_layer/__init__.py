"""Bell pairs as a service in simulated time: create, OK, EXPIRE, errors (service.py has it all)."""
