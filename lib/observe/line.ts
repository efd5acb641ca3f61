/** Owns what an event says in a log: its level, its sentence, and its fields by their fixed names. */

import type { ListKind } from '../lists/announced-list.ts';
import type { ListState } from '../lists/list-health.ts';
import { formatClient } from '../mail/session.ts';
import type { EarlyEvent, Event, MessageEvent, RecipientEvent } from './event.ts';

export type Level = 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface Line {
  readonly level: Level;
  /** For people; empty where the fields say it all. */
  readonly text: string;
  /** Keys are the names of the JSON log. Values from the network are escaped by the formats, not here. */
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

export function lineOf(event: Event): Line {
  switch (event.kind) {
    case 'recipient':
      return recipientLine(event);
    case 'early':
      return earlyLine(event);
    case 'message':
      return messageLine(event);
    case 'started':
      return startedLine(event);
    case 'connection-opened':
      return line('debug', `the MTA opened a connection, ${event.open} now`, { event: 'connection-opened' });
    case 'connection-closed':
      return line('debug', `a connection of the MTA is closed, ${event.open} now`, {
        event: 'connection-closed',
      });
    case 'listening':
      return line('info', `listening on ${event.address}`, { event: 'listening', address: event.address });
    case 'listener-closed':
      return line('info', `no longer listening on ${event.address}`, {
        event: 'listener-closed',
        address: event.address,
      });
    case 'stopping':
      return line('info', `stopping (${event.why}), ${event.connections} connections open`, {
        event: 'stopping',
      });
    case 'stopped':
      return line('info', event.cut === 0 ? 'stopped' : `stopped, ${event.cut} connections cut`, {
        event: 'stopped',
        cut: event.cut,
      });
    case 'reloaded':
      return line('info', [`reloaded ${event.config}`, ...event.notes].join('; '), { event: 'reloaded' });
    case 'reload-failed':
      return line(
        'error',
        `${event.config} was not taken, the old configuration goes on: ${event.problems.join(' | ')}`,
        {
          event: 'reload-failed',
          problems: event.problems.length,
        },
      );
    case 'table-reread':
      return tableLine(event);
    case 'config-warning':
      return line('warn', event.text, { event: 'config-warning' });
    case 'connection-fault':
      return line('warn', `milter connection closed: ${event.why}`, {
        event: 'connection-fault',
        session: event.session,
      });
    case 'answer-fault':
      return line('warn', event.why, { event: 'answer-fault', session: event.session });
    case 'received-unread':
      return unreadLine(event);
    case 'listener-fault':
      return line('error', `${event.address}: ${event.why}`, {
        event: 'listener-fault',
        address: event.address,
      });
    case 'control-fault':
      return line(
        'warn',
        `no control socket at ${event.path}: ${event.why}; postern lists, reload, greylist, top and doctor can't ask this service`,
        { event: 'control-fault' },
      );
    case 'too-many-connections':
      return line(
        'error',
        `more than ${event.limit} connections: ${event.refused} refused so far; the MTA's milter_default_action decides about their mail`,
        { event: 'too-many-connections', refused: event.refused },
      );
    case 'list-changed':
      return listLine(event);
    case 'dns-silence':
      return silenceLine(event);
    case 'store-trouble':
      return line('error', `greylist store: ${event.why}; until it works again ${event.meanwhile}`, {
        event: 'store-trouble',
      });
    case 'store-recovered':
      return line('warn', 'greylist store works again', { event: 'store-recovered' });
    case 'store-set-aside':
      return line(
        'error',
        `greylist store ${event.file} was damaged (${event.why}): moved to ${event.movedTo}, a new one begun; senders that were known are delayed once more`,
        { event: 'store-set-aside', moved_to: event.movedTo },
      );
    case 'store-lost':
      return line(
        'error',
        `greylist store ${event.file} was deleted or replaced while in use: a new one begun; senders that were known are delayed once more`,
        { event: 'store-lost' },
      );
    case 'greylist-changed':
      return line('info', `greylist: ${event.what} (postern greylist)`, {
        event: 'greylist-changed',
        count: event.count,
      });
    case 'store-migrated':
      return line('info', `greylist store migrated from version ${event.from} to ${event.to}`, {
        event: 'store-migrated',
      });
    case 'bug':
      return line('error', `bug in ${event.where}, mail goes on: ${stackOf(event.error)}`, {
        event: 'bug',
        where: event.where,
      });
  }
}

function line(level: Level, text: string, fields: Line['fields']): Line {
  return { level, text, fields };
}

function startedLine({ version, pid, config, store, observe }: Extract<Event, { kind: 'started' }>): Line {
  const observing = observe ? '; observing only: everything is let through' : '';
  return line(
    'info',
    `postern ${version} started, pid ${pid}, config ${config}, store ${store}${observing}`,
    {
      event: 'started',
      pid,
      config,
      store,
    },
  );
}

function silenceLine(event: Extract<Event, { kind: 'dns-silence' }>): Line {
  const { servers, silent } = event;
  const fields = { event: 'dns-silence', silent };
  if (!silent) return line('warn', `DNS: ${servers} answers again`, fields);
  return line(
    'error',
    `DNS: ${servers} does not answer (${event.why}): nothing that SPF, DNS lists and other rules look up is known; type: postern doctor`,
    fields,
  );
}

function listLine(event: Extract<Event, { kind: 'list-changed' }>): Line {
  const { list, about, from, to, why, instead, spares } = event;
  const fields = { event: 'list-changed', list, about, from, to };
  const called = `${list}${ABOUT[about]}`;
  if (to === 'alive')
    return line(
      'info',
      `${called} is alive: ${from === 'untested' ? 'it decides' : 'it decides again'}`,
      fields,
    );
  const cause = why === null ? '' : `: ${why}`;
  const cure = instead === null ? '' : `; ${instead}`;
  // See rules/list-rule.ts and checks/list-standing.ts.
  const meanwhile = spares ? '; what other DNS lists refuse is a 450 meanwhile, for a day at most' : '';
  return line(
    'error',
    `${called} ${STATES[to]}${cause}: no mail is refused or spared by it${meanwhile}${cure}`,
    fields,
  );
}

/** One zone may be asked about several. */
const ABOUT: Readonly<Record<ListKind, string>> = { address: '', ipv6: ' (IPv6)', name: ' (names)' };

const STATES: Readonly<Record<Exclude<ListState, 'alive'>, string>> = {
  untested: 'is not tested yet',
  blind: 'is blind',
  'lists-the-world': 'lists the world',
  dead: 'is dead',
  'no-key': 'has no key',
};

function tableLine({ table, problems, kept, entries }: Extract<Event, { kind: 'table-reread' }>): Line {
  const fields = { event: 'table-reread', table, entries, kept };
  const said = problems.length === 0 ? '' : `: ${problems.slice(0, MOST_PROBLEMS).join(' | ')}`;
  if (kept) return line('error', `${table} is broken, its old content goes on${said}`, fields);
  return line(
    problems.length === 0 ? 'info' : 'warn',
    `${table} was read again, ${entries} entries${said}`,
    fields,
  );
}

/** A table can have as many as lines. */
const MOST_PROBLEMS = 10;

function recipientLine(event: RecipientEvent): Line {
  const { decision, client } = event;
  const reply = 'reply' in decision.verdict ? decision.verdict.reply : null;
  return line(decision.reason.startsWith('greylist not available') ? 'warn' : 'info', '', {
    event: 'recipient',
    verdict: verdictWord(decision),
    ...(event.observed ? { observe: true } : {}),
    ...(event.held === true ? { held: true } : {}),
    rule: decision.rule,
    reason: decision.reason,
    ...spfFields(event.spf),
    ...(decision.notes === undefined
      ? {}
      : { note: decision.notes.map(({ rule, text }) => `${rule}: ${text}`).join('; ') }),
    ...(decision.tags === undefined ? {} : { tags: decision.tags.join(',') }),
    ...(event.waitSeconds === null ? {} : { wait: event.waitSeconds }),
    ...(event.stage === 'rcpt' ? {} : { stage: event.stage }),
    client: client.submitted ? 'local' : formatClient(client),
    ...(event.relay === undefined ? {} : { relay: formatClient(event.relay) }),
    helo: event.helo,
    from: event.sender,
    to: event.recipient,
    queue: event.queueId,
    session: event.session,
    ms: Math.round(event.ms * 10) / 10,
    ...(reply === null ? {} : { reply: `${reply.code} ${reply.status}` }),
  });
}

/** Called as in a `when:`. */
function spfFields({ mailfrom, helo }: NonNullable<RecipientEvent['spf']> = {}): Line['fields'] {
  return {
    ...(mailfrom === undefined ? {} : { spf: mailfrom }),
    ...(helo === undefined ? {} : { helo_spf: helo }),
  };
}

function unreadLine({ session, relay, received }: Extract<Event, { kind: 'received-unread' }>): Line {
  const what = received === null ? 'has no Received line' : 'has a Received line that nobody can read';
  const text = received === null ? '' : `: ${cutField(received)}`;
  return line(
    'warn',
    `mail of the trusted relay ${formatClient(relay)} ${what}, so the rules were not asked about the host before it${text}`,
    { event: 'received-unread', session, relay: formatClient(relay) },
  );
}

/** In one line, as far as one can tell by it who wrote it. */
function cutField(received: string): string {
  const unfolded = received.trim().replace(/\s+/g, ' ');
  return unfolded.length > MOST_OF_FIELD ? `${unfolded.slice(0, MOST_OF_FIELD)}...` : unfolded;
}

const MOST_OF_FIELD = 300;

function earlyLine(event: EarlyEvent): Line {
  const { decision, client } = event;
  const reply = 'reply' in decision.verdict ? decision.verdict.reply : null;
  return line('info', '', {
    event: 'early',
    verdict: decision.verdict.action,
    ...(event.observed ? { observe: true } : {}),
    rule: decision.rule,
    reason: decision.reason,
    stage: event.stage,
    client: formatClient(client),
    helo: event.helo,
    ...(event.sender === null ? {} : { from: event.sender }),
    session: event.session,
    ms: Math.round(event.ms * 10) / 10,
    ...(reply === null ? {} : { reply: `${reply.code} ${reply.status}` }),
  });
}

type VerdictWord =
  | Exclude<RecipientEvent['decision']['verdict']['action'], 'continue' | 'permit'>
  | 'accept'
  | 'postponed';

/** `continue` is the policy's word for "nobody objects": for the admin the recipient is accepted. */
export function verdictWord({ verdict, postponed }: RecipientEvent['decision']): VerdictWord {
  if (verdict.action !== 'continue' && verdict.action !== 'permit') return verdict.action;
  return postponed === true ? 'postponed' : 'accept';
}

function messageLine(event: MessageEvent): Line {
  return line('info', '', {
    event: 'message',
    queue: event.queueId,
    session: event.session,
    from: event.sender,
    recipients: event.recipients,
    ...(event.delayedSeconds === null ? {} : { delayed: event.delayedSeconds }),
    ...(event.forged === 0 ? {} : { forged: event.forged }),
    ...(event.before === undefined ? {} : { before: event.before ?? 'unknown' }),
  });
}

function stackOf(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.replace(/\n\s*/g, ' | ');
}
