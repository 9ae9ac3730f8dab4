/* $toMillis without a picture: what jsonata-js lets pass as ISO 8601, and what Date.parse makes of
 * it. */
#ifndef ASL_JSONATA_ISO_TIME_H
#define ASL_JSONATA_ISO_TIME_H

#include "jsonata/utf16.h"

bool asl_iso_time_is(asl_utf16 text);
/* Milliseconds of a text that asl_iso_time_is lets pass; NaN where it is no time after all. A time
 * without a zone is in UTC. */
double asl_iso_time_parse(asl_utf16 text);

#endif
