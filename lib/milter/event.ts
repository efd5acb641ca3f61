/** Owns how a command is shown to a filter: bytes as text, addresses without the MTA's decoration. */

import { toText } from './bytes.ts';
import type { EventCommand } from './conversation.ts';
import type { Events } from './filter.ts';
import { unfoldedLines } from './header-text.ts';

export function eventOf(command: EventCommand): Events[keyof Events] {
  switch (command.kind) {
    case 'connect': {
      const { host, family, address, port } = command;
      return { host: toText(host), family, address: address === null ? null : plainAddress(address), port };
    }
    case 'helo':
      return { name: toText(command.name) };
    case 'mail':
      return { sender: toText(command.sender), args: command.args.map(toText) };
    case 'rcpt':
      return { recipient: toText(command.recipient), args: command.args.map(toText) };
    case 'header':
      return { name: toText(command.name), value: unfoldedLines(toText(command.value)) };
    case 'body':
      return { chunk: command.chunk };
    case 'unknown':
      return { line: toText(command.line) };
    case 'data':
    case 'endOfHeaders':
    case 'endOfMessage':
      return undefined;
  }
}

/** Sendmail writes `IPv6:2001:db8:0:0:0:0:0:1`, Postfix the address alone. */
function plainAddress(address: string): string {
  return toText(/^ipv6:/i.test(address) ? address.slice(5) : address);
}
