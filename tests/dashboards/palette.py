"""The colours, the same on every panel, and the units that panels may have."""

COLOURS = {
    "download": "#3274D9",
    "upload": "#FF9830",
    "hotspot": "#B877D9",
    "pppoe": "#56A64B",
    "quota": "#E02F44",
    "last month": "#8E8E8E",
    "yesterday": "#8E8E8E",
}
# Of thresholds: good, watch, bad; and what has no meaning.
NAMED = ("green", "yellow", "orange", "red", "text", "transparent", "blue", "semi-dark-blue")

UNITS = {
    "bps": "bits a second: octets × 8",
    "decbytes": "octets, as plans are sold: 1 GB = 10⁹",
    "s": "seconds",
    "short": "a number of things",
    "percentunit": "a share, 0 to 1",
    "percent": "0 to 100",
    "cps": "things a second",
    "reqps": "requests a second",
    "dateTimeAsIso": "milliseconds since 1970",
    "dateTimeFromNow": "milliseconds since 1970",
    "bool_yes_no": "0 or 1",
    "bool_on_off": "0 or 1",
    "string": "text",
    "none": "a number as it is",
    "locale": "a number as it is, with separators",
}
