/**
 * How a C program talks to whoever runs it: it writes the mailbox CSRs of its core, which `runProgram` tells of
 * (docs/npu-run-c.md). Mailbox 3 is the program's own.
 */
export const DEBUG_PORT = { output: 0, errors: 1, exitStatus: 2 } as const;

/** Included by the headers below; `__debug_exit` gives main's value and ends the context. */
export const DEBUG_PORT_HEADER = `#pragma once
static inline void __debug_output(int c) { local_csr_write(local_csr_mailbox${DEBUG_PORT.output}, (unsigned int)c); }
static inline void __debug_error(int c) { local_csr_write(local_csr_mailbox${DEBUG_PORT.errors}, (unsigned int)c); }
static inline void __debug_exit(int status) {
  local_csr_write(local_csr_mailbox${DEBUG_PORT.exitStatus}, (unsigned int)status);
  halt();
}
`;

/** Function that a C program starts in: calls `main` and hands its value over. */
export const START_FUNCTION = '__start';

export const START_SOURCE = `#include <__debug_port.h>
int main(void);
void ${START_FUNCTION}(void) { __debug_exit(main()); }
`;
