#!/bin/sh
# Furnishes a private network, then becomes its door. Runs inside fresh network, mount and UTS namespaces:
#   unshare --net --mount --uts private-network.sh FOLDER "ADDRESSES" NODE DOOR
# FOLDER holds hosts and resolv.conf; its log.sock becomes /dev/log.
set -eu
folder=$1 addresses=$2 node=$3 door=$4

ip link set lo up
for address in $addresses; do
    case $address in
    *:*) ip -6 addr add "$address/128" dev lo nodad ;;
    *) ip addr add "$address/32" dev lo ;;
    esac
done

# Without a name with a dot in it Sendmail sleeps for a minute before it starts.
hostname mx.example.org
mount --bind "$folder/hosts" /etc/hosts
mount --bind "$folder/resolv.conf" /etc/resolv.conf

# A /dev of our own: the machine's may have no /dev/log, or one that leads to its journal.
mkdir "$folder/dev"
mount -t tmpfs -o mode=0755 dev "$folder/dev"
for node_name in null zero full random urandom tty; do
    : >"$folder/dev/$node_name"
    mount --bind "/dev/$node_name" "$folder/dev/$node_name"
done
ln -s /proc/self/fd "$folder/dev/fd"
ln -s "$folder/log.sock" "$folder/dev/log"
mount --rbind "$folder/dev" /dev

exec "$node" "$door" "$folder/door.sock"
