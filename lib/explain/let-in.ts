/** Owns the recipe that lets in a client who is refused, below the explanation of his mail. */

import { quotedPath } from '../shell-path.ts';
import { labelled } from './layout.ts';
import type { DecisionTrace, Report } from './trace.ts';

/** Of a written rule; whom greylisting delays needs none, and an example of a transcript neither. */
export function letIn({ client, steps, config }: Report): string[] {
  const refusal = steps
    .flatMap(({ decisions }) => decisions)
    .find((decision) => isRefusal(decision) && decision.rule?.number !== null);
  if (client === null || refusal === undefined || refusal.rule === null) return [];
  const spf = /^(?:helo|mailfrom) (\w+): (.*)$/s.exec(refusal.reason);
  if (spf !== null && asksSpf(refusal))
    return pastSpf(client.address, config, { result: spf[1]!, about: spf[2]! });
  const { place, number, list } = refusal.rule;
  const where = place === null ? `rule ${number}` : `line ${place.line} of ${place.file}`;
  const of = list === null ? '' : ` in ${list}:`;
  return [
    '',
    ...labelled(
      'let in',
      `to let this client in, write before ${where}${of}, or into a table that stands there:`,
    ),
    ...labelled('', `- check_client_access inline:{ ${client.address}=OK }`),
    ...labelled('', `then: postern check --config ${quotedPath(config)} && postern reload`),
  ];
}

function isRefusal({ verdict, waitSeconds, rule }: DecisionTrace): boolean {
  return rule !== null && (verdict === 'reject' || (verdict === 'tempfail' && waitSeconds === null));
}

/** The rule that decided, or one that a table applied, went by what SPF said. */
function asksSpf({ lists }: DecisionTrace): boolean {
  return lists
    .flatMap(({ rules }) => rules)
    .some(({ effect, checks }) => isEffect(effect) && checks.some(({ id }) => id.startsWith('spf ')));
}

function isEffect(effect: string | null): boolean {
  return effect === 'reject' || effect === 'tempfail';
}

function pastSpf(
  address: string,
  config: string,
  { result, about }: { result: string; about: string },
): string[] {
  if (result === 'temperror')
    return [
      '',
      ...labelled('let in', `the DNS has no answer now: ${about}; who tries again is asked about again`),
      ...labelled('', 'type: postern doctor; to let such mail go on: spf: { temperror: continue }'),
    ];
  return [
    '',
    ...labelled('let in', `to let this client in whatever SPF says of him, add him below spf: in ${config}:`),
    ...labelled('', `skip_networks: [${address.includes(':') ? `"${address}"` : address}]`),
    ...labelled('', `then: postern check --config ${quotedPath(config)} && postern reload`),
  ];
}
