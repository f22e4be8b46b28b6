/**
 * Macros that every file starts with (C99 6.10.8), and what gcc's users expect to find about the machine. The NIC is
 * freestanding and big-endian.
 */
export const PREDEFINED: Readonly<Record<string, string>> = {
  __STDC__: '1',
  __STDC_VERSION__: '199901L',
  __STDC_HOSTED__: '0',
  __CHAR_BIT__: '8',
  __SIZEOF_SHORT__: '2',
  __SIZEOF_INT__: '4',
  __SIZEOF_LONG__: '4',
  __SIZEOF_LONG_LONG__: '8',
  __SIZEOF_POINTER__: '8',
  __INT_MAX__: '2147483647',
  __ORDER_LITTLE_ENDIAN__: '1234',
  __ORDER_BIG_ENDIAN__: '4321',
  __BYTE_ORDER__: '4321',
  // Words of the card's dialect that other words stand for. Which signal a SIGNAL is, is known when compiling; it lies
  // next to the core, so that pointers to it lead nowhere else.
  SIGNAL: '__lmem unsigned int',
  __mem40: '__mem __addr40',
  __ISLAND: '(local_csr_read(local_csr_active_ctx_sts) >> 25 & 63)',
  __intrinsic: 'static inline',
  __forceinline: 'inline',
};
