/** What the NIC and the rest of the program decide. */
export interface LoweringOptions {
  /** Ticks of the NIC's timestamp in a second. */
  readonly ticksPerSecond: number;
  /**
   * The P4 program is all there is: frames may be of any length, and any combination of headers may be sent. Otherwise
   * frames have at least 60 octets, and plugins leave a combination that the parser can find.
   */
  readonly wholeProgram: boolean;
  /** Text of all plugins, for what is only there when one of them names it. */
  readonly plugins: string;
}
