/** Owns how a command reaches the handler of its stage: bytes as text, addresses without the MTA's decoration. */

import { toText } from './bytes.ts';
import type { Connect } from './command.ts';
import type { EventCommand } from './conversation.ts';
import type { EventHandler, Events, Session } from './filter.ts';
import { unfoldedLines } from './header-text.ts';

/** Watching and answering handlers alike; what they give back is looked at by answer.ts. */
export type Handlers<Context> = {
  readonly [Name in keyof Events]?: EventHandler<Context, Name, unknown>;
} & { readonly endOfMessage?: (session: Session<Context>) => unknown };

/** Calls the handler of the command's stage, if there is one. */
export function call<Context>(
  handlers: Handlers<Context>,
  session: Session<Context>,
  command: EventCommand,
): unknown {
  switch (command.kind) {
    case 'connect':
      return handlers.connect?.(session, connectEvent(command));
    case 'helo':
      return handlers.helo?.(session, { name: toText(command.name) });
    case 'mail':
      return handlers.mail?.(session, { sender: toText(command.sender), args: command.args.map(toText) });
    case 'rcpt':
      return handlers.rcpt?.(session, {
        recipient: toText(command.recipient),
        args: command.args.map(toText),
      });
    case 'data':
      return handlers.data?.(session);
    case 'header':
      return handlers.header?.(session, {
        name: toText(command.name),
        value: unfoldedLines(toText(command.value)),
      });
    case 'endOfHeaders':
      return handlers.endOfHeaders?.(session);
    case 'body':
      return handlers.body?.(session, { chunk: command.chunk });
    case 'unknown':
      return handlers.unknown?.(session, { line: toText(command.line) });
    case 'endOfMessage':
      return handlers.endOfMessage?.(session);
  }
}

function connectEvent({ host, family, address, port }: Connect): Events['connect'] {
  // Sendmail writes `IPv6:2001:db8:0:0:0:0:0:1`, Postfix the address alone.
  const plain = address === null ? null : toText(/^ipv6:/i.test(address) ? address.slice(5) : address);
  return { host: toText(host), family, address: plain, port };
}

/** Also of a promise that another library made. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
