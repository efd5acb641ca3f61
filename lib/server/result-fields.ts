/** Owns the header fields that a message gets: its facts, in their order from above. */

import { SPF_SKIP_DOMAINS, spfId } from '../checks/spf.ts';
import { authenticationResults, type MethodResult } from '../headers/authentication-results.ts';
import { dnsblResult } from '../headers/dnsbl-result.ts';
import type { Field } from '../headers/field.ts';
import { receivedSpf, SPF_RESULTS, type SpfFacts, type SpfResult } from '../headers/received-spf.ts';
import type { Charset } from '../headers/words.ts';
import { asciiDomain } from '../mail/domain.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import type { AtMail, Client } from '../mail/session.ts';
import type { Finding } from '../policy/finding.ts';
import type { HeaderSettings } from './header-settings.ts';
import type { KnownFindings } from './known-findings.ts';
import { listedSubjects, scoreKnown, whitelistResults } from './list-results.ts';

/**
 * What SPF says stands above all else, and of MAIL FROM above HELO: OpenDMARC takes the first Received-SPF for the
 * sender's, whatever its identity is. No `spf=` shares a field with another result: OpenDMARC fails on that too.
 */
export function resultFields(
  settings: HeaderSettings,
  findings: KnownFindings,
  session: AtMail,
  { authservId, charset }: { readonly authservId: string; readonly charset: Charset },
): Field[] {
  const { fields } = settings;
  const skips = findings.get(SPF_SKIP_DOMAINS)?.result === 'yes';
  const spf = (['mailfrom', 'helo'] as const).flatMap((identity) => {
    const finding = findings.get(spfId(identity));
    return skips && finding?.result !== 'pass' ? [] : spfFacts(identity, finding, session, charset);
  });
  const added: Field[] = [];
  if (fields.authenticationResults) {
    added.push(...spf.map((facts) => authenticationResults(authservId, [spfMethod(facts)])));
    const client = [...iprev(session.client), ...whitelistResults(settings, findings)];
    if (client.length > 0) added.push(authenticationResults(authservId, client));
  }
  // HELO's alone would be taken for the sender's.
  if (fields.receivedSpf && spf[0]?.identity === 'mailfrom')
    added.push(...spf.map((facts) => receivedSpf(authservId, facts, charset)));
  if (fields.dnsbl) {
    const listed = listedSubjects(settings, findings, session);
    if (listed.length > 0) added.push(dnsblResult(authservId, listed, scoreKnown(settings, findings)));
  }
  return added;
}

/** Of what the MTA found out itself (RFC 8601 §2.7.3); where it says nothing, nothing. */
function iprev({ address, resolve, ptr, name }: Client): MethodResult[] {
  if (address === null || resolve === null) return [];
  const properties = [{ name: 'policy.iprev', value: address.text }] as const;
  const result = {
    ok: 'pass',
    forged: 'fail',
    temp: 'temperror',
    // A name that leads nowhere fails; that there is none is another matter.
    fail: ptr === null ? 'permerror' : 'fail',
  }[resolve];
  return [{ method: 'iprev', result, properties, comment: name ?? ptr ?? '' }];
}

function spfFacts(
  identity: SpfFacts['identity'],
  finding: Finding | undefined,
  { client, helo, sender }: AtMail,
  charset: Charset,
): SpfFacts[] {
  if (finding === undefined || !isSpfResult(finding.result) || client.address === null) return [];
  const { skipped, domain, mechanism, why } = finding.facts;
  // Nobody was asked: `none` would be said in the domain's name.
  if (skipped !== undefined) return [];
  return [
    {
      identity,
      result: finding.result,
      domain: domain ?? null,
      clientIp: client.address.text,
      envelopeFrom: sender === null ? '' : addressIn(sender, charset),
      helo,
      mechanism: mechanism ?? null,
      problem: finding.result.endsWith('error') ? (why ?? null) : null,
    },
  ];
}

function isSpfResult(word: string): word is SpfResult {
  return SPF_RESULTS.some((each) => each === word);
}

/** In a message that may hold no UTF-8 the domain at least can be said: in A-labels. */
function addressIn({ local, domain }: Mailbox, charset: Charset): string {
  if (domain === null) return local;
  return `${local}@${charset === 'ascii' ? (asciiDomain(domain) ?? domain) : domain}`;
}

function spfMethod({ identity, result, domain, problem }: SpfFacts): MethodResult {
  return {
    method: 'spf',
    result,
    properties: domain === null ? [] : [{ name: `smtp.${identity}`, value: domain }],
    ...(problem === null ? {} : { reason: problem }),
  };
}
