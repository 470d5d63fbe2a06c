#!/bin/sh
# Installs wifilogger as a service, upgrades it, and removes it. Copy this file and the binary to the
# machine and run: sudo ./install.sh
#
# It makes: /usr/local/bin/wifilogger, wifilogger.service, wifilogger-forward.service (enabled while ~/.env
# names an output), wifilogger-web.socket with its two services (enabled by --web), wifilogger-places.timer and its service,
# wifilogger-ap.nmconnection of NetworkManager and wifilogger-ap.conf of the kernel's modules (by --access-point),
# mnt-ramlogs.mount (unless /etc/fstab mounts /mnt/ramlogs already), the folder ~/wifi_logger, lines in ~/.env where flags ask for them, the program's
# completion for bash, and, where they are missing, libpcap and the service's user. What --uninstall cannot see for itself stands in the
# service unit, in a section that systemd skips: [X-Install].
#
# An upgrade replaces the binary and the units and restarts the service. The old process flushes as it
# stops; when the new one does not come to capture, all is put back and the old one started again. So it
# is with whatever else fails or is interrupted on the way.
#
# The Debian package of wifilogger has its units from here, too (--units). On one machine there is one of the two.
#
# Exit codes: 0 done, 1 failed, 2 wrong usage, 3 this system or a privilege is missing.
set -eu
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

program=/usr/local/bin/wifilogger
staged=/usr/local/bin/.wifilogger.new
previous=/usr/local/bin/.wifilogger.old
packaged_program=/usr/bin/wifilogger
written_by="Written by wifilogger's install.sh, which writes it anew on every upgrade."
service=wifilogger.service
forward=wifilogger-forward.service
web=wifilogger-web
places=wifilogger-places
mount=mnt-ramlogs.mount
units=/etc/systemd/system
ram_folder=/mnt/ramlogs
completion=/usr/share/bash-completion/completions/wifilogger
manual=/usr/local/share/man/man1/wifilogger.1
default_user=wifilogger
# dlsym(3), which the program needs, is in the C library itself since then.
glibc_needed=2.34
socket_proxy=/usr/lib/systemd/systemd-socket-proxyd
# Over IPv4, which a home router lets nobody in by from outside.
default_web_listen=0.0.0.0:9480
# As long as the program itself wants a password to be.
web_password_length=10
access_point=wifilogger-ap
access_point_file=/etc/NetworkManager/system-connections/$access_point.nmconnection
access_point_modules=/etc/modules-load.d/$access_point.conf
capture_timeout_s=30

usage() {
  cat <<'EOF'
Usage: sudo ./install.sh [FLAGS]

Installs wifilogger as a service, or upgrades it.

  --binary FILE        the program (wifilogger-aarch64, wifilogger-x86_64 or wifilogger beside this script)
  --interface NAME     listen there; may be given again; any is all (the interface of the default route)
  --token              ask for the token of ipinfo.io, or read it from standard input
  --web                the pages for the whole network; asks for their password, or reads it from standard input
  --web-listen ADDRESS where they are served (0.0.0.0:9480)
  --no-web             no pages any more
  --access-point       make a Wi-Fi of its own with NetworkManager, and listen on it; asks for its name and
                       password, or reads them from standard input, a line each
  --ap-name NAME       its name
  --ap-password-file FILE   its password, the first line of FILE
  --ap-interface NAME  made by this Wi-Fi interface (the first that can)
  --no-access-point    no Wi-Fi of its own any more
  --archive-dir DIR    where the daily files go (~/wifi_logger/logs)
  --user NAME          run as this user; made when missing (the user of sudo, else wifilogger)
  --no-start           install, and start at the next boot only
  --dry-run            show what would be done, and do nothing
  --uninstall          remove everything but the logs
  --purge              remove everything, and the logs

Settings go to ~/.env of that user. Running it again upgrades; what was set stays.
EOF
}

say() {
  printf '%s\n' "$*"
}

# die CODE MESSAGE
die() {
  code=$1
  shift
  is_said=yes
  printf 'install.sh: %s\n' "$*" >&2
  exit "$code"
}

# run COMMAND...: every command that changes the system goes through here.
run() {
  case $dry_run/$1 in
    /*) "$@" ;;
    */as_user) shift && say "would run as $user: $*" ;;
    *) say "would run: $*" ;;
  esac
}

# write_file FILE: its new content is on standard input.
write_file() {
  if [ "$dry_run" ]; then
    say "would write $1:"
    sed 's/^/    /'
  else
    cat >"$1.new"
    mv -f "$1.new" "$1"
  fi
}

as_user() {
  runuser -u "$user" -- env -i HOME="$home" PATH="$PATH" "$@"
}

# last_line TEXT: of what a command said, why it failed.
last_line() {
  printf '%s\n' "$1" | sed -n '$ { s/^[A-Za-z.-]*: //; p; }'
}

# --- What there is -------------------------------------------------------------------------------

check_system() {
  machine=$(uname -m)
  bits=$(getconf LONG_BIT)
  case $machine/$bits in
    aarch64/64 | x86_64/64) ;;
    *) die 3 "cannot install on this system: it is a ${bits}-bit $machine one. Use a 64-bit Debian or Raspberry Pi OS" ;;
  esac
  glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null) ||
    die 3 "cannot install on this system: its C library is not glibc. Use Debian or Raspberry Pi OS"
  glibc=${glibc#glibc }
  oldest=$(printf '%s\n' "$glibc" "$glibc_needed" | sort -V | head -n 1)
  [ "$oldest" = "$glibc_needed" ] ||
    die 3 "cannot install on this system: its glibc is $glibc, older than $glibc_needed. Use Debian 12 or later"
  [ -d /run/systemd/system ] ||
    die 3 "cannot install on this system: it was not booted with systemd. Use Debian or Raspberry Pi OS"
  systemd_version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
}

# unit_value KEY: from the service unit that is installed.
unit_value() {
  [ ! -e "$units/$service" ] || sed -n "s/^$1=//p" "$units/$service"
}

# Sets user, home and makes_user.
find_user() {
  user=${wanted_user:-$(unit_value User)}
  if [ -z "$user" ]; then
    user=${SUDO_USER:-$(id -un)}
    [ "$user" != root ] || user=$default_user
  fi
  printf '%s' "$user" | grep -Eqx '[a-z_][a-z0-9_-]*' ||
    die 2 "cannot use the user '$user': the name is not a plain one. Choose another with --user"
  makes_user=
  if id -u "$user" >/dev/null 2>&1; then
    [ "$(id -u "$user")" -ne 0 ] || die 2 "the service does not run as root. Name another user with --user"
    home=$(getent passwd "$user" | cut -d: -f6)
  else
    makes_user=yes
    home=/var/lib/$user
  fi
  check_path "the home folder of $user" "$home"
  env_file=$home/.env
  data_folder=$home/wifi_logger
}

# check_path WHAT PATH: systemd reads other characters in a way of its own.
check_path() {
  printf '%s' "$2" | grep -Eqx '/[A-Za-z0-9._/-]+' ||
    die 2 "cannot use $1, '$2': give an absolute path of letters, digits, . _ - and /"
}

find_binary() {
  if [ -z "$binary" ]; then
    here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
    for name in "wifilogger-$machine" wifilogger; do
      [ -n "$binary" ] || [ ! -f "$here/$name" ] || binary=$here/$name
    done
    [ -n "$binary" ] || die 2 "there is no wifilogger-$machine beside this script. Name it with --binary"
  fi
  [ -f "$binary" ] || die 2 "there is no file $binary. Name the program with --binary"
  check_sum
}

# By the SHA256SUMS of a release, where it lies beside the program.
check_sum() {
  sums=$(dirname -- "$binary")/SHA256SUMS
  [ -f "$sums" ] || return 0
  wanted=$(awk -v name="${binary##*/}" '$2 == name || $2 == "*" name { print $1; exit }' "$sums")
  got=$(sha256sum <"$binary")
  if [ -z "$wanted" ]; then
    say "$sums does not name ${binary##*/}: its sum was not checked"
  elif [ "$wanted" != "${got%% *}" ]; then
    die 1 "the SHA-256 of $binary is ${got%% *}, and in $sums $wanted. Download both again, from the same release"
  fi
}

# One of the two would log what the other logs already.
refuse_beside_package() {
  if [ -e "$packaged_program" ] && [ ! -e "$program" ]; then
    die 1 "wifilogger is installed here as a Debian package. $1"
  fi
}

fstab_mounts_ram_folder() {
  [ -e /etc/fstab ] && awk -v folder=$ram_folder '
    $1 !~ /^#/ && $2 == folder { found = 1 }
    END { exit !found }' /etc/fstab
}

# setting NAME: its value in ~/.env.
setting() {
  [ -z "$is_for_package" ] || return 0
  [ ! -e "$env_file" ] || sed -En "s/^(export +)?$1 *= *//p" "$env_file" | tail -n 1 | tr -d "\"'"
}

# --- Settings ------------------------------------------------------------------------------------

# change_env NAME [set]: takes NAME out of ~/.env and, with `set`, puts it in with the value that is on
# standard input, where no process list shows it. As the user: a link that lies in the home folder must
# not lead where the user may not go.
change_env() {
  if [ "$dry_run" ]; then
    say "would change $1 in $env_file"
    return
  fi
  # shellcheck disable=SC2016 # expanded by the inner shell
  as_user sh -c '
    umask 077
    file=$HOME/.env
    { [ ! -e "$file" ] || grep -Ev "^(export +)?$1 *=" "$file"
      [ -z "$2" ] || { IFS= read -r value; printf "%s=%s\n" "$1" "$value"; }
    } >"$file.new"
    if [ -s "$file.new" ]; then mv -f "$file.new" "$file"; else rm -f "$file" "$file.new"; fi
  ' sh "$1" "${2-}"
}

# set_setting NAME VALUE: --uninstall takes out what was set here.
set_setting() {
  [ -z "$is_for_package" ] || return 0
  printf '%s\n' "$2" | change_env "$1" set
  case " $env_names " in
    *" $1 "*) ;;
    *) env_names="${env_names:+$env_names }$1" ;;
  esac
}

# read_shown PROMPT: a line, in $line.
read_shown() {
  line=
  [ ! -t 0 ] || printf '%s: ' "$1" >&2
  IFS= read -r line || true
}

# read_hidden PROMPT: a line that is not shown, in $line.
read_hidden() {
  line=
  if [ ! -t 0 ]; then
    IFS= read -r line || true
    return
  fi
  trap 'stty echo; exit 130' HUP INT TERM
  stty -echo
  printf '%s (not shown): ' "$1" >&2
  IFS= read -r line || true
  stty echo
  trap - HUP INT TERM
  printf '\n' >&2
}

read_token() {
  read_hidden 'token of ipinfo.io'
  token=$line
  printf '%s' "$token" | grep -Eqx '[A-Za-z0-9_-]+' ||
    die 2 "cannot use that token: one has letters, digits, - and _ only. Copy it from ipinfo.io again"
}

# The password of the pages, unless they have one.
read_web_password() {
  [ "$wants_web" ] && ! has_web_password || return 0
  read_hidden 'password for the pages'
  web_password=$line
  [ ${#web_password} -ge $web_password_length ] ||
    die 2 "cannot use that password: it has fewer than $web_password_length characters. Choose a longer one, such as four words"
  [ -t 0 ] || return 0
  read_hidden 'once more'
  [ "$line" = "$web_password" ] || die 2 "the second password was not the first. Run it again"
}

has_web_password() {
  grep -qs '"password"' "$(web_file)"
}

web_file() {
  file=$(setting WIFILOGGER_WEB_FILE)
  printf '%s' "${file:-$data_folder/web.json}" | sed "s|^~/|$home/|"
}

set_web_password() {
  [ "$web_password" ] || return 0
  if [ "$dry_run" ]; then
    say "would set the password of the pages in $(web_file)"
    return
  fi
  why=$(printf '%s\n' "$web_password" | as_user "$program" web password 2>&1 >/dev/null) ||
    roll_back "the password of the pages could not be set: ${why#wifilogger: }"
}

set_settings() {
  [ -z "$interfaces" ] || set_setting WIFILOGGER_INTERFACE "$interfaces"
  [ -z "$archive_dir" ] || set_setting WIFILOGGER_ARCHIVE_DIR "$archive_dir"
  [ -z "$wants_token" ] || set_setting IPINFO_TOKEN "$token"
  [ -z "$web_listen" ] || set_setting WIFILOGGER_WEB_LISTEN "$web_listen"
}

# Where the pages are served: by its flag, else by ~/.env, else to the whole network.
find_web_listen() {
  web_listen_now=${web_listen:-$(setting WIFILOGGER_WEB_LISTEN)}
  web_listen_now=${web_listen_now:-$default_web_listen}
  check_web_listen "$web_listen_now"
}

check_web_listen() {
  printf '%s' "$1" | grep -Eqx '([0-9.]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}' ||
    die 2 "cannot use --web-listen '$1': that is no address and port. Write it as $default_web_listen"
}

# --- The access point ----------------------------------------------------------------------------

# Ends the run where NetworkManager cannot make one; sets radio to the interface that is to be it.
check_access_point() {
  [ "$wants_access_point" ] || return 0
  command -v nmcli >/dev/null ||
    die 3 "NetworkManager, which makes the access point, is missing. Run: apt-get install network-manager"
  [ "$(nmcli -g RUNNING general 2>/dev/null)" = running ] ||
    die 3 "NetworkManager, which makes the access point, does not run. Run: systemctl enable --now NetworkManager"
  command -v dnsmasq >/dev/null ||
    die 3 "dnsmasq, from which the devices get their addresses, is missing. Run: apt-get install dnsmasq-base"
  command -v nft >/dev/null || command -v iptables >/dev/null ||
    die 3 "nft, which lets the devices into the Internet, is missing. Run: apt-get install nftables"
  # NetworkManager starts one for the devices, which has no room then.
  [ -e "$access_point_file" ] || ! ss -Hln 'sport = :53' | grep -qE ' (0\.0\.0\.0|\*|\[::\]):53 ' ||
    die 1 "another name server holds port 53 of all addresses, which the access point needs. Have it listen on its own interfaces only"
  find_radio
  check_radio_is_on
  check_radio_is_free
}

# Sets radio: by its flag, else where the access point is already, else the first that can be one. One that leads this
# machine to the Internet comes last.
find_radio() {
  radios=$(nmcli -t -f TYPE,DEVICE device | sed -n 's/^wifi://p')
  [ "$radios" ] || die 3 "there is no Wi-Fi interface here. Plug one in, or see whether its driver is there: ip link"
  radio=${ap_interface:-$(access_point_value interface-name)}
  if [ "$radio" ]; then
    printf '%s\n' "$radios" | grep -qxF "$radio" ||
      die 2 "there is no Wi-Fi interface '$radio'. Name one of these with --ap-interface: $(printf %s "$radios" | tr '\n' ' ')"
    can_be_access_point "$radio" || die 3 "$radio cannot be an access point: its driver or chip does not do that. Use another one"
    return
  fi
  for name in $radios; do
    can_be_access_point "$name" || continue
    [ "$radio" ] && leads_out "$name" || radio=$name
    leads_out "$radio" || return 0
  done
  [ "$radio" ] || die 3 "no Wi-Fi interface of this machine can be an access point: their drivers or chips do not do that. Plug another one in"
}

can_be_access_point() {
  [ "$(nmcli -g WIFI-PROPERTIES.AP device show "$1")" = yes ]
}

leads_out() {
  ip route show default | grep -qF " dev $1 "
}

# The kernel holds a radio off by a switch of the machine (hard), or because somebody said so (soft): Raspberry Pi OS
# does until it knows the country.
check_radio_is_on() {
  hard=$(cat "/sys/class/net/$radio/phy80211/rfkill"*/hard 2>/dev/null || true)
  soft=$(cat "/sys/class/net/$radio/phy80211/rfkill"*/soft 2>/dev/null || true)
  [ "$hard" != 1 ] || die 3 "the radio of $radio is switched off by a switch of this machine. Switch it on there"
  [ "$soft" = 1 ] || [ "$(nmcli radio wifi)" != enabled ] || return 0
  if command -v raspi-config >/dev/null; then
    die 3 "the radio of $radio is off: it knows no country. Run, with yours: raspi-config nonint do_wifi_country DE"
  fi
  die 3 "the radio of $radio is off. Run: rfkill unblock wifi; nmcli radio wifi on"
}

check_radio_is_free() {
  case $(nmcli -g GENERAL.STATE device show "$radio") in
    10\ *) die 3 "NetworkManager leaves $radio to others, such as hostapd. Stop those, then run: nmcli device set $radio managed yes" ;;
    20\ *) die 3 "NetworkManager cannot use $radio: $(nmcli -g GENERAL.REASON device show "$radio"). Is wpasupplicant installed?" ;;
  esac
  current=$(nmcli -e no -g GENERAL.CONNECTION device show "$radio")
  [ "$current" ] && [ "$current" != $access_point ] || return 0
  mode=$(nmcli -g 802-11-wireless.mode connection show "$(nmcli -g GENERAL.CON-UUID device show "$radio")")
  [ "$mode" != ap ] ||
    die 1 "$radio is an access point already, '$current'. Listen on it with --interface $radio, or delete it: nmcli connection delete '$current'"
  ! leads_out "$radio" || current="$current', its way to the Internet and to whoever works on it from afar"
  say "this machine will leave the Wi-Fi '${current%\'}': $radio is to be an access point" >&2
}

# access_point_value KEY: of the one that was made here.
access_point_value() {
  [ ! -r "$access_point_file" ] || sed -n "s/^$1=//p" "$access_point_file"
}

# Name and password, unless there is an access point and none of them is to be another.
read_access_point() {
  [ "$wants_access_point" ] && [ -z "$dry_run" ] || return 0
  [ ! -e "$access_point_file" ] || [ "$ap_name$ap_password_file" ] || return 0
  [ "$ap_name" ] || { read_shown 'name of the Wi-Fi' && ap_name=$line; }
  check_ap_name "$ap_name"
  if [ "$ap_password_file" ]; then
    [ -r "$ap_password_file" ] || die 2 "cannot read the password of the Wi-Fi from $ap_password_file. Name another file with --ap-password-file"
    IFS= read -r ap_password <"$ap_password_file" || true
    check_ap_password
    return
  fi
  read_hidden 'password of the Wi-Fi'
  ap_password=$line
  check_ap_password
  [ -t 0 ] || return 0
  read_hidden 'once more'
  [ "$line" = "$ap_password" ] || die 2 "the second password was not the first. Run it again"
}

# IEEE 802.11: an SSID is up to 32 bytes.
check_ap_name() {
  [ "$1" ] || die 2 "a Wi-Fi needs a name. Give one with --ap-name, or when asked"
  [ ${#1} -le 32 ] || die 2 "cannot use the name '$1' for a Wi-Fi: it has ${#1} bytes, more than 32. Choose a shorter one"
}

# IEEE 802.11i: a passphrase is 8 to 63 characters of ASCII.
check_ap_password() {
  [ ${#ap_password} -ge 8 ] || die 2 "cannot use that password for a Wi-Fi: it has fewer than 8 characters. Choose a longer one, such as four words"
  [ ${#ap_password} -le 63 ] || die 2 "cannot use that password for a Wi-Fi: it has more than 63 characters. Choose a shorter one"
  printf '%s' "$ap_password" | grep -qx '[ -~]*' ||
    die 2 "cannot use that password for a Wi-Fi: it has characters that not every device can type. Use a to z, digits and signs of ASCII"
}

# What NetworkManager makes an access point from, with leases, name service and address translation. WPA2
# without protected management frames: every chip can be that, and every device joins it. It comes back for ever.
access_point_profile() {
  cat <<EOF
# Written by wifilogger's install.sh --access-point; --no-access-point removes it.
[connection]
id=$access_point
type=wifi
interface-name=$radio
autoconnect-priority=100
autoconnect-retries=0

[wifi]
mode=ap
band=bg
ssid=$(printf '%s' "$ap_name" | od -An -v -t u1 | tr -s ' \n' ';' | sed 's/^;//')

[wifi-security]
key-mgmt=wpa-psk
proto=rsn
pairwise=ccmp
group=ccmp
pmf=1
psk=$(printf '%s' "$ap_password" | sed 's/\\/\\\\/g; s/ /\\s/g')

[ipv4]
method=shared

[ipv6]
method=disabled
EOF
}

# Makes the access point, changes it, or removes it; $had_access_point is what there was before.
set_access_point() {
  if [ "$wants_no_access_point" ]; then
    remove_access_point
    return
  fi
  [ "$wants_access_point" ] || return 0
  if [ "$dry_run" ]; then
    say "would make an access point on $radio, in $access_point_file"
    return
  fi
  if [ "$ap_password" ]; then
    (umask 077 && access_point_profile | write_file "$access_point_file")
  fi
  need_access_point_modules
  [ "$wants_start" ] || return 0
  start_access_point || roll_back "NetworkManager could not make the access point: $why. See: journalctl -u NetworkManager"
}

# NetworkManager gives nft one second, and goes on without address translation. On a slow machine that is not enough
# where nft must have modules loaded first, after a boot too.
need_access_point_modules() {
  for module in nft_chain_nat nft_masq nft_ct; do
    if modprobe "$module" 2>/dev/null; then say "$module"; fi
  done | write_file "$access_point_modules"
}

# $why says why not.
start_access_point() {
  for attempt in first second; do
    if ! why=$(nmcli connection load "$access_point_file" 2>&1 && nmcli --wait 45 connection up $access_point 2>&1); then
      why=$(printf '%s\n' "$why" | sed -n 's/^Error: //p' | tail -n 1)
      why=${why%.}
      return 1
    fi
    # It says that it is up before its name server is.
    sleep 2
    why="at the $attempt attempt it did not stay up, or the translation of addresses was missing"
    [ "$(nmcli -g GENERAL.STATE connection show $access_point)" != activated ] || ! translates_addresses || return 0
  done
  return 1
}

translates_addresses() {
  { nft list tables; iptables -t nat -S; } 2>/dev/null | grep -q "nm-shared-$radio"
}

remove_access_point() {
  [ -e "$access_point_file" ] || return 0
  run nmcli connection delete $access_point >/dev/null 2>&1 || true
  # Where NetworkManager does not run.
  run rm -f "$access_point_file" "$access_point_modules"
}

put_back_access_point() {
  if [ -z "$had_access_point" ]; then
    remove_access_point
  elif [ "$had_access_point" != "$(cat "$access_point_file" 2>/dev/null)" ]; then
    (umask 077 && printf '%s\n' "$had_access_point" | write_file "$access_point_file")
    start_access_point
  fi
}

# Listens on the access point, and no longer when that goes; what was listened on before is remembered.
set_access_point_interface() {
  if [ "$wants_access_point" ]; then
    [ -e "$access_point_file" ] || interface_before=$(setting WIFILOGGER_INTERFACE)
    case ,$interfaces, in
      *,"$radio",*) ;;
      *) interfaces=${interfaces:+$interfaces,}$radio ;;
    esac
  elif [ "$wants_no_access_point" ] && [ -e "$access_point_file" ]; then
    [ "$interfaces" ] || interfaces=$interface_before
    interface_before=
    [ "$interfaces" ] || change_env WIFILOGGER_INTERFACE
  fi
}

# --- Parts of the system -------------------------------------------------------------------------

need_libpcap() {
  ! ldconfig -p | grep -q 'libpcap\.so\.0\.8 ' || return 0
  if [ "$dry_run" ]; then
    say "would install libpcap"
    return
  fi
  say "installing libpcap"
  packages_before=$(packages)
  # From Debian 13 on the package is libpcap0.8t64, which answers to this name too.
  why=$(apt_get install libpcap0.8 2>&1) || why=$(apt_get update 2>&1 && apt_get install libpcap0.8 2>&1) ||
    die 3 "libpcap is missing and could not be installed: $(last_line "$why"). Run: apt-get install libpcap0.8"
  installed_packages=$(packages | grep -vxF "$packages_before" | tr '\n' ' ')
}

apt_get() {
  env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o DPkg::Lock::Timeout=120 "$@"
}

packages() {
  # shellcheck disable=SC2016 # expanded by dpkg-query
  dpkg-query -W -f '${db:Status-Abbrev}${binary:Package}\n' | sed -n 's/^ii *//p'
}

need_user() {
  [ "$makes_user" ] || return 0
  [ "$dry_run" ] || say "adding the system user $user"
  # The group may come to the archive in it.
  run useradd --system --user-group --home-dir "$home" --create-home --key HOME_MODE=0750 \
    --shell /usr/sbin/nologin "$user"
  created_user=yes
}

# Sets archive_dir: by its flag, else by ~/.env, else the default.
find_archive_dir() {
  archive_dir=${archive_dir:-$(setting WIFILOGGER_ARCHIVE_DIR)}
  case $archive_dir in
    '') archive_dir=$data_folder/logs ;;
    \~/*) archive_dir=$home/${archive_dir#??} ;;
  esac
  check_path "the archive folder" "$archive_dir"
}

# folder_by_archive NAME: beside the usual archive, otherwise in it.
folder_by_archive() {
  case $archive_dir in
    */wifi_logger/logs) printf '%s' "${archive_dir%/logs}/$1" ;;
    *) printf '%s' "$archive_dir/$1" ;;
  esac
}

need_folders() {
  run as_user mkdir -p -m 750 "$data_folder"
  [ -d "$archive_dir" ] || run as_user mkdir -p -m 750 "$archive_dir" 2>/dev/null ||
    run install -d -m 750 -o "$user" -g "$(id -gn "$user" 2>/dev/null || printf %s "$user")" "$archive_dir"
  [ -z "$dry_run" ] || return 0
  for folder in "$data_folder" "$archive_dir"; do
    # A logger that was run by hand, as root, has left its own.
    path=$(as_user find "$folder" -maxdepth 1 ! -writable -print -quit)
    [ -z "$path" ] || die 3 "$user cannot write to $path. Run: sudo chown -R $user $folder"
  done
  # The forwarder and the pages see them in their own root only if they are there when it starts.
  as_user mkdir -p -m 750 "$(folder_by_archive forward)" "$(folder_by_archive news)" \
    "$(folder_by_archive summaries)" "$(folder_by_archive web)" "$data_folder/places"
}

mount_unit() {
  group=$(id -gn "$user" 2>/dev/null || printf %s "$user")
  cat <<EOF
# $written_by
[Unit]
Description=Log of wifilogger, in RAM

[Mount]
What=tmpfs
Where=$ram_folder
Type=tmpfs
Options=size=50M,mode=0750,uid=$user,gid=$group,nosuid,nodev,noexec
EOF
}

# unit_head NAME DESCRIPTION
unit_head() {
  cat <<EOF
# $written_by
# Change it with: systemctl edit $1
[Unit]
Description=$2
Documentation=man:wifilogger(1)
RequiresMountsFor=$ram_folder $data_folder $archive_dir
# They make the folders in which resolv.conf may be, and are there before any network is.
After=NetworkManager.service connman.service resolvconf.service
# Never given up: a Pi has nobody to start it again.
StartLimitIntervalSec=0
EOF
}

service_unit() {
  unit_head wifilogger 'wifilogger: which device talked to which place'
  cat <<EOF

[Service]
Type=notify
ExecStart=$program run
# What one that was killed left in RAM must not wait there for the next start: the machine may go down.
ExecStopPost=-/usr/bin/sh -c 'test "\$\$SERVICE_RESULT" = success || exec $program --flush-now'
User=$user
RuntimeDirectory=wifilogger wifilogger-root
# The forwarder sees the folder of the socket, whichever of the two was started first.
RuntimeDirectoryPreserve=yes
# The group may read the log; what is secret is made for the user alone, whatever stands here.
UMask=0027
Restart=always
RestartSec=5
# A wrong setting does not mend itself.
RestartPreventExitStatus=2
TimeoutStartSec=60
TimeoutStopSec=10
WatchdogSec=30
EOF
  restart_delays
  cat <<EOF

# Far above what it takes by itself: the RAM log counts.
MemoryMax=600M
TasksMax=64
LimitCORE=0

AmbientCapabilities=CAP_NET_RAW
CapabilityBoundingSet=CAP_NET_RAW
NoNewPrivileges=yes

# An empty root, made at each start, and in it only what is named here. Folders rather than files:
# resolv.conf, in /etc or wherever it points to, is replaced and not written.
RootDirectory=/run/wifilogger-root
MountAPIVFS=yes
BindReadOnlyPaths=/usr -/lib -/lib64 /etc -$env_file
BindReadOnlyPaths=/run/systemd -/run/dbus -/run/NetworkManager -/run/connman -/run/resolvconf
BindPaths=$ram_folder $data_folder $archive_dir
EOF
  sandbox
  cat <<EOF
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET
EOF
  single_hosts
  cat <<EOF

[Install]
WantedBy=multi-user.target
EOF
}

# What --uninstall cannot see for itself.
traces() {
  [ -z "$is_for_package" ] || return 0
  cat <<EOF

[X-Install]
CreatedUser=$created_user
InstalledPackages=$installed_packages
EnvNames=$env_names
InterfaceBefore=$interface_before
EOF
}

# It reads the log and writes how far it has come and what it has told; it needs no capability.
forward_unit() {
  unit_head wifilogger-forward 'wifilogger: sends the log on'
  cat <<EOF
# It stops after the logger, and sends what that has written last.
Before=$service

[Service]
Type=exec
ExecStart=$program forward
User=$user
RuntimeDirectory=wifilogger wifilogger-forward wifilogger-forward-root
# How far it has come stays there while it does not run.
RuntimeDirectoryPreserve=yes
UMask=0027
Restart=on-failure
RestartSec=5
# A wrong setting does not mend itself.
RestartPreventExitStatus=2
TimeoutStopSec=10
EOF
  restart_delays
  cat <<EOF

MemoryMax=300M
TasksMax=64
LimitCORE=0

CapabilityBoundingSet=
NoNewPrivileges=yes
PrivateUsers=yes

# As that of the logger: an empty root, and in it only what is named here.
RootDirectory=/run/wifilogger-forward-root
MountAPIVFS=yes
BindReadOnlyPaths=/usr -/lib -/lib64 /etc -$env_file
BindReadOnlyPaths=/run/systemd -/run/NetworkManager -/run/connman -/run/resolvconf -/run/avahi-daemon
BindReadOnlyPaths=/run/wifilogger $ram_folder $data_folder $archive_dir
BindPaths=/run/wifilogger-forward $(folder_by_archive forward) $(folder_by_archive news)
EOF
  sandbox
  cat <<EOF
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
EOF
  single_hosts
  cat <<EOF

[Install]
WantedBy=multi-user.target
EOF
}

# It is there always, and costs nothing.
web_socket() {
  cat <<EOF
# $written_by
[Unit]
Description=wifilogger: where the pages are asked for
Documentation=man:wifilogger(1)

[Socket]
ListenStream=$web_listen_now
# The address may come later than this.
FreeBind=yes
Backlog=512
Service=$web-proxy.service
EOF
  if [ -z "$(setting WIFILOGGER_WEB_TLS_CERT)" ]; then
    cat <<EOF
# In the open, to nobody outside of private networks: the pages themselves only see that somebody came through here.
IPAddressDeny=any
IPAddressAllow=localhost link-local 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 $(setting WIFILOGGER_LOCAL_NETWORKS | tr , ' ')
EOF
  fi
  cat <<EOF

[Install]
WantedBy=sockets.target
EOF
}

# The first visitor starts it, and with it the pages; both go when nobody has come for ten minutes.
web_proxy_unit() {
  cat <<EOF
# $written_by
[Unit]
Description=wifilogger: lets visitors in to the pages
Documentation=man:wifilogger(1)
Requires=$web.socket $web.service
After=$web.socket $web.service
StartLimitIntervalSec=0

[Service]
# Before systemd 253 it does not tell that it is ready, and would be stopped for that after 90 seconds.
Type=exec
ExecStart=$socket_proxy --exit-idle-time=10min --connections-max=256 /run/$web/web.sock
User=$user
# Six for each connection.
LimitNOFILE=4096
MemoryMax=100M
TasksMax=64
LimitCORE=0

CapabilityBoundingSet=
NoNewPrivileges=yes
PrivateUsers=yes
PrivateNetwork=yes
InaccessiblePaths=-$data_folder -$ram_folder -$archive_dir
EOF
  sandbox
  cat <<EOF
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
IPAddressDeny=any
EOF
}

# It reads the log, and writes what its owner calls things and knows; it has a network of its own, with nobody in it.
web_unit() {
  unit_head $web 'wifilogger: the pages'
  cat <<EOF
StopWhenUnneeded=yes

[Service]
Type=notify
ExecStart=$program web --web-socket /run/$web/web.sock
User=$user
RuntimeDirectory=wifilogger $web $web-root
# Who has signed in stays so while it does not run.
RuntimeDirectoryPreserve=yes
UMask=0027
Restart=on-failure
RestartSec=1
# A wrong setting does not mend itself.
RestartPreventExitStatus=2
TimeoutStopSec=10
MemoryMax=300M
TasksMax=64
LimitNOFILE=4096
LimitCORE=0

CapabilityBoundingSet=
NoNewPrivileges=yes
PrivateUsers=yes
PrivateNetwork=yes

# As that of the logger: an empty root, and in it only what is named here.
RootDirectory=/run/$web-root
MountAPIVFS=yes
BindReadOnlyPaths=/usr -/lib -/lib64 /etc -$env_file
BindReadOnlyPaths=/run/systemd /run/wifilogger -/run/wifilogger-forward $ram_folder $data_folder $archive_dir
BindReadOnlyPaths=-$(dirname "$(web_file)") $(web_tls_paths)
BindPaths=/run/$web $(folder_by_archive news) -$(folder_by_archive web)
EOF
  sandbox
  cat <<EOF
RestrictAddressFamilies=AF_UNIX AF_INET
IPAddressDeny=any
IPAddressAllow=localhost
EOF
}

web_tls_paths() {
  for name in WIFILOGGER_WEB_TLS_CERT WIFILOGGER_WEB_TLS_KEY; do
    file=$(setting $name | sed "s|^~/|$home/|")
    [ -z "$file" ] || printf -- '-%s ' "$file"
  done
}

# Fetches newer databases of places, and nothing where no setting asks for it.
places_unit() {
  cat <<EOF
# $written_by
[Unit]
Description=wifilogger: fetches newer databases of places
Documentation=man:wifilogger(1)
RequiresMountsFor=$data_folder
After=network-online.target
StartLimitIntervalSec=20h
StartLimitBurst=5

[Service]
Type=oneshot
ExecStart=$program places update --if-due
User=$user
RuntimeDirectory=$places-root
UMask=0027
Restart=on-failure
RestartSec=1h
# A wrong setting does not mend itself.
RestartPreventExitStatus=2
TimeoutStartSec=3h
Nice=10
IOSchedulingClass=idle
MemoryMax=300M
TasksMax=64
LimitCORE=0

CapabilityBoundingSet=
NoNewPrivileges=yes
PrivateUsers=yes

# As that of the logger; it sees the folder of the databases, and no log.
RootDirectory=/run/$places-root
MountAPIVFS=yes
BindReadOnlyPaths=/usr -/lib -/lib64 /etc -$env_file
BindReadOnlyPaths=/run/systemd -/run/NetworkManager -/run/connman -/run/resolvconf
BindPaths=$data_folder/places
EOF
  sandbox
  echo 'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6'
  single_hosts
}

places_timer() {
  cat <<EOF
# $written_by
[Unit]
Description=wifilogger: looks daily whether there are newer databases of places

[Timer]
OnCalendar=daily
# Not all at once.
RandomizedDelaySec=12h
Persistent=yes

[Install]
WantedBy=timers.target
EOF
}

# Every failure waits longer, up to a minute.
restart_delays() {
  [ "$systemd_version" -lt 254 ] || printf 'RestartSteps=5\nRestartMaxDelaySec=60\n'
}

# What both services are kept in by.
sandbox() {
  cat <<EOF
ProtectSystem=strict
ProtectHome=tmpfs
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
DevicePolicy=closed
ProcSubset=pid
ProtectProc=invisible
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
KeyringMode=private
LockPersonality=yes
RemoveIPC=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
EOF
}

single_hosts() {
  cat <<EOF
# It speaks to single hosts, such as name servers, never to a group of them.
IPAddressDeny=any
IPAddressAllow=0.0.0.0/1 128.0.0.0/2 192.0.0.0/3 ::/1 8000::/2 c000::/3 e000::/4 f000::/5 f800::/6 fc00::/7 fe00::/8
EOF
}

# Those of the Debian package: its paths and its user are the same on every machine.
write_package_units() {
  [ -d "$units" ] || die 2 "there is no folder $units to write units to"
  is_for_package=yes
  written_by='Part of the package wifilogger, which brings it anew on every upgrade.'
  program=$packaged_program
  user=$default_user
  home=/var/lib/$user
  env_file=$home/.env
  data_folder=$home/wifi_logger
  archive_dir=$data_folder/logs
  systemd_version=252
  web_listen_now=$default_web_listen
  write_units
}

write_units() {
  { service_unit && traces; } | write_file "$units/$service"
  forward_unit | write_file "$units/$forward"
  web_socket | write_file "$units/$web.socket"
  web_proxy_unit | write_file "$units/$web-proxy.service"
  web_unit | write_file "$units/$web.service"
  places_unit | write_file "$units/$places.service"
  places_timer | write_file "$units/$places.timer"
  if [ -z "$is_for_package" ] && fstab_mounts_ram_folder; then
    say "$ram_folder is mounted as /etc/fstab says"
  else
    mount_unit | write_file "$units/$mount"
  fi
  [ "$is_for_package" ] || run systemctl daemon-reload
}

# Where bash completes words at all, it completes those of the program too.
write_completion() {
  [ -d "${completion%/*}" ] || return 0
  if [ "$dry_run" ]; then
    say "would write $completion"
    return
  fi
  words=$(runuser -u nobody -- env -i PATH="$PATH" "$program" completions bash) || return 0
  printf '%s\n' "$words" | write_file "$completion" || say "could not write $completion"
}

# Debian has the folder above man1 for a machine's own pages.
write_manual() {
  [ -d "${manual%/man1/*}" ] || return 0
  if [ "$dry_run" ]; then
    say "would write $manual"
    return
  fi
  page=$(runuser -u nobody -- env -i PATH="$PATH" "$program" manual) || return 0
  mkdir -p "${manual%/*}"
  printf '%s\n' "$page" | write_file "$manual" || say "could not write $manual"
}

# An earlier logger, run by hand as root, may have mounted the folder and left its files there.
mount_ram_folder() {
  run systemctl start "$mount"
  if [ -e "$units/$mount" ] && [ -z "$dry_run" ]; then
    chown -R "$user:$(id -g "$user")" "$ram_folder"
    chmod 750 "$ram_folder"
  fi
  [ "$dry_run" ] || as_user test -w "$ram_folder" ||
    die 3 "$user cannot write to $ram_folder. Add mode=1777 to its line in /etc/fstab and mount it again"
}

# --- Install, upgrade, roll back -----------------------------------------------------------------

status_text() {
  systemctl show --property StatusText --value "$service"
}

# Restarts the service and waits until it is capturing; $why says why not.
start_service() {
  systemctl reset-failed "$service" 2>/dev/null || true
  why="it did not start. See: journalctl -u wifilogger"
  systemctl restart "$service" 2>/dev/null || return 1
  waited=0
  while [ $waited -lt $capture_timeout_s ]; do
    case $(systemctl is-active "$service")/$(status_text) in
      active/capturing*) return 0 ;;
      failed/*) return 1 ;;
    esac
    sleep 1
    waited=$((waited + 1))
    if [ $waited -eq 3 ]; then
      state=$(status_text)
      say "waiting up to $capture_timeout_s s until it captures; now: ${state:-starting}"
    fi
  done
  why="it is not capturing after $capture_timeout_s s: $(status_text)"
  return 1
}

# Lays the binary beside the old one, and tries it as somebody who may do nothing.
stage_program() {
  version=$binary
  run rm -f "$staged" "$previous"
  if [ "$dry_run" ]; then
    run install -m 755 "$binary" "$staged"
    return
  fi
  trap 'rm -f "$staged"' EXIT
  trap 'exit 130' HUP INT TERM
  why=$({ install -m 755 "$binary" "$staged" && sync "$staged"; } 2>&1) ||
    die 1 "cannot copy $binary to ${staged%/*}: $(last_line "$why"). Nothing was changed"
  version=$(runuser -u nobody -- env -i PATH="$PATH" "$staged" --version 2>&1) ||
    die 1 "cannot run $binary on this machine ($machine): $version. Use the file made for it"
}

# put_back: the state before this run; $again says what that is.
put_back() {
  set +e
  trap '' HUP INT TERM
  trap - EXIT
  rm -f "$staged" "$units/$service.new" "$units/$forward.new" "$units/$web"*.new "$units/$mount.new"
  if [ -e "$old_env" ]; then
    as_user mv -f "$old_env" "$env_file"
  elif [ -z "$had_env" ]; then
    as_user rm -f "$env_file" 2>/dev/null
  fi
  if [ -z "$old_service_unit" ]; then
    remove_all >/dev/null 2>&1
    again='It was undone'
    return
  fi
  if [ -z "$is_replaced" ]; then
    rm -f "$previous"
    again='The old one stays'
    return
  fi
  systemctl stop "$service" 2>/dev/null || true
  mv -f "$previous" "$program"
  printf '%s\n' "$old_service_unit" | write_file "$units/$service"
  [ -z "$old_mount_unit" ] || printf '%s\n' "$old_mount_unit" | write_file "$units/$mount"
  if [ "$old_forward_unit" ]; then
    printf '%s\n' "$old_forward_unit" | write_file "$units/$forward"
  else
    rm -f "$units/$forward"
  fi
  [ "$had_places" ] || remove_places
  [ "$had_web" ] || remove_web
  put_back_access_point
  systemctl daemon-reload
  again="Put back $("$program" --version). It was not running before either"
  [ "$was_active" ] || return 0
  again="${again%. *}. It is running again"
  start_service || again="${again%. *}. Then $why"
}

# roll_back WHY: the end of a run that failed.
roll_back() {
  failure=$1
  put_back
  die 1 "$what failed: $failure. $again"
}

# What ends this run halfway, for whatever reason, takes back what it did.
roll_back_unless_done() {
  trap 'roll_back "it was interrupted"' HUP INT TERM
  trap '[ "$is_said" ] || roll_back "a command failed, which says above why"; put_back' EXIT
}

install_program() {
  check_system
  refuse_beside_package 'Upgrade it by the new one: sudo apt install ./wifilogger_VERSION_ARCHITECTURE.deb'
  find_user
  find_binary
  installed_user=$(unit_value User)
  [ "$user" = "${installed_user:-$user}" ] ||
    die 2 "the service runs as $installed_user already. To change that, run --uninstall first"
  [ -z "$wants_token" ] || [ "$dry_run" ] || read_token
  [ "$dry_run" ] || read_web_password
  check_access_point
  read_access_point
  stage_program

  what='the installation'
  old_service_unit=
  old_mount_unit=
  old_forward_unit=
  had_places=
  had_web=
  had_access_point=$(cat "$access_point_file" 2>/dev/null || true)
  was_active=
  was_capturing=
  if [ -e "$units/$service" ] && [ -e "$program" ]; then
    what='the upgrade'
    old_service_unit=$(cat "$units/$service")
    [ ! -e "$units/$mount" ] || old_mount_unit=$(cat "$units/$mount")
    [ ! -e "$units/$forward" ] || old_forward_unit=$(cat "$units/$forward")
    [ ! -e "$units/$places.timer" ] || had_places=yes
    [ ! -e "$units/$web.socket" ] || had_web=yes
    ! systemctl is-active --quiet "$service" || was_active=yes
    case $(status_text) in capturing*) was_capturing=yes ;; esac
    run ln -f "$program" "$previous"
  fi
  read_traces
  old_env=$env_file.before-upgrade
  had_env=
  [ ! -e "$env_file" ] || had_env=yes
  is_replaced=
  [ "$dry_run" ] || roll_back_unless_done
  need_libpcap
  need_user
  [ -z "$had_env" ] || run as_user cp -p "$env_file" "$old_env"
  set_access_point_interface
  set_settings
  find_archive_dir
  find_web_listen
  need_folders

  is_replaced=yes
  run mv -f "$staged" "$program"
  write_units
  set_web_password
  set_access_point
  run systemctl --quiet enable "$service"
  if [ "$wants_start" ]; then
    [ "$was_active" ] || mount_ram_folder
    if [ "$dry_run" ]; then
      say "would start $service and wait until it captures"
    elif ! start_service; then
      # Without its interface it waits as it should; an upgrade must not make it worse, though.
      case $was_capturing/$(status_text) in
        /waiting*) ;;
        *) roll_back "$why" ;;
      esac
    fi
  fi
  trap - HUP INT TERM EXIT
  run rm -f "$previous"
  run as_user rm -f "$old_env"
  set_forwarder
  set_web
  start_places
  write_completion
  write_manual
  print_summary
}

# From now on daily; and now, when there may be something new to fetch.
start_places() {
  run systemctl --quiet enable "$places.timer" || say "could not enable $places.timer"
  [ "$wants_start" ] || return 0
  run systemctl start "$places.timer" || say "could not start $places.timer"
  [ "$had_places" ] && [ -z "$wants_token" ] || run systemctl start --no-block "$places.service" || true
}

# The forwarder is enabled as long as it has something to do.
set_forwarder() {
  if [ -z "$(setting WIFILOGGER_FORWARD)$(setting WIFILOGGER_METRICS_LISTEN)$(setting WIFILOGGER_TELL)" ]; then
    run systemctl --quiet disable --now "$forward"
    return
  fi
  run systemctl --quiet enable "$forward"
  [ -z "$wants_start" ] || run systemctl restart "$forward" ||
    say "$forward did not start. See: journalctl -u wifilogger-forward"
}

# The pages stay as they were, unless a flag says otherwise.
set_web() {
  if [ -z "$wants_web" ] && { [ "$wants_no_web" ] || ! systemctl is-enabled --quiet $web.socket 2>/dev/null; }; then
    run systemctl --quiet disable --now $web.socket
    run systemctl stop $web-proxy.service $web.service
    return
  fi
  run systemctl --quiet enable $web.socket
  [ "$wants_start" ] || return 0
  # Who looks gets the new ones with the next request.
  run systemctl stop $web.socket $web-proxy.service $web.service
  run systemctl start $web.socket ||
    say "$web.socket did not start. See: journalctl -u $web.socket"
}

print_summary() {
  [ -z "$dry_run" ] || return 0
  if [ "$old_service_unit" ]; then say "upgraded to $version"; else say "installed $version"; fi
  next='wifilogger status'
  state=$(status_text)
  if [ -z "$wants_start" ]; then
    state='starts at the next boot'
    [ -z "$was_active" ] || state='the old one runs on until the next boot'
    next='sudo systemctl restart wifilogger'
  fi
  cat <<EOF
  service   $service, as $user: $state
  forward   $forward: $(forwarder_text)
  pages     $(web_text)
  Wi-Fi     $(access_point_text)
  log       $ram_folder/today.log
  archive   $archive_dir/YYYY-MM-DD.log
  settings  $env_file
next:
  $next
  wifilogger --flush-now
  journalctl -u wifilogger
EOF
}

forwarder_text() {
  if ! systemctl is-enabled --quiet "$forward"; then
    say 'off: neither WIFILOGGER_FORWARD nor WIFILOGGER_TELL is set'
  elif [ "$wants_start" ]; then
    systemctl is-active "$forward" || true
  else
    say 'starts at the next boot'
  fi
}

access_point_text() {
  if [ ! -e "$access_point_file" ]; then
    say 'none of its own: for one, run install.sh --access-point'
    return
  fi
  name=$(LC_ALL=C.UTF-8 nmcli -e no -g 802-11-wireless.ssid connection show $access_point 2>/dev/null || true)
  say "${name:-starts at the next boot}, on $(access_point_value interface-name); undo it with install.sh --no-access-point"
}

web_text() {
  if ! systemctl is-enabled --quiet $web.socket; then
    say 'off: for the whole network, run install.sh --web; on this machine alone, wifilogger web'
    return
  fi
  scheme=http
  [ -z "$(setting WIFILOGGER_WEB_TLS_CERT)" ] || scheme=https
  case $web_listen_now in
    0.0.0.0:* | \[::\]:*) say "$scheme://$(hostname):${web_listen_now##*:}" ;;
    *) say "$scheme://$web_listen_now" ;;
  esac
}

# --- Uninstall -----------------------------------------------------------------------------------

has_records_in_ram() {
  [ -s "$ram_folder/today.log" ] || [ -e "$ram_folder/today.log.flushing" ]
}

remove_places() {
  run systemctl --quiet disable --now "$places.timer" 2>/dev/null || true
  run systemctl stop "$places.service" 2>/dev/null || true
  run rm -f "$units/$places.timer" "$units/$places.service"
  run rm -rf "$units/$places.timer.d" "$units/$places.service.d" "/run/$places-root"
  run rm -f "/var/lib/systemd/timers/stamp-$places.timer"
}

remove_web() {
  run systemctl --quiet disable --now $web.socket 2>/dev/null || true
  run systemctl stop $web-proxy.service $web.service 2>/dev/null || true
  for unit in $web.socket $web-proxy.service $web.service; do
    run rm -f "$units/$unit"
    run rm -rf "$units/$unit.d"
  done
  run rm -rf /run/$web /run/$web-root
}

remove_units() {
  remove_access_point
  remove_places
  remove_web
  # In this order: the forwarder sends what the logger writes as it stops.
  for unit in "$service" "$forward"; do run systemctl --quiet disable --now "$unit" 2>/dev/null || true; done
  # Records that could not be flushed stay where they are.
  if [ -e "$units/$mount" ] && { [ "$purges" ] || ! has_records_in_ram; }; then
    # Somebody may be reading the log.
    run systemctl stop "$mount" 2>/dev/null || run umount --lazy "$ram_folder"
  fi
  run rm -f "$units/$service" "$units/$forward" "$units/$mount"
  run rm -rf "$units/$service.d" "$units/$forward.d"
  run rm -rf /run/wifilogger /run/wifilogger-root /run/wifilogger-forward /run/wifilogger-forward-root
  run systemctl daemon-reload
  run systemctl reset-failed "$service" "$forward" $web.socket $web-proxy.service $web.service 2>/dev/null || true
  fstab_mounts_ram_folder || [ ! -d "$ram_folder" ] || run rmdir --ignore-fail-on-non-empty "$ram_folder"
}

# What earlier runs did and the system does not show.
read_traces() {
  created_user=$(unit_value CreatedUser)
  installed_packages=$(unit_value InstalledPackages)
  env_names=$(unit_value EnvNames)
  interface_before=$(unit_value InterfaceBefore)
}

uninstall() {
  refuse_beside_package 'Remove it with: sudo apt remove wifilogger'
  find_user
  find_archive_dir
  read_traces
  removed='removed wifilogger'
  [ -e "$units/$service" ] || [ -e "$program" ] || removed='wifilogger is not installed'
  [ ! -e "$units/$service" ] || run systemctl stop "$service"
  if [ -z "$dry_run" ] && [ -z "$purges" ] && has_records_in_ram; then
    as_user "$program" --flush-now >/dev/null ||
      die 1 "there are records in $ram_folder that cannot be moved to $archive_dir. Make room there, or use --purge"
  fi
  for name in $env_names; do change_env "$name"; done
  remove_all
  [ -z "$dry_run" ] || return 0
  if [ "$purges" ]; then
    say "removed wifilogger and its logs"
  elif [ -d "$archive_dir" ]; then
    say "$removed. The logs are in $archive_dir"
  else
    say "$removed"
  fi
}

remove_all() {
  remove_units
  run rm -f "$program" "$staged" "$previous" "$completion" "$manual"
  [ ! -d "${manual%/*}" ] || run rmdir --ignore-fail-on-non-empty "${manual%/*}"
  if id -u "$user" >/dev/null 2>&1; then remove_data; fi
  [ -z "$created_user" ] || remove_user
  # dpkg refuses while another package needs them; then they stay until nothing does.
  # shellcheck disable=SC2086 # lists of names
  [ -z "$installed_packages" ] || run dpkg --purge $installed_packages >/dev/null 2>&1 ||
    run apt-mark -qq auto $installed_packages >/dev/null 2>&1 || true
}

# Only files that the logger made, and folders that are empty without them; as the user, as in change_env.
remove_data() {
  day='[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
  run as_user find "$data_folder" -maxdepth 1 \( -name 'ip_location_cache.json*' -o -name 'web.json*' \) -delete 2>/dev/null || true
  run as_user find "$archive_dir" -maxdepth 1 -name 'wear.json*' -delete 2>/dev/null || true
  run as_user find "$data_folder/places" -maxdepth 1 -type f \( -name '*-lite.*' -o -name '*_lite.*' -o \
    -name 'state.json*' -o -name lock \) -delete 2>/dev/null || true
  run as_user find "$(folder_by_archive forward)" -maxdepth 1 -name '*.json*' -delete 2>/dev/null || true
  # What the owner calls devices stays with the logs.
  run as_user find "$(folder_by_archive news)" -maxdepth 1 \( -name 'told.json*' -o -name 'firsts.ledger*' \) -delete \
    2>/dev/null || true
  run as_user find "$(folder_by_archive web)" -maxdepth 1 -name '*.summary*' -delete 2>/dev/null || true
  if [ "$purges" ]; then
    run as_user find "$(folder_by_archive news)" -maxdepth 1 -name 'owner.json*' -delete 2>/dev/null || true
    # As long as the logs stay, so does the key: one device stays one device in them.
    run as_user find "$data_folder" -maxdepth 1 -name 'privacy.key*' -delete 2>/dev/null || true
    run as_user find "$archive_dir" -maxdepth 1 \( -name "$day.log*" -o -name 'forgotten.json*' -o \
      -name 'forget.journal*' \) -delete 2>/dev/null || true
    run as_user find "$(folder_by_archive summaries)" -maxdepth 1 -name "$day.summary*" -delete 2>/dev/null || true
  fi
  for name in forward news web summaries; do
    folder=$(folder_by_archive $name)
    [ ! -d "$folder" ] || run as_user rmdir --ignore-fail-on-non-empty "$folder" 2>/dev/null || true
  done
  for folder in "$archive_dir" "$data_folder/places" "$data_folder"; do
    [ ! -d "$folder" ] || run as_user rmdir --ignore-fail-on-non-empty "$folder" 2>/dev/null || true
  done
}

# The logs that stay become root's, so that no later user inherits them with the number.
remove_user() {
  run userdel "$user"
  if [ -d "$archive_dir" ]; then run chown -R root:root "$home" "$archive_dir"; else run rm -rf "$home"; fi
}

# --- Arguments -----------------------------------------------------------------------------------

is_said=
task=install_program
is_for_package=
binary=
interfaces=
archive_dir=
wanted_user=
wants_token=
token=
wants_web=
wants_no_web=
web_listen=
web_password=
wants_access_point=
wants_no_access_point=
ap_interface=
ap_name=
ap_password=
ap_password_file=
interface_before=
wants_start=yes
dry_run=
purges=
while [ $# -gt 0 ]; do
  flag=$1
  shift
  case $flag in
    --token=*) die 2 "--token takes no value, which would stay in the shell's history. Give it alone: it asks" ;;
    --ap-password | --ap-password=*) die 2 "a password on a command line shows in ps and in the shell's history. Give --access-point alone, which asks, or --ap-password-file" ;;
    --*=*)
      set -- "${flag#*=}" "$@"
      flag=${flag%%=*}
      ;;
    --binary | --interface | --archive-dir | --user | --web-listen | --units | --ap-name | --ap-password-file | --ap-interface)
      [ $# -gt 0 ] || die 2 "$flag needs a value. See: ./install.sh --help"
      ;;
  esac
  case $flag in
    --binary) binary=$1 && shift ;;
    --interface) interfaces=${interfaces:+$interfaces,}$1 && shift ;;
    --archive-dir) archive_dir=$1 && shift ;;
    --user) wanted_user=$1 && shift ;;
    --token) wants_token=yes ;;
    --web) wants_web=yes ;;
    --web-listen) wants_web=yes web_listen=$1 && shift ;;
    --no-web) wants_no_web=yes ;;
    --access-point) wants_access_point=yes ;;
    --ap-name) wants_access_point=yes ap_name=$1 && shift && check_ap_name "$ap_name" ;;
    --ap-password-file) wants_access_point=yes ap_password_file=$1 && shift ;;
    --ap-interface) wants_access_point=yes ap_interface=$1 && shift ;;
    --no-access-point) wants_no_access_point=yes ;;
    --no-start) wants_start= ;;
    --dry-run) dry_run=yes ;;
    # Of use to who makes the package (scripts/release/debian_package.ts), and to nobody else.
    --units) task=write_package_units units=$1 && shift ;;
    --uninstall) task=uninstall ;;
    --purge) task=uninstall purges=yes ;;
    -h | --help) usage && exit 0 ;;
    *) die 2 "there is no flag $flag. See: ./install.sh --help" ;;
  esac
done
[ -z "$archive_dir" ] || check_path "the archive folder" "$archive_dir"
[ -z "$interfaces" ] || printf '%s' "$interfaces" | grep -Eqx '[A-Za-z0-9._:,-]+' ||
  die 2 "cannot use --interface '$interfaces': that is no name of an interface"
[ -z "$web_listen" ] || check_web_listen "$web_listen"
[ -z "$wants_web" ] || [ -z "$wants_no_web" ] || die 2 "--web and --no-web exclude each other. Give one of them"
[ -z "$wants_access_point" ] || [ -z "$wants_no_access_point" ] ||
  die 2 "--access-point and --no-access-point exclude each other. Give one of them"
[ "$(id -u)" -eq 0 ] || [ "$dry_run" ] || [ "$task" = write_package_units ] || die 3 "this changes the system, which needs root. Run: sudo ./install.sh"
"$task"
