import { decodeBase64 } from './base64.ts';
import { parseSigned32, parseUnsigned32, parseUnsigned64 } from './numbers.ts';

/** What the flags of a meta command ask for (`protocol.txt`, "Meta Get" and following). */
export interface MetaFlags {
  /** The key, decoded where `b` says that it came in base64. */
  readonly key: string;
  readonly isKeyBinary: boolean;
  /** `q`: no answer where all went as expected. */
  readonly isQuiet: boolean;
  /** `v` */
  readonly wantsValue: boolean;
  /** `u`: the retrieval is no use of the item. */
  readonly leavesUnbumped: boolean;
  /** `I` */
  readonly invalidates: boolean;
  /** `T`, seconds as a client writes them. */
  readonly exptime: number | undefined;
  /** `N`: create on a miss, with this exptime. */
  readonly vivifyExptime: number | undefined;
  /** `R`: whoever asks while less than this is left may make the value anew. */
  readonly recacheExptime: number | undefined;
  /** `F` */
  readonly clientFlags: number;
  /** `C` */
  readonly casUnique: bigint | undefined;
  /** `M`, one character. */
  readonly mode: string | undefined;
  /** `D` */
  readonly delta: bigint;
  /** `J` */
  readonly initial: bigint;
  /** Every flag with its token, in the order of the line: answers repeat that order. */
  readonly tokens: readonly string[];
}

/** Flags that ask for something in the answer, or that a command may carry without a meaning of its own. */
const PLAIN_FLAGS = 'lOPLkstcfvhuqI';

/**
 * Reads the flags of a meta command.
 * @param tokens the words after the key, or after the length of `ms`
 * @returns the flags, or the text of the error line; a later error hides an earlier one, but a flag that is unknown or
 *   came twice ends the reading
 */
export function parseMetaFlags(keyWord: string, tokens: readonly string[]): MetaFlags | string {
  let key = keyWord;
  let error: string | undefined;
  const seen = new Set<string>();
  const numbers = { T: undefined, N: undefined, R: undefined } as Record<'T' | 'N' | 'R', number | undefined>;
  let clientFlags = 0;
  let casUnique: bigint | undefined;
  let mode: string | undefined;
  let delta = 1n;
  let initial = 0n;
  for (const word of tokens) {
    const flag = word.charAt(0);
    const token = word.slice(1);
    if (flag.charCodeAt(0) >= 127 || seen.has(flag)) return 'CLIENT_ERROR duplicate flag';
    seen.add(flag);
    switch (flag) {
      case 'b': {
        const decoded = decodeBase64(key);
        if (decoded === undefined) error = 'CLIENT_ERROR error decoding key';
        key = decoded ?? '';
        break;
      }
      case 'T':
      case 'N':
      case 'R':
        numbers[flag] = parseSigned32(token);
        if (numbers[flag] === undefined) error = 'CLIENT_ERROR bad token in command line format';
        break;
      case 'F': {
        const parsed = parseUnsigned32(token);
        if (parsed === undefined) error ??= 'CLIENT_ERROR bad command line format';
        else clientFlags = parsed;
        break;
      }
      case 'C':
        casUnique = parseUnsigned64(token);
        if (casUnique === undefined) error = 'CLIENT_ERROR bad token in command line format';
        break;
      case 'M':
        if (token.length !== 1) error = 'CLIENT_ERROR incorrect length for M token';
        mode = token;
        break;
      case 'J':
        initial = parseUnsigned64(token) ?? 0n;
        if (parseUnsigned64(token) === undefined) error = 'CLIENT_ERROR invalid numeric initial value';
        break;
      case 'D':
        delta = parseUnsigned64(token) ?? 0n;
        if (parseUnsigned64(token) === undefined) error = 'CLIENT_ERROR invalid numeric delta value';
        break;
      default:
        if (!PLAIN_FLAGS.includes(flag)) return 'CLIENT_ERROR invalid flag';
    }
  }
  if (error !== undefined) return error;
  return {
    key,
    isKeyBinary: seen.has('b'),
    isQuiet: seen.has('q'),
    wantsValue: seen.has('v'),
    leavesUnbumped: seen.has('u'),
    invalidates: seen.has('I'),
    exptime: numbers.T,
    vivifyExptime: numbers.N,
    recacheExptime: numbers.R,
    clientFlags,
    casUnique,
    mode,
    delta,
    initial,
    tokens,
  };
}
