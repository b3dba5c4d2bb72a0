"""Reads OpenMetrics from stdin with prometheus_client, the format's reference parser, and prints a
line per sample: type, name, labels with the length of their values, value. A page that the parser
refuses ends in its error."""

import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

sys.stdin.reconfigure(encoding="utf-8", newline="\n")
sys.stdout.reconfigure(encoding="utf-8", newline="\n")
for family in text_string_to_metric_families(sys.stdin.read()):
    for sample in family.samples:
        labels = [
            f"{name}={len(value.encode())}:{value}" for name, value in sorted(sample.labels.items())
        ]
        print(family.type, sample.name, *labels, sample.value)
