/**
 * Status where no value of `main` is: nothing ran. All of 0 to 255 may be the program's, so this is what `env` and
 * `timeout` of GNU coreutils end with when they fail themselves.
 */
export const EXIT_NOT_RUN = 125;
/** As `timeout` of GNU coreutils. */
export const EXIT_LIMIT = 124;
/** As a shell sees a program that was ended by SIGSEGV. */
export const EXIT_FAULT = 139;
