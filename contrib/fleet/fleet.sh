#!/bin/sh
# The certificates of a fleet, and who may send what, in the folder it is run in:
#
#   fleet.sh authority              ca.pem and ca.key, which stays there
#   fleet.sh node NAME HOST...      nodes/NAME/: what a NATS node needs; HOST is where sites find it
#   fleet.sh site NAME...           sites/NAME.pem and .key, for the Pi of that site
#   fleet.sh drop NAME...           the site may no longer send
#
# After the last two, copy sites.conf to each node and run `nats-server --signal reload` there.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
days=825

die() {
  printf 'fleet.sh: %s\n' "$*" >&2
  exit 1
}

# certificate PATH NAME EXTENSIONS: PATH.key and PATH.pem, signed by the authority
certificate() {
  [ -e ca.key ] || die "there is no ca.key here. Run: fleet.sh authority"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$2" \
    -keyout "$1.key" -out "$1.csr" 2>/dev/null
  printf '%s\n' "$3" >"$1.ext"
  openssl x509 -req -days "$days" -in "$1.csr" -CA ca.pem -CAkey ca.key \
    -set_serial "0x$(openssl rand -hex 16)" -extfile "$1.ext" -out "$1.pem" 2>/dev/null
  rm "$1.csr" "$1.ext"
}

# A name that is one level of an MQTT topic, one token of a NATS subject and a DNS name too.
check_name() {
  case $1 in
    '' | *[!A-Za-z0-9_-]*) die "'$1' is no name of a site: letters, digits, _ and - only" ;;
  esac
}

# Who is let in: the operator, ClickHouse, and each site with its own topics and nothing else.
# The words with $ are for nats-server.
# shellcheck disable=SC2016
write_users() {
  {
    printf 'users: [\n'
    printf '  { user: operator, password: $OPERATOR_PASSWORD }\n'
    printf '  { user: clickhouse, password: $CLICKHOUSE_PASSWORD, permissions: {\n'
    printf '    publish: ["$JS.API.INFO", "$JS.API.CONSUMER.INFO.$MQTT_msgs.clickhouse", '
    printf '"$JS.API.CONSUMER.MSG.NEXT.$MQTT_msgs.clickhouse", "$JS.ACK.$MQTT_msgs.clickhouse.>"]\n'
    printf '    subscribe: ["_INBOX.>"] } }\n'
    for pem in sites/*.pem; do
      [ -e "$pem" ] || continue
      site=${pem#sites/}
      site=${site%.pem}
      printf '  { user: "%s", permissions: { publish: ["wifilogger.%s.>"], subscribe: { deny: ">" } } }\n' \
        "$site" "$site"
    done
    printf ']\n'
  } >sites.conf.new
  mv sites.conf.new sites.conf
}

umask 077
task=${1-}
[ $# -eq 0 ] || shift
case $task in
  authority)
    [ ! -e ca.key ] || die "ca.key is there already; all certificates hang on it"
    openssl req -x509 -days 7300 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
      -subj '/CN=wifilogger fleet' -keyout ca.key -out ca.pem 2>/dev/null
    mkdir -p nodes sites
    write_users
    ;;
  node)
    [ $# -ge 1 ] || die "which node? Run: fleet.sh node NAME HOST..."
    node=$1
    names=
    for host in "$@"; do names="${names:+$names,}DNS:$host"; done
    mkdir -p "nodes/$node"
    certificate "nodes/$node/node" "$node" "subjectAltName=$names
extendedKeyUsage=serverAuth,clientAuth"
    cp ca.pem sites.conf "$here/nats/nats.conf" "nodes/$node/"
    ;;
  site)
    for site in "$@"; do check_name "$site"; done
    for site in "$@"; do
      certificate "sites/$site" "$site" "subjectAltName=DNS:$site
extendedKeyUsage=clientAuth"
    done
    write_users
    ;;
  drop)
    for site in "$@"; do
      check_name "$site"
      rm -f "sites/$site.pem" "sites/$site.key"
    done
    write_users
    ;;
  *) die "run it as: fleet.sh authority | node NAME HOST... | site NAME... | drop NAME..." ;;
esac
