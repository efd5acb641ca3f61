/** Owns dns2's Packet as the codec under our own transport: what it costs beside ours. */

import { Packet } from 'dns2';
import type { Codec } from '../../lib/dns/codec.ts';
import type { Heard, Query, Question } from '../../lib/dns/message.ts';
import { readName, skipName } from '../../lib/dns/wire-name.ts';

const TYPES = { A: 1, AAAA: 28, MX: 15, PTR: 12, TXT: 16 } as const;

/** Of A records only: that is what the bench asks for. */
export const PACKET_CODEC: Codec = {
  encode<T>({ name, type }: Question<T>, id: number): Query<T> {
    const packet = new Packet();
    packet.header = new Packet.Header({ id, rd: 1 } as never);
    packet.questions.push(new Packet.Question(name, TYPES[type.name], 1));
    packet.additionals.push(Packet.Resource.EDNS([]));
    return { name, type, id, bytes: packet.toBuffer() };
  },

  decode<T>(bytes: Buffer, query: Query<T>): Heard<T> {
    if (!isBounded(bytes)) return { kind: 'broken' };
    const { header, questions, answers, authorities, errors } = Packet.parse(bytes);
    if (errors.length > 0) return { kind: 'broken' };
    const [question] = questions;
    const fits =
      header.id === query.id &&
      header.qr === 1 &&
      question?.name.toLowerCase() === query.name &&
      question.type === TYPES[query.type.name];
    if (!fits) return { kind: 'foreign' };
    const records = answers
      .filter(({ type }) => type === question.type)
      .map(({ name, ttl, address }) => ({ owner: name.toLowerCase(), ttl, value: address as T }));
    const soa = authorities.find(({ type }) => type === 6);
    return {
      kind: 'reply',
      rcode: header.rcode,
      truncated: header.tc === 1,
      referral: false,
      records,
      aliases: [],
      negativeTtl: soa === undefined ? null : Math.min(soa.ttl, soa.minimum!),
    };
  },
};

/** What has to be sure before Packet may read it: its names would take the square of their pointers. */
function isBounded(bytes: Buffer): boolean {
  if (bytes.length < 12) return false;
  const count = [6, 8, 10].reduce((sum, at) => sum + bytes.readUInt16BE(at), 0);
  const question = skipName(bytes, 12);
  if (question === null || count > 1000) return false;
  let at = question + 4;
  for (let n = 0; n < count; n++) {
    const fields: number | null = readName(bytes, at) === null ? null : skipName(bytes, at);
    if (fields === null || fields + 10 > bytes.length) return false;
    at = fields + 10 + bytes.readUInt16BE(fields + 8);
  }
  return at <= bytes.length;
}
