/** Owns the schema: every key of this version, how it is read, and what its absence means. */

import { parseNetwork } from '../mail/network.ts';
import { authservId } from './authserv-id.ts';
import { dns } from './dns-settings.ts';
import { headers } from './header-settings.ts';
import { laterKeys } from './later-keys.ts';
import { listen } from './listen.ts';
import { listSettings } from './list-settings.ts';
import { networks, relayNetworks } from './networks.ts';
import { localDomainNames, localParts } from './local-domains.ts';
import { onLookupFailure, stage } from '../rules/rule-item.ts';
import { DEFAULT_POLICY, ruleLists, ruleSchemas } from '../rules/rule-lists.ts';
import {
  choice,
  count,
  duration,
  flag,
  nullable,
  prefix,
  several,
  textual,
  type JsonSchema,
} from '../yaml/value.ts';
import { field, sectionSchema, type Field, type Section } from '../yaml/section.ts';
import { spf } from '../rules/spf.ts';
import { skipClients, skipRecipients, skipSenders } from '../rules/skip-lists.ts';
import { providersFile, words } from './provider-settings.ts';
import { socketMode, socketOwner } from './socket.ts';
import { store } from './store.ts';

const minute = 60_000;
const day = 1440 * minute;

/** As in main.cf: `+`, or several such as `+-`. */
const delimiter = nullable(
  textual({ type: 'string' }, '"+"', (text, place) =>
    /^[!-/:-@[-`{-~]{1,8}$/.test(text) && !/[@<>"]/.test(text)
      ? text
      : place.error(
          'this is not what stands between a user and an extension',
          'write "+", as main.cf has it',
        ),
  ),
);

const kinds = several(choice(['spf', 'ptr', 'network']));

const origin: typeof kinds = {
  ...kinds,
  read(place) {
    const read = kinds.read(place);
    return read?.length === 0
      ? place.error('the list is empty', 'write [spf, ptr, network], or network for that alone')
      : read;
  },
};

export const greylist = {
  belongs: () => null,
  later: [],
  fields: {
    delay: field(duration, minute),
    retry_window: field(duration, 2 * day),
    lifetime: field(duration, 36 * day),
    ipv4_prefix: field(prefix(32), 24),
    ipv6_prefix: field(prefix(128), 64),
    null_sender: field(choice(['data', 'skip']), 'data'),
    origin: field(origin, ['spf', 'ptr', 'network']),
    auto_allow_after: field(count(0, 1000, 'write 5, or 0 for never'), 5),
    // Longer than the hour for which botnets repeat one message (spec/bench/README.md, the simulation).
    cap: field(nullable(duration), 65 * minute),
    learn_outbound: field(flag, true),
    skip_clients: field(skipClients, []),
    skip_senders: field(skipSenders, []),
    skip_recipients: field(skipRecipients, []),
    providers: field(providersFile, 'bundled'),
    providers_off: field(words, []),
  },
} satisfies Section;

export const log = {
  belongs: () => null,
  later: [],
  fields: {
    level: field(choice(['error', 'warn', 'info', 'debug', 'trace'], { warning: 'warn' }), 'info'),
    format: field(choice(['text', 'json']), 'text'),
  },
} satisfies Section;

/** By the keys below which they stand. */
export const sections = { greylist, spf, lists: listSettings, dns, headers, log } as const;

export const whole = {
  later: laterKeys,
  belongs(key: string): string | null {
    for (const [name, { fields, later }] of Object.entries<Section>(sections))
      if (Object.hasOwn(fields, key) || later.includes(key)) return `indent it below "${name}:"`;
    return null;
  },
  fields: {
    listen: field(listen, [{ kind: 'tcp', host: '127.0.0.1', port: 8891, written: 'inet:8891@127.0.0.1' }]),
    socket_mode: field(socketMode, 0o660),
    socket_owner: field(socketOwner, null),
    authserv_id: field(authservId, null),
    mynetworks: field(networks, [parseNetwork('127.0.0.0/8')!, parseNetwork('[::1]/128')!]),
    trusted_relays: field(relayNetworks, []),
    on_relayed_reject: field(choice(['tag', 'quarantine']), 'tag'),
    store: field(store, { kind: 'sqlite', path: 'postern.db' }),
    on_store_failure: field(choice(['accept', 'tempfail']), 'accept'),
    local_domains: field(localDomainNames, { names: [], tables: [] }),
    spare_recipients: field(localParts, ['postmaster', 'abuse']),
    decide_at: field(stage, 'rcpt'),
    on_lookup_failure: field(onLookupFailure, 'defer'),
    parent_domain_matches_subdomains: field(flag, true),
    recipient_delimiter: field(delimiter, null),
    policy: field(ruleLists, DEFAULT_POLICY),
    greylist: below(greylist),
    spf: below(spf),
    lists: below(listSettings),
    dns: below(dns),
    headers: below(headers),
    observe: field(flag, false),
    log: below(log),
  },
} satisfies Section;

/** A section within the file: its place is kept, and read as a section of its own. */
function below(section: Section): Field<null> {
  return {
    reader: { schema: sectionSchema(section), mayBeEmpty: true, read: () => null },
    initially: null,
  };
}

/** For editors, as `postern schema` prints it. */
export function jsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...sectionSchema(whole),
    $defs: ruleSchemas,
  };
}
