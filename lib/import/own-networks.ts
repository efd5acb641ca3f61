/** Owns the move of main.cf's mynetworks. */

import { networkOf, parseNetwork } from '../mail/network.ts';
import type { TableContext } from './access-table.ts';
import { hasOpenName } from './open-name.ts';
import type { Parameters } from './parameters.ts';
import { flowItem } from './yaml-text.ts';

export interface OwnNetworks {
  /** As YAML has the value. */
  readonly value: string;
  readonly notes: readonly string[];
  /** The lines of what is no network in Postfix either. */
  readonly wrong: readonly number[];
}

const LOOPBACK = ['127.0.0.0/8', '[::1]/128'];

export function importNetworks(parameters: Parameters, context: TableContext): OwnNetworks {
  const notes: string[] = [];
  const setting = parameters.setting('mynetworks');
  if (setting === null) {
    const style = parameters.text('mynetworks_style');
    notes.push(
      `main.cf does not set mynetworks${style === '' ? '' : ` (mynetworks_style = ${style})`}: compare with what "postconf mynetworks" prints`,
    );
    return { value: flow(LOOPBACK), notes, wrong: [] };
  }
  const words = parameters.get('mynetworks').words();
  const networks = networksOf(
    words.map(({ text }) => text),
    context,
    notes,
  );
  const wrong = words.filter(({ text }) => isNoNetwork(text)).map(({ line }) => line);
  return { value: flow([...new Set(networks)]), notes, wrong };
}

function networksOf(words: readonly string[], context: TableContext, notes: string[]): string[] {
  return words.flatMap((word) => {
    const network = parseNetwork(word);
    if (network !== null) {
      const { address, prefix } = network;
      const [masked = ''] = networkOf(address, prefix).split('/');
      if (address.family === 'ipv4' && masked !== networkOf(address, 32).split('/')[0])
        notes.push(`${word} has bits beyond its prefix: written as ${masked}/${prefix}`);
      return address.family === 'ipv4' ? `${masked}/${prefix}` : `[${masked}]/${prefix}`;
    }
    const text = word.startsWith('/') ? context.readFile(word) : null;
    if (text !== null) {
      notes.push(`from ${word}: the networks that it has today`);
      const inFile = text.split('\n').flatMap((line) => line.replace(/#.*/, '').split(/[\s,]+/));
      return networksOf(
        inFile.filter((each) => each !== '' && !each.startsWith('/')),
        context,
        notes,
      );
    }
    if (isNoNetwork(word)) {
      notes.push(`${word} is not a network: it is left out`);
      return [];
    }
    const unread = word.startsWith('/') ? (context.whyUnread(word) ?? context.unknown) : null;
    notes.push(
      `${word} can't be taken over: ${unread === null ? '' : `${unread}; `}${word.startsWith('!') ? 'Postern has no ! here: write out the networks that remain' : 'write the networks that it stands for'}`,
    );
    return [];
  });
}

/** Neither a network, nor a file or table, nor what only the machine knows. */
function isNoNetwork(word: string): boolean {
  if (hasOpenName(word) || word.startsWith('/') || /^!?[a-z][a-z0-9_]*:./i.test(word)) return false;
  return parseNetwork(word.replace(/^!/, '')) === null;
}

function flow(networks: readonly string[]): string {
  return `[${networks.map(flowItem).join(', ')}]`;
}
