/** Owns ProtocolError: the other end broke the milter protocol. */

/**
 * `message` is short and plain, and holds nothing that came from the wire but numbers: `empty frame`,
 * `rcpt outside a message`. The connection it came from can't be trusted any further and is to be closed.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}
