/** Owns the text that `import milter-greylist` prints: a postern.yaml that does what greylist.conf did. */

import { aFew } from './a-few.ts';
import type { Clause, GreylistConf, Token } from './greylist-conf.ts';
import { factOf, NoFact } from './greylist-facts.ts';
import { greylistRules } from './greylist-rules.ts';
import { milterGreylistTimes, type MilterGreylistTimes } from './greylist-times.ts';
import { ownNetworksLine } from './own-networks-line.ts';
import { isStatement, unknownStatement } from './greylist-unknown.ts';
import { takenOver } from './section.ts';
import { formatDuration } from '../yaml/duration.ts';
import { comment } from './yaml-text.ts';

/** `databases`: sentences about its dump. Never throws. */
export function milterGreylistYaml(file: string, conf: GreylistConf, databases: readonly string[]): string {
  const rules = greylistRules(conf);
  const times = milterGreylistTimes(conf);
  const section = takenOver('greylist', { entries: entriesOf(conf, times), notes: notesOf(conf, times) })!;
  const blocks = [
    [
      ...comment(
        `Written by "postern import milter-greylist" from ${file}: lines named below are lines of that file. ${rules.moved} of its ${rules.entries} entries are rules here.${rules.leftOut.length === 0 ? '' : ` Left out, with the reason at their place: ${rules.leftOut.length === 1 ? 'line' : 'lines'} ${aFew(rules.leftOut)}.`}`,
      ),
      ...comment(
        'Put Postern in the place of milter-greylist in smtpd_milters or INPUT_MAIL_FILTER. postmaster@ and abuse@ are let in before any rule, which they were not (spare_recipients: [] undoes that).',
      ),
      ...databases.flatMap((sentence) => comment(sentence)),
    ],
    ownNetworksLine(myNetwork(conf)),
    [
      ...section.notes.flatMap((note) => comment(note)),
      'greylist:',
      ...section.entries.map(([key, value]) => `  ${key}: ${value}`),
    ],
    ['policy:', ...headOf(conf), ...rules.lines],
  ];
  const policy = blocks.at(-1)!;
  if (!policy.some((line) => line.startsWith('  - '))) policy.push('  - permit');
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
}

/** The list that its example calls so. */
function myNetwork(conf: GreylistConf): readonly string[] {
  const name = [...conf.lists].find(([called, { of }]) => of === 'addr' && /^my ?net/i.test(called))?.[0];
  if (name === undefined) return [];
  try {
    const value: Token = { kind: 'string', text: name, line: 0 };
    const clause: Clause = { negated: false, name: 'list', values: [value], line: 0 };
    return factOf(clause, { conf, extended: false, domainExact: false, action: 'whitelist' }).values;
  } catch (error) {
    if (error instanceof NoFact) return [];
    throw error;
  }
}

function entriesOf({ settings }: GreylistConf, times: MilterGreylistTimes): [key: string, value: string][] {
  // What has passed is remembered at least as long as what waits.
  const lifetime = Math.max(times.autowhiteSeconds, times.timeoutSeconds);
  return [
    ['delay', duration(times.delaySeconds)],
    ['retry_window', duration(times.timeoutSeconds)],
    ['lifetime', duration(lifetime)],
    ['ipv4_prefix', String(times.ipv4Prefix)],
    ...(settings.has('subnetmatch6') ? [['ipv6_prefix', String(times.ipv6Prefix)] as [string, string]] : []),
    ...(times.lazy ? [['auto_allow_after', '1'] as [string, string]] : []),
  ];
}

function duration(seconds: number): string {
  return formatDuration(seconds * 1000);
}

/** Where it runs, what it tells, how it writes: nothing to tell. */
const SILENT =
  /^(?:pidfile|socket|dumpfile|dumpfreq|user|verbose|quiet|nodetach|stat|report|logfac|logexpired|dump_no_time_translation|geoipdb|geoipv6db|p0fsock|spamdsock|ldapconf|urlcheck|ldapcheck|maxpeek|syncaddr|syncsrcaddr|syncmaxqlen|localaddr|greylist|autowhite|timeout|subnetmatch6?|domainexact|extendedregex|nospf|nodrac|unbracket|fixldapcheck|ratelimit|nsupdate|multiracl|delayedreject)$/;

const SAID: Readonly<Record<string, string>> = {
  peer: 'the greylists of several MX are apart in Postern as yet: each learns by itself',
  noaccessdb: 'Postern never asks the macro {greylist} of Sendmail',
  testmode: 'it let in whatever no entry matched: write "- permit" before the last "greylist"',
  noauth:
    'it greylisted users who have logged in, too. Postern never does; that no permit_sasl_authenticated stands here makes them subject to the other rules',
  lazyaw:
    'whoever had passed once was let in from the same address, whatever he sent: auto_allow_after: 1 below. Here it is earned by an SPF domain as well, and lost by a refusal by a DNS list',
  drac: 'Postern does not ask DRAC: whoever has logged in is let in by permit_sasl_authenticated',
};

function notesOf({ settings }: GreylistConf, times: MilterGreylistTimes): string[] {
  const notes: string[] = [];
  const unset = ['greylist', 'autowhite', 'timeout', 'subnetmatch'].filter((key) => !settings.has(key));
  if (unset.length > 0)
    notes.push(
      `not in the file, so as milter-greylist has it by itself: ${unset.join(', ')}. Postern's own are gentler: without these lines a sender waits 60 s, is known for 36 days, and his neighbours in the /24 count as he`,
    );
  if (times.autowhiteSeconds < times.timeoutSeconds)
    notes.push(
      `autowhite ${duration(times.autowhiteSeconds)}: Postern remembers who has passed at least as long as who waits`,
    );
  if (times.autowhiteSeconds === 0)
    notes.push('autowhite 0 made everybody wait each time: Postern has nothing of the kind');
  for (const [key, { line }] of settings)
    if (!SILENT.test(key))
      notes.push(
        isStatement(key)
          ? `line ${line} is not taken over: ${unknownStatement(key)}`
          : `line ${line}: ${key}: ${SAID[key] ?? 'Postern has nothing of the kind'}`,
      );
  return notes;
}

/** What milter-greylist did before its list, unless it was told not to. */
function headOf({ settings, acls }: GreylistConf): string[] {
  const asks = (...names: readonly string[]): boolean =>
    acls.some(({ clauses }) => clauses.some(({ name }) => names.includes(name)));
  const auth =
    settings.has('noauth') || asks('auth', 'tls')
      ? []
      : ['  - permit_sasl_authenticated', '  - permit_tls_all_clientcerts'];
  if (settings.has('nospf') || asks('spf')) return auth;
  return [
    ...auth,
    ...comment(
      'If milter-greylist was built with SPF, it let in whoever passes that, before all entries and blacklists too; add the line for the same. Without it they wait once, and are then known by their domain.',
      '  ',
    ),
    '  # - { when: { spf: pass }, then: accept }',
  ];
}
