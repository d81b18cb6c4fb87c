"""Who may use which route. What does not stand here, nobody may."""

from backend.domain.console import Role

_A, _D, _P, _S, _M = Role.AGENT, Role.DISPATCHER, Role.PROVIDER, Role.SUPERVISOR, Role.ADMIN

EVERYBODY = frozenset(Role)
CENTRE = frozenset({_A, _S})
CARE = frozenset({_A, _D, _S})
"""Those who look at elders' files."""
ORDERING = frozenset({_A, _D})

OPEN = frozenset({"console.static", "console.sign_in.ask", "console.sign_in.enter"})
"""For whoever is not signed in yet."""

ROUTES: dict[str, frozenset[Role]] = {
    "console.sign_in.leave": EVERYBODY,
    "console.home.go": EVERYBODY,
    "console.account.show": EVERYBODY,
    "console.account.change": EVERYBODY,
    "console.live.feed": CARE,
    "console.centre.show": CENTRE,
    "console.incidents.strip": CENTRE,
    "console.incidents.show": CENTRE,
    "console.incidents.acknowledge": CENTRE,
    "console.incidents.relay": CENTRE,
    "console.incidents.close": CENTRE,
    "console.calls.current": CENTRE,
    "console.calls.show": CENTRE,
    "console.calls.words": CENTRE,
    "console.tickets.queue": CENTRE,
    "console.tickets.show": CENTRE,
    "console.tickets.close": CENTRE,
    "console.elders.search": CARE,
    "console.elders.show": CARE,
    "console.ordering.services": ORDERING,
    "console.ordering.times": ORDERING,
    "console.ordering.quote": ORDERING,
    "console.ordering.place": ORDERING,
    "console.board.show": frozenset({_D, _S}),
    "console.board.orders": frozenset({_D, _S}),
    "console.board.order": frozenset({_D, _S}),
    "console.board.reassign": frozenset({_D}),
}

FIRST_PAGE = {
    _A: "console.centre.show",
    _D: "console.board.show",
    _P: "console.account.show",
    _S: "console.centre.show",
    _M: "console.account.show",
}


def may(role: Role, endpoint: str) -> bool:
    """Whether somebody of this role may use a route."""
    return role in ROUTES.get(endpoint, frozenset())
