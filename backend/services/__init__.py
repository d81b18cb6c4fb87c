"""Use cases, one a module. Each takes a `Work`, changes everything it must in the caller's
transaction, leaves events, audit rows, notices and jobs there too, and never commits."""
