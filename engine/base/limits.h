/* The named limits. A build with ASL_PARANOID shrinks those that only bound growth, so every path
 * runs. */
#ifndef ASL_BASE_LIMITS_H
#define ASL_BASE_LIMITS_H

#define ASL_JSON_DEPTH_MAX 256u           /* nesting of arrays and objects in data */
#define ASL_DEFINITION_DEPTH_MAX 100u     /* the same in a definition */
#define ASL_DEFINITION_BYTES_MAX 1048576u /* AWS: size of a definition */
#define ASL_NUMBER_TEXT_MAX 1000u         /* bytes of one number in JSON */
#define ASL_PAYLOAD_BYTES_DEFAULT 262144u /* AWS: input, output and data between states */
#define ASL_HISTORY_EVENTS_DEFAULT 25000u /* AWS: events of a standard execution */
#define ASL_NAME_CHARACTERS_MAX 80u       /* AWS: names of states, machines, executions */
#define ASL_ERROR_CHARACTERS_MAX 256u     /* AWS: an error's name */
#define ASL_CAUSE_CHARACTERS_MAX 32768u   /* AWS: an error's cause */
#define ASL_WAIT_SECONDS_MAX 2147483647   /* AWS (recorded): longest Wait */
#define ASL_TIMEOUT_SECONDS_MAX 99999999  /* AWS: TimeoutSeconds, HeartbeatSeconds */
#define ASL_MAP_CONCURRENCY_MAX 40u       /* AWS: iterations of an inline Map at once */
#define ASL_VARIABLE_BYTES_MAX 262144u    /* AWS: one variable, and one Assign */
#define ASL_VARIABLES_BYTES_MAX 10485760u /* AWS: all variables of an execution */

#endif
