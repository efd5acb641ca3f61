/** Owns the way from the text of postern.yaml to a Config, or to everything that is wrong with it. */

import { isMap } from 'yaml';
import { LISTS_THAT_WE_KNOW } from '../lists/known-lists.ts';
import { NO_KEYS } from '../lists/list-keys.ts';
import { judgeDelays, judgeGreylist } from './combinations.ts';
import type { Config } from './config.ts';
import { dns, dnsSettings, judgeDns } from './dns-settings.ts';
import { headerFields, headers, judgeHeaders } from './header-settings.ts';
import { judgeRelays } from './judge-relays.ts';
import { judgeSpf } from './judge-spf.ts';
import { judgeLists } from './judge-lists.ts';
import { withAliases } from '../rules/list-aliases.ts';
import { keysOf, knownListsOf, type ListFiles } from './list-files.ts';
import { listSettings, listSettingsOf } from './list-settings.ts';
import { inFile } from './misplaced.ts';
import { Place } from '../yaml/place.ts';
import { inOrder, type Problem } from '../yaml/problem.ts';
import { greylist, log, whole } from './schema.ts';
import { accessTables, domainTables } from '../rules/named-tables.ts';
import { soundRules } from '../rules/rule-lists.ts';
import { judgeOrder } from '../rules/rule-order.ts';
import { judgeScores } from '../rules/score-questions.ts';
import { providersOf } from './provider-settings.ts';
import type { SkipList } from '../rules/skip-lists.ts';
import { readSection, type Entries } from '../yaml/section.ts';
import { Source } from '../yaml/source.ts';
import { spf, spfSettings } from '../rules/spf.ts';
import type { StoreAddress } from './store.ts';
import { judgeSecrets } from './secrets.ts';
import { judgeSurroundings, placed, type Machine } from './surroundings.ts';

/** Problems and warnings are in the order of the file; `problems` holds the warnings too. */
export type Loaded =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly Problem[];
      /** Nothing is written in it: at a reload that is a file in the middle of being written, not a wish. */
      readonly empty: boolean;
    }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** What is right of the rules and the tables they name, to be judged all the same. */
      readonly named: Pick<Config, 'policy' | 'tables' | 'localDomains' | 'knownLists'>;
      /** Likewise; null: it is wrong itself, or nothing is written of it, where a slip may be why. */
      readonly store: StoreAddress | null;
    };

export interface Surroundings {
  /** What a relative path in `store` is relative to. */
  readonly stateDirectory: string;
  /** Given, what is missing there is a problem of the config; a service that starts says so itself. */
  readonly machine?: Machine;
  /** Given, the keys and the data of DNS lists are read; else there are no keys, and the bundled data. */
  readonly files?: ListFiles;
}

/** Reads no file, environment or clock; `file` only names the text in problems. Never throws. An empty text is all defaults. */
export function readConfig(text: string, file: string, surroundings: Surroundings): Loaded {
  const source = new Source(text, file);
  const { files } = surroundings;
  const data = files === undefined ? null : readDataFile(source, files);
  const top = readSection(new Place(source, '', source.root, 0), whole);
  const delays = readSection(top.greylist.place, inFile('greylist', greylist));
  const logging = readSection(top.log.place, inFile('log', log));
  const senders = readSection(top.spf.place, inFile('spf', spf));
  const lists = readSection(top.lists.place, inFile('lists', listSettings));
  const resolving = readSection(top.dns.place, inFile('dns', dns));
  const adding = readSection(top.headers.place, inFile('headers', headers));
  judgeGreylist(delays);
  const isWhole = top.policy.place.sound;
  const rules = isWhole ? top.policy.value : soundRules(top.policy.place);
  judgeOrder(rules, top.decide_at.value, source, isWhole);
  if (isWhole) judgeScores(rules, source);
  judgeDelays(rules, delays);
  judgeRelays(top);
  judgeSpf(senders, top.spf.place, rules, isWhole);
  judgeLists(rules, isWhole, lists);
  judgeDns(resolving);
  judgeHeaders(adding);
  if (surroundings.machine !== undefined) {
    judgeSurroundings(top, surroundings.stateDirectory, surroundings.machine);
    judgeSecrets(top.policy.place, rules, lists, top.socket_owner.value, surroundings.machine);
  }
  const skips = skipsOf(delays);
  const providers = providersOf(delays.providers, delays.providers_off, files);
  const listKeys = files === undefined ? NO_KEYS : keysOf(lists, files);
  source.warnOfEncoding();

  const problems = [...inOrder(source.problems), ...(data ?? [])];
  const knownLists = source.premise(LISTS_THAT_WE_KNOW);
  const { names } = top.local_domains.value;
  const localDomains = { names, tables: domainTables(source) };
  const named = { policy: rules, tables: accessTables(source), localDomains, knownLists };
  const store = placed(top.store.value, surroundings.stateDirectory);
  if (problems.some(({ severity }) => severity === 'error'))
    return { ok: false, problems, named, store: top.store.written && top.store.place.sound ? store : null };
  const config: Config = {
    listen: top.listen.value,
    socketMode: top.socket_mode.value,
    socketOwner: top.socket_owner.value,
    authservId: top.authserv_id.value,
    mynetworks: top.mynetworks.value,
    trustedRelays: top.trusted_relays.value,
    onRelayedReject: top.on_relayed_reject.value,
    store,
    policy: withAliases(top.policy.value, lists.aliases.value),
    tables: named.tables,
    localDomains: named.localDomains,
    spareRecipients: top.spare_recipients.value,
    decideAt: top.decide_at.value,
    onLookupFailure: top.on_lookup_failure.value,
    parentDomainMatchesSubdomains: top.parent_domain_matches_subdomains.value,
    recipientDelimiter: top.recipient_delimiter.value ?? '',
    onStoreFailure: top.on_store_failure.value,
    greylist: {
      delayMs: delays.delay.value,
      retryWindowMs: delays.retry_window.value,
      lifetimeMs: delays.lifetime.value,
      ipv4Prefix: delays.ipv4_prefix.value,
      ipv6Prefix: delays.ipv6_prefix.value,
      origins: delays.origin.value,
      allowAfter: delays.auto_allow_after.value,
      capMs: delays.cap.value,
      learnOutbound: delays.learn_outbound.value,
      skips,
      providers,
      nullSender: delays.null_sender.value,
    },
    spf: spfSettings(senders),
    lists: listSettingsOf(lists),
    knownLists,
    listKeys,
    dns: dnsSettings(resolving),
    headers: headerFields(adding),
    log: { level: logging.level.value, format: logging.format.value },
    observe: top.observe.value,
  };
  return { ok: true, config, warnings: problems, empty: source.root === null };
}

function skipsOf(entries: Entries<typeof greylist.fields>): SkipList[] {
  const keys = ['skip_clients', 'skip_senders', 'skip_recipients'] as const;
  return keys.flatMap((word) => entries[word].value.map((test): SkipList => ({ word, test })));
}

/** What is said of the lists in rules goes by it, and it may be named below them: so it is looked for first. */
function readDataFile(source: Source, files: ListFiles): readonly Problem[] {
  const node = isMap(source.root) ? source.root.get('lists', true) : null;
  const { data } = readSection(new Place(source, 'lists', node, 0), inFile('lists', listSettings));
  const { lists, problems } = knownListsOf(data, files);
  source.assume(LISTS_THAT_WE_KNOW, lists);
  return problems;
}
