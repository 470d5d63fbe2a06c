# shellcheck shell=bash
# shellcheck disable=SC2086 # names of one word
# Sourced after rig.sh: what a small machine has to bear at once, and what it takes.

BROKER=$UPLINK
WEB_PASSWORD='four words are long'
UNITS='wifilogger wifilogger-forward wifilogger-web wifilogger-web-proxy'

# A broker on the made-up Internet.
broker_up() {
  printf 'listener 1883 %s\nallow_anonymous true\npersistence false\n' $BROKER >$RUN/broker.conf
  inside internet mosquitto -d -c $RUN/broker.conf
}

# flood PACKETS_PER_SECOND: until flood_over, UDP packets from random addresses and ports: nearly each is a new flow.
flood() {
  modprobe pktgen
  inside internet sh -c "
    echo 'add_device uplink' >/proc/net/pktgen/kpktgend_0
    for line in 'count 0' 'pkt_size 110' 'ratep $1' 'dst_mac $(cat /sys/class/net/cable0/address)' 'dst 203.0.113.2' \
      'flag IPSRC_RND' 'src_min 198.18.0.1' 'src_max 198.19.255.254' 'flag UDPSRC_RND' 'udp_src_min 1024' \
      'udp_src_max 65535' 'udp_dst_min 9' 'udp_dst_max 9'
    do echo \"\$line\" >/proc/net/pktgen/uplink || echo \"no \$line\"; done"
  inside internet sh -c 'echo start >/proc/net/pktgen/pgctrl' &
}

flood_over() {
  inside internet sh -c 'echo stop >/proc/net/pktgen/pgctrl; cat /proc/net/pktgen/uplink' | grep pps
}

# One who looks at the pages, again and again, until visitor_over: the files of the page, and what it asks the API for.
visitor() {
  local jar=$RUN/jar url=http://127.0.0.1:9480 path
  rm -f $RUN/visitor-over
  : >$RUN/visited
  # The first answer takes long here: two processes start for it.
  until curl -sSf --max-time 200 -o /dev/null --cookie-jar $jar --json "{\"password\":\"$WEB_PASSWORD\"}" $url/api/v1/login
  do sleep 5; done 2>/dev/null
  while [ ! -e $RUN/visitor-over ]; do
    for path in / $(curl -sS --compressed --max-time 60 $url/ | grep -oE '(app|icon)-[0-9a-f]+\.(js|css|svg)' | sort -u | sed 's,^,/,') \
      /api/v1/overview /api/v1/records /api/v1/devices /api/v1/news /api/v1/status '/api/v1/report?by=site'; do
      curl -sS --max-time 200 --compressed -o /dev/null --cookie $jar -w "%{http_code} %{time_total} $path\n" $url$path >>$RUN/visited 2>&1
    done
    timeout 5 curl -sS -N --cookie $jar -o /dev/null $url/api/v1/live
  done
}

visitor_over() {
  touch $RUN/visitor-over
}

# Resident memory of each process of ours now and at its most, and how often it was started anew, in kB; then the machine's.
memory_now() {
  local unit pid
  for unit in $UNITS; do
    pid=$(systemctl show -P MainPID $unit)
    [ "$pid" = 0 ] || awk -v unit=$unit -v restarts="$(systemctl show -P NRestarts $unit)" \
      '/^VmRSS/ { now = $2 } /^VmHWM/ { most = $2 } END { print unit, now, most, restarts }' /proc/$pid/status
  done
  awk '/^MemTotal/ { total = $2 } /^MemAvailable/ { available = $2 } /^SwapTotal/ { swap = $2 }
    END { print "machine", total, available, swap }' /proc/meminfo
  awk '/^oom_kill / { print "killed", $2 }' /proc/vmstat
}
