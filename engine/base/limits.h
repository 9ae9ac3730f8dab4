/* The named limits. A build with ASL_PARANOID shrinks those that only bound growth, so every path
 * runs. */
#ifndef ASL_BASE_LIMITS_H
#define ASL_BASE_LIMITS_H

#define ASL_JSON_DEPTH_MAX 256u               /* nesting of arrays and objects in data */
#define ASL_DEFINITION_DEPTH_MAX 100u         /* the same in a definition */
#define ASL_DEFINITION_BYTES_MAX 1048576u     /* AWS: size of a definition */
#define ASL_NUMBER_TEXT_MAX 1000u             /* bytes of one number in JSON */
#define ASL_PAYLOAD_BYTES_DEFAULT 262144u     /* AWS: input, output and data between states */
#define ASL_HISTORY_EVENTS_DEFAULT 25000u     /* AWS: events of a standard execution */
#define ASL_EXPRESS_SECONDS_MAX 300           /* AWS: an execution of an EXPRESS machine */
#define ASL_EVALUATION_MS_DEFAULT 1000u       /* AWS: real time of one JSONata expression */
#define ASL_NAME_CHARACTERS_MAX 80u           /* AWS: names of states, machines, executions */
#define ASL_ERROR_CHARACTERS_MAX 256u         /* AWS: an error's name */
#define ASL_CAUSE_CHARACTERS_MAX 32768u       /* AWS: an error's cause */
#define ASL_LOCATION_CHARACTERS_MAX 256u      /* AWS: where an evaluation failed */
#define ASL_WAIT_SECONDS_MAX 2147483647       /* AWS (recorded): longest Wait */
#define ASL_TIMEOUT_SECONDS_MAX 99999999      /* AWS: TimeoutSeconds, HeartbeatSeconds */
#define ASL_MAP_CONCURRENCY_MAX 40u           /* AWS: iterations of an inline Map at once */
#define ASL_VARIABLE_BYTES_MAX 262144u        /* AWS: one variable, and one Assign */
#define ASL_VARIABLES_BYTES_MAX 10485760u     /* AWS: all variables of an execution */
#define ASL_VALUE_DEPTH_MAX 512u              /* nesting of a value that was built, not parsed */
#define ASL_STRING_BYTES_MAX 536870912u       /* bytes of one string value */
#define ASL_JSONATA_DEPTH_MAX 500u            /* nesting of a JSONata expression */
#define ASL_JSONATA_BYTES_MAX 1048576u        /* size of a JSONata expression */
#define ASL_JSONATA_STEPS_DEFAULT 50000000u   /* of one evaluation */
#define ASL_JSONATA_EVALUATIONS_DEFAULT 1000u /* nested in each other */
#define ASL_JSONATA_MEMORY_DEFAULT 268435456u /* scratch memory of one evaluation */
#define ASL_STATES_VALUE_BYTES_MAX 6990256u   /* AWS (measured): one value that JSONata makes */

/* Pictures of JSONata. */
#define ASL_PICTURE_RESULT_UNITS_MAX 16777216u /* UTF-16 units of what one makes */
#define ASL_PICTURE_PATTERN_UNITS_MAX 131072u  /* of a time picture as a regular expression */
#define ASL_PICTURE_MATCH_STEPS_MAX 2097152u   /* of matching a text to it */
#define ASL_ROMAN_NUMBER_MAX 10000000          /* greatest number in Roman numerals */

/* Where growth begins and what is kept ready. */
#ifdef ASL_PARANOID
#define ASL_BUFFER_CAPACITY_FIRST 1u
#define ASL_ARRAY_CAPACITY_FIRST 1u
#define ASL_ARENA_BLOCK_FIRST 64u
#define ASL_ARENA_BLOCK_MAX 256u
#define ASL_MAP_CAPACITY_FIRST 2u
#define ASL_OBJECT_INDEX_FROM 2u   /* members from which an object has a hash index */
#define ASL_CHECKPOINT_CHANGES 8u  /* changed heads of a store that make a checkpoint due */
#define ASL_CHECKPOINT_RECORDS 32u /* records that do */
#else
#define ASL_CHECKPOINT_CHANGES 131072u
#define ASL_CHECKPOINT_RECORDS 262144u
#define ASL_BUFFER_CAPACITY_FIRST 64u
#define ASL_ARRAY_CAPACITY_FIRST 8u
#define ASL_ARENA_BLOCK_FIRST 4096u
#define ASL_ARENA_BLOCK_MAX 1048576u
#define ASL_MAP_CAPACITY_FIRST 16u
#define ASL_OBJECT_INDEX_FROM 16u
#endif

#endif
