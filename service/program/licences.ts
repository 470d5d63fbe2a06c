/** Whose data are inside the program, whose code is in its pages, and on what terms: said by `wifilogger --version --licenses`. */

/** Text for a person. The licences ask that it goes with the program. */
export const LICENCES = `\
wifilogger itself: MIT licence.

Data inside it:

  Countries: IP to Country Lite by DB-IP: IP Geolocation by DB-IP, https://db-ip.com, as the ip-location-db project,
    https://github.com/sapics/ip-location-db, packs it: dbip-country.
  CC BY 4.0, https://creativecommons.org/licenses/by/4.0/. Unchanged.

  Network owners: asn of the ip-location-db project, made from
    the IP to AS number database of RouteViews, https://www.routeviews.org,
    IP to ASN Lite by DB-IP: IP Geolocation by DB-IP, https://db-ip.com,
    the statistics of the Number Resource Organization (NRO), https://www.nro.net.
  All three: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/. Changed: put into a compact table; of IPv6,
  ranges smaller than a /48 are left out.

  Vendors of MAC addresses: the public registries of the IEEE, https://standards-oui.ieee.org, by way of the npm
  package oui-data, https://github.com/silverwind/oui-data, on these terms (BSD 2-Clause):

    Copyright (c) silverwind. All rights reserved.

    Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
    following conditions are met:

    1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following
       disclaimer.
    2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
       following disclaimer in the documentation and/or other materials provided with the distribution.

    THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
    INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
    DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
    SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
    SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY,
    WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
    OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

  The map of the world on its pages: Natural Earth, https://www.naturalearthdata.com, in the public domain, by way of the
    npm package world-atlas, https://github.com/topojson/world-atlas. Simplified and projected.

Code in its pages:

  Preact, https://preactjs.com: Copyright (c) 2015-present Jason Miller.
  uPlot, https://github.com/leeoniya/uPlot: Copyright (c) 2022 Leon Sorokin.
  Both on these terms (MIT):

    Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
    documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
    rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
    persons to whom the Software is furnished to do so, subject to the following conditions:

    The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
    Software.

    THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
    WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
    COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
    OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

Data that are fetched only when a setting asks for them (wifilogger places):

  IPinfo Lite: IP address data is powered by IPinfo, https://ipinfo.io,
    CC BY-SA 4.0, https://creativecommons.org/licenses/by-sa/4.0/.
  IP to Country Lite, IP to City Lite, IP to ASN Lite by DB-IP: IP Geolocation by DB-IP, https://db-ip.com,
    CC BY 4.0, https://creativecommons.org/licenses/by/4.0/.
`;
