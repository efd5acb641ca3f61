/** Owns playing one envelope: a whole session of a client who wants to be rid of one message. */

import type { Explainer } from './explainer.ts';
import type { Resolve, SmtpCommand } from './smtp-command.ts';
import type { Step } from './trace.ts';

export interface Envelope {
  readonly address: string;
  /** The PTR name; null: none. */
  readonly ptr: string | null;
  readonly resolve: Resolve;
  readonly helo: string;
  /** With its angle brackets, as the recipients. */
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly auth: string | null;
}

/** As far as the client comes: who is refused before RCPT, or for every recipient, comes no further. */
export async function playEnvelope(explainer: Explainer, envelope: Envelope, atMs: number): Promise<Step[]> {
  const steps: Step[] = [];
  const play = async (command: SmtpCommand): Promise<boolean> => {
    const step = await explainer.play(command, atMs);
    steps.push(step);
    return step.reply === null;
  };
  for (const command of beforeRcpt(envelope)) if (!(await play(command))) return steps;
  let taken = false;
  for (const recipient of envelope.recipients) {
    const letIn = await play({ kind: 'rcpt', recipient });
    taken ||= letIn;
  }
  if (taken && (await play({ kind: 'data' }))) await play({ kind: 'end' });
  return steps;
}

function beforeRcpt({ address, ptr, resolve, helo, sender, auth }: Envelope): SmtpCommand[] {
  return [
    { kind: 'connect', address, name: ptr ?? 'unknown', resolve },
    { kind: 'helo', name: helo },
    ...(auth === null ? [] : [{ kind: 'auth', login: auth } as const]),
    { kind: 'mail', sender, args: [] },
  ];
}
