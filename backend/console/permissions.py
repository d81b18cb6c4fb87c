"""Who may use which route. What does not stand here, nobody may."""

from backend.domain.console import Role

_A, _D, _P, _S, _M = Role.AGENT, Role.DISPATCHER, Role.PROVIDER, Role.SUPERVISOR, Role.ADMIN

EVERYBODY = frozenset(Role)
CENTRE = frozenset({_A, _S})
CARE = frozenset({_A, _D, _S})
"""Those who look at elders' files."""
ORDERING = frozenset({_A, _D})

OF_PROVIDERS = frozenset({_P})

ADMINS = frozenset({_M})

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
    "console.calls.mine": CENTRE,
    "console.calls.ringing": CENTRE,
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
    "console.timeline.show": frozenset({_D, _S}),
    "console.map.show": frozenset({_D, _S}),
    "console.map.places": frozenset({_D, _S}),
    "console.giving.fits": frozenset({_D}),
    "console.giving.marks": frozenset({_D}),
    "console.giving.ask": frozenset({_D}),
    "console.giving.give": frozenset({_D}),
    "console.meals.show": frozenset({_D, _S, _P}),
    "console.meals.list_for_kitchen": frozenset({_D, _S, _P}),
    "console.figures.show": frozenset({_S}),
    "console.figures.table": frozenset({_S}),
    "console.figures.behind": frozenset({_S}),
    "console.figures.sheet": frozenset({_S}),
    "console.audits.show": frozenset({_S, _M}),
    "console.codes.elder": ORDERING,
    "console.codes.make_for_elder": ORDERING,
    "console.codes.worker": OF_PROVIDERS,
    "console.codes.make_for_worker": OF_PROVIDERS,
    "console.jobs.show": OF_PROVIDERS,
    "console.jobs.job": OF_PROVIDERS,
    "console.menus.show": OF_PROVIDERS,
    "console.menus.publish": OF_PROVIDERS,
    "console.menus.copy": OF_PROVIDERS,
    "console.menus.meal": OF_PROVIDERS,
    "console.menus.add": OF_PROVIDERS,
    "console.menus.drop": OF_PROVIDERS,
    "console.menus.discard": OF_PROVIDERS,
    "console.menus.publish_meal": OF_PROVIDERS,
    "console.menus.picture": OF_PROVIDERS,
    "console.menus.keep_picture": OF_PROVIDERS,
    "console.menus.drop_picture": OF_PROVIDERS,
    "console.offerings.show": OF_PROVIDERS,
    "console.offerings.line": OF_PROVIDERS,
    "console.offerings.offer": OF_PROVIDERS,
    "console.offerings.close": OF_PROVIDERS,
    "console.workers.show": OF_PROVIDERS,
    "console.workers.ask": OF_PROVIDERS,
    "console.workers.hire": OF_PROVIDERS,
    "console.workers.card": OF_PROVIDERS,
    "console.workers.change": OF_PROVIDERS,
    "console.workers.add_paper": OF_PROVIDERS,
    "console.workers.finish_paper": OF_PROVIDERS,
    "console.workers.end": OF_PROVIDERS,
    "console.shifts.show": OF_PROVIDERS,
    "console.shifts.hours": OF_PROVIDERS,
    "console.shifts.keep": OF_PROVIDERS,
    "console.shifts.away": OF_PROVIDERS,
    "console.shifts.back": OF_PROVIDERS,
    "console.month.show": OF_PROVIDERS,
    "console.settings.show": ADMINS,
    "console.settings.of_kind": ADMINS,
    "console.settings.one": ADMINS,
    "console.settings.change": ADMINS,
    "console.changes.show": ADMINS,
    "console.changes.one": ADMINS,
    "console.changes.undo": ADMINS,
    "console.users.show": ADMINS,
    "console.users.came": ADMINS,
    "console.users.let_address_in": ADMINS,
    "console.users.ask": ADMINS,
    "console.users.make": ADMINS,
    "console.users.card": ADMINS,
    "console.users.change": ADMINS,
    "console.users.lock": ADMINS,
    "console.users.unlock": ADMINS,
    "console.users.password": ADMINS,
    "console.users.telephone": ADMINS,
}

FIRST_PAGE = {
    _A: "console.centre.show",
    _D: "console.board.show",
    _P: "console.jobs.show",
    _S: "console.centre.show",
    _M: "console.settings.show",
}


def may(role: Role, endpoint: str) -> bool:
    """Whether somebody of this role may use a route."""
    return role in ROUTES.get(endpoint, frozenset())
