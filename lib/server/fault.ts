/** Owns StartError: something outside Postern that keeps it from starting, told with its cure. */

/** `message` is one line for the admin: what is wrong; what to type or change. The command ends with exit code 1. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The error code of a system call, `EADDRINUSE` and the like; '' if it has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
