"""Every query of every dashboard has data, asked as Grafana asks it with the tenant's token."""

import time

import model
import promql  # noqa: F401  first: it knows where the others are

import asking
import case
from asking import DataSource
from stack import Stack
from waiting import eventually

# File, panel and query: why it may have none.
MAY_BE_EMPTY = {
    'tenant/alerts.json "What fires" A': "no alert is ruled here",
    'tenant/alerts.json "What fired" A': "no alert is ruled here",
    'operator/system.json "Alerts of the operator" A': "no alert is ruled here",
    'operator/fleet.json "All tenants" D': "growth is of closed days: none on a billing day",
    'operator/trust.json "Doubtful cases an hour" A': "sound traffic has none",
    'operator/trust.json "Late bytes by tenant" A': "sound traffic has none",
    'operator/trust.json "Stale sessions by tenant" A': "sound traffic has none",
    'operator/system.json "Gateway refusals" A': "nothing was refused",
}
# Panels whose queries are all of routers, which are none here.
OF_ROUTERS = ('operator/routers.json "', 'tenant/subscribers.json "Now"')


def may_be_empty(target):
    return target.where in MAY_BE_EMPTY or target.where.startswith(OF_ROUTERS)


class ThroughTheGateway(case.SharedCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = cls.share(Stack(cls.make_folder()))
        cls.operator = DataSource(cls.stack.gateway.url, cls.stack.operator)
        cls.tenant, cls.other = cls.stack.tenants[:2]
        cls.of_tenant = DataSource(cls.stack.gateway.url, cls.stack.tokens[cls.tenant])

    def assert_data(self, source, dashboards, values=None):
        """Each query yields a number within a minute; asks again only for those that did not."""
        without = {}
        for dashboard in dashboards:
            chosen = self.variables(dashboard, source, values)
            without.update({target: chosen for target in dashboard.targets
                            if not may_be_empty(target)})

        def all_have():
            for target, chosen in list(without.items()):
                if asking.numbers(source.ask(target, chosen)):
                    del without[target]
            return not without or self.fail("".join(
                f"\n{target.where}: {target.expression}" for target in without))
        eventually("every query has data", all_have)

    def variables(self, dashboard, source, values=None):
        """Once Prometheus has what they offer."""
        return eventually(f"{dashboard.name}'s variables offer something",
                          lambda: asking.variables(dashboard, source, values))

    def test_a_tenants_dashboards_have_data(self):
        self.assert_data(self.of_tenant, [d for d in model.load_all() if d.is_tenant])

    def test_the_operators_have_data(self):
        self.assert_data(self.operator, [d for d in model.load_all() if not d.is_tenant])

    def test_the_operator_sees_a_tenants_dashboards(self):
        self.assert_data(self.operator, [d for d in model.load_all() if d.is_tenant],
                         {"tenant": self.other})

    def test_queries_that_may_be_empty_are_good_queries(self):
        asked = set()
        for dashboard in model.load_all():
            values = self.variables(dashboard, self.operator, {"tenant": self.tenant})
            for target in dashboard.targets:
                if may_be_empty(target):
                    self.operator.ask(target, values)
                    asked.add(target.where)
        self.assertLessEqual(set(MAY_BE_EMPTY), asked, "the list names what is not there")
        for panels in OF_ROUTERS:
            self.assertTrue([where for where in asked if where.startswith(panels)], panels)

    def test_the_chooser_offers_a_tenant_itself_and_the_operator_all(self):
        for dashboard in model.load_all():
            variable = dashboard.variable("tenant")
            if variable:
                self.assertEqual(self.of_tenant.choices(variable, {}), [self.tenant])
                self.assertEqual(sorted(self.operator.choices(variable, {})), self.stack.tenants)

    def test_no_variable_shows_another_tenant(self):
        """Its name in $tenant is answered as the name of nobody."""
        now = time.time()
        for dashboard in model.load_all():
            if not dashboard.is_tenant:
                continue
            other = self.variables(dashboard, self.operator, {"tenant": self.other})
            nobody = {**other, "tenant": "nobody"}
            for target in dashboard.targets:
                found, none = (self.of_tenant.ask(target, values, now)["result"]
                               for values in (other, nobody))
                self.assertEqual(found, none, target.where)


if __name__ == "__main__":
    case.main()
