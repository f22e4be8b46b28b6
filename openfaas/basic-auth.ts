import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Name that OpenFaaS gives the administrator unless told otherwise. */
export const ADMINISTRATOR = 'admin';

/** A password that nobody guesses: 192 bits. */
export function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * Whether an `Authorization` header holds the administrator's name and password (RFC 7617). Takes the same time for
 * every wrong one.
 */
export function isAdministrator(header: string | undefined, password: string): boolean {
  const given = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(header ?? '')?.[1];
  const expected = Buffer.from(`${ADMINISTRATOR}:${password}`);
  return given !== undefined && timingSafeEqual(digest(Buffer.from(given, 'base64')), digest(expected));
}

/** Of one length, whatever came. */
function digest(octets: Buffer): Buffer {
  return createHash('sha256').update(octets).digest();
}
