/** Owns the keys of the contract that this version does not have: whoever writes one hears that it comes later. */

/** Of the whole file. */
export const laterKeys = ['admin', 'workers'] as const;
