/** `postern greylist show`: everything that the greylist knows of somebody, and whether and when he gets in. */

import type { Config } from '../config/config.ts';
import { spelledBy } from '../greylist/former-spelling.ts';
import type { ListedTriplet } from '../greylist/listing.ts';
import { isAllowed, type Standing } from '../greylist/standing.ts';
import type { OpenAnswer } from '../greylist/store.ts';
import { restrictionsIn } from '../rules/written-rule.ts';
import { aboutOf, waysTo, waysToAnswers, type About, type Way } from './greylist-about.ts';
import { KINDS, shownStanding, shownSubject, standingJson } from './greylist-allow.ts';
import { answerJson, shownState, tripletJson } from './greylist-list.ts';
import { configOf, STORE_HELP, withGreylist, type Source } from './greylist-place.ts';
import { isoTime, localTime, printJson, printLines, shownSeconds } from './print.ts';
import { noteUnserved } from './service-start.ts';
import { optionsAndArguments, UsageError } from './usage.ts';
import { harmless } from './wrapped.ts';

const HELP = `usage: postern greylist show ADDRESS|NETWORK|HOST|DOMAIN|SENDER|RECIPIENT
       postern greylist show SENDER RECIPIENT
       each with [--config FILE] [--store FILE] [--json]

Everything that is known of a client (also as the log shows it, mx.example.net[192.0.2.10]), of a network, of a
domain, of a sender or recipient, or of the two: what waits and from when on a try gets in, what has passed, who of
them need not wait and why, and who may answer whom. Whom skip_clients, skip_senders, skip_recipients and rules of
postern.yaml spare is nothing that is remembered: postern explain tells of that. Where rules have delays of their own,
the soonest and the latest moment is shown: a triplet does not tell its rule. Exit code 0 if anything is known, 1 if
nothing is.

${STORE_HELP}  --json          one object; times are ISO 8601

example: postern greylist show alice@example.net bob@example.org
`;

/** More of them is what `list` is for. */
const MOST_SHOWN = 100;

interface Known {
  readonly triplets: readonly ListedTriplet[];
  /** How many there are besides. */
  readonly more: number;
  readonly standings: readonly Standing[];
  readonly answers: readonly OpenAnswer[];
  /** Whom nobody delays, if SPF or the confirmed name proves that it is he; null: he is none. */
  readonly provider: string | null;
}

export async function run(args: readonly string[]): Promise<number> {
  const given = optionsAndArguments('greylist show', args, HELP, {
    config: { type: 'string' },
    store: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (given === null) return 0;
  const { values, positionals } = given;
  const [what = '', recipient, ...more] = positionals;
  if (what.trim() === '' || recipient?.trim() === '')
    throw new UsageError(
      'greylist show: say whom: 192.0.2.10, example.net, alice@example.net, or a sender and a recipient',
    );
  if (more.length > 0)
    throw new UsageError(
      'greylist show: a sender and a recipient at most; see: postern greylist show --help',
    );
  if (positionals.some((word) => word.length > 600))
    throw new UsageError('greylist show: that is too long for an address');
  const about = await aboutOf(what.trim(), recipient?.trim());
  return withGreylist(values, async (source, place) => {
    const nowMs = Date.now();
    const settings = settingsOf(await configOf(place));
    const known = await look(source, about, settings, nowMs);
    const { triplets, standings, answers, provider } = known;
    const isKnown = triplets.length + standings.length + answers.length > 0 || provider !== null;
    if (!values.json) noteUnserved(place.unserved, place.configFile, `this is what ${source.name} has`);
    if (values.json) await printJson(asJson(positionals, known, settings, nowMs));
    else if (isKnown) await printLines(asText(about, known, settings, nowMs));
    else
      process.stderr.write(
        `nothing is known of ${harmless(positionals.join(' to '))}${settings?.skips.length ? `; ${SKIPPED}` : ''}\n`,
      );
    return isKnown ? 0 : 1;
  });
}

const SKIPPED = 'whom skip_clients and the like spare is not remembered: ask postern explain';

async function look(
  source: Source,
  about: About,
  settings: Config['greylist'] | null,
  nowMs: number,
): Promise<Known> {
  const triplets: ListedTriplet[] = [];
  let more = 0;
  const origins = new Set<string>();
  for await (const triplet of source.list(about.filter, nowMs)) {
    if (!about.fits(triplet)) continue;
    if (triplets.length >= MOST_SHOWN) {
      more++;
      continue;
    }
    triplets.push(triplet);
    for (const { kind, value } of triplet.origins) origins.add(kind + value);
  }
  const standings: Standing[] = [];
  for await (const standing of source.standings(nowMs))
    if (about.isSubject(standing) || origins.has(standing.kind + standing.value)) keep(standings, standing);
  const answers: OpenAnswer[] = [];
  for await (const answer of source.answers(about.filter, nowMs))
    if (about.isAnswer(answer)) keep(answers, answer);
  const { name } = about;
  const provider =
    name === null ? null : (settings?.providers.find({ clientName: name, spfDomain: name }) ?? null);
  return { triplets, more, standings, answers, provider };
}

function keep<T>(all: T[], one: T): void {
  if (all.length < MOST_SHOWN) all.push(one);
}

type Settings = Config['greylist'] & {
  /** A triplet does not tell by which rule it waits, and rules may have delays of their own. */
  readonly shortestMs: number;
  readonly longestMs: number;
};

/** Null: the config is broken. What results of tables say of delays is not looked at. */
function settingsOf(config: Config | null): Settings | null {
  if (config === null) return null;
  const { greylist, policy } = config;
  const delays = policy
    .flatMap(({ rules }) => rules.flatMap(restrictionsIn))
    .flatMap(({ options }) => (options?.kind === 'greylist' ? [options.delayMs] : []));
  return {
    ...greylist,
    shortestMs: Math.min(greylist.delayMs, ...delays),
    longestMs: Math.max(greylist.delayMs, ...delays),
  };
}

/** When a try surely gets in; null: nobody can say, since the config is broken, or it has passed or begins anew. */
function getsInMs({ state, firstMs }: ListedTriplet, settings: Settings | null): number | null {
  return state !== 'waiting' || settings === null ? null : firstMs + settings.longestMs;
}

function asText(about: About, known: Known, settings: Settings | null, nowMs: number): string[] {
  const { triplets, more, standings, answers, provider } = known;
  const allowed = standings.filter((standing) => isAllowed(standing, nowMs));
  const waiting = triplets.filter(({ state }) => state === 'waiting');
  const allowAfter = settings?.allowAfter ?? null;
  const by = [
    ...(provider === null
      ? []
      : [`${provider} (one of providers:, where SPF or the confirmed name proves ${about.name})`]),
    ...allowed.map(
      ({ kind, value, granted }) => `${KINDS[kind]} ${value} (${granted ? 'granted' : 'earned'})`,
    ),
  ];
  return [
    by.length === 0 ? 'allowed   nobody of these' : `allowed   yes, as ${by.join(', ')}`,
    ...standings.map(
      (standing) => `  ${shownSubject(standing).padEnd(40)}  ${shownStanding(standing, allowAfter)}`,
    ),
    ...(answers.length === 0 ? [] : ['', 'may answer without delay']),
    ...answers.map(
      ({ sender, recipient, untilMs }) => `  ${sender} to ${recipient}, until ${localTime(untilMs)}`,
    ),
    '',
    `triplets  ${triplets.length + more}`,
    ...triplets.flatMap((triplet) => tripletText(triplet, allowed, settings, nowMs)),
    ...(more === 0
      ? []
      : waysTo(about.ways, triplets)
          .slice(0, 1)
          .map(({ options }) => `  and ${more} more: postern greylist list ${options}`)),
    ...toType('to let in what waits: ', 'release', waysTo(about.ways, waiting)),
    ...toType('to have them wait:    ', 'forget', waysToAnswers(about.ways, answers)),
  ];
}

function toType(what: string, word: string, ways: readonly Way[]): string[] {
  if (ways.length === 0) return [];
  const lines = ways.map(
    ({ options }, i) => `${i === 0 ? what : ' '.repeat(what.length)}postern greylist ${word} ${options}`,
  );
  return ['', ...lines];
}

function tripletText(
  triplet: ListedTriplet,
  allowed: readonly Standing[],
  settings: Settings | null,
  nowMs: number,
): string[] {
  const { sender, recipient, origins, tries, firstMs, lastMs } = triplet;
  const by = spelledBy(sender);
  return [
    `  ${shownState(triplet).padEnd(8)}  ${sender} to ${recipient}${by === null ? '' : ` (as ${by} spells the sender, beside our own)`}`,
    `            from ${origins.map(({ kind, value }) => `${kind} ${value}`).join(', ')}`,
    `            first ${localTime(firstMs)}, last ${localTime(lastMs)}, ${tries === 1 ? '1 try' : `${tries} tries`}`,
    `            ${fate(triplet, allowed, settings, nowMs)}`,
  ];
}

/** `allowed`: of its origins, or of hosts in them. */
function fate(
  triplet: ListedTriplet,
  allowed: readonly Standing[],
  settings: Settings | null,
  nowMs: number,
): string {
  const until = localTime(triplet.expiresMs);
  switch (triplet.state) {
    case 'waiting': {
      const by = allowed.find((standing) => isOrigin(standing, triplet));
      if (by !== undefined) return `gets in at its next try: ${KINDS[by.kind]} ${by.value} is allowed`;
      const at = getsInMs(triplet, settings);
      if (at === null) return `gets in after the delay of its rule, until ${until}`;
      if (at <= nowMs) return `gets in at its next try, until ${until}`;
      const soonest = triplet.firstMs + settings!.shortestMs;
      if (soonest < at)
        return `gets in from ${localTime(soonest)} or, by the delay of its rule, ${localTime(at)} at the latest, until ${until}`;
      return `gets in from ${localTime(at)} on (in ${shownSeconds(Math.ceil((at - nowMs) / 1000))}), until ${until}`;
    }
    case 'passed': {
      if (triplet.released) return `gets in at its next try, until ${until}`;
      const delayed = triplet.delayedSeconds === 0 ? '' : `, after ${shownSeconds(triplet.delayedSeconds)}`;
      return `gets in${delayed}; is forgotten at ${until} if it does not come again`;
    }
    case 'expired':
      return `is past its time since ${until}: its next try is a first one`;
  }
}

function isOrigin({ kind, value }: Standing, { origins }: ListedTriplet): boolean {
  return origins.some((origin) => origin.kind === kind && origin.value === value);
}

function asJson(
  what: readonly string[],
  { triplets, more, standings, answers, provider }: Known,
  settings: Settings | null,
  nowMs: number,
): object {
  return {
    what,
    allowed: standings.some((standing) => isAllowed(standing, nowMs)),
    provider,
    standings: standings.map(standingJson),
    answers: answers.map(answerJson),
    triplets: triplets.map((triplet) => {
      const at = getsInMs(triplet, settings);
      return { ...tripletJson(triplet), getsIn: at === null ? null : isoTime(at) };
    }),
    more,
  };
}
