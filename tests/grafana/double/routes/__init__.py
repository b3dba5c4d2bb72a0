"""The HTTP routes, a module for each subject; each has `routes`."""

from . import (accounts, apis, dashboards, data_sources, folders, live, orgs, preferences, queries,
               search, server, session, users)

ALL = [module.routes for module in (
    accounts, apis, dashboards, data_sources, folders, live, orgs, preferences, queries, search,
    server, session, users)]
