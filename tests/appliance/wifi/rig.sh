# shellcheck shell=bash
# shellcheck disable=SC2086 # names of one word
# Sourced by the shell of the emulated machine: simulated radios, a made-up Internet at the end of its cable, and
# stations; everything but the radio and the cable of the machine itself is in network namespaces of its own.
#
#     phone, laptop ))) wlan0 | the machine | cable0 -- uplink | internet
#                   ))) wlan1 |

RADIOS=4
SSID='Our Häuschen'
PASSWORD='corr;ect \horse = #9'
# Not in /run, where nothing may be executed.
RUN=/tmp/rig
UPLINK=203.0.113.1
# Of what the bridge gives leases from.
ROUTER=192.168.77.1
LOCAL='0.0.0.0, 10.42.0.0/24, 192.168.77.0/24, 224.0.0.0/4, 255.255.255.255'
# From public ranges, so that places show.
NEWS=151.101.1.69 UPDATES=129.132.19.216 VIDEO=133.11.93.10

# Once, on a fresh disk: what makes this machine one with radios and a cable, at each boot.
furnish() {
  echo "options mac80211_hwsim radios=$RADIOS" >/etc/modprobe.d/rig.conf
  echo mac80211_hwsim >/etc/modules-load.d/rig.conf
  # The cable is a pair of virtual interfaces, which NetworkManager leaves alone unless told.
  cat >/etc/NetworkManager/conf.d/rig.conf <<END
[keyfile]
unmanaged-devices=interface-name:enp*
[device-cable]
match-device=interface-name:cable0
managed=1
END
  cat >/etc/NetworkManager/system-connections/cable.nmconnection <<END
[connection]
id=cable
type=ethernet
interface-name=cable0
[ipv4]
method=manual
address1=203.0.113.2/30,$UPLINK
dns=$UPLINK;
[ipv6]
method=disabled
END
  chmod 600 /etc/NetworkManager/system-connections/cable.nmconnection
  modprobe mac80211_hwsim
  systemctl restart NetworkManager
  # What it has had of qemu's router meanwhile.
  ip link set enp0s2 down
  ip address flush dev enp0s2
}

# inside NAMESPACE COMMAND...
inside() {
  ip netns exec "$@"
}

# until_it SECONDS COMMAND...: succeeds.
until_it() {
  local left=$1
  shift
  until "$@" >/dev/null 2>&1; do
    [ $((left -= 1)) -gt 0 ] || { echo "in vain: $*"; return 1; }
    sleep 1
  done
}

# HTTP and TLS by nginx, HTTP/3 by ngtcp2, names and, for the bridge, leases by dnsmasq.
internet_up() {
  mkdir -p $RUN/www
  ip netns add internet
  ip link add cable0 type veth peer name uplink netns internet
  # A packet that is sent is a packet on the link: nothing is cut up on the way.
  ip link set cable0 gso_max_segs 1 up
  ip -n internet link set uplink gso_max_segs 1 up
  ip -n internet link set lo up
  local address
  for address in $UPLINK/30 $ROUTER/24 $NEWS/32 $UPDATES/32 $VIDEO/32; do
    ip -n internet address add $address dev uplink
  done
  head -c 40000 /dev/urandom >$RUN/www/page
  head -c 400000 /dev/urandom >$RUN/www/film
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=internet \
    -addext subjectAltName=DNS:updates.example.com,DNS:video.example.net \
    -keyout $RUN/key.pem -out $RUN/certificate.pem 2>/dev/null
  cat >$RUN/nginx.conf <<END
user root;
pid $RUN/nginx.pid;
error_log $RUN/nginx.log;
events {}
http {
  access_log off;
  server {
    listen 80;
    listen 443 ssl;
    ssl_certificate $RUN/certificate.pem;
    ssl_certificate_key $RUN/key.pem;
    root $RUN/www;
  }
}
END
  inside internet nginx -e $RUN/nginx.log -c $RUN/nginx.conf
  inside internet gtlsserver -q --htdocs=$RUN/www $VIDEO 443 $RUN/key.pem $RUN/certificate.pem >$RUN/quic.log 2>&1 &
  inside internet dnsmasq --conf-file=/dev/null --no-resolv --no-hosts --pid-file=$RUN/dns.pid --bind-interfaces \
    --interface=uplink --dhcp-range=192.168.77.50,192.168.77.99 --dhcp-leasefile=$RUN/leases \
    --local=/example.org/ --local=/example.com/ --local=/example.net/ \
    --host-record=news.example.org,$NEWS --host-record=updates.example.com,$UPDATES \
    --host-record=video.example.net,$VIDEO
}

# By an address of the bridge's own the logger knows whose MAC addresses it sees.
give_bridge_address() {
  ip address add 192.168.77.2/24 dev br0
}

# What udhcpc calls with the lease it got.
lease_script() {
  cat >$RUN/lease.sh <<'END'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip address flush dev "$interface"
ip address add "$ip/$mask" dev "$interface"
ip route replace default via "$router"
echo "nameserver $dns" >/etc/resolv.conf
END
  chmod 755 $RUN/lease.sh
}

# station NAME MAC INTERFACE: takes a radio into a namespace, where all that goes to and from the Internet is counted.
station() {
  local name=$1 phy
  phy=$(cat /sys/class/net/$3/phy80211/name)
  if ! ip netns list | grep -q "^$name\b"; then
    mkdir -p /etc/netns/$name $RUN/$name
    touch /etc/netns/$name/resolv.conf
    ip netns add $name
    inside $name nft -f - <<END
table ip seen {
  chain sent { type filter hook output priority 0; ip daddr != { $LOCAL } counter; }
  chain got { type filter hook input priority 0; ip saddr != { $LOCAL } counter; }
}
END
  fi
  iw phy $phy set netns name $name
  inside $name sh -c 'cd /sys/class/net && echo wlan*' >$RUN/$name/radio
  ip -n $name link set lo up
  # NetworkManager may have given it another one while it looked around.
  ip -n $name link set $3 down address $2
}

radio_of() {
  cat $RUN/$1/radio
}

# join NAME KEY_MGMT: joins the Wi-Fi by WPA-PSK (WPA2) or SAE (WPA3), and gets a lease.
join() {
  local name=$1 radio
  radio=$(radio_of $1)
  [ -e $RUN/lease.sh ] || lease_script
  cat >$RUN/$name/wpa.conf <<END
ctrl_interface=$RUN/$name/wpa
network={
  ssid=$(printf %s "$SSID" | od -An -v -t x1 | tr -d ' \n')
  psk="$PASSWORD"
  key_mgmt=$2
  ieee80211w=$([ $2 = SAE ] && echo 2 || echo 1)
}
END
  inside $name wpa_supplicant -B -P $RUN/$name/wpa.pid -i $radio -c $RUN/$name/wpa.conf \
    -f $RUN/$name/wpa.log >/dev/null
  until_it 60 is_joined $name
  lease $name
}

supplicant() {
  local name=$1
  shift
  wpa_cli -p $RUN/$name/wpa -i "$(radio_of $name)" "$@"
}

is_joined() {
  supplicant $1 status | grep -q wpa_state=COMPLETED
}

lease() {
  inside $1 udhcpc -q -n -t 10 -i "$(radio_of $1)" -x hostname:$1 -s $RUN/lease.sh >$RUN/$1/lease.log 2>&1 ||
    { cat $RUN/$1/lease.log; return 1; }
  inside $1 ip -o -4 address show dev "$(radio_of $1)" | awk '{ print $4 }'
}

leave() {
  kill "$(cat $RUN/$1/wpa.pid)"
  until_it 10 test ! -e $RUN/$1/wpa.pid
}

# visit NAME: names are resolved, then HTTP, TLS and QUIC.
visit() {
  inside $1 curl -sS --max-time 30 -o $RUN/$1/got http://news.example.org/page && cmp $RUN/$1/got $RUN/www/page &&
    inside $1 curl -sS --max-time 30 --cacert $RUN/certificate.pem -o $RUN/$1/got https://updates.example.com/film &&
    cmp $RUN/$1/got $RUN/www/film &&
    inside $1 gtlsclient -q --exit-on-all-streams-close --download=$RUN/$1 \
      video.example.net 443 https://video.example.net/film >$RUN/$1/quic.log 2>&1 &&
    cmp $RUN/$1/film $RUN/www/film
}

# Counts what the bridge forwards between its devices and the Internet.
count_forwarded() {
  nft -f - <<END
table bridge forwarded {
  chain forward {
    type filter hook forward priority 0;
    ip saddr 192.168.77.0/24 ip daddr != { $LOCAL } counter
    ip daddr 192.168.77.0/24 ip saddr != { $LOCAL } counter
  }
}
END
}

# sum_of FAMILY TABLE [COMMAND...]: packets and bytes of its counters; COMMAND goes where the table is.
sum_of() {
  local family=$1 table=$2
  shift 2
  "$@" nft list table $family $table 2>/dev/null | grep -o 'counter packets [0-9]* bytes [0-9]*' |
    awk '{ packets += $3; bytes += $5 } END { print packets + 0, bytes + 0 }'
}

# hostapd_on INTERFACE CHANNEL: an access point of WPA2 and WPA3 on the bridge, as docs/where_to_listen.md has it.
hostapd_on() {
  cat >$RUN/hostapd-$1.conf <<END
interface=$1
bridge=br0
ctrl_interface=$RUN/hostapd
country_code=DE
ssid2=$(printf %s "$SSID" | od -An -v -t x1 | tr -d ' \n')
hw_mode=g
channel=$2
ieee80211n=1
wpa=2
wpa_key_mgmt=WPA-PSK SAE
ieee80211w=1
rsn_pairwise=CCMP
wpa_passphrase=$PASSWORD
END
  # In the background it answers only once the access point is up.
  hostapd -B -P $RUN/hostapd-$1.pid $RUN/hostapd-$1.conf >$RUN/hostapd-$1.log || { cat $RUN/hostapd-$1.log; return 1; }
}

# roam NAME BSSID: goes over to another access point of the same name.
roam() {
  supplicant $1 scan >/dev/null
  until_it 30 sh -c "wpa_cli -p $RUN/$1/wpa -i $(radio_of $1) scan_results | grep -q ^$2"
  supplicant $1 roam $2 >/dev/null
  until_it 30 sh -c "wpa_cli -p $RUN/$1/wpa -i $(radio_of $1) status | grep -q ^bssid=$2"
  until_it 30 is_joined $1
}

# throw_out NAME: out of the access point of the bridge that it is at; it comes again by itself.
throw_out() {
  local address before radio
  address=$(inside $1 cat "/sys/class/net/$(radio_of $1)/address")
  before=$(departures $1)
  for radio in wlan0 wlan1; do hostapd_cli -p $RUN/hostapd -i $radio deauthenticate $address >/dev/null; done
  until_it 30 has_departed $1 $before
  until_it 60 is_joined $1
}

departures() {
  grep -c CTRL-EVENT-DISCONNECTED $RUN/$1/wpa.log
}

has_departed() {
  [ "$(departures $1)" -gt $2 ]
}
