/** The load generator: a process of its own that plays the MTA, told what to do by its parent's messages. */

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { MtaSession } from '../../lib/milter/mta-session.ts';
import { identity } from './identity.ts';
import type { Order, Report, Target } from './job.ts';
import { play } from './load.ts';
import { greeting } from './session-script.ts';

/** So many connect at a time: listen backlogs are finite. */
const AT_A_TIME = 50;
let held: Socket[] = [];

async function obey(order: Order): Promise<Report> {
  switch (order.kind) {
    case 'play':
      return { kind: 'played', outcome: await play(order.job) };
    case 'hold':
      for (let n = 0; n < order.connections; n += AT_A_TIME)
        await Promise.all(
          Array.from({ length: Math.min(AT_A_TIME, order.connections - n) }, (_, i) =>
            hold(order.target, n + i),
          ),
        );
      return { kind: 'held' };
    case 'release':
      await Promise.all(held.map(closed));
      held = [];
      return { kind: 'released' };
  }
}

/** A connection as it is between HELO and MAIL. */
async function hold(target: Target, n: number): Promise<void> {
  const socket = connect({ ...target, noDelay: true });
  held.push(socket);
  const session = new MtaSession(socket);
  const { protocol } = await session.negotiate();
  for (const { bytes } of greeting(identity(n), protocol)) socket.write(bytes);
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('close', () => resolve());
    socket.destroy();
  });
}

function tell(report: Report): void {
  process.send!(report);
}

process.on('message', (order: Order) => {
  obey(order).then(tell, (error: unknown) => tell({ kind: 'failed', why: String(error) }));
});
process.on('disconnect', () => process.exit());
