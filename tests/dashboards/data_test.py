"""Every query of every dashboard has data, asked as Grafana asks it with the tenant's token."""

import model
import promql  # noqa: F401  first: it knows where the others are

import asking
import case
from asking import DataSource
from stack import Stack
from waiting import eventually

# (file, panel title): why it may have none.
MAY_BE_EMPTY = {
    ("operator/fleet.json", "All tenants"): "growth is of closed days: none on a billing day",
    ("operator/trust.json", "Doubtful cases by kind"): "sound traffic has none",
    ("operator/trust.json", "Doubtful cases an hour"): "sound traffic has none",
    ("operator/trust.json", "Late bytes by tenant"): "sound traffic has none",
    ("operator/trust.json", "Stale sessions by tenant"): "sound traffic has none",
    ("operator/system.json", "Gateway refusals"): "nothing was refused",
}


def may_be_empty(target):
    return (target.panel.dashboard.name, target.panel.title) in MAY_BE_EMPTY


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
            chosen = asking.variables(dashboard, source, values)
            without.update({target: chosen for target in dashboard.targets
                            if not may_be_empty(target)})

        def all_have():
            for target, chosen in list(without.items()):
                if asking.numbers(source.ask(target, chosen)):
                    del without[target]
            return not without or self.fail("".join(
                f"\n{target.where}: {target.expression}" for target in without))
        eventually("every query has data", all_have)

    def test_a_tenants_dashboards_have_data(self):
        self.assert_data(self.of_tenant, [d for d in model.load_all() if d.is_tenant])

    def test_the_operators_have_data(self):
        self.assert_data(self.operator, [d for d in model.load_all() if not d.is_tenant])

    def test_the_operator_sees_a_tenants_dashboards(self):
        self.assert_data(self.operator, [d for d in model.load_all() if d.is_tenant],
                         {"tenant": self.other})

    def test_queries_that_may_be_empty_are_good_queries(self):
        for dashboard in model.load_all():
            values = asking.variables(dashboard, self.operator, {"tenant": self.tenant})
            for target in filter(may_be_empty, dashboard.targets):
                self.operator.ask(target, values)

    def test_the_chooser_offers_a_tenant_itself_and_the_operator_all(self):
        for dashboard in model.load_all():
            variable = dashboard.variable("tenant")
            if variable:
                self.assertEqual(self.of_tenant.choices(variable, {}), [self.tenant])
                self.assertEqual(sorted(self.operator.choices(variable, {})), self.stack.tenants)

    def test_no_variable_shows_another_tenant(self):
        for dashboard in model.load_all():
            if dashboard.is_tenant:
                values = asking.variables(dashboard, self.operator, {"tenant": self.other})
                for target in dashboard.targets:
                    found = self.of_tenant.ask(target, values)["result"]
                    named = [sample["metric"] for sample in found
                             if self.other in sample["metric"].values()]
                    self.assertEqual(named, [], target.where)

    def test_the_list_of_empty_ones_names_panels_that_are_there(self):
        there = {(d.name, panel.title) for d in model.load_all() for panel in d.panels}
        self.assertLessEqual(set(MAY_BE_EMPTY), there)


if __name__ == "__main__":
    case.main()
