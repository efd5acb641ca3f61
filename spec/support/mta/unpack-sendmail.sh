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
        # With the libraries that it names itself: a machine with Postfix has some of them only.
        libraries=$(apt-cache depends sendmail-bin | sed -n 's/^ *Depends: \(lib.*\)$/\1/p' | grep -vx libc6)
        # shellcheck disable=SC2086
        apt-get -q download sendmail-bin sendmail-cf $libraries >&2
        for package in *.deb; do dpkg -x "$package" "$new"; done
    )
    rm -r "$new/packages"
    # A setgid program ignores LD_LIBRARY_PATH, and its libraries are in this folder.
    chmod g-s "$new/usr/libexec/sendmail/sendmail"
    rm -rf "$folder"
    mv "$new" "$folder"
fi
echo "$folder"
