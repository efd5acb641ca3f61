/** Owns the catalogue of facts that a `when:` can ask, and the words that each can be. */

import { parseComparison } from './comparison.ts';
import { asking, join, known, none, type FactTest } from './fact-test.ts';
import {
  mayHaveName,
  mayHaveReverse,
  readValue,
  yesNo,
  type Named,
  type Plain,
  type Wrong,
} from './fact-values.ts';
import { listFact, scoreFact } from './list-facts.ts';
import { parseHours } from './hours.ts';
import { spfWords, wrongSpfWord } from './spf-facts.ts';
import { shown } from '../yaml/problem.ts';

export interface Fact {
  /** Words with a meaning of their own. */
  readonly words: Readonly<Record<string, FactTest>>;
  /** Every other value. A pair says what is wrong with it. */
  readonly value: (text: string) => FactTest | Plain | Wrong;
  /** The name under which plain values are looked up; absent: there are none. */
  readonly named?: Named;
  readonly example: string;
}

const YES_NO = (yes: FactTest): Readonly<Record<string, FactTest>> => ({ true: yes, false: none([yes]) });

const authenticated = known('mail', 'sasl_authenticated', 'yes');
const encrypted = asking('helo', 'tls', () => yesNo('tls', 'helo', ({ tls }) => tls !== null));
const noReverse = asking('connect', 'ptr none', () =>
  yesNo('ptr none', 'connect', ({ client }) =>
    client.ptr !== null || client.name !== null ? false : mayHaveReverse(client) ? null : true,
  ),
);
/** Never yes: what a name is like that the MTA could not look up, nobody can tell. */
const noneTold = asking('connect', 'ptr not told', () =>
  yesNo('ptr not told', 'connect', ({ client }) => (mayHaveReverse(client) ? null : false)),
);
const verified = known('helo', 'verified_certificate', 'yes');

export const FACTS: Readonly<Record<string, Fact>> = {
  client: {
    words: {
      mynetworks: known('connect', 'mynetworks', 'yes'),
      unknown: asking('connect', 'client unknown', () =>
        yesNo('client unknown', 'connect', ({ client }) =>
          mayHaveName(client) ? null : client.name === null,
        ),
      ),
    },
    ...named('client'),
    example: '[192.0.2.0/24, example.net, cidr:/etc/postern/clients]',
  },
  ptr: {
    words: {
      none: noReverse,
      unconfirmed: asking('connect', 'ptr unconfirmed', () =>
        yesNo('ptr unconfirmed', 'connect', ({ client }) =>
          mayHaveName(client) ? null : client.ptr !== null && client.name === null,
        ),
      ),
      generic: join('any', [
        known('connect', 'generic_reverse_client_hostname', 'pool', 'address'),
        noneTold,
      ]),
    },
    ...named('ptr'),
    example: '[none, generic, dyn.example.net]',
  },
  helo: {
    words: {
      none: known('helo', 'missing_helo', 'yes'),
      invalid: known('helo', 'invalid_helo_hostname', 'invalid_name', 'invalid_address'),
      non_fqdn: known('helo', 'non_fqdn_helo_hostname', 'not_fqdn'),
      unknown: known('helo', 'unknown_helo_hostname', 'not_found', 'malformed'),
      own: known('helo', 'own_helo_hostname', 'own_name', 'own_address'),
    },
    ...named('helo'),
    example: '[non_fqdn, own, /^ylmf-pc$/]',
  },
  sender: {
    words: {
      '<>': asking('mail', 'sender <>', () => yesNo('sender <>', 'mail', ({ sender }) => sender === null)),
      non_fqdn: known('mail', 'non_fqdn_sender', 'not_fqdn'),
      unknown_domain: known('mail', 'unknown_sender_domain', 'not_found', 'null_mx', 'malformed'),
    },
    ...named('sender'),
    example: '[<>, news@, example.org]',
  },
  recipient: {
    words: { spared: known('rcpt', 'spared_recipient', 'yes') },
    ...named('recipient'),
    example: '[alice@example.org, sales@]',
  },
  auth: {
    words: YES_NO(authenticated),
    value: (login) =>
      /^(?:yes|no|on|off)$/i.test(login)
        ? [
            `"${login}" is neither true nor false`,
            `write ${/^(?:yes|on)$/i.test(login) ? 'true' : 'false'}; a login of that name can't be asked for`,
          ]
        : asking('mail', `auth ${login}`, () => yesNo(`auth ${login}`, 'mail', ({ auth }) => auth === login)),
    example: 'true',
  },
  tls: {
    words: { ...YES_NO(encrypted), verified },
    value: (version) =>
      /^(?:TLS|SSL)v[\d.]+$/i.test(version)
        ? asking('helo', `tls ${version}`, () =>
            yesNo(
              `tls ${version}`,
              'helo',
              ({ tls }) => tls?.version.toLowerCase() === version.toLowerCase(),
            ),
          )
        : [`"${shown(version)}" is nothing that TLS can be`, 'write true, false, verified or TLSv1.3'],
    example: 'true',
  },
  daemon: {
    words: {},
    value: (name) =>
      asking('connect', `daemon ${name}`, () =>
        yesNo(`daemon ${name}`, 'connect', ({ client: { daemon } }) =>
          daemon === null ? null : daemon === name,
        ),
      ),
    example: 'smtpd',
  },
  recipients: {
    words: {},
    value(text) {
      const compare = parseComparison(text);
      return compare === null || /^\s*\d+\s*$/.test(text)
        ? [
            compare === null
              ? `"${shown(text)}" is not a number to compare with`
              : `"${shown(text)}" would hold for that one recipient alone`,
            compare === null
              ? 'write ">20", "<=5" or "2..5", in quotes'
              : `write ">=${text.trim()}", or "=${text.trim()}"`,
          ]
        : asking('rcpt', `recipients ${text}`, () =>
            yesNo(`recipients ${text}`, 'rcpt', ({ recipients }) => compare(recipients)),
          );
    },
    example: '">20"',
  },
  size: {
    words: {},
    value(text) {
      const compare = parseComparison(text);
      return compare === null
        ? [`"${shown(text)}" is not a size to compare with`, 'write ">10M", in quotes']
        : asking('mail', `size ${text}`, () =>
            yesNo(`size ${text}`, 'mail', ({ size }) => size !== null && compare(size)),
          );
    },
    example: '">10M"',
  },
  time: {
    words: {},
    value(text) {
      const within = parseHours(text);
      return within === null
        ? [`"${shown(text)}" is not a time of day or week`, 'write "22:00-06:00" or "Mon-Fri 08:00-18:00"']
        : asking('connect', `time ${text}`, ({ now }) =>
            yesNo(`time ${text}`, 'connect', () => within(now())),
          );
    },
    example: '"22:00-06:00"',
  },
  spf: { words: spfWords('mailfrom'), value: wrongSpfWord, example: '[fail, softfail]' },
  helo_spf: { words: spfWords('helo'), value: wrongSpfWord, example: 'fail' },
  dnsbl: {
    words: {},
    value: (text) => listFact(text, 'refuse'),
    example: 'zen.spamhaus.org=127.0.0.[2..11]',
  },
  dnswl: {
    words: {},
    value: (text) => listFact(text, 'permit'),
    example: 'list.dnswl.org=127.0.[0..9;11..255].[2..3]',
  },
  score: { words: {}, value: scoreFact, example: '">=3"' },
};

function named(fact: Named): Pick<Fact, 'value' | 'named'> {
  return { named: fact, value: (text) => readValue(fact, text) };
}
