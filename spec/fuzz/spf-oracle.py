"""Answers SPF questions by Debian's pyspf: one JSON object a line in, one out. The DNS is what stands in the question."""

import json
import sys

import spf

# Which terms count is not compared: pyspf counts a redirect that is never followed.
spf.MAX_LOOKUP = spf.MAX_VOID_LOOKUPS = 1000


def lookup_in(zone):
    def lookup(name, qtype, strict=True, timeout=None):
        name = name.lower()
        if qtype == 'A' and name.endswith('.hash.example'):
            return [((name, 'A'), '127.0.0.2')] if is_hashed_in(name) else []
        values = zone.get(name, {}).get(qtype, [])
        if values == 'temperror':
            raise spf.TempError('no answer')
        return [((name, qtype), value_of(qtype, value)) for value in values]
    return lookup


def is_hashed_in(name):
    """As isHashedIn in any-spf-zone.ts."""
    total = 0
    for octet in name.encode('latin-1', 'replace'):
        total = (total * 31 + octet) & 0xffffffff
    return total >> 8 & 1


def value_of(qtype, value):
    if qtype == 'TXT':
        return [value.encode('latin-1')]
    if qtype == 'MX':
        preference, exchange = value.split(' ')
        return (int(preference), exchange)
    return value


for line in sys.stdin:
    asked = json.loads(line)
    spf.DNSLookup = lookup_in(asked['zone'])
    query = spf.query(asked['ip'], asked['sender'], asked['helo'], receiver='mx.example.org')
    query.set_default_explanation('')
    try:
        result, _, explanation = query.check()
        # Case and outer blanks are of no account, and where an address is IPv6 not the same.
        found = {'result': result, 'explanation': explanation.strip().lower() if result == 'fail' else ''}
    except Exception as error:  # A fault of its own is an answer too.
        found = {'result': 'fault', 'explanation': repr(error)}
    print(json.dumps(found), flush=True)
