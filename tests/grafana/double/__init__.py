"""A double of Grafana 12.3's HTTP API, as recorded in ../contract.

It keeps everything in memory and answers over real sockets, from one thread. What it is for: tests
and benchmarks where there is no Grafana. What it can't show: how Grafana itself guards one org from
another; for that the same tests run against a real one.
"""
