/** Owns what explain can't know of an MTA, and says. */

import type { Report, Step } from './trace.ts';

/** Notes about steps that were played. */
export function caveats(steps: readonly Step[]): Report['notes'] {
  return [...respelled(steps), ...keptRefusals(steps), ...behindRelays(steps)];
}

/** Postfix makes another address of these, and tells the service which (`{mail_addr}`, `{rcpt_addr}`). */
function respelled(steps: readonly Step[]): string[] {
  const odd = steps.filter(({ command }) => /^(?:MAIL|RCPT) /i.test(command) && isOdd(command));
  return [...new Set(odd.map(({ command }) => command))].map(
    (command) =>
      `${command}: Postfix may take this for another address, and the service then judges that one; explain it with the address as the mail log has it`,
  );
}

function isOdd(command: string): boolean {
  const path = /<(.*)>/s.exec(command)?.[1] ?? '';
  return path !== '' && (/[\s"()<>;,%!\\]|@.*@/.test(path) || !path.includes('@'));
}

function keptRefusals(steps: readonly Step[]): string[] {
  const early = steps.some(
    ({ command, reply }) =>
      reply !== null && /^(?:CONNECT|HELO|EHLO) /i.test(command) && !reply.startsWith('421'),
  );
  return early
    ? [
        'Postfix and Sendmail tell a refusal at CONNECT or HELO at MAIL, and keep to it for the rest of the session, whatever the client says next',
      ]
    : [];
}

/** What a trusted relay hands on is judged by its header, and there is none. */
function behindRelays(steps: readonly Step[]): string[] {
  if (steps.some(({ command }) => /^HEADER received:/i.test(command))) return [];
  const relay = steps
    .flatMap(({ decisions }) => decisions)
    .find(({ rule, verdict }) => rule?.word === 'trusted_relays' && verdict === 'permit');
  return relay === undefined
    ? []
    : [
        `${relay.client} is a trusted relay: what would be said of the host before it shows a transcript with its line (postern explain FILE) C: HEADER Received: from mx.example.net (mx.example.net [192.0.2.10]) by relay.example.org (Postfix) with ESMTP id 1`,
      ];
}
