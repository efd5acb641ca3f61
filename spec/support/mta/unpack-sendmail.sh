#!/bin/sh
# Unpacks Debian's Sendmail into a folder of its own, for the package excludes Postfix. Needs apt, dpkg and a mirror.
# Prints the folder. Does nothing if it is there already. The specs look where this script puts it.
set -eu
folder=${POSTERN_SENDMAIL:-${HOME:-/root}/.cache/postern/sendmail}

if [ ! -x "$folder/usr/libexec/sendmail/sendmail" ]; then
    new=$folder.new.$$
    trap 'rm -rf "$new"' EXIT
    mkdir -p "$new/packages"
    (
        cd "$new/packages"
        apt-get -q download sendmail-bin sendmail-cf libwrap0 >&2
        for package in *.deb; do dpkg -x "$package" "$new"; done
    )
    rm -r "$new/packages"
    # A setgid program ignores LD_LIBRARY_PATH, and libwrap is in this folder.
    chmod g-s "$new/usr/libexec/sendmail/sendmail"
    rm -rf "$folder"
    mv "$new" "$folder"
fi
echo "$folder"
