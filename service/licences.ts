/** Whose data are inside the program, and on what terms: said by `wifilogger --version --licenses`. */

/** Text for a person. The licences ask that it goes with the program. */
export const LICENCES = `\
wifilogger itself: MIT licence.

Data inside it:

  Countries: geo-whois-asn-country of the ip-location-db project, https://github.com/sapics/ip-location-db.
  Public domain (CC0 1.0), https://creativecommons.org/publicdomain/zero/1.0/.

  Vendors of link addresses: the public registries of the IEEE, by way of the npm package oui-data by silverwind,
  BSD 2-Clause licence.

  Network owners: asn of the ip-location-db project, made from
    the IP to AS number database of RouteViews, https://www.routeviews.org,
    IP to ASN Lite by DB-IP: IP Geolocation by DB-IP, https://db-ip.com,
    the statistics of the Number Resource Organization (NRO), https://www.nro.net.
  All three: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/. Changed: put into a compact table; of IPv6,
  ranges smaller than a /48 are left out.
`;
