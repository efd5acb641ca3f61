/** Owns DNS messages written by hand, byte by byte: what a server could send, sound or not. */

/** Network order. */
export function u16(number: number): Buffer {
  return Buffer.from([number >> 8, number & 0xff]);
}

export function u32(number: number): Buffer {
  return Buffer.from([number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff]);
}

/** `mx.example.org` → 02 m x 07 e x … 00; a label may hold any byte but a dot. */
export function nameBytes(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);
}

export function pointer(offset: number): Buffer {
  return u16(0xc000 | offset);
}

/** Where the question's name is. */
export const QUESTION = pointer(12);

export const TYPES = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, OPT: 41 } as const;

export interface RecordBytes {
  readonly owner?: Buffer;
  readonly type: number;
  readonly class?: number;
  readonly ttl?: number;
  readonly value: Buffer;
  /** Else that of `value`. */
  readonly length?: number;
}

export function record({
  owner = QUESTION,
  type,
  class: of = 1,
  ttl = 300,
  value,
  length,
}: RecordBytes): Buffer {
  return Buffer.concat([owner, u16(type), u16(of), u32(ttl), u16(length ?? value.length), value]);
}

export function a(...octets: number[]): Buffer {
  return record({ type: TYPES.A, value: Buffer.from(octets) });
}

export function txt(...strings: string[]): Buffer {
  const parts = strings.map((text) =>
    Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]),
  );
  return record({ type: TYPES.TXT, value: Buffer.concat(parts) });
}

export function soa(ttl: number, minimum: number): Buffer {
  const numbers = [1, 3600, 600, 86_400, minimum].map(u32);
  const value = Buffer.concat([nameBytes('ns.example'), nameBytes('hostmaster.example'), ...numbers]);
  return record({ owner: nameBytes('example'), type: TYPES.SOA, ttl, value });
}

export interface ResponseParts {
  /** 0x8180: an answer, recursion desired and available. */
  readonly flags?: number;
  readonly id?: number;
  /** Else as it was asked. */
  readonly question?: Buffer;
  readonly answers?: readonly Buffer[];
  readonly authorities?: readonly Buffer[];
  readonly additionals?: readonly Buffer[];
  /** Else as many as there are. */
  readonly counts?: readonly [questions: number, answers: number, authorities: number, additionals: number];
}

export const ANSWER = 0x8180;
export const TRUNCATED = 0x8380;
export const rcode = (code: number): number => ANSWER | code;

/** An answer to the bytes of a query. */
export function response(query: Buffer, parts: ResponseParts = {}): Buffer {
  const { answers = [], authorities = [], additionals = [] } = parts;
  const question = parts.question ?? questionOf(query);
  const counts = parts.counts ?? [1, answers.length, authorities.length, additionals.length];
  return Buffer.concat([
    u16(parts.id ?? query.readUInt16BE(0)),
    u16(parts.flags ?? ANSWER),
    ...counts.map(u16),
    question,
    ...answers,
    ...authorities,
    ...additionals,
  ]);
}

/** Name, type and class as they stand in the query. */
export function questionOf(query: Buffer): Buffer {
  let end = 12;
  while (query[end] !== 0) end += query[end]! + 1;
  return query.subarray(12, end + 5);
}

/** `example.org A` */
export function askedIn(query: Buffer): string {
  const question = questionOf(query);
  const labels: string[] = [];
  for (let at = 0; question[at] !== 0; at += question[at]! + 1)
    labels.push(question.toString('latin1', at + 1, at + 1 + question[at]!));
  const code = question.readUInt16BE(question.length - 4);
  return `${labels.join('.')} ${Object.entries(TYPES).find(([, each]) => each === code)?.[0] ?? code}`;
}
