/** Owns what is to be said of Postfix's own restrictions: the relay that they close, and the lists that they ask beside us. */

import { unkeyed } from '../mail/secret-zone.ts';
import { isTakenOver } from './taken-over.ts';
import { note, ok, problem, warning, type Diagnosis } from './diagnosis.ts';
import type { PostfixSettings } from './postfix-settings.ts';

/** Any of them closes it (smtpd_check.c, rcpt_required). */
const CLOSING =
  /(?:^|[\s,])(?:reject_unauth_destination|defer_unauth_destination|check_relay_domains|reject|defer|defer_if_permit)(?=[\s,]|$)/;

export function ofRestrictions(postfix: PostfixSettings): Diagnosis[] {
  return [...ofRelay(postfix), ...ofDelay(postfix), ...ofLists(postfix), ...ofPostscreen(postfix)];
}

/** A milter that is away lets mail through: the relay must be closed without it. */
function ofRelay({ get }: PostfixSettings): Diagnosis[] {
  const relay = get('smtpd_relay_restrictions') ?? '';
  if (CLOSING.test(relay))
    return [ok('smtpd_relay_restrictions close the relay, whether Postern is there or not')];
  const cure = [
    "postconf -e 'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination'",
    'postfix reload',
  ];
  if (!CLOSING.test(get('smtpd_recipient_restrictions') ?? ''))
    return [problem('nothing closes the relay: smtpd does not start, or anybody may send anywhere', ...cure)];
  return [
    warning(
      'relay control rests on smtpd_recipient_restrictions alone: whoever a list before it permits may send anywhere',
      ...cure,
    ),
  ];
}

function ofDelay({ get }: PostfixSettings): Diagnosis[] {
  if (get('smtpd_delay_reject') !== 'no') return [];
  return [
    note(
      'smtpd_delay_reject = no: Postfix refuses before RCPT by its own rules, so that spared recipients and whoever logs in are not spared',
      "postconf -e 'smtpd_delay_reject = yes'",
      'postfix reload',
    ),
  ];
}

const LISTS = ['client', 'helo', 'sender', 'relay', 'recipient', 'data'].map(
  (name) => `smtpd_${name}_restrictions`,
);

function ofLists({ get, directory }: PostfixSettings): Diagnosis[] {
  return LISTS.flatMap((name) => {
    const words = (get(name) ?? '').split(/[\s,]+/);
    const twice = words.flatMap((word, i) =>
      isTakenOver(word, words[i + 1] ?? '') ? [`${word} ${unkeyed(words[i + 1]!)}`] : [],
    );
    if (twice.length === 0) return [];
    return [
      note(
        `${name} still has ${twice.join(', ')}: asked there too, without what Postern knows of whitelists and of a list's health`,
        `postern import postfix ${directory}/main.cf    (says what to move, and how)`,
      ),
    ];
  });
}

function ofPostscreen({ get, services, directory }: PostfixSettings): Diagnosis[] {
  const sites = get('postscreen_dnsbl_sites') ?? '';
  const runs = services.some(({ command }) => command === 'postscreen');
  if (sites === '' || !runs || get('postscreen_dnsbl_action') === 'ignore') return [];
  return [
    note(
      'postscreen_dnsbl_sites are asked before Postern sees a client, and refuse without its whitelists',
      `postern import postfix ${directory}/main.cf    (says what to move, and how)`,
    ),
  ];
}
