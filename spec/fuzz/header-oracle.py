"""Reads header fields by Python's email and Debian's authres: one JSON object a line in, one out."""

import email
import email.policy
import json
import sys

import authres

POLICY = email.policy.compat32


def fields_of(header):
    """What a message with these lines has in its header: names and values, line ends as they were."""
    message = email.message_from_bytes((header + '\r\nbody\r\n').encode('utf-8', 'surrogatepass'), policy=POLICY)
    fields = [[name, value.encode('utf-8', 'surrogateescape').decode('utf-8')] for name, value in message.raw_items()]
    return {'fields': fields, 'sound': not message.defects and message.get_payload() == 'body\r\n'}


def results_of(value):
    """None: authres can not read it. It wants its fields unfolded."""
    try:
        read = authres.AuthenticationResultsHeader.parse_value(value)
    except authres.AuthResError:
        return None
    return {
        'authservId': read.authserv_id,
        'results': [
            {
                'method': result.method,
                'result': result.result,
                'reason': result.reason,
                'properties': [[p.type + '.' + p.name, p.value] for p in result.properties],
            }
            for result in read.results
            # `none` is no result.
            if isinstance(result, authres.AuthenticationResult)
        ],
    }


for line in sys.stdin:
    asked = json.loads(line)
    answer = fields_of(asked['header']) if 'header' in asked else {'read': results_of(asked['value'])}
    print(json.dumps(answer), flush=True)
