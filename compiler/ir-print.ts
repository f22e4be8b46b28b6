import type { IrFunction, IrModule, MemoryAddress, Operand, Operation, Register, Terminator } from './ir.ts';

/** The module as text, one operation a line; for tests and for `--dump-ir`. Positions are left out. */
export function printModule(module: IrModule): string {
  const lines: string[] = [`entry ${module.entry}`];
  for (const object of module.objects.values()) {
    const fixed = object.fixedAddress === undefined ? '' : ` at 0x${object.fixedAddress.toString(16)}`;
    const rights = object.readOnly ? 'read-only' : 'read-write';
    lines.push(
      `object ${object.name} ${object.memory}${fixed} ${object.octets} align ${object.align} ${rights} ${object.sharing} owner ${object.owner}`,
    );
  }
  for (const region of module.reserved) {
    lines.push(`reserved ${region.name} ${region.memory} 0x${region.address.toString(16)} ${region.octets}`);
  }
  for (const function_ of module.functions.values()) lines.push('', printFunction(function_));
  return `${lines.join('\n')}\n`;
}

export function printFunction(function_: IrFunction): string {
  const parameters = function_.parameters.map(printOperand).join(', ');
  const results = function_.resultCount === 0 ? '' : ` -> ${function_.resultCount}`;
  const lines = [`function ${function_.name}(${parameters})${results} owner ${function_.owner}`];
  for (const local of function_.locals) lines.push(`  local l${local.id} ${local.name} ${local.words}`);
  for (const group of function_.groups) lines.push(`  group g${group.id} ${group.name} ${group.words}`);
  for (const block of function_.blocks) {
    lines.push(`${block.name}:`);
    for (const operation of block.operations) lines.push(`  ${printOperation(operation)}`);
    lines.push(`  ${printEnd(block.end)}`);
  }
  return lines.join('\n');
}

export function printOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'register':
      return `r${operand.id}`;
    case 'constant':
      return operand.value < 10 ? `${operand.value}` : `0x${operand.value.toString(16)}`;
    case 'address':
      return `${operand.part}(${operand.object}${operand.offset === 0 ? '' : `+${operand.offset}`})`;
  }
}

const p = printOperand;

export function printOperation(operation: Operation): string {
  switch (operation.op) {
    case 'copy':
    case 'not':
    case 'ffs':
      return `${p(operation.target)} = ${operation.op} ${p(operation.source)}`;
    case 'binary':
    case 'divide':
      return `${p(operation.target)} = ${operation.operator} ${p(operation.left)}, ${p(operation.right)}`;
    case 'wide':
      return `${pair(operation.targetLow, operation.targetHigh)} = ${operation.operator}64 ${pair(operation.leftLow, operation.leftHigh)}, ${pair(operation.rightLow, operation.rightHigh)}`;
    case 'funnel':
      return `${p(operation.target)} = funnel ${p(operation.high)}, ${p(operation.low)}, ${p(operation.amount)}`;
    case 'extract':
      return `${p(operation.target)} = extract ${p(operation.source)} [${operation.shift}:${operation.width}]`;
    case 'insert':
      return `${p(operation.target)} = insert ${p(operation.base)}, ${p(operation.source)} [${operation.shift}:${operation.width}]`;
    case 'compare':
      return `${p(operation.target)} = ${operation.relation} ${p(operation.left)}, ${p(operation.right)}`;
    case 'local_load':
      return `${p(operation.target)} = l${operation.local}[${p(operation.index)}]`;
    case 'local_store':
      return `l${operation.local}[${p(operation.index)}] = ${p(operation.source)}`;
    case 'local_address':
      return `${p(operation.target)} = &l${operation.local}[${p(operation.index)}]`;
    case 'local_load_at':
      return `${p(operation.target)} = local[${p(operation.address)}]`;
    case 'local_store_at':
      return `local[${p(operation.address)}] = ${p(operation.source)}`;
    case 'transfer_get':
      return `${p(operation.target)} = g${operation.group}[${p(operation.index)}]`;
    case 'transfer_set':
      return `g${operation.group}[${p(operation.index)}] = ${p(operation.source)}`;
    case 'memory': {
      const transfer = operation.group === undefined ? '--' : `g${operation.group}+${operation.first}`;
      const completion = operation.completion === 'swap' ? 'swap' : `signal ${operation.completion}`;
      return `${operation.command} ${transfer}, ${printAddress(operation.address)}, ${p(operation.count)}, ${completion}`;
    }
    case 'wait':
      return `wait${operation.any === true ? ' any' : ''} ${operation.signals.join(', ')}`;
    case 'signal_test':
      return `${p(operation.target)} = signal ${operation.signal}${operation.second ? ' second' : ''}`;
    case 'crc':
      return `${operation.operator}_${operation.littleEndian ? 'le' : 'be'} ${operation.bytes} ${p(operation.source)}`;
    case 'cam_lookup':
      return `${p(operation.target)} = cam_lookup ${p(operation.source)}`;
    case 'cam_read':
      return `${p(operation.target)} = cam_read_${operation.what} ${p(operation.source)}`;
    case 'cam_write':
      return `cam[${p(operation.entry)}] = ${operation.tag === undefined ? '--' : p(operation.tag)}, ${operation.state}`;
    case 'cam_clear':
      return 'cam_clear';
    case 'receive':
    case 'send':
      return `${operation.op} g${operation.group}`;
    case 'csr_read':
      return `${p(operation.target)} = csr ${operation.csr}`;
    case 'csr_write':
      return `csr ${operation.csr} = ${p(operation.source)}`;
    case 'context_number':
      return `${p(operation.target)} = context`;
    case 'yield':
      return 'yield';
    case 'call': {
      const results = operation.results.length === 0 ? '' : `${operation.results.map(p).join(', ')} = `;
      return `${results}call ${operation.function}(${operation.arguments.map(p).join(', ')})`;
    }
  }
}

function pair(low: Operand | Register, high: Operand | Register): string {
  return `${p(high)}:${p(low)}`;
}

function printAddress(address: MemoryAddress): string {
  switch (address.form) {
    case 'object':
      return `${address.object}[${p(address.offset)}]`;
    case 'memory':
      return `${address.memory}[${p(address.base)} + ${p(address.offset)}]`;
    case 'wide':
      return `[${pair(address.low, address.high)}]`;
  }
}

export function printEnd(end: Terminator): string {
  switch (end.op) {
    case 'jump':
      return `jump ${end.to}`;
    case 'branch':
      return `branch ${end.relation} ${p(end.left)}, ${p(end.right)}, ${end.taken}, ${end.otherwise}`;
    case 'branch_wide':
      return `branch64 ${end.relation} ${pair(end.leftLow, end.leftHigh)}, ${pair(end.rightLow, end.rightHigh)}, ${end.taken}, ${end.otherwise}`;
    case 'branch_bit':
      return `branch_bit ${p(end.source)}, ${end.bit}, ${end.taken}, ${end.otherwise}`;
    case 'branch_signal':
      return `branch_signal ${end.signal}${end.second ? ' second' : ''}, ${end.taken}, ${end.otherwise}`;
    case 'return':
      return `return ${end.values.map(p).join(', ')}`.trimEnd();
    case 'halt':
      return 'halt';
  }
}
