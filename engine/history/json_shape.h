/* What the details of each event type look like in JSON: one table that the writer and the reader
 * walk, members in the order of the service's model. */
#ifndef ASL_HISTORY_JSON_SHAPE_H
#define ASL_HISTORY_JSON_SHAPE_H

#include <stddef.h>

#include "history/event.h"

typedef enum asl_detail_kind {
    ASL_DETAIL_STRING,        /* a string value */
    ASL_DETAIL_TEXT,          /* any value, as JSON text; "<name>Details" follows it */
    ASL_DETAIL_BARE_TEXT,     /* any value, as JSON text */
    ASL_DETAIL_RESOURCE_TYPE, /* these two are a task's Resource in two parts */
    ASL_DETAIL_RESOURCE,
    ASL_DETAIL_REGION,
    ASL_DETAIL_U32,         /* there also where it is 0 */
    ASL_DETAIL_SECONDS,     /* 0: not there */
    ASL_DETAIL_CREDENTIALS, /* {"roleArn": string value} */
    ASL_DETAIL_VARIABLES    /* name -> JSON text; "<name>Details" follows it */
} asl_detail_kind;

typedef struct asl_detail_field {
    const char *name;
    asl_detail_kind kind;
    size_t offset; /* in asl_event; unused by REGION */
} asl_detail_field;

#define ASL_DETAIL_FIELDS_MAX 8

typedef struct asl_detail_shape {
    const char *key; /* "taskScheduledEventDetails"; NULL: the type has no details */
    asl_detail_field fields[ASL_DETAIL_FIELDS_MAX]; /* up to the first without a name */
} asl_detail_shape;

/* Of an event type, not of a note. */
const asl_detail_shape *asl_detail_shape_of(asl_event_type type);

/* Resources. "arn:aws:states:::sns:publish" is of type "sns" and named "publish",
 * "...:::aws-sdk:sfn:startExecution" of type "aws-sdk:sfn"; what is no such ARN is of the type
 * "other" and named by its whole text. */
void asl_resource_split(const char *resource, size_t size, size_t *ret_type_offset,
                        size_t *ret_type_size, size_t *ret_name_offset);
#define ASL_RESOURCE_OTHER "other"

#endif
