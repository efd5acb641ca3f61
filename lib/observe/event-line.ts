/** Owns what an event says in a log: its level, its sentence, and its fields by their fixed names. */

import { formatClient } from '../mail/session.ts';
import { earlyLine, messageLine, recipientLine, unreadLine } from './decision-line.ts';
import type { Event } from './event.ts';
import { line, type Line } from './line.ts';
import { listLine, silenceLine, tableLine } from './lookup-line.ts';

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
        `greylist store ${event.file} was damaged (${event.why}): moved to ${event.movedTo}, a new one begun; ${GONE}, but for those that could be saved (the next line, if there were any); what is left in it: postern greylist list --store ${event.movedTo}`,
        { event: 'store-set-aside', moved_to: event.movedTo },
      );
    case 'store-salvaged':
      return line(
        'warn',
        `greylist store: of ${event.from} ${event.standings} hosts and domains could be saved that need not wait (postern greylist allow shows them)`,
        { event: 'store-salvaged', standings: event.standings },
      );
    case 'store-lost':
      return line(
        'error',
        event.replaced
          ? `greylist store ${event.file} was replaced while in use: what stands in its place is used from here on, and what only the old one held is gone`
          : `greylist store ${event.file} was deleted while in use: a new one begun; ${GONE}`,
        { event: 'store-lost' },
      );
    case 'standing-lost':
      return lossLine(event);
    case 'greylist-changed':
      return line('info', `greylist: ${event.what} (postern greylist)`, {
        event: 'greylist-changed',
        count: event.count,
      });
    case 'store-migrating':
      return line(
        'info',
        `greylist store is brought from version ${event.from} to ${event.to}: once, some 6 s a million triplets; no mail is judged meanwhile`,
        { event: 'store-migrating', from: event.from, to: event.to },
      );
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

/** What a store held. */
const GONE =
  'senders that were known are delayed once more, whom you had allowed (postern greylist allow), who had earned it and whom users wrote to as well';

/** `auto_allow_after` let them in without delay. */
function lossLine({ session, client, subjects }: Extract<Event, { kind: 'standing-lost' }>): Line {
  const who = subjects.map(({ kind, value }) => `${kind} ${value}`).join(', ');
  return line(
    'info',
    `greylist: ${who} lost what had been earned, and ${subjects.length === 1 ? 'is' : 'are'} delayed again: a DNS list refused this client`,
    { event: 'standing-lost', client: formatClient(client), session },
  );
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

function stackOf(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.replace(/\n\s*/g, ' | ');
}
