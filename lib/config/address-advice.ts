/** Owns what to write instead of something that is no listen address. */

import { isIPv4, isIPv6 } from 'node:net';
import type { NotAnAddress } from './address.ts';
import { isHost } from './host.ts';
import { shown } from '../yaml/problem.ts';

/** `8891` → write inet:8891@127.0.0.1. Never throws. */
export function addressAdvice(written: string): NotAnAddress {
  const what = reason(written);
  const guess = intended(written.trim());
  const instead = `write ${shown(guess ?? 'inet:8891@127.0.0.1 or unix:/run/postern/postern.sock')}`;
  return { kind: 'wrong', what: `"${shown(written)}" ${what}`, instead };
}

function reason(written: string): string {
  if (/^(?:unix|local):/.test(written)) return 'has a path that does not begin with /';
  if (written.trim().startsWith('{')) return 'has options, which belong into main.cf';
  if (/[\s,]/.test(written.trim())) return 'is more than one address';
  if (/^(?:inet6?|unix|local|fd)$/.test(written.split(':')[0]!)) return 'is not a listen address';
  return /^\w+:[/\d]/.test(written) || written.includes('//')
    ? 'is not a listen address'
    : 'does not say inet:, unix: or fd:systemd';
}

/** The address that was probably meant; null: no idea. */
function intended(text: string): string | null {
  if (/^(?:fd|systemd|sd|sd-listen)(?::.*)?$/i.test(text)) return 'fd:systemd';
  // Postfix's { inet:127.0.0.1:8891, default_action=accept }
  const braced = /^\{\s*([^\s,}]+)/.exec(text)?.[1];
  if (braced !== undefined) return intended(braced) ?? braced;
  if (/[\s,]/.test(text)) return `a YAML list: [${text.split(/[\s,]+/).join(', ')}]`;
  const path = /^(?:\w+:)?(?:\/\/)?(\/[^/].*)$/.exec(text)?.[1];
  if (path !== undefined) return `unix:${path}`;
  const relative = /^(?:unix|local):@?(.+)$/.exec(text)?.[1];
  if (relative !== undefined) return `unix:/run/postern/${relative.replace(/^.*\//, '')}`;
  const [, host, port] = hostAndPort(text.replace(/^(?:inet6?|tcp[46]?|ipv[46]):(?:\/\/)?/i, '')) ?? [];
  if (host === undefined || port === undefined || Number(port) > 65_535) return null;
  const bare = host.replace(/^\[|\]$/g, '') || '127.0.0.1';
  if (!isHost(bare)) return null;
  return isIPv6(bare) ? `inet6:${port}@${bare}` : `inet:${port}@${isIPv4(bare) ? bare : bare.toLowerCase()}`;
}

/** `8891`, `127.0.0.1:8891`, `::1:8891`, `127.0.0.1@8891`, `8891@127.0.0.1`, `:8891` → [, host, port]. */
function hostAndPort(text: string): readonly (string | undefined)[] | null {
  if (/^\d{1,5}$/.test(text)) return [text, '127.0.0.1', text];
  const swapped = /^(\d{1,5})@(.*)$/s.exec(text);
  if (swapped !== null) return [text, swapped[2], swapped[1]];
  return /^(.*)[@:](\d{1,5})$/s.exec(text);
}
