import type { ActionCall, Counter, Meter, Register } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import type { ProgramRules, TokenBucket } from './program-rules.ts';
import type { GeneratedText } from './text.ts';

/** Names of the objects in memory; who reads their cells from outside finds them in the image's symbols. */
export function counterObject(name: string): string {
  return `pif_counter_${name}`;
}

/** Octets beside the packets of a counter of both. */
export function octetCounterObject(name: string): string {
  return `pif_counter_${name}_octets`;
}

/** Cells of at most 32 bits have a word, wider ones two. */
export function registerObject({ name, bits }: Pick<Register, 'name' | 'bits'>): string {
  return bits > 32 ? `pif_wide_register_${name}` : `pif_register_${name}`;
}

export function meterObject(name: string): string {
  return `pif_meter_${name}`;
}

/** The entry that matched in a table, whose cell of a direct register its actions use. */
export function entryName(table: string): string {
  return `pif_entry_${table}`;
}

export function hasDirectRegister(model: P4Model, table: string): boolean {
  return [...model.registers.values()].some(({ binding }) => binding?.kind === 'direct' && binding.table === table);
}

/** Digests go nowhere on this NIC: they are counted, by receiver. */
export function digestObject(receiver: bigint): string {
  return `pif_digest_${receiver}`;
}

/** A direct object has at least as many cells, so that entries can be added to a table without a size. */
const CELLS_WITHOUT_SIZE = 256;

/** A meter's cell: lock, time of the last packet, what is missing in the two buckets (64 bits each), two words unused. */
const METER_CELL_WORDS = 8;
/** Rates of a cell: for each bucket tokens a tick (64 bits, 32 of them a fraction), burst, ticks until it is full. */
const METER_RATE_WORDS = 8;

/** Cells that an object has: those it declares, or one for each entry of its table. */
export function cellCount(model: P4Model, rules: ProgramRules, object: Counter | Meter | Register): number {
  if (object.binding?.kind !== 'direct') return object.instanceCount ?? 1;
  const table = model.tables.get(object.binding.table);
  const handles = (rules.tables.get(object.binding.table)?.rules ?? []).map(({ handle }) => handle + 1);
  return Math.max(table?.size ?? table?.maxSize ?? CELLS_WITHOUT_SIZE, ...handles);
}

/** Counters, meters, registers and digests, and the functions that change them. */
export function generateStatefulObjects(
  model: P4Model,
  rules: ProgramRules,
  ticksPerSecond: number,
  out: GeneratedText,
): void {
  const calls = [...model.actions.values()].flatMap((action) => action.calls);
  for (const counter of model.counters.values()) {
    const { name, type, position } = counter;
    const words = cellCount(model, rules, counter) * 2;
    out.at(position).line(`__mem unsigned int ${counterObject(name)}[${words}];`);
    if (type === 'packets_and_bytes') out.line(`__mem unsigned int ${octetCounterObject(name)}[${words}];`);
  }
  for (const receiver of receiversOf(calls)) out.line(`__mem unsigned int ${digestObject(receiver)}[2];`);
  if (model.counters.size > 0 || receiversOf(calls).length > 0) generateCount(out);
  for (const register of model.registers.values()) {
    const type = register.bits > 32 ? 'unsigned long long' : 'unsigned int';
    const cells = cellCount(model, rules, register);
    out.at(register.position).line(`__mem ${type} ${registerObject(register)}[${cells}];`);
  }
  for (const table of model.tables.keys()) {
    if (hasDirectRegister(model, table)) out.line(`static __lmem unsigned int ${entryName(table)};`);
  }
  for (const meter of model.meters.values()) generateMeter(model, rules, meter, ticksPerSecond, out);
  if (model.meters.size > 0) generateMeterBucket(out);
  if (calls.some(({ name }) => name === 'modify_field_rng_uniform')) generateRandom(out);
}

/** Receivers that the program names; others are counted together, as receiver 0. */
function receiversOf(calls: readonly ActionCall[]): bigint[] {
  const digests = calls.filter(({ name }) => name === 'generate_digest');
  return [...new Set(digests.map(({ arguments: given }) => (given[0]?.kind === 'number' ? given[0].value : 0n)))];
}

/** Adds to a number of 64 bits, exactly, however many contexts do so at once. */
function generateCount(out: GeneratedText): void {
  out.line('static inline void pif_count(__mem unsigned int *cell, unsigned int amount) {');
  out.line('__xrw unsigned int low[1];');
  out.line('low[0] = amount;');
  out.line('mem_test_add(low, cell + 1);');
  out.line('if (low[0] + amount < amount) {').line('mem_incr32(cell);').line('}');
  out.line('}');
}

function generateMeter(
  model: P4Model,
  rules: ProgramRules,
  meter: Meter,
  ticksPerSecond: number,
  out: GeneratedText,
): void {
  const cells = cellCount(model, rules, meter);
  const rates = rules.meterRates.get(meter.name) ?? [];
  const words = new Array<number>(cells * METER_RATE_WORDS).fill(0);
  for (const { index, committed, peak } of rates) {
    if (index >= cells) continue;
    words.splice(
      index * METER_RATE_WORDS,
      METER_RATE_WORDS,
      ...bucketWords(committed, ticksPerSecond),
      ...bucketWords(peak, ticksPerSecond),
    );
  }
  out.at(meter.position).line(`__mem unsigned int ${meterObject(meter.name)}[${cells * METER_CELL_WORDS}];`);
  out.line(`static const unsigned int pif_rates_${meter.name}[${words.length}] = {`);
  for (let at = 0; at < words.length; at += METER_RATE_WORDS) {
    out.line(`${words.slice(at, at + METER_RATE_WORDS).join('u, ')}u,`);
  }
  out.line('};');
}

function bucketWords({ rate, burst }: TokenBucket, ticksPerSecond: number): number[] {
  const perTick = BigInt(Math.round((rate / ticksPerSecond) * 2 ** 32));
  const full = perTick === 0n ? 0xffff_ffffn : ((BigInt(burst) << 32n) + perTick - 1n) / perTick;
  const ticks = full > 0xffff_ffffn ? 0xffff_ffffn : full;
  return [Number(perTick >> 32n), Number(perTick & 0xffff_ffffn), Math.min(burst, 0xffff_ffff), Number(ticks)];
}

/**
 * The two-rate three-colour marker without colours on entry (RFC 2698): 0 green, 1 yellow, 2 red. A cell keeps what is
 * missing in its buckets, so that zeros are full ones, and is locked meanwhile.
 */
function generateMeterBucket(out: GeneratedText): void {
  out.line(
    'static inline unsigned int pif_meter(__mem unsigned int *cell, const __mem unsigned int *rate, unsigned int amount) {',
  );
  out
    .line('__xread unsigned int rates[8];')
    .line('__xread unsigned int old[6];')
    .line('__xwrite unsigned int kept[6];');
  out.line('__xrw unsigned int lock[1];');
  out.line('unsigned int colour = 0;').line('unsigned int now;').line('unsigned int ticks;');
  out.line('unsigned long long committed;').line('unsigned long long peak;');
  out.line('mem_read32(rates, rate, 32);');
  out.line('if (rates[2] == 0 && rates[6] == 0) {').line('return 0;').line('}');
  out.line('for (;;) {').line('lock[0] = 1;').line('mem_test_set(lock, cell);');
  out.line('if (lock[0] == 0) {').line('break;').line('}').line('ctx_swap();').line('}');
  out.line('mem_read32(old, cell + 1, 20);');
  out.line('now = local_csr_read(local_csr_timestamp_low);').line('ticks = now - old[0];');
  out.line('committed = ((unsigned long long)old[1] << 32) | old[2];');
  out.line('peak = ((unsigned long long)old[3] << 32) | old[4];');
  for (const [bucket, at] of [
    ['committed', 0],
    ['peak', 4],
  ] as const) {
    out
      .line(`if (ticks >= rates[${at + 3}]) {`)
      .line(`${bucket} = 0;`)
      .line('}')
      .line('else {');
    out.line(`unsigned long long gained = (((unsigned long long)rates[${at}] << 32) | rates[${at + 1}]) * ticks;`);
    out.line(`${bucket} = gained >= ${bucket} ? 0 : ${bucket} - gained;`).line('}');
  }
  const wanted = '((unsigned long long)amount << 32)';
  const fits = (bucket: string, at: number): string =>
    `${bucket} + ${wanted} <= ((unsigned long long)rates[${at}] << 32)`;
  out
    .line(`if (!(${fits('peak', 6)})) {`)
    .line('colour = 2;')
    .line('}')
    .line('else {');
  out.line(`peak += ${wanted};`);
  out
    .line(`if (${fits('committed', 2)}) {`)
    .line(`committed += ${wanted};`)
    .line('}');
  out.line('else {').line('colour = 1;').line('}').line('}');
  out.line('kept[0] = now;');
  out.line('kept[1] = (unsigned int)(committed >> 32);').line('kept[2] = (unsigned int)committed;');
  out.line('kept[3] = (unsigned int)(peak >> 32);').line('kept[4] = (unsigned int)peak;');
  out.line('mem_write32(kept, cell + 1, 20);');
  out.line('lock[0] = 0;').line('mem_write_atomic(lock, cell);');
  out.line('return colour;').line('}');
}

/** Numbers that differ from context to context and are the same in every run (Marsaglia, "Xorshift RNGs", 2003). */
function generateRandom(out: GeneratedText): void {
  out.line('static __lmem unsigned int pif_random_state;');
  out.line('static inline unsigned int pif_random_word(void) {');
  out.line('unsigned int state = pif_random_state;');
  out.line('if (state == 0) {');
  out.line('state = 0x9e3779b9u ^ (local_csr_read(local_csr_active_ctx_sts) & 0x7e00007fu);').line('}');
  out.line('state ^= state << 13;').line('state ^= state >> 17;').line('state ^= state << 5;');
  out.line('pif_random_state = state;').line('return state;').line('}');
  out.line('static inline unsigned long long pif_random(unsigned long long low, unsigned long long high) {');
  out.line('unsigned long long most = high - low;');
  out.line('if (most < 0xffffffffull) {');
  out.line('return low + mul_high(pif_random_word(), (unsigned int)most + 1);').line('}');
  out.line('unsigned long long found = ((unsigned long long)pif_random_word() << 32) | pif_random_word();');
  // Halved until it lies within: of ranges that are no power of two the lower half comes more often.
  out.line('while (found > most) {').line('found >>= 1;').line('}');
  out.line('return low + found;').line('}');
}
