/** Owns how other greylisters spelled senders: what an import remembers them as, and what else a retry is looked for under. */

import type { Mailbox } from '../mail/mailbox.ts';
import { normaliseSender } from './normalise.ts';

/**
 * What an import may have remembered a sender as, besides `normalised`, its normaliseSender. No host can claim these:
 * an angle bracket is in no sender of ours.
 * - postgrey writes `#` for every number that stands alone, and we keep those that people are called by:
 *   `12345@qq.example` → `<#>@qq.example`, `john.85@example.org` → `john.<#>@example.org`;
 * - milter-greylist keeps what is behind the last `=`: `bounce+17-bob=example.org@lists.example` →
 *   `<=>example.org@lists.example`.
 */
export function formerSpellings(sender: Mailbox | null, normalised: string): string[] {
  if (sender === null) return [];
  const { local, domain } = split(normalised);
  const found: string[] = [];
  const [, name = ''] = /^([a-z]+\.)\d{1,4}$/.exec(local) ?? [];
  if (name !== '' || /^\d+$/.test(local)) found.push(`${name}<#>${domain}`);
  const equals = sender.local.lastIndexOf('=');
  if (equals >= 0) found.push(cutSender(sender.local.slice(equals + 1), sender.domain));
  return found;
}

/** A UUID of which postgrey has replaced the groups that are digits alone. */
const UUID_IN_PART =
  /(?<![0-9a-z])(?:[0-9a-f]{8}|#)(?:-(?:[0-9a-f]{4}|#)){3}-(?:[0-9a-f]{12}|#)(?![0-9a-z])/g;

/** Of a sender as postgrey has it in its database: what we call those that it may stand for. */
export function fromPostgrey(sender: Mailbox): string[] {
  const usual = normaliseSender(sender);
  const whole = normaliseSender({ ...sender, local: sender.local.replaceAll(UUID_IN_PART, '#') });
  const { local, domain } = split(usual);
  const numbered = /^(?:[a-z]+\.)?#$/.test(local) ? [`${local.slice(0, -1)}<#>${domain}`] : [];
  return [...new Set([usual, whole, ...numbered])];
}

/**
 * Of a sender as milter-greylist has it: cut behind the last `=`, which older versions leave in front (`=bob`) and newer
 * ones do not, so that nobody can tell whether one was cut.
 */
export function fromMilterGreylist(sender: Mailbox): string[] {
  const local = sender.local.replace(/^=/, '');
  return [normaliseSender({ ...sender, local }), cutSender(local, sender.domain)];
}

function cutSender(local: string, domain: string | null): string {
  // With something before it, so that its numbers count as those behind a separator.
  return normaliseSender({ local: `x=${local}`, domain }).replace(/^x=/, '<=>');
}

/** Whose spelling a remembered sender is, beside our own of the same; null: our own. */
export function spelledBy(sender: string): 'postgrey' | 'milter-greylist' | null {
  if (sender.startsWith('<=>')) return 'milter-greylist';
  return sender.includes('<#>@') || sender.endsWith('<#>') ? 'postgrey' : null;
}

/** `domain` with its `@`. */
function split(sender: string): { readonly local: string; readonly domain: string } {
  const at = sender.lastIndexOf('@');
  return at < 0 ? { local: sender, domain: '' } : { local: sender.slice(0, at), domain: sender.slice(at) };
}
