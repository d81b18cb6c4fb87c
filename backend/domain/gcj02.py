"""A browser's place (WGS-84) as maps and messages in China give places (GCJ-02).

The two lie some 500 m apart in Guangdong: more than being at the door allows. The constants are
those of the published approximation, good to a few metres.
"""

from math import cos, pi, sin, sqrt

from backend.domain.matching import Place

_RADIUS_M, _FLATNESS = 6_378_245.0, 0.00669342162296594323
_INSIDE = (0.8293, 55.8271, 72.004, 137.8347)
"""South, north, west, east: outside of it there is no shift."""


def from_wgs84(place: Place) -> Place:
    """The same spot in GCJ-02 degrees."""
    south, north, west, east = _INSIDE
    if not (south <= place.lat <= north and west <= place.lon <= east):
        return place
    x, y = place.lon - 105.0, place.lat - 35.0
    ripple = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    lat_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    lat_m += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    lat_m += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    lon_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    lon_m += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    lon_m += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    angle = place.lat / 180.0 * pi
    bulge = 1 - _FLATNESS * sin(angle) ** 2
    lat = lat_m * 180.0 / ((_RADIUS_M * (1 - _FLATNESS)) / (bulge * sqrt(bulge)) * pi)
    lon = lon_m * 180.0 / (_RADIUS_M / sqrt(bulge) * cos(angle) * pi)
    return Place(place.lat + lat, place.lon + lon)
