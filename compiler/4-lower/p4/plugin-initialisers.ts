import type { GeneratedText } from './text.ts';

/** Functions of a plugin that the runtime calls when they are there. */
export interface PluginInitialisers {
  /** `pif_plugin_init`, once a context. */
  readonly everyContext: boolean;
  /** `pif_plugin_init_master`, once, before any packet. */
  readonly once: boolean;
}

/** Declares them, and `pif_initialise_once()`, which the first context carries out and all others wait for. */
export function generateInitialisers(plugin: PluginInitialisers, out: GeneratedText): void {
  if (plugin.everyContext) out.line('int pif_plugin_init(void);');
  if (!plugin.once) return;
  out.line('int pif_plugin_init_master(void);');
  // 0: nobody has begun, 1: somebody has, 3: done.
  out.line('static __mem unsigned int pif_initialised;');
  out.line('static void pif_initialise_once(void) {').line('__xrw unsigned int state[1];');
  out.line('state[0] = 1;').line('mem_test_set(state, &pif_initialised);');
  out.line('if (state[0] == 0) {').line('pif_plugin_init_master();');
  out.line('state[0] = 3;').line('mem_write_atomic(state, &pif_initialised);').line('}');
  out.line('for (;;) {').line('__xread unsigned int now[1];').line('mem_read_atomic(now, &pif_initialised);');
  out.line('if (now[0] == 3) {').line('return;').line('}').line('ctx_swap();').line('}').line('}');
}
