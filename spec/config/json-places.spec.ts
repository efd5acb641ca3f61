/** Where the values of a JSON text stand, by our one walk and by the tree that the reader of YAML makes. */

import { expect } from 'chai';
import fc from 'fast-check';
import { isNode, parseDocument } from 'yaml';
import { placesIn } from '../../lib/config/json-places.ts';

type Path = readonly (string | number)[];

/** Each path that leads to a value, and where by YAML. */
function pathsIn(value: unknown, before: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [before];
  const within = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [before, ...within.flatMap(([key, each]) => pathsIn(each, [...before, key]))];
}

function byTree(text: string, path: Path): number {
  const document = parseDocument(text, { uniqueKeys: false });
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range![0];
  }
  return document.contents?.range[0] ?? 0;
}

describe('The places in a JSON text', () => {
  for (const [text, path, offset] of [
    ['{ "a": [1, "two", { "b": null }] }', ['a', 2, 'b'], 25],
    ['{ "a": [1, "two", { "b": null }] }', ['a', 1], 11],
    ['{ "a": [1, "two", { "b": null }] }', ['a', 3], 7],
    ['{ "a": [1, "two", { "b": null }] }', ['c'], 0],
    ['{ "a": "]}\\",[", "b": 1 }', ['b'], 22],
    ['{ "\\u0061": 7 }', ['a'], 12],
    ['\ufeff[-1.5e+3,true]', [1], 10],
    ['  7', [], 2],
    ['[[[[1]]],2]', [1], 9],
  ] as const)
    it(`${text}: ${JSON.stringify(path)} at ${offset}`, () =>
      expect(placesIn(text, [path])).to.deep.equal([offset]));

  it('are those of the tree, of all paths at once', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const paths = pathsIn(JSON.parse(text)).slice(0, 12);
        // What is not there stands in for what is around it.
        const all = [...paths, ...paths.map((path) => [...path, 'nobody-has-this'])];
        expect(placesIn(text, all)).to.deep.equal(all.map((path) => byTree(text, path)));
      }),
      { numRuns: 150 },
    );
  });
});
