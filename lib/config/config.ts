/** Owns Config: what the administrator decided, checked and with every default filled in. */

import type { Providers } from '../greylist/providers.ts';
import type { Origin } from '../greylist/triplet.ts';
import type { SkipList } from '../rules/skip-lists.ts';
import type { Stage } from '../mail/session.ts';
import type { TableName } from '../tables/table-name.ts';
import type { LocalDomainNames } from './local-domains.ts';
import type { KnownLists } from '../lists/known-lists.ts';
import type { ListKeys } from '../lists/list-keys.ts';
import type { DnsSettings } from './dns-settings.ts';
import type { HeaderFields } from './header-settings.ts';
import type { ListSettings } from './list-settings.ts';
import type { RuleList } from '../rules/rule-lists.ts';
import type { Network } from '../mail/network.ts';
import type { ListenAddress } from './address.ts';
import type { SpfSettings } from '../rules/spf.ts';
import type { SocketOwner } from './socket.ts';
import type { StoreAddress } from './store.ts';

export interface Config {
  /** At least one. */
  readonly listen: readonly ListenAddress[];
  /** Of unix sockets: 0o660. */
  readonly socketMode: number;
  /** Null: whoever runs Postern. */
  readonly socketOwner: SocketOwner | null;
  /** Null: the MTA's `{j}`, or else the host name. */
  readonly authservId: string | null;
  readonly mynetworks: readonly Network[];
  /** Hosts of ours that hand on what strangers gave them: never refused; empty: there are none. */
  readonly trustedRelays: readonly Network[];
  /** What becomes of a message of theirs that the policy would reject, had it come directly. */
  readonly onRelayedReject: 'tag' | 'quarantine';
  /** A path is absolute if the state directory is. */
  readonly store: StoreAddress;
  /** In Postfix's order. */
  readonly policy: readonly RuleList[];
  /** All that the policy and the greylist's `skip_…` name, each once. */
  readonly tables: readonly TableName[];
  /** What we receive mail for; both empty: not said. */
  readonly localDomains: LocalDomainNames;
  /** In lower case. */
  readonly spareRecipients: readonly string[];
  /** The first stage at which a rule may refuse, if it knows enough then. */
  readonly decideAt: Stage;
  readonly onLookupFailure: 'defer' | 'continue';
  /** Of access tables: whether `example.org` stands for its subdomains too. */
  readonly parentDomainMatchesSubdomains: boolean;
  /** Each of its characters is one; empty: none. */
  readonly recipientDelimiter: string;
  readonly onStoreFailure: 'accept' | 'tempfail';
  readonly greylist: {
    readonly delayMs: number;
    readonly retryWindowMs: number;
    readonly lifetimeMs: number;
    readonly ipv4Prefix: number;
    readonly ipv6Prefix: number;
    readonly origins: readonly Origin['kind'][];
    /** Distinct triplets after which a host or domain is not delayed any more; 0: never. */
    readonly allowAfter: number;
    /** Null: never. */
    readonly capMs: number | null;
    /** Whom our users write to may answer them without delay. */
    readonly learnOutbound: boolean;
    /** Whom no greylist delays. */
    readonly skips: readonly SkipList[];
    readonly providers: Providers;
    /** Callout senders: their 451 comes at DATA, or never. */
    readonly nullSender: 'data' | 'skip';
  };
  readonly spf: SpfSettings;
  readonly lists: ListSettings;
  /** Bundled, or those of `lists.data`. */
  readonly knownLists: KnownLists;
  /** As they were read with the config; a reload reads them again. */
  readonly listKeys: ListKeys;
  readonly dns: DnsSettings;
  readonly headers: HeaderFields;
  /** Pino's names of levels. */
  readonly log: {
    readonly level: 'error' | 'warn' | 'info' | 'debug' | 'trace';
    readonly format: 'text' | 'json';
  };
  /** True: decide and log, but let everything through. */
  readonly observe: boolean;
}

/** Under which a table of domains is opened: what stands on its right-hand sides is nobody's business. */
export function domainTableKey(text: string): string {
  return `domains ${text}`;
}
