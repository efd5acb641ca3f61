/** Owns the recipe that lets in a client who is refused, below the explanation of his mail. */

import { quotedPath } from '../config/surroundings.ts';
import { labelled } from './layout.ts';
import type { DecisionTrace, Report } from './trace.ts';

/** Of a written rule; whom greylisting delays needs none, and an example of a transcript neither. */
export function letIn({ client, steps, config }: Report): string[] {
  const refusal = steps
    .flatMap(({ decisions }) => decisions)
    .find((decision) => isRefusal(decision) && decision.rule?.number !== null);
  if (client === null || refusal === undefined || refusal.rule === null) return [];
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
