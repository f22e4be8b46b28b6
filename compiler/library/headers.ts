import { DEBUG_PORT_HEADER } from './debug-port.ts';
import { INTTYPES, ISO646, LIMITS, STDARG, STDBOOL, STDDEF, STDINT } from './integer-headers.ts';
import { PROTOCOL_HEADERS } from './protocol-headers.ts';
import { STDIO } from './stdio-header.ts';
import { ASSERT, STDLIB } from './stdlib-header.ts';
import { CTYPE, STRING } from './string-header.ts';
import { VENDOR_HEADERS } from './vendor-headers.ts';

/** Folder of the compiler's own headers: nobody can open them, so messages must not look as if one could. */
export const LIBRARY_FOLDER = '<library>';

/**
 * Headers that `#include` finds when the program has none of that name, by path. They hold definitions, not only
 * declarations: what a program does not call costs nothing.
 */
export const LIBRARY_HEADERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'assert.h': ASSERT,
    'ctype.h': CTYPE,
    'inttypes.h': INTTYPES,
    'iso646.h': ISO646,
    'limits.h': LIMITS,
    'stdarg.h': STDARG,
    'stdbool.h': STDBOOL,
    'stddef.h': STDDEF,
    'stdint.h': STDINT,
    'stdio.h': STDIO,
    'stdlib.h': STDLIB,
    'string.h': STRING,
    '__debug_port.h': DEBUG_PORT_HEADER,
    ...VENDOR_HEADERS,
    ...PROTOCOL_HEADERS,
  }).map(([name, text]) => [`${LIBRARY_FOLDER}/${name}`, text]),
);
