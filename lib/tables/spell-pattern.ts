/** Owns spelling a pattern's tree for the engines that run it: re2js, in linear time, and JavaScript's own. */

import type { ByteSet, Edge, Node } from './pattern-tree.ts';

/** `linear` is re2js, which has no way to say some things; `backtracking` is JavaScript's RegExp, without flags. */
export type Engine = 'linear' | 'backtracking';

/** Null: this engine can't run it. Both see one character for each byte, and spell sets out: no flags. */
export function spell(node: Node, engine: Engine): string | null {
  const foreign = engine === 'linear' ? foreignPart(node) : null;
  return foreign === null ? written(node, engine) : null;
}

/** What keeps a pattern from linear time: `a lookahead`; null: nothing that is known here. */
export function foreignPart(node: Node): string | null {
  switch (node.kind) {
    case 'set':
    case 'edge':
      return null;
    case 'same':
      return 'a backreference';
    case 'atomic':
      return 'an atomic group or possessive repetition';
    case 'look':
      return node.ahead ? 'a lookahead' : foreignPart(node.node);
    case 'capture':
    case 'repeat':
      return foreignPart(node.node);
    case 'sequence':
      return firstForeign(node.nodes);
    case 'choice':
      return firstForeign(node.branches);
  }
}

function firstForeign(nodes: readonly Node[]): string | null {
  for (const node of nodes) {
    const part = foreignPart(node);
    if (part !== null) return part;
  }
  return null;
}

const EDGES: Readonly<Record<Edge, string>> = {
  start: '^',
  end: '$',
  'line-start': '(?m:^)',
  'line-end': '(?m:$)',
  boundary: '\\b',
  'no-boundary': '\\B',
  // A boundary with no word before it has one behind it.
  'word-start': '\\b(?<!\\w)',
  'word-end': '\\b(?<=\\w)',
};

function written(node: Node, engine: Engine): string {
  switch (node.kind) {
    case 'set':
      return setText(node.bytes, engine);
    case 'edge':
      return EDGES[node.edge];
    case 'sequence':
      return node.nodes
        .map((part) => (part.kind === 'choice' ? `(?:${written(part, engine)})` : written(part, engine)))
        .join('');
    case 'choice':
      return node.branches.map((branch) => written(branch, engine)).join('|');
    case 'capture':
      // By name, so that the groups of `atomic` below do not shift the numbers.
      return `${engine === 'linear' ? '(' : `(?<g${node.group}>`}${written(node.node, engine)})`;
    case 'look':
      return `(?${node.ahead ? '' : '<'}${node.negated ? '!' : '='}${written(node.node, engine)})`;
    case 'atomic':
      // JavaScript has no atomic groups, but a lookahead gives nothing back either.
      return `(?=(?<a${node.number}>${written(node.node, engine)}))\\k<a${node.number}>`;
    case 'repeat': {
      const inner = written(node.node, engine);
      const bare = node.node.kind === 'set' || node.node.kind === 'capture';
      return `${bare ? inner : `(?:${inner})`}${bounds(node.min, node.max)}${node.lazy ? '?' : ''}`;
    }
    case 'same': {
      const again = `\\k<g${node.group()}>`;
      return node.ignoreCase ? `(?i:${again})` : again;
    }
  }
}

function bounds(min: number, max: number | null): string {
  if (max === null) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function setText(set: ByteSet, engine: Engine): string {
  const [first] = set;
  if (first === undefined) return '[^\\x00-\\xff]';
  if (set.length === 1 && first[0] === 0 && first[1] === 255) return engine === 'linear' ? '(?s:.)' : '[^]';
  if (set.length === 1 && first[0] === first[1]) return byteText(first[0]);
  return `[${set.map(([low, high]) => (low === high ? byteText(low) : `${byteText(low)}-${byteText(high)}`)).join('')}]`;
}

function byteText(code: number): string {
  const char = String.fromCharCode(code);
  return /[0-9A-Za-z_@]/.test(char) ? char : `\\x${code.toString(16).padStart(2, '0')}`;
}
