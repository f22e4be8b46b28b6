import type { Diagnostics } from '../diagnostics.ts';
import type { IrModule, MemoryName, MemoryOperation } from '../ir.ts';
import type { Placement } from './placement.ts';
import { commandExists } from './select-memory.ts';

/** Reports memory commands that the engine of the memory does not have: CLS has fewer than the others. */
export function checkCommands(
  module: IrModule,
  places: ReadonlyMap<string, Placement>,
  diagnostics: Diagnostics,
): void {
  for (const function_ of module.functions.values()) {
    for (const block of function_.blocks) {
      for (const operation of block.operations) {
        if (operation.op !== 'memory') continue;
        const memory = memoryOf(operation, places);
        if (memory === undefined || commandExists(operation.command, memory)) continue;
        const position = operation.position ?? { file: function_.owner, line: 1, column: 1 };
        const message = `${memory.toUpperCase()} has no command ${operation.command}`;
        diagnostics.error(
          'link-no-such-command',
          position,
          message,
          'read or write whole words, or use another memory',
        );
      }
    }
  }
}

function memoryOf({ address }: MemoryOperation, places: ReadonlyMap<string, Placement>): MemoryName | undefined {
  switch (address.form) {
    case 'object':
      return places.get(address.object)?.memory;
    case 'memory':
      return address.memory;
    case 'wide':
      return undefined;
  }
}
