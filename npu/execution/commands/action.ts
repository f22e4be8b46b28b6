/** What a command does, apart from where. */
export const COMMAND_READ = 0;
export const COMMAND_WRITE = 1;
export const COMMAND_ATOMIC = 2;
export const COMMAND_RECEIVE = 3;
export const COMMAND_SEND = 4;
/** What `CommandPlan.execute` does. */
export const COMMAND_OTHER = 5;
